# SPDX-License-Identifier: MIT
"""
--fail-if: every metric, on the demo's kernels, says what the reports say; and
what a rule names as its largest contributors is what a report has on top.
"""

import os
import shutil
import struct
import subprocess
import sys
import tempfile

from vmd import VMDELTA, Results, load

results = Results()


def btf(ints):
    """BTF with so many integers of different sizes."""
    strings = b"\0" + b"".join(b"int%d\0" % i for i in range(ints))
    types = b"".join(
        struct.pack("<IIII", strings.index(b"int%d\0" % i), 1 << 24, 4, 32)
        for i in range(ints))
    return struct.pack("<HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(types),
                       len(types), len(strings)) + types + strings


def build(scratch, kind, ints):
    folder = os.path.join(scratch, kind)
    subprocess.run(["sh", "testdata/demo/build.sh", folder, kind], check=True,
                   capture_output=True)
    kernel = os.path.join(folder, "vmlinux")
    with open(f"{folder}/btf", "wb") as out:
        out.write(btf(ints))
    subprocess.run(["llvm-objcopy", "--add-section", f".BTF={folder}/btf",
                    "--set-section-flags", ".BTF=readonly", kernel],
                   check=True)
    return kernel


def figures(rows, key, wanted):
    """Content of the rows that belong to a value; file bytes without any."""
    sums = {}
    for side in "old", "new":
        chosen = [row[side] for row in rows if row[side] and row[key] and
                  (row[key] == wanted or wanted.endswith("/") and
                   row[key].startswith(wanted))]
        for what in "content", "image", "file":
            sums[side, what] = sum(each[what] for each in chosen)
    for what in "content", "image", "file":
        if sums["old", what] or sums["new", what]:
            return sums["old", what], sums["new", what]
    return 0, 0


def metrics(old, new):
    """(metric, old figure, new figure), by the JSON report."""
    whole = load(old, new)
    total = whole["total"]
    for metric, key in (("image", "content"), ("image-total", "image"),
                        ("file", "file")):
        yield metric, total["old"][key], total["new"][key]
    yield ("image-end", whole["limit"]["old"]["used"],
           whole["limit"]["new"]["used"])
    yield "btf", *figures(load("-b", "class", old, new)["rows"], "class", "BTF")
    for key, value in (("class", "text"), ("section", ".text"),
                       ("section", ".debug_info"), ("dir", "kernel/"),
                       ("unit", "mm/slab.c"), ("symbol", "start_kernel"),
                       ("cause", "own code"), ("nature", "code")):
        rows = load("-b", key, "--debug-info=yes", old, new)["rows"]
        yield f"{key}:{value}", *figures(rows, key, value)


def check(rules, old, new):
    done = subprocess.run([VMDELTA, "-b", "class", *(f"--fail-if={rule}"
                           for rule in rules), old, new],
                          capture_output=True, check=False)
    return done.returncode, done.stderr.decode()


def test_metric(pair, metric, old, new):
    name = f"{metric}: {old} to {new}"
    rules = [f"{metric}.old == {old}", f"{metric}.new == {new}",
             f"{metric} == {new - old}", f"{metric}.delta <= {new - old}"]
    if old:
        share = (new - old) / old * 100
        rules += [f"{metric}% > {share - 0.01:.6f}",
                  f"{metric} < {share + 0.01:.6f}%"]
    code, text = check(rules, *pair)
    told = f"old {old:,}, new {new:,}, delta {new - old:+,}"
    results.test(f"rules about {name} are broken",
                 code == 1 and text.count("threshold exceeded: ") == len(rules)
                 and text.count(told if new != old else ", delta 0") ==
                 len(rules), (code, text))
    code, text = check([f"{metric}.old != {old}", f"{metric}.new < {new}",
                        f"{metric} > {new - old}"], *pair)
    results.test(f"rules about {name} hold", code == 0 and not text,
                 (code, text))


def test_contributors(pair):
    code, text = check(["section:.text.new > 0"], *pair)
    rows = load("-b", "section,symbol", "--debug-info=yes", *pair)["rows"]
    total = load("-b", "section", *pair)["rows"]
    grew = sum((row["new"] or {}).get("content", 0) -
               (row["old"] or {}).get("content", 0)
               for row in total if row["section"] == ".text") > 0
    deltas = sorted(((row["new"] or {}).get("content", 0) -
                     (row["old"] or {}).get("content", 0)
                     for row in rows if row["section"] == ".text"),
                    reverse=grew)
    listed = [line.split() for line in text.splitlines()[1:]]
    results.test("a broken rule names its three largest contributors",
                 code == 1 and len(listed) == 3 and
                 [int(line[0].replace(",", "")) for line in listed] ==
                 deltas[:3], (text, deltas[:3]))


def main():
    if not (shutil.which("clang") and shutil.which("ld.lld") and
            shutil.which("llvm-objcopy")):
        print("skip: no clang, lld or llvm-objcopy")
        return
    with tempfile.TemporaryDirectory() as scratch:
        pair = build(scratch, "none", 10), build(scratch, "thin", 12)
        for metric, old, new in metrics(*pair):
            results.test(f"{metric} is there", old or new)
            test_metric(pair, metric, old, new)
        test_contributors(pair)


main()
sys.exit(1 if results.failed else 0)

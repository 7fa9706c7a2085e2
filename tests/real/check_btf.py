# SPDX-License-Identifier: MIT
"""
BTF of real kernels and modules: types by kind as bpftool counts them, structs
and unions by name as pahole does; the bytes of every kind and name as a decoder
of our own sees them, whose sizes of structs are pahole's; nothing much called a
copy where deduplication worked; and every copy found, at its cost, where we
made some. In both byte orders: s390x is big-endian.
"""

import collections
import os
import random
import re
import shutil
import subprocess
import tempfile

from btf import Btf, ELEMENTS, FIXED, section_of
from vmd import load, sum_errors

ROLES = ("none.btf", "thin.btf", "cloud-new", "amd64", "cloud-6.12", "cloud-arm64",
         "s390x.btf")


def bpftool_kinds(path, base=None, before=0):
    """
    {kind: (types, bytes of records)}, from bpftool's text; without the types
    before the first of a split BTF, which some versions print, too.
    """
    tool = shutil.which("bpftool", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    done = tool and subprocess.run([tool, *(["-B", base] if base else []), "btf",
                                    "dump", "file", path, "format", "raw"],
                                   capture_output=True, text=True, check=False,
                                   errors="replace")
    if not done or done.returncode:
        return None
    kinds = collections.defaultdict(lambda: [0, 0])
    for line in done.stdout.splitlines():
        found = re.match(r"\[(\d+)\] (\w+) ", line)
        if found and int(found[1]) > before:
            kind = found[2]
            vlen = re.search(r" vlen=(\d+)", line)
            words = 3 + len(FIXED.get(kind, "")) + \
                (int(vlen[1]) if vlen and kind in ELEMENTS else 0) * \
                len(ELEMENTS.get(kind, ""))
            kinds[kind][0] += 1
            kinds[kind][1] += 4 * words
    return {kind: tuple(sums) for kind, sums in kinds.items()}


def pahole_sizes(path):
    """{(name, size)} of structs and unions, or None."""
    done = shutil.which("pahole") and subprocess.run(
        ["pahole", "-F", "btf", "--sizes", path], capture_output=True, text=True,
        check=False, errors="replace")
    if not done or done.returncode:
        return None
    return {(line.split("\t")[0], int(line.split("\t")[1]))
            for line in done.stdout.splitlines()}


def check_pahole(context, role, path, decoded, report):
    theirs = pahole_sizes(path)
    if theirs is None:
        context.skip(f"pahole does not read {role}")
        return
    words = decoded.words
    sizes = {(kind.name, words[kind.first + 2]) for kind in decoded.types
             if kind.kind in ("STRUCT", "UNION") and kind.name}
    context.test(f"{role}_structs_have_paholes_sizes", theirs and theirs <= sizes,
                 sorted(theirs - sizes)[:5])
    names = {row["type"].split(" ", 1)[1] for row in report["rows"] if row["type"] and
             row["type"].split(" ")[0] in ("STRUCT", "UNION")} - {"(unnamed)"}
    context.test(f"{role}_structs_are_paholes", names == {name for name, _ in theirs},
                 sorted(names ^ {name for name, _ in theirs})[:5])


def our_kinds(side):
    return {row["kind"]: (row["types"], row["bytes"]) for row in side["kinds"]
            if row["types"]}


def label(key):
    return f"{key[0]} {key[1] or '(unnamed)'}"


def check_file(context, role, path, decoded, base=None):
    report = load("show", "-b", "type", "-d", "file", "--debug-info=no",
                  *([f"--btf-base={base}"] if base else []), path)
    side = report["btf"]["new"]
    context.test(f"{role}_sums_hold", not sum_errors(report, {"new": path}))
    theirs = bpftool_kinds(path, base, side["all_types"] - side["types"])
    if theirs is None:
        context.skip(f"bpftool does not read {role}")
    else:
        context.test(f"{role}_kinds_are_bpftools", our_kinds(side) == theirs,
                     (our_kinds(side), theirs))
    groups, shared = decoded.groups()
    expected = collections.Counter()
    for key, (_, records, strings) in groups.items():
        expected[label(key)] += records + strings
    expected["shared strings"] += shared
    expected["header"] += 24
    if not base:
        check_pahole(context, role, path, decoded, report)
    ours = {row["type"]: row["new"]["file"] for row in report["rows"]
            if row["type"] and not row["type"].startswith(".BTF")}
    wrong = {key for key in ours.keys() | expected.keys()
             if ours.get(key, 0) != expected.get(key, 0)}
    context.test(f"{role}_types_are_as_decoded", not wrong,
                 [(key, ours.get(key), expected.get(key))
                  for key in sorted(wrong)[:5]])
    # A module's types are deduplicated against the kernel's less well.
    context.test(f"{role}_has_hardly_any_copies", side["copy_bytes"] *
                 (50 if base else 1000) < side["bytes"], side["copy_bytes"])


def repeated(side):
    return {(row["kind"], row["name"]): (row["copies"], row["bytes"])
            for row in side["repeated"]}


def check_made(context, name, plain, made_path, made):
    """What `made` adds to the copies of the file `plain`."""
    report = load("-b", "cause", "-d", "file", plain, made_path)
    before, after = (repeated(report["btf"][side]) for side in ("old", "new"))
    wrong = []
    for key in before.keys() | after.keys() | made.keys():
        was, now = before.get(key, (0, 0)), after.get(key, (0, 0))
        added = made.get(key, (0, 0))
        if now != (was[0] + added[0], was[1] + added[1]):
            wrong.append((key, was, now, tuple(added)))
    context.test(f"{name}_finds_each_copy_and_its_cost", not wrong, wrong[:5])
    cost = sum(added[1] for added in made.values())
    rows = {row["cause"]: row for row in report["rows"]}
    copies = rows.get("BTF copies", {})
    grown = (copies.get("new") or {}).get("file", 0) - \
        (copies.get("old") or {}).get("file", 0)
    context.test(f"{name}_cause_is_copies", grown == cost, (grown, cost))


def check_copies(context, role, data, directory):
    plain = os.path.join(directory, "plain.btf")
    with open(plain, "wb") as out:
        out.write(data)
    numbers = [kind.id for kind in Btf(data).types]
    generator = random.Random(6)
    structs = [kind.id for kind in Btf(data).types
               if kind.kind == "STRUCT" and kind.name and kind.refs]
    cases = {
        "one_struct": (structs[100:101], ()),
        "unresolved_pointers": (structs[::7], set(structs[::7])),
        "a_tenth": (generator.sample(numbers, len(numbers) // 10), ()),
        "everything": (numbers, ()),
    }
    for name, (chosen, redirect) in cases.items():
        for endian in "<>":
            if endian == ">" and name != "a_tenth":
                continue
            decoded = Btf(data)
            made = decoded.repeat(chosen, redirect)
            path = os.path.join(directory, "made.btf")
            with open(path, "wb") as out:
                out.write(decoded.pack(endian))
            suffix = "_big_endian" if endian == ">" else ""
            check_made(context, f"{role}_{name}{suffix}", plain, path, made)


def check_module(context, role, path, base):
    whole = Btf(section_of(base))
    decoded = Btf(section_of(path), whole)
    check_file(context, role, path, decoded, base)


def check_modules(context, kernels):
    """Split BTF: as Debian ships it, and big-endian as pahole makes it."""
    module = "fs/xfs/xfs.ko"
    amd64, s390x = kernels.get("cloud-new"), context.kernels.get("s390x")
    path = amd64 and context.cache.module(amd64, module)
    if path and section_of(path):
        check_module(context, "xfs.ko", path, amd64)
    else:
        context.skip("no module of cloud-new with BTF")
    path = kernels.get("s390x.btf") and context.cache.module(s390x, module)
    path = path and context.cache.encoded(
        path, os.path.basename(path) + ".btf", kernels["s390x.btf"])
    if path:
        check_module(context, "s390x_xfs.ko", path, kernels["s390x.btf"])
    else:
        context.skip("no module of s390x with BTF")


def check(context):
    kernels = dict(context.kernels)
    s390x = kernels.get("s390x")
    path = s390x and context.cache.encoded(s390x, os.path.basename(s390x)[:-8] + ".btf")
    if path:
        kernels["s390x.btf"] = path
    for role in ROLES:
        path = kernels.get(role)
        data = path and section_of(path)
        if not data:
            context.skip(f"no BTF of {role}")
            continue
        check_file(context, role, path, Btf(data))
    check_modules(context, kernels)
    path = context.kernels.get("none.btf") or context.kernels.get("cloud-new")
    data = path and section_of(path)
    if not data:
        return
    with tempfile.TemporaryDirectory() as directory:
        swapped = os.path.join(directory, "swapped.btf")
        with open(swapped, "wb") as out:
            out.write(Btf(data).pack(">"))
        check_file(context, "big_endian", swapped, Btf(section_of(swapped)))
        check_copies(context, "made", data, directory)

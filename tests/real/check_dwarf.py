# SPDX-License-Identifier: MIT
"""
Inline chains of random bytes of functions are those of llvm-symbolizer, with
file and line; a relocatable kernel is linked for it, since it answers nothing
else. The parts of each function sum to its symbol's size.
"""

import collections
import json
import os
import random
import re
import subprocess
import tempfile

import readelf
from vmd import VMDELTA, load

COUNT = 20000
LIMIT = 0.999


def function_bytes(path, count):
    """(section, symbol value + random) of random bytes of sized functions."""
    code = {s.index for s in readelf.sections(path)
            if "X" in s.flags and "A" in s.flags and s.type != "NOBITS"}
    extents = sorted({(s.section, s.value, s.size)
                      for s in readelf.symbols(path) if s.section in code and
                      s.type in ("FUNC", "IFUNC") and s.size})
    chosen = random.Random(1).choices(
        extents, weights=[size for _, _, size in extents], k=count)
    return [(section, value + random.Random(i).randrange(size))
            for i, (section, value, size) in enumerate(chosen)]


def whose(path, places):
    done = subprocess.run([VMDELTA, "whose", "-f", "json", path, "-"],
                          input="\n".join(places).encode() + b"\n",
                          capture_output=True, check=False)
    if done.returncode > 1:     # 1: a place is not there, and told so
        raise RuntimeError(done.stderr.decode(errors="replace"))
    return json.loads(done.stdout)


def symbolize(path, addresses):
    done = subprocess.run(
        ["llvm-symbolizer", f"--obj={path}", "--inlines", "--no-demangle",
         "--functions=linkage", "--output-style=JSON"], check=True, text=True,
        input="".join(f"{a:#x}\n" for a in addresses), stdout=subprocess.PIPE)
    return [json.loads(line)["Symbol"] for line in done.stdout.splitlines()]


def compare(answers, oracle):
    """Counts what is equal, and keeps examples of what is not."""
    counts, examples = collections.Counter(), []
    for ours, theirs in zip(answers, oracle):
        chain = [step["function"] for step in ours["chain"]]
        other = [step["FunctionName"] for step in theirs]
        names = {ours["symbol"], *ours["aliases"]}
        inner = chain[:-1] == other[:-1]
        outer = not other or other[-1] in names
        # Without a line it names the FILE symbol, which after a link may be
        # any: that is not compared.
        lines = [step["line"] or 0 for step in ours["chain"]] == \
            [step["Line"] for step in theirs] and all(
                not b["Line"] or os.path.basename(a["file"] or "") ==
                os.path.basename(b["FileName"])
                for a, b in zip(ours["chain"], theirs))
        counts["all"] += 1
        counts["chain"] += inner and outer
        counts["innermost"] += bool(chain and other) and (
            chain[0] == other[0] or len(chain) == len(other) == 1 and outer)
        counts["lines"] += lines
        counts["inlined"] += len(other) > 1
        if not (inner and outer and lines):
            examples.append((ours["place"], ours["chain"], theirs))
    return counts, examples


def report(context, role, counts, examples):
    for what in "chain", "innermost", "lines":
        context.test(f"{what}_of_{role}_as_llvm_symbolizer_says",
                     counts["all"] and counts[what] >= LIMIT * counts["all"],
                     f"{counts} {examples[:5]}")
    print(f"    {dict(counts)}; differ: {examples[:3]}")


def check_linked(context, role, path):
    addresses = [address for _, address in function_bytes(path, COUNT)]
    answers = whose(path, [f"{address:#x}" for address in addresses])
    report(context, role, *compare(answers, symbolize(path, addresses)))


def link(path, directory):
    """Links a relocatable kernel. Returns (path, address of each section)."""
    linked, link_map = (os.path.join(directory, name)
                        for name in ("linked", "map"))
    subprocess.run(["ld.lld", "-o", linked, f"-Map={link_map}",
                    "--noinhibit-exec", "--unresolved-symbols=ignore-all",
                    path], stderr=subprocess.DEVNULL, check=False)
    pattern = re.compile(r"\s*([0-9a-f]+)\s+[0-9a-f]+\s+[0-9a-f]+\s+\d+ "
                         r"+.*:\((\S+)\)$")
    found = collections.defaultdict(list)
    with open(link_map, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            match = pattern.match(line)
            if match:
                found[match[2]].append(int(match[1], 16))
    return linked, found


def check_relocatable(context, role, path):
    with tempfile.TemporaryDirectory() as directory:
        linked, found = link(path, directory)
        sections = readelf.sections(path)
        names = collections.Counter(s.name for s in sections)
        name_of = {s.index: s.name for s in sections}
        # A place is told by its section's name: only where there is one.
        places = [(name_of[section], offset)
                  for section, offset in function_bytes(path, COUNT)
                  if names[name_of[section]] == 1 and
                  len(found[name_of[section]]) == 1]
        answers = whose(path, [f"{name}+{offset:#x}"
                               for name, offset in places])
        oracle = symbolize(linked, [found[name][0] + offset
                                    for name, offset in places])
        report(context, role, *compare(answers, oracle))
        context.test(f"most_places_of_{role}_are_compared",
                     len(places) > 0.9 * COUNT, len(places))


def check_sums(context, role, path):
    """own + inlined = the symbol, for all functions, from two reports."""
    def totals(*dimensions):
        sums = collections.Counter()
        for row in load("show", "-b", ",".join(dimensions), "--no-rollup",
                        "--exact-names", "--filter", "nature:^code$",
                        "--debug-info=yes", path)["rows"]:
            sums[row["input-section"], row["symbol"]] += row["new"]["content"]
        return sums
    whole = totals("input-section", "symbol")
    parts = totals("input-section", "symbol", "inlinee")
    wrong = [(key, size, parts[key]) for key, size in whole.items()
             if parts[key] != size]
    context.test(f"own_and_inlined_bytes_of_{role}_sum_to_each_function",
                 whole and not wrong and len(parts) == len(whole), wrong[:5])
    print(f"    {len(whole)} functions")


def check(context):
    for role, path in context.elfs.items():
        if path.endswith(".o"):
            check_relocatable(context, role, path)
        else:
            check_linked(context, role, path)
        check_sums(context, role, path)

# SPDX-License-Identifier: MIT
"""
Inline chains of random bytes of functions are those of llvm-symbolizer, with
file and line; a relocatable kernel is linked for it, since it answers nothing
else. Where they differ one of REASONS has to say why, and the symbol table, as
readelf prints it, has to agree with us. The parts of each function sum to its
symbol's size.
"""

import bisect
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
# Machines of which llvm-symbolizer 14 names mapping symbols, or the last symbol
# of the file, as functions; inlined ones, files and lines are compared there.
UNNAMED = ("ppc64le", "riscv64")


class Functions:
    """Sized functions of a file and the labels among them, by readelf."""

    def __init__(self, path):
        code = {s.index for s in readelf.sections(path)
                if "X" in s.flags and "A" in s.flags and s.type != "NOBITS"}
        self.names = collections.defaultdict(set)   # extent -> names
        self.places = collections.defaultdict(set)  # name -> (section, value, size)
        for s in readelf.symbols(path):
            self.places[s.name].add((s.section, s.value, s.size))
            if s.section in code and s.type in ("FUNC", "IFUNC") and s.size:
                self.names[s.section, s.value, s.size].add(s.name)
        self.extents = sorted(self.names)

    def bytes(self, count):
        """(section, symbol value + random) of random bytes of functions."""
        chosen = random.Random(1).choices(
            self.extents, weights=[size for _, _, size in self.extents], k=count)
        return [(section, value + random.Random(i).randrange(size))
                for i, (section, value, size) in enumerate(chosen)]

    def around(self, section, value):
        """The innermost extent that covers a place, or None."""
        i = bisect.bisect_right(self.extents, (section, value, 1 << 64))
        for extent in reversed(self.extents[max(0, i - 100):i]):
            if extent[0] == section and value < extent[1] + extent[2]:
                return extent
        return None


def is_inner_label(place, extent, other):
    """SYM_INNER_LABEL and labels of inline assembly name no function."""
    return any(section == place[0] and not size and extent[1] <= value <= place[1]
               for section, value, size in other)


def is_elsewhere(place, _, other):
    """No symbol of that name is at this place: "_end" for all of powerpc64."""
    return not any(section == place[0] and value <= place[1] <= value + size
                   for section, value, size in other)


# What llvm-symbolizer names as the outermost function, that is none.
REASONS = (("a mapping symbol", lambda _, __, other: other is None),
           ("a label of size 0 inside the function", is_inner_label),
           ("a symbol that is not there", is_elsewhere))
MAPPING = re.compile(r"\$[adtx]")


def reason(functions, place, ours, theirs):
    """Why two chains differ in their outermost function alone, or ""."""
    extent = functions.around(*place)
    if not extent or not theirs or len(ours["chain"]) != len(theirs) or \
            not functions.names[extent] & {ours["symbol"], *ours["aliases"]}:
        return ""
    name = theirs[-1]["FunctionName"]
    other = None if MAPPING.match(name) else functions.places[name]
    return next((text for text, fits in REASONS if fits(place, extent, other)), "")


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


def compare(functions, places, answers, oracle):
    """
    Counts what is equal, and keeps what is not, with the reason. Where the
    oracle names no function there is nothing that could be equal.
    """
    counts, examples = collections.Counter(), []
    for place, ours, theirs in zip(places, answers, oracle):
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
        if inner and outer and lines:
            continue
        why = reason(functions, place, ours, theirs) if inner and lines else ""
        counts["explained"] += bool(why)
        examples.append((ours["place"], why or "no reason",
                         [step["function"] for step in ours["chain"]],
                         [(step["FunctionName"], step["Line"]) for step in theirs]))
    return counts, examples


def report(context, role, counts, examples):
    named = role not in UNNAMED
    for what in "chain", "innermost", "lines":
        # what names no function is not held against the 99.9 % there
        right = counts[what] + (0 if named or what == "lines" else
                                counts["explained"])
        context.test(f"{what}_of_{role}_as_llvm_symbolizer_says",
                     counts["all"] and right >= LIMIT * counts["all"],
                     f"{counts} {examples[:5]}")
    unexplained = [example for example in examples if example[1] == "no reason"]
    context.test(f"each_chain_of_{role}_that_differs_has_a_reason",
                 not unexplained, f"{len(unexplained)}: {unexplained[:5]}")
    print(f"    {dict(counts)}")
    for example in examples[:20]:
        print("    differs at {}: {}: ours {}, theirs {}".format(*example))


def check_linked(context, role, path):
    functions = Functions(path)
    places = functions.bytes(COUNT)
    answers = whose(path, [f"{address:#x}" for _, address in places])
    oracle = symbolize(path, [address for _, address in places])
    report(context, role, *compare(functions, places, answers, oracle))


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
        functions = Functions(path)
        places = [(section, offset) for section, offset in functions.bytes(COUNT)
                  if names[name_of[section]] == 1 and
                  len(found[name_of[section]]) == 1]
        answers = whose(path, [f"{name_of[section]}+{offset:#x}"
                               for section, offset in places])
        oracle = symbolize(linked, [found[name_of[section]][0] + offset
                                    for section, offset in places])
        report(context, role, *compare(functions, places, answers, oracle))
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

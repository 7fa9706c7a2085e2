# SPDX-License-Identifier: MIT
"""
Every sized symbol that overlaps no other has the content that readelf -sW
prints as its size. Symbols of one place and size are one owner, under any of
their names; where sized symbols overlap, the innermost owns, so only the sum of
what they cover together is known from the table.

Only code and data count: a function also owns the records of side tables and
the strings that only it refers to, and arm64 keeps replacement instructions in
.text. For the same reason symbols that name such a record or string are not
owners (OWNED; those of exports, tracepoints and quirks have sizes where records
are pointers), and what .discard.* sections hold is in no image.
"""

import collections

import readelf
from vmd import load

OWNED = ("_kbl_addr_", ".str", ".L", "_note_", "__ksymtab_", "__tracepoint_ptr_",
         "__pci_fixup_")
NATURES = ("code", "data", "zeroed data")


def wanted(path):
    """(section, names, size) of every place that sized symbols cover alone."""
    sections = {s.index: s for s in readelf.sections(path)}
    places = collections.defaultdict(set)
    by_section = collections.defaultdict(list)
    for symbol in readelf.symbols(path):
        if symbol.size and symbol.type not in ("SECTION", "FILE", "TLS") and \
                symbol.section in sections and \
                not sections[symbol.section].name.startswith(".discard"):
            key = (symbol.section, symbol.value, symbol.size)
            if key not in places:
                by_section[symbol.section].append((symbol.value, symbol.size))
            places[key].add(symbol.name)
    alone, overlapping = [], 0
    for section, extents in by_section.items():
        extents.sort()
        end = -1
        for i, (value, size) in enumerate(extents):
            nested = value < end or (i + 1 < len(extents) and
                                     extents[i + 1][0] < value + size)
            end = max(end, value + size)
            if nested:
                overlapping += 1
            elif not any(name.startswith(OWNED) for name in
                         places[section, value, size]):
                alone.append((sections[section].name,
                              places[section, value, size], size))
    return alone, overlapping


def differences(path):
    alone, overlapping = wanted(path)
    report = load("show", "-b", "input-section,symbol,nature", "--no-rollup",
                  "--exact-names", "--debug-info=no", path)
    rows = collections.defaultdict(collections.Counter)
    for row in report["rows"]:
        if row["new"] and row["nature"] in NATURES:
            name = row["new"].get("name") or row["symbol"]
            rows[row["input-section"], name][row["new"]["content"]] += 1
    wrong = []
    for section, names, size in alone:
        for name in names:
            if rows[section, name][size]:
                rows[section, name][size] -= 1
                break
        else:
            got = {name: list(rows[section, name].elements())[:5]
                   for name in list(names)[:5]}
            wrong.append(f"{section} size {size}: {got}")
    return wrong, len(alone), overlapping


def check(context):
    for role, path in context.elfs.items():
        wrong, count, overlapping = differences(path)
        context.test(f"symbols_of_{role}_are_those_of_readelf",
                     count and not wrong,
                     f"{len(wrong)} of {count} differ: {wrong[:10]}")
        print(f"    {count} places compared, {overlapping} overlap")

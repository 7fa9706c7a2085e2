# SPDX-License-Identifier: MIT
"""Every section has the size that readelf -SW prints, and no other is there."""

import collections

import readelf
from vmd import load, part


def expected(path):
    """Bytes by section name: in the file, and in memory of what is NOBITS."""
    in_file, nobits = collections.Counter(), collections.Counter()
    for section in readelf.sections(path):
        if section.type == "NULL":
            continue
        if section.type != "NOBITS":
            in_file[section.name] += section.size
        elif "A" in section.flags:
            nobits[section.name] += section.size
    return in_file, nobits


def check(context):
    for role, path in context.elfs.items():
        in_file, nobits = expected(path)
        report = load("show", "-b", "input-section", path)
        rows = {row["input-section"]: row for row in report["rows"]}
        wrong = []
        for name, size in in_file.items():
            if size and part(rows.get(name), "new", "file") != size and \
                    name not in nobits:
                wrong.append(f"{name} file {part(rows.get(name), 'new', 'file')}"
                             f" not {size}")
        for name, size in nobits.items():
            if size and part(rows.get(name), "new", "image") != size and \
                    name not in in_file:
                wrong.append(f"{name} image {part(rows.get(name), 'new', 'image')}"
                             f" not {size}")
        context.test(f"sections_of_{role}_are_those_of_readelf", not wrong,
                     f"{len(wrong)} of {len(in_file) + len(nobits)} differ: "
                     f"{wrong[:10]}")

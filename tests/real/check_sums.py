# SPDX-License-Identifier: MIT
"""
Rows, rest and filtered rows sum to the totals, whatever is grouped; the file
total is the file's size, the image total what the program headers say; content
and alignment are the image.
"""

import re

import readelf
from vmd import load, sum_errors

GROUPINGS = (
    ("-b", "section"), ("-b", "class"), ("-b", "symbol"),
    ("-b", "section,symbol"), ("-b", "nature,file"), ("-b", "input-section"),
    ("-b", "section,symbol", "--no-rollup", "--exact-names"),
    ("-b", "symbol", "-d", "file", "-n", "7"),
    ("-b", "section,symbol", "--filter=symbol:^[a-m]"),
    ("-b", "class,symbol", "--exclude=class:text", "-n", "100"),
)


def image_size(path):
    """From the first PT_LOAD's physical address to the last one's end."""
    loads = [load for load in readelf.loads(path) if load.memsz]
    return max(s.paddr + s.memsz for s in loads) - min(s.paddr for s in loads)


def check(context):
    linked = {role: path for role, path in context.elfs.items()
              if not path.endswith(".o")}
    for role, path in linked.items():
        report = load("show", "-b", "class", path)
        total, expected = report["total"]["new"], image_size(path)
        context.test(f"image_of_{role}_is_its_segments", total["image"] == expected,
                     f"{total['image']}, program headers say {expected}")
        context.test(f"content_and_alignment_of_{role}_are_the_image",
                     total["content"] + total["alignment"] == total["image"], total)
    for old, new in context.pairs:
        paths = {"old": context.kernels[old], "new": context.kernels[new]}
        for grouping in GROUPINGS:
            name = re.sub(r"\W+", "_", f"sums_of_{old}_{new}_{'_'.join(grouping)}")
            try:
                report = load(*paths.values(), *grouping)
                errors = sum_errors(report, paths)
            except (RuntimeError, ValueError) as error:
                errors = [str(error)]
            context.test(name, not errors, "; ".join(errors))


# SPDX-License-Identifier: MIT
"""
Bytes with neither symbol nor unit are at most 2 % of the file and of the image
(more where nobody reads the instructions, see LIMITS), not counting what owns
itself. Literals have the owners that relocations say, also where a kernel has
none: instructions are read then.
"""

import collections
import os
import shutil
import subprocess
import tempfile

from vmd import load, part

LIMIT = 0.02
# Nobody reads the instructions of these machines, and they need no relocations
# for the literals that they use.
LIMITS = {("s390x", "image"): 0.06, ("ppc64le", "image"): 0.03,
          ("riscv64", "image"): 0.04, ("riscv64", "file"): 0.03}
# Natures and sections that are owners by themselves: the strings that all of
# the debug information shares have no other.
THEMSELVES = ("headers", "gap", "alignment", "zero fill", "notes", "BTF")
SHARED = (".debug_str", ".debug_line_str")


def unowned(path):
    """Bytes by nature, of file and image."""
    report = load("show", "--domain=file", "--no-rollup",
                  "-b", "nature,input-section,symbol,unit", path)
    sums = {"file": collections.Counter(), "image": collections.Counter()}
    for row in report["rows"]:
        if row.get("symbol") is not None or row.get("unit") is not None or \
                row["nature"] in THEMSELVES or row["input-section"] in SHARED:
            continue
        for field, natures in sums.items():
            natures[row["nature"]] += part(row, "new", field)
    return sums, report["total"]


def check_unowned(context, role, path):
    sums, total = unowned(path)
    for field, natures in sums.items():
        share = sum(natures.values()) / max(1, part(total, "new", field))
        limit = LIMITS.get((role, field), LIMIT)
        context.test(f"at_most_{limit * 100:.0f}_percent_of_the_{field}_of_{role}"
                     "_is_unowned", share <= limit, f"{share:.2%}: {natures}")
        print(f"   {role} {field}: {share:.3%} {natures}")


def literals(path):
    """Bytes of string literals by the name of their owner."""
    report = load("show", "--no-rollup", "--no-demangle", "--debug-info=no",
                  "--domain=file", "-b", "input-section,nature,symbol", path)
    owners = collections.Counter()
    for row in report["rows"]:
        if row["nature"] == "strings" and row["input-section"] == ".rodata":
            owners[row["symbol"]] += row["new"]["file"]
    return owners


def check_scan(context, role, path):
    """The same kernel with its relocations taken away."""
    objcopy = shutil.which("llvm-objcopy") or shutil.which("objcopy")
    with tempfile.TemporaryDirectory() as directory:
        bare = os.path.join(directory, "vmlinux")
        subprocess.run([objcopy, "--strip-debug", "--remove-section=.rela*",
                        path, bare], check=True)
        known, read = literals(path), literals(bare)
    for owners in known, read:
        owners.pop(None, None)
    # strings that are merged, or part of an array, go to fewer without
    right = sum((known & read).values())
    wrong = sum((read - known).values())
    context.test(f"literals_of_{role}_are_found_without_relocations",
                 right >= 0.9 * sum(known.values()) and wrong <= 0.02 * right,
                 f"{sum(known.values())} bytes known, {right} right, {wrong} "
                 f"wrong: {(read - known).most_common(5)}")
    print(f"   {role}: {sum(known.values())} known, {right} right, {wrong} wrong")


def check(context):
    for role, path in context.elfs.items():
        check_unowned(context, role, path)
        if role in ("none.vmlinux", "amd64"):
            check_scan(context, role, path)

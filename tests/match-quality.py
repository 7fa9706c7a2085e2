# SPDX-License-Identifier: MIT
"""
make match-quality: recall and precision of the pairing on real kernels, judged
by DWARF (tests/match-quality.c) while the pairing itself sees none of it.
match-quality.py [WRONG]: prints so many wrong pairs of each comparison.
"""

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(ROOT, "tests", "real")]

from kernels import Cache  # noqa: E402

# What must reach the figures, and what is only shown: another version, where
# lines of declaration moved and the truth itself is poorer.
PAIRS = (("none.vmlinux", "thin.vmlinux", True),
         ("none.vmlinux.o", "thin.vmlinux.o", True),
         ("thin.vmlinux", "none.vmlinux", True),
         ("cloud-old", "cloud-new", True),
         ("amd64", "cloud-new", True),
         ("cloud-new", "cloud-6.12", False))


def main(wrong):
    cache = Cache(os.environ.get("VMDELTA_CACHE", os.path.join(ROOT, ".cache")))
    kernels = cache.all(os.environ.get(
        "VMDELTA_KERNELS", os.path.join(ROOT, "..", "shared", "kernels")))
    for message in cache.messages:
        print("skip", message)
    tool = os.path.join(os.environ.get("BUILD", "build"), "match-quality")
    failed = judged = 0
    for old, new, required in PAIRS:
        if old not in kernels or new not in kernels:
            print(f"skip {old} -> {new}: not there")
            continue
        arguments = [tool, kernels[old], kernels[new], wrong]
        if not required:
            arguments.append("versions")
        result = subprocess.run(arguments, check=False)
        judged += 1
        if result.returncode and (required or result.returncode > 1):
            failed += 1
    print(f"match-quality: {judged - failed} of {judged} comparisons reach "
          "their figures")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "20"))

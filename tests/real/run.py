# SPDX-License-Identifier: MIT
"""
make check-real: compares the program's figures with other tools' on real
kernels. run.py [CHECK...] runs tests/real/check_*.py, or those named. Each has
check(context) and calls context.test() for each claim.
"""

import glob
import importlib
import os
import subprocess
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]

from kernels import Cache  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(HERE))
# Old and new; those that are there become context.pairs.
PAIRS = (("none.vmlinux", "thin.vmlinux"), ("none.vmlinux.o", "thin.vmlinux.o"),
         ("cloud-old", "cloud-new"), ("amd64", "cloud-new"),
         ("cloud-new", "cloud-6.12"), ("cloud-new", "cloud-arm64"))


class Context:
    """What a check gets."""

    def __init__(self, cache):
        self.cache = cache
        self.kernels = cache.all(os.environ.get(
            "VMDELTA_KERNELS", os.path.join(ROOT, "..", "shared", "kernels")))
        # Raw BTF is no ELF file: the checks of BTF ask for it by name.
        self.elfs = {role: path for role, path in self.kernels.items()
                     if not role.endswith(".btf")}
        self.pairs = [pair for pair in PAIRS
                      if all(role in self.kernels for role in pair)]
        self.vmdelta = os.environ.get("VMDELTA", os.path.join(ROOT, "vmdelta"))
        self.passed = self.failed = 0

    def test(self, name, passed, detail=""):
        if passed:
            self.passed += 1
            print(f"ok {name}", flush=True)
        else:
            self.failed += 1
            print(f"not ok {name}: {str(detail)[:2000]}", flush=True)
        return passed

    def skip(self, message):
        print(f"skip {message}", flush=True)


def main(names):
    cache = Cache(os.environ.get("VMDELTA_CACHE", os.path.join(ROOT, ".cache")))
    context = Context(cache)
    for message in cache.messages:
        context.skip(message)
    for role, path in context.kernels.items():
        print(f"{role}: {os.path.basename(path)}")
    names = names or sorted(os.path.basename(path)[:-3] for path in
                            glob.glob(os.path.join(HERE, "check_*.py")))
    for name in names:
        start = time.monotonic()
        print(f"== {name}", flush=True)
        try:
            importlib.import_module(name).check(context)
        except Exception:  # the other checks still have something to say
            context.test(name, False, traceback.format_exc())
        print(f"== {name}: {time.monotonic() - start:.0f} s", flush=True)
    print(f"check-real: {context.passed} passed, {context.failed} failed")
    subprocess.run(["sh", "tests/tally.sh", "add", str(context.passed),
                    str(context.failed)], cwd=ROOT, check=True)
    return context.failed > 0


sys.exit(main(sys.argv[1:]))

# SPDX-License-Identifier: MIT
"""
Each allocation of the library fails in turn, on a small pair and on two kernels
with debug information. The answer is an error or the usual report, and
everything is given back (tests/lib/leaks.c). VMDELTA_FAULTS: how many places to
try in the kernels.
"""

import os
import subprocess
import sys

BUILD = os.environ["BUILD"]
FIXTURES = os.environ["FIXTURES"]


def demo(kind):
    """The demo's kernel; made where `make demo` has not been."""
    directory = os.path.join(BUILD, "demo", kind)
    path = os.path.join(directory, "vmlinux")
    if not os.path.exists(path):
        subprocess.run(["sh", "testdata/demo/build.sh", directory, kind], check=True,
                       stdout=subprocess.DEVNULL)
    return path


def try_pair(name, tries, pair):
    done = subprocess.run([os.path.join(BUILD, "tests", "leaks"), str(tries), *pair],
                          capture_output=True, check=False, timeout=1200)
    print(done.stdout.decode().replace("ok ", f"ok {name}_"), end="")
    if done.returncode not in (0, 1):
        print(f"not ok {name}_pair: exit {done.returncode}: "
              f"{done.stderr.decode(errors='replace')[-2000:]}")
    return done.returncode


def main():
    if "tsan" in BUILD:
        print("skip: the thread checker has its own allocator")
        return 0
    bad = try_pair("small", 1000000, [os.path.join(FIXTURES, f"x86-64.exec.{side}")
                                      for side in ("old", "new")])
    tries = int(os.environ.get("VMDELTA_FAULTS", "1000000"))
    return bad + try_pair("medium", tries, [demo("none"), demo("thin")])


sys.exit(1 if main() else 0)

# SPDX-License-Identifier: MIT
"""
Each allocation fails in turn, alone or with all that follow: the program says
so in one line and exits with 2, or does without and prints what it always
prints (a table that could not be read makes the report poorer: then there is a
warning). It never dies of a signal. VMDELTA_FAULTS: how many places to try.
"""

import os
import subprocess
import sys

from vmd import VMDELTA, Results

BUILD = os.environ.get("BUILD", "build")
FIXTURES = os.environ.get("FIXTURES", "build/fixtures")
SHIM = os.path.join(BUILD, "allocations.so")
TRIES = int(os.environ.get("VMDELTA_FAULTS", "150"))


def run(arguments, **faults):
    # In the C locale: a locale that cannot be loaded changes arrows and bars.
    environment = dict(os.environ, LD_PRELOAD=SHIM, MALLOC_ARENA_MAX="1",
                       LC_ALL="C", **faults)
    return subprocess.run([VMDELTA, *arguments], env=environment, timeout=60,
                          capture_output=True, stdin=subprocess.DEVNULL,
                          check=False)


def wrong(done, good):
    error = done.stderr.decode(errors="replace")
    if done.returncode == 2:
        if not good.startswith(done.stdout):
            return "wrote something else before it gave up"
        if not error.startswith("vmdelta: ") or error.count("\n") != 1:
            return f"stderr {error!r}"
        return ""
    if done.returncode != 0:
        return f"exit {done.returncode}: {error[-300:]}"
    if done.stdout != good and b"memory" not in done.stdout + done.stderr:
        return "another report, and no warning"
    return ""


def try_places(results, name, arguments):
    count_file = os.path.join(BUILD, "fault-count")
    good = run(arguments, FAULT_AT="0", FAULT_COUNT=count_file)
    if not results.test(f"{name}_runs_with_the_shim", good.returncode == 0,
                        good.stderr):
        return
    with open(count_file, encoding="ascii") as file:
        count = int(file.read())
    step = max(1, count // TRIES)
    for kind, faults in ("alone", {}), ("and_all_after", {"FAULT_ON": "1"}):
        bad = []
        for at in range(1, count + 1, step):
            detail = wrong(run(arguments, FAULT_AT=str(at), **faults), good.stdout)
            if detail:
                bad.append(f"{at} of {count}: {detail}")
        results.test(f"{name}_survives_failed_allocations_{kind}", not bad,
                     f"{len(bad)}: {bad[:5]}")


def main():
    results = Results()
    if "asan" in BUILD or "tsan" in BUILD:
        print("skip allocation faults: sanitizers have their own allocator")
        return 0
    subprocess.run(["gcc", "-O1", "-shared", "-fPIC", "-D_GNU_SOURCE", "-fno-builtin",
                    "-o", SHIM, "tests/lib/allocations.c", "-ldl"], check=True)
    pair = [os.path.join(FIXTURES, f"x86-64.exec.{side}") for side in ("old", "new")]
    try_places(results, "first_screen", pair)
    try_places(results, "json", ["-f", "json", "-b", "section,symbol", *pair])
    demo = [os.path.join(BUILD, "demo", kind, "vmlinux") for kind in ("none", "thin")]
    if all(os.path.exists(path) for path in demo):
        try_places(results, "debug_info", ["-f", "json", "-b", "unit,inlinee",
                                           "-d", "file", *demo])
    return results.failed > 0


sys.exit(main())

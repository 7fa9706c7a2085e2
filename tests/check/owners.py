# SPDX-License-Identifier: MIT
"""
What debug information leaves out is said, and what compilers add for linkers
has owners: files built here, one a claim.
"""

import os
import shutil
import subprocess
import tempfile

from vmd import Results, load

results = Results()
scratch = tempfile.TemporaryDirectory()
SOURCE = """
static inline __attribute__((always_inline)) int twice(int x) { return 2 * x; }
static int hidden(int x) { return x + 1; }
int (*volatile pointer)(int) = hidden;
int shown(int x) { return twice(x) + pointer(x); }
"""


def path(name):
    return os.path.join(scratch.name, name)


def build(name, *command):
    """Compiles SOURCE; returns the path."""
    with open(path(name + ".c"), "w", encoding="utf-8") as out:
        out.write(SOURCE)
    subprocess.run([*command, "-O2", "-c", "-o", path(name), name + ".c"],
                   check=True, cwd=scratch.name, capture_output=True)
    return path(name)


def warnings(*arguments):
    return load("show", "-b", "unit", *arguments)["warnings"]


def units(*arguments):
    return {row["unit"] for row in load("show", "-b", "unit", *arguments)["rows"]}


def file_symbols():
    said = warnings(build("plain.o", "gcc"))
    results.test("units that come from FILE symbols are said to",
                 len(said) == 1 and "FILE symbols" in said[0] and
                 "globals" in said[0], said)
    file = build("debug.o", "gcc", "-g")
    said = warnings("--debug-info=no", file)
    results.test("also where debug information is not to be read",
                 len(said) == 1 and "FILE symbols" in said[0], said)
    results.test("and units there are",
                 "debug.o.c" in units("--debug-info=no", file))
    said = warnings(file)
    results.test("nothing is said where there is all", not said, said)


def split():
    for version in "4", "5":
        file = build(f"split{version}.o", "gcc", "-g", "-gsplit-dwarf",
                     f"-gdwarf-{version}")
        said = warnings(file)
        results.test(f"split DWARF {version} is said to be left out",
                     len(said) == 1 and ".dwo" in said[0], said)
        results.test(f"a skeleton of DWARF {version} has its file's name",
                     f"split{version}.dwo" in units(file), units(file))


def alternate():
    if not shutil.which("dwz"):
        print("skip dwz is not installed")
        return
    linked = []
    for name in "one", "two":
        file = build(f"{name}.o", "gcc", "-g", "-gdwarf-4")
        linked.append(path(name))
        subprocess.run(["gcc", "-nostdlib", "-no-pie", "-Wl,-e,shown", "-o",
                        linked[-1], file], check=True, capture_output=True)
    subprocess.run(["dwz", "-m", path("common"), *linked], check=False,
                   capture_output=True)
    if not os.path.exists(path("common")):
        print("skip dwz finds nothing in common")
        return
    said = warnings(linked[0])
    results.test("what dwz moved to another file is said to be left out",
                 any("dwz" in line for line in said), said)


def addresses():
    if not shutil.which("clang"):
        print("skip clang is not installed")
        return
    file = build("significant.o", "clang", "-faddrsig")
    rows = {row["symbol"]: row["new"]["file"] for row in
            load("show", "-d", "file", "-b", "section,symbol", file)["rows"]
            if row["section"] == ".llvm_addrsig"}
    results.test("a symbol has its number in .llvm_addrsig",
                 rows.get("hidden") == 1, rows)


for claim in file_symbols, split, alternate, addresses:
    claim()

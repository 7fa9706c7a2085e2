# SPDX-License-Identifier: MIT
"""
The recipe for reviewing a patch, as README.md has it, on the demo's kernel:
its vmdelta commands are taken from there, so that the text cannot go stale.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

from vmd import VMDELTA, Results

results = Results()

# The patch under review: a table four times as large.
PATCH = ("lib/crc32.c", "table[256]", "table[1024]")


def recipe():
    """The vmdelta commands of README's section, joined lines."""
    with open("README.md", encoding="utf-8") as file:
        section = file.read().split("## Reviewing a kernel patch")[1]
    section = section.split("\n## ")[0].replace("\\\n", " ")
    return [match[1] for match in
            re.finditer(r"^ {4}(?:.*&& )?(vmdelta .*)$", section, re.M)]


def build(source, output):
    subprocess.run(["sh", f"{source}/build.sh", output, "none"], check=True,
                   capture_output=True)


def patch(source):
    name, old, new = PATCH
    with open(f"{source}/{name}", encoding="utf-8") as file:
        text = file.read()
    assert old in text, f"{name} has no {old}"
    with open(f"{source}/{name}", "w", encoding="utf-8") as file:
        file.write(text.replace(old, new))


def prepare(scratch):
    source = f"{scratch}/linux"
    shutil.copytree("testdata/demo", source)
    build(source, f"{scratch}/before")
    patch(source)
    build(source, f"{scratch}/after")
    os.makedirs(f"{source}/mm", exist_ok=True)
    shutil.copy(f"{scratch}/before/lib_crc32.o", f"{source}/before.o")
    shutil.copy(f"{scratch}/after/lib_crc32.o", f"{source}/mm/slub.o")
    with open(f"{source}/accepted-growth", "w", encoding="utf-8") as file:
        file.write("symbol:^table$ until 9999-12-31 larger tables are wanted\n")
    return source


def run(command, source):
    arguments = shlex.split(command)
    arguments[0] = VMDELTA
    return subprocess.run(arguments, cwd=source, capture_output=True,
                          stdin=subprocess.DEVNULL, check=False)


def main():
    commands = recipe()
    results.test("README has the recipe", len(commands) == 3, commands)
    if not shutil.which("clang") or not shutil.which("ld.lld"):
        print("skip: no clang and ld.lld")
        return
    with tempfile.TemporaryDirectory() as scratch:
        source = prepare(scratch)
        done = run(commands[0], source)
        growth = f"{source}/growth.md"
        text = ""
        if os.path.exists(growth):
            with open(growth, encoding="utf-8") as file:
                text = file.read()
        results.test("the whole kernel's report names what grew",
                     done.returncode == 0 and "`table`" in text and
                     len(text) < 60000, (done, text[:500]))
        done = run(commands[1], source)
        results.test("one object file's report names what grew",
                     done.returncode == 0 and b"table" in done.stdout, done)
        check = commands[2].replace("16K", "1K")
        done = run(check, source)
        results.test("accepted growth is no failure", done.returncode == 0,
                     done)
        done = run(check.replace("--ignore=accepted-growth", ""), source)
        results.test("other growth is a failure, and is named",
                     done.returncode == 1 and b"table" in done.stderr, done)


main()
sys.exit(1 if results.failed else 0)

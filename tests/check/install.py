# SPDX-License-Identifier: MIT
"""
make install puts everything where it belongs, the installed library is enough
for a program of its own, and make uninstall leaves nothing behind.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

from elf import small
from vmd import Results

results = Results()
BUILD = os.environ["BUILD"]
PREFIX, LIBDIR = "/opt/vmd", "/opt/vmd/lib/x86_64-linux-gnu"

EXPECTED = {
    "bin/vmdelta", "include/vmdelta.h",
    "lib/x86_64-linux-gnu/libvmdelta.a",
    "lib/x86_64-linux-gnu/libvmdelta.so",
    "lib/x86_64-linux-gnu/libvmdelta.so.0",
    "lib/x86_64-linux-gnu/libvmdelta.so.VERSION",
    "lib/x86_64-linux-gnu/pkgconfig/libvmdelta.pc",
    "share/man/man1/vmdelta.1", "share/man/man3/vmdelta.3",
    "share/vmdelta/vmdelta.schema.json",
    "share/bash-completion/completions/vmdelta",
    "share/zsh/site-functions/_vmdelta",
    "share/fish/vendor_completions.d/vmdelta.fish",
}


def make(target, root):
    return subprocess.run(
        ["make", "-s", target, f"DESTDIR={root}", f"PREFIX={PREFIX}",
         f"LIBDIR={LIBDIR}", f"BUILD={os.path.relpath(BUILD)}",
         *([f"CFLAGS={os.environ['TEST_CFLAGS']}"]
           if "TEST_CFLAGS" in os.environ else [])],
        capture_output=True, check=False,
        env={key: value for key, value in os.environ.items()
             if key not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")})


def files(root):
    found = set()
    for folder, _, names in os.walk(root):
        found |= {os.path.relpath(os.path.join(folder, name), root)
                  for name in names}
    return found


def compile_example(root, out, *extra):
    environment = dict(os.environ, PKG_CONFIG_SYSROOT_DIR=root,
                       PKG_CONFIG_PATH=f"{root}{LIBDIR}/pkgconfig")
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", *extra,
                            "libvmdelta"], env=environment, text=True,
                           capture_output=True, check=False)
    if flags.returncode:
        return flags
    return subprocess.run(["gcc", "-Wall", "-Wextra", "-Werror",
                           "tests/example/growers.c", "-o", out,
                           *flags.stdout.split()], capture_output=True,
                          check=False)


def test_example(root, scratch):
    for name, grow in ("old", 0), ("new", 24):
        with open(f"{scratch}/{name}", "wb") as out:
            out.write(small(grow=grow).bytes())
    program = f"{scratch}/growers"
    done = compile_example(root, program)
    if not results.test("the example compiles with pkg-config's flags",
                        done.returncode == 0, done.stderr):
        return
    done = subprocess.run([program, f"{scratch}/old", f"{scratch}/new"],
                          env=dict(os.environ,
                                   LD_LIBRARY_PATH=root + LIBDIR),
                          capture_output=True, check=False)
    results.test("the example prints what grew",
                 done.returncode == 0 and done.stdout == b"+24 helper\n",
                 (done.stdout, done.stderr))
    done = subprocess.run([program, "/nonexistent", f"{scratch}/new"],
                          env=dict(os.environ,
                                   LD_LIBRARY_PATH=root + LIBDIR),
                          capture_output=True, check=False)
    results.test("the example reports what the library says",
                 done.returncode == 2 and b"/nonexistent: " in done.stderr,
                 done.stderr)


def test_library(root):
    library = f"{root}{LIBDIR}/libvmdelta.so"
    symbols = subprocess.run(["nm", "-D", "--defined-only", library],
                             capture_output=True, text=True,
                             check=False).stdout.splitlines()
    exported = {line.split()[-1].split("@")[0] for line in symbols
                if line.split()[1] == "T"}
    with open("include/vmdelta.h", encoding="utf-8") as header:
        declared = set(re.findall(r"^VMD_API [^(]*?(vmd_\w+)\(",
                                  header.read(), re.M))
    results.test("the library exports what the header declares",
                 exported == declared, exported ^ declared)
    dynamic = subprocess.run(["readelf", "-d", library], capture_output=True,
                             text=True, check=False).stdout
    results.test("the library has a soname", "[libvmdelta.so.0]" in dynamic,
                 dynamic)


def main():
    if "asan" in BUILD or "tsan" in BUILD or "coverage" in BUILD:
        print("skip: what is installed is not built with sanitizers")
        return
    with tempfile.TemporaryDirectory() as scratch:
        root = f"{scratch}/root"
        done = make("install", root)
        if not results.test("make install works", done.returncode == 0,
                            done.stderr.decode()):
            return
        with open("include/vmdelta.h", encoding="utf-8") as header:
            version = re.search(r'VMD_VERSION "(.*)"', header.read())[1]
        expected = {name.replace("VERSION", version) for name in EXPECTED}
        got = files(root + PREFIX)
        results.test("everything is where it belongs", got == expected,
                     sorted(got ^ expected))
        test_library(root)
        if shutil.which("pkg-config"):
            test_example(root, scratch)
        else:
            print("skip: no pkg-config")
        make("uninstall", root)
        results.test("make uninstall leaves nothing", not files(root),
                     sorted(files(root)))


main()
sys.exit(1 if results.failed else 0)

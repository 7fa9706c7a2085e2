# SPDX-License-Identifier: MIT
"""
Files that other projects keep to test their own tools, broken ones among them:
elfutils' tests/*.bz2; the inputs of LLVM's binary tools, made with yaml2obj;
the packed files of binutils' tests, and what as makes of their assembly. Each
gives a report whose sums hold, or a clear error.
"""

import bz2
import glob
import json
import os
import re
import shutil
import subprocess

from vmd import run, sum_errors

BY = "class,section,unit,symbol,inlinee"


def elfutils(cache):
    directory = cache.path("foreign", "elfutils")
    if os.path.isdir(directory):
        return directory
    for tarball in cache.source("elfutils"):
        if ".orig.tar" in tarball and not tarball.endswith(".asc"):
            partial = directory + ".partial"
            os.makedirs(partial, exist_ok=True)
            subprocess.run(["tar", "-xf", tarball, "-C", partial, "--wildcards",
                            "--strip-components=2", "*/tests/*.bz2"], check=False)
            for packed in glob.glob(os.path.join(partial, "*.bz2")):
                with open(packed, "rb") as file, open(packed[:-4], "wb") as out:
                    out.write(bz2.decompress(file.read()))
                os.unlink(packed)
            os.rename(partial, directory)
            return directory
    return None


def llvm(cache):
    directory = cache.path("foreign", "llvm")
    if os.path.isdir(directory):
        return directory
    yaml2obj = shutil.which("yaml2obj") or next(iter(sorted(
        glob.glob("/usr/lib/llvm-*/bin/yaml2obj"))), None)
    tarballs = [path for path in cache.source("llvm-toolchain-14")
                if ".orig.tar" in path and not path.endswith(".asc")]
    if not yaml2obj or not tarballs:
        return None
    tests = directory + ".tests"
    os.makedirs(tests, exist_ok=True)
    subprocess.run(["tar", "-xf", tarballs[0], "-C", tests, "--wildcards",
                    "*/llvm/test/tools/*/ELF/*", "*/llvm/test/tools/yaml2obj/*",
                    "*/llvm/test/Object/*"], check=False)
    partial = directory + ".partial"
    os.makedirs(partial, exist_ok=True)
    for root, _, names in os.walk(tests):
        for name in names:
            convert(yaml2obj, os.path.join(root, name), partial)
    shutil.rmtree(tests)
    os.rename(partial, directory)
    return directory


def convert(yaml2obj, path, directory):
    """Each YAML document of a test file that yaml2obj takes, as a file."""
    with open(path, errors="replace", encoding="utf-8") as file:
        text = file.read()
    for number in range(1, len(re.findall(r"^--- !ELF", text, re.M)) + 1):
        target = os.path.join(directory, f"{os.path.basename(path)}.{number}")
        subprocess.run([yaml2obj, f"--docnum={number}", "-o", target, path],
                       check=False, capture_output=True)


def binutils(cache):
    directory = cache.path("foreign", "binutils")
    if os.path.isdir(directory):
        return directory
    tarballs = [path for path in cache.source("binutils")
                if ".orig.tar" in path and not path.endswith(".asc")]
    if not tarballs:
        return None
    tests, partial = directory + ".tests", directory + ".partial"
    for path in tests, partial:
        os.makedirs(path, exist_ok=True)
    subprocess.run(["tar", "-xf", tarballs[0], "-C", tests, "--wildcards",
                    "*/testsuite/*.bz2", "*/testsuite/*.o", "*/testsuite/*.obj",
                    "*/testsuite/binutils-all/*.s", "*/testsuite/gas/elf/*.s",
                    "*/testsuite/gas/elf/*.inc"], check=False, stderr=subprocess.DEVNULL)
    for root, _, names in os.walk(tests):
        for name in names:
            path, target = os.path.join(root, name), os.path.join(partial, name)
            if name.endswith(".bz2"):
                with open(path, "rb") as file, open(target[:-4], "wb") as out:
                    out.write(bz2.decompress(file.read()))
            elif name.endswith(".s"):
                subprocess.run(["as", "-I", root, "-o", target + ".o", path],
                               check=False, capture_output=True)
            elif not name.endswith(".inc"):
                shutil.copy(path, target)
    shutil.rmtree(tests)
    os.rename(partial, directory)
    return directory


def wrong(path):
    try:
        done = run("show", "-f", "json", "-n0", "-d", "file", "-b", BY, path,
                   timeout=60)
    except subprocess.TimeoutExpired:
        return "more than 60 s"
    error = done.stderr.decode(errors="replace")
    if done.returncode == 2 and not done.stdout and \
            re.fullmatch(rf"vmdelta: {re.escape(path)}: .+\n", error):
        return ""
    if done.returncode:
        return f"exit {done.returncode}: {error[-1500:]}"
    try:
        return "; ".join(sum_errors(json.loads(done.stdout), {"new": path}))
    except ValueError as problem:
        return f"not JSON: {problem}"


def check(context):
    for name, find in ("elfutils", elfutils), ("llvm", llvm), ("binutils", binutils):
        directory = find(context.cache)
        if not directory:
            context.skip(f"no test files of {name}")
            continue
        paths = sorted(glob.glob(os.path.join(directory, "*")))
        failures = [f"{os.path.basename(path)}: {problem}" for path, problem in
                    ((path, wrong(path)) for path in paths) if problem]
        context.test(f"files_of_{name}_are_refused_or_sum", paths and not failures,
                     f"{len(failures)} of {len(paths)}: {failures[:5]}")
        print(f"    {len(paths)} files")

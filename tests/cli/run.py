# SPDX-License-Identifier: MIT
"""
Golden tests of the command line. testdata/cli/NAME/cmd is a shell script that
runs `vmdelta` among the fixtures; what it prints has to be NAME/stdout and
NAME/stderr (none: empty), its exit code NAME/exit (none: 0).
    run.py [--update] [NAME...]
"""

import difflib
import os
import subprocess
import sys
import tempfile

ROOT = "testdata/cli"


def read(path, default=""):
    try:
        with open(path, encoding="utf-8", errors="surrogateescape",
                  newline="") as file:
            return file.read()
    except FileNotFoundError:
        return default


def write(path, text, default):
    if text == default:
        if os.path.exists(path):
            os.unlink(path)
        return
    with open(path, "w", encoding="utf-8", errors="surrogateescape",
              newline="") as file:
        file.write(text)


def run(case, bin_dir):
    environment = {key: value for key, value in os.environ.items()
                   if not key.startswith(("LC_", "LESS", "PAGER", "COLUMNS"))}
    environment.update(PATH=f"{bin_dir}:{os.environ['PATH']}", LC_ALL="C.UTF-8",
                       TERM="dumb", NO_COLOR="1")
    with tempfile.TemporaryDirectory() as scratch:
        environment["SCRATCH"] = scratch
        done = subprocess.run(["sh", os.path.abspath(f"{case}/cmd")],
                              cwd=os.environ["FIXTURES"], env=environment,
                              capture_output=True, timeout=120,
                              stdin=subprocess.DEVNULL, check=False)

    def text(data):
        return data.decode("utf-8", "surrogateescape")
    return {"stdout": text(done.stdout), "stderr": text(done.stderr),
            "exit": f"{done.returncode}\n"}


def compare(name, case, got):
    same = True
    for part, default in ("stdout", ""), ("stderr", ""), ("exit", "0\n"):
        expected = read(f"{case}/{part}", default)
        if got[part] == expected:
            continue
        same = False
        sys.stdout.writelines(difflib.unified_diff(
            expected.splitlines(True), got[part].splitlines(True),
            f"{name}/{part} expected", f"{name}/{part} printed"))
    return same


def main(arguments):
    update = "--update" in arguments
    sys.stdout.reconfigure(errors="backslashreplace")
    names = [a for a in arguments if not a.startswith("-")]
    if not names and os.path.isdir(ROOT):
        names = sorted(os.listdir(ROOT))
    passed = failed = 0
    with tempfile.TemporaryDirectory() as bin_dir:
        os.symlink(os.environ["VMDELTA"], f"{bin_dir}/vmdelta")
        for name in names:
            case = f"{ROOT}/{name}"
            got = run(case, bin_dir)
            if update:
                for part, default in (("stdout", ""), ("stderr", ""),
                                      ("exit", "0\n")):
                    write(f"{case}/{part}", got[part], default)
            elif compare(name, case, got):
                passed += 1
            else:
                failed += 1
                print(f"not ok {name}")
    if not update:
        subprocess.run(["sh", "tests/tally.sh", "add", str(passed), str(failed)],
                       check=True)
        print(f"golden: {passed} passed, {failed} failed")
    return failed > 0


sys.exit(main(sys.argv[1:]))

# SPDX-License-Identifier: MIT
"""
What comes from outside: an input that shrinks or changes while it is mapped, and
signals.
Nothing is left behind, and the exit code says what happened.
"""

import os
import resource
import signal
import subprocess
import sys
import tempfile

from elf import small
from vmd import VMDELTA, Results

results = Results()


def compile_faults(directory):
    path = f"{directory}/faults.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-D_GNU_SOURCE", "-O1", "-o",
                    path, "tests/lib/faults.c", "-ldl"], check=True)
    return path


def default_signals():
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def run(directory, *arguments, **environment):
    # A background job of a shell ignores SIGINT and others, and so would we.
    return subprocess.run(
        [VMDELTA, *arguments], capture_output=True, check=False, timeout=60,
        preexec_fn=default_signals,
        env={**os.environ, "LD_PRELOAD": f"{directory}/faults.so",
             **environment})


def write(directory):
    """Two builds, large enough to have more than a page."""
    for name, grow in ("old", 0), ("new", 24):
        elf = small(grow=grow)
        for i in range(2000):
            elf.section(f".note.{i}", b"x" * 64)
        with open(f"{directory}/{name}", "wb") as out:
            out.write(elf.bytes())


def test_shrinking(directory, side):
    write(directory)
    path = f"{directory}/{side}"
    done = run(directory, "-b", "section", "-o", f"{directory}/report",
               f"{directory}/old", f"{directory}/new", FAULT_SHRINK=path)
    error = done.stderr.decode()
    results.test(f"the {side} file shrinking is exit 2 and one line",
                 done.returncode == 2 and error.count("\n") == 1 and
                 error.startswith(f"vmdelta: {path}: "),
                 (done.returncode, error))
    results.test(f"the {side} file shrinking leaves no report",
                 sorted(os.listdir(directory)) == ["faults.so", "new", "old"],
                 os.listdir(directory))


def test_changing(directory, side, after):
    """Overwritten after so many allocations; a whole number of pages."""
    write(directory)
    path = f"{directory}/{side}"
    with open(path, "ab") as out:
        out.write(bytes(-os.path.getsize(path) % 4096))
    environment = {"FAULT_CHANGE": path, "FAULT_AFTER": str(after)}
    done = run(directory, "-b", "section", "-o", f"{directory}/report",
               f"{directory}/old", f"{directory}/new", **environment)
    error = done.stderr.decode()
    if os.path.exists(f"{directory}/report"):
        os.unlink(f"{directory}/report")
    with open(path, "rb") as made:
        if made.read(65)[64:] != b"A":
            return done.returncode == 0 and not error, (after, "unchanged", error)
    return done.returncode == 2 and error.count("\n") == 1 and \
        error.startswith(f"vmdelta: {path}: "), (after, done.returncode, error)


def test_signal(directory, number):
    write(directory)
    report = f"{directory}/report"
    with open(report, "w", encoding="utf-8") as out:
        out.write("before")
    done = run(directory, "-o", report, f"{directory}/old",
               f"{directory}/new", FAULT_SIGNAL=str(int(number)))
    with open(report, encoding="utf-8") as made:
        text = made.read()
    os.unlink(report)
    results.test(f"{number.name} ends it and leaves nothing behind",
                 done.returncode == -number and text == "before" and
                 sorted(os.listdir(directory)) == ["faults.so", "new", "old"],
                 (done, os.listdir(directory)))


def main():
    if any(word in os.environ["BUILD"] for word in ("asan", "tsan")):
        print("skip: sanitizers and LD_PRELOAD do not go together")
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as directory:
        compile_faults(directory)
        for side in "old", "new":
            test_shrinking(directory, side)
        for side in "old", "new":
            wrong = [detail for good, detail in
                     (test_changing(directory, side, after) for after in range(1, 60))
                     if not good]
            results.test(f"the {side} file changing is exit 2 and one line",
                         not wrong, f"{len(wrong)} of 59: {wrong[:4]}")
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP,
                       signal.SIGQUIT, signal.SIGXCPU):
            test_signal(directory, number)


main()
sys.exit(1 if results.failed else 0)

# SPDX-License-Identifier: MIT
"""
What the program does on a terminal: the pager and what happens when it fails,
width, colour, progress, and what is left behind after a signal. The terminal
is a pseudo-terminal that this script reads.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

from elf import small
from vmd import Results

VMDELTA = os.environ["VMDELTA"]
results = Results()
scratch = tempfile.TemporaryDirectory()


def path(name):
    return os.path.join(scratch.name, name)


def build(name, grow):
    with open(path(name), "wb") as out:
        out.write(small(grow=grow).bytes())
    return path(name)


def environment(**changes):
    kept = {key: value for key, value in os.environ.items()
            if not key.startswith(("LESS", "PAGER", "VMDELTA_PAGER",
                                   "NO_COLOR", "COLUMNS", "LC_"))}
    kept.update(TERM="xterm", LC_ALL="C.UTF-8")
    kept.update(changes)
    return kept


def on_terminal(arguments, columns=100, stderr_too=True, **changes):
    """Runs it on a terminal; returns (what the terminal got, exit code)."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ,
                struct.pack("HHHH", 50, columns, 0, 0))
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen([VMDELTA, *arguments], stdin=slave,
                                 stdout=slave,
                                 stderr=slave if stderr_too else errors,
                                 env=environment(**changes),
                                 start_new_session=True)
        os.close(slave)
        seen = b""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            ready, _, _ = select.select([master], [], [], 0.2)
            if ready:
                try:
                    data = os.read(master, 65536)
                except OSError:
                    break
                if not data:
                    break
                seen += data
            elif child.poll() is not None:
                break
        os.close(master)
        return seen.decode("utf-8", "replace").replace("\r\n", "\n"), \
            child.wait(60)


OLD, NEW = build("old", 0), build("new", 24)
plain = subprocess.run([VMDELTA, "-b", "symbol", "-n", "0", OLD, NEW],
                       env=environment(COLUMNS="100"), capture_output=True,
                       check=False).stdout.decode()
REPORT = ["-b", "symbol", "-n", "0", "--color=never", OLD, NEW]


def check(name, got, want):
    results.test(name, got == want, f"got {got!r}, want {want!r}")


# The pager.
marked = "sed s/^/P:/"
with_pager = "".join(f"P:{line}\n" for line in plain.splitlines())
check("a report on a terminal goes through PAGER",
      on_terminal(REPORT, PAGER=marked), (with_pager, 0))
check("VMDELTA_PAGER is stronger than PAGER",
      on_terminal(REPORT, PAGER="sed s/^/Q:/", VMDELTA_PAGER=marked),
      (with_pager, 0))
check("--no-pager prints directly",
      on_terminal(["--no-pager", *REPORT], PAGER=marked), (plain, 0))
check("an empty PAGER is none", on_terminal(REPORT, PAGER=""), (plain, 0))
check("PAGER=cat is none", on_terminal(REPORT, PAGER="cat"), (plain, 0))
text, code = on_terminal(REPORT, PAGER="/nonexistent/pager")
results.test("a missing pager does not lose the report",
              text.endswith(plain) and code == 0, repr((text, code)))
check("a failing pager does not lose the report",
      on_terminal(REPORT, PAGER="cat > /dev/null; exit 3"), (plain, 0))
check("a pager that is killed does not lose the report",
      on_terminal(REPORT, PAGER="kill -9 $$"), (plain, 0))
check("leaving the pager early is no error",
      on_terminal(REPORT, PAGER="true"), ("", 0))
check("a pager gets LESS=FRX", on_terminal(REPORT, PAGER="echo $LESS"),
      ("FRX\n", 0))
check("a user's LESS stays",
      on_terminal(REPORT, PAGER="echo $LESS", LESS="S"), ("S\n", 0))
check("the exit code is the program's, not the pager's",
      on_terminal(["--exit-code", *REPORT], PAGER=marked), (with_pager, 1))
text, code = on_terminal(["-b", "symbol", "--filter=(", OLD, NEW],
                         PAGER=marked)
results.test("an error is shown beside the pager",
              "vmdelta: " in text and code == 2, repr((text, code)))

# Width and colour.
narrow, _ = on_terminal(["--no-pager", *REPORT], columns=60)
results.test("lines are as wide as the terminal",
              max(map(len, narrow.splitlines())) <= 60, narrow)
wide, _ = on_terminal(["--no-pager", *REPORT], columns=60, COLUMNS="100")
check("COLUMNS is stronger than the terminal", wide, plain)
COLOURED = ["--no-pager", OLD, NEW]
results.test("a terminal gets colour",
              "\033[" in on_terminal(COLOURED)[0], "none")
for name, extra, changes in (
        ("NO_COLOR", [], {"NO_COLOR": "1"}),
        ("TERM=dumb", [], {"TERM": "dumb"}),
        ("--color=never", ["--color=never"], {})):
    text, _ = on_terminal([*extra, *COLOURED], **changes)
    results.test(f"{name} means no colour", "\033[" not in text, repr(text))
piped = subprocess.run([VMDELTA, OLD, NEW], env=environment(),
                       capture_output=True, check=False).stdout
results.test("a pipe gets no colour", b"\033[" not in piped, repr(piped))
forced = subprocess.run([VMDELTA, "--color=always", OLD, NEW],
                        env=environment(), capture_output=True,
                        check=False).stdout
results.test("--color=always colours a pipe", b"\033[" in forced, repr(forced))
check("a fast run shows no progress bar",
      on_terminal(["-o", path("out"), OLD, NEW])[0], "")


def test_progress():
    """A run of two seconds."""
    subprocess.run(["gcc", "-shared", "-fPIC", "-D_GNU_SOURCE", "-O1", "-o",
                    path("faults.so"), "tests/lib/faults.c", "-ldl"], check=True)
    slow = {"LD_PRELOAD": path("faults.so"), "FAULT_SLOW": NEW}
    text, code = on_terminal(["-o", path("out"), OLD, NEW], **slow)
    results.test("a slow run shows a bar, and erases it",
                 code == 0 and "%  opening" in text and "\u2591" in text and
                 text.endswith("\r\033[K"), repr((text, code)))
    results.test("the bar is drawn from the second second on",
                 text.count("%") <= 15, text.count("%"))
    text, _ = on_terminal(["-o", path("out"), OLD, NEW], LC_ALL="C", **slow)
    results.test("the bar is ASCII outside of UTF-8",
                 "%  opening" in text and text.isascii(), repr(text))
    check("-q shows no progress bar",
          on_terminal(["-q", "-o", path("out"), OLD, NEW], **slow), ("", 0))
    done = subprocess.run([VMDELTA, "-o", path("out"), OLD, NEW],
                          env=environment(**slow), capture_output=True,
                          check=False)
    results.test("a pipe gets no progress bar",
                 done.returncode == 0 and not done.stderr, repr(done))


if any(word in os.environ["BUILD"] for word in ("asan", "tsan")):
    print("skip progress: sanitizers and LD_PRELOAD do not go together")
else:
    test_progress()

sys.exit(1 if results.failed else 0)

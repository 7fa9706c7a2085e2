# SPDX-License-Identifier: MIT
"""
Reports that cannot be written, or not to the end: exit 2 and one line, and a
file named with -o is then what it was before.
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
scratch = tempfile.TemporaryDirectory()


def path(name):
    return os.path.join(scratch.name, name)


def build(name, grow):
    with open(path(name), "wb") as out:
        out.write(small(grow=grow).bytes())
    return path(name)


def environment():
    return {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "dumb"}


OLD, NEW = build("old", 0), build("new", 24)

# Output that cannot be written.
done = subprocess.run(f"{VMDELTA} {OLD} {NEW} > /dev/full", shell=True,
                      env=environment(), capture_output=True, check=False)
results.test("a full disk is exit 2 and a message",
              done.returncode == 2 and b"No space left" in done.stderr and
              done.stderr.count(b"\n") == 1, repr(done))
reader, writer = os.pipe()
os.close(reader)
done = subprocess.run([VMDELTA, OLD, NEW], stdout=writer, env=environment(),
                      stderr=subprocess.PIPE, check=False,
                      preexec_fn=lambda: signal.signal(signal.SIGPIPE,
                                                       signal.SIG_DFL))
results.test("SIGPIPE ends it without a word",
              done.returncode == -signal.SIGPIPE and not done.stderr,
              repr(done))
done = subprocess.run([VMDELTA, OLD, NEW], stdout=writer, env=environment(),
                      stderr=subprocess.PIPE, check=False,
                      restore_signals=False)
results.test("with SIGPIPE ignored it is exit 2 and a message",
              done.returncode == 2 and b"Broken pipe" in done.stderr,
              repr(done))
os.close(writer)
closed = subprocess.run([VMDELTA, OLD, NEW], env=environment(),
                        stderr=subprocess.PIPE, check=False,
                        preexec_fn=lambda: os.close(1))
results.test("a closed standard output is exit 2 and a message",
              closed.returncode == 2 and closed.stderr.count(b"\n") == 1,
              repr(closed))


# Files.
def write(arguments, **options):
    return subprocess.run([VMDELTA, *arguments], env=environment(),
                          capture_output=True, check=False, **options)


def folder(name, *files):
    os.mkdir(path(name))
    for file, text in files:
        with open(os.path.join(path(name), file), "w",
                  encoding="utf-8") as out:
            out.write(text)
    return path(name)


where = folder("ok", ("report", "before"))
os.chmod(f"{where}/report", 0o640)
done = write(["-b", "symbol", "-o", f"{where}/report", OLD, NEW])
with open(f"{where}/report", encoding="utf-8") as made:
    text = made.read()
results.test("-o replaces a file and keeps its mode",
              done.returncode == 0 and "before" not in text and text and
              os.stat(f"{where}/report").st_mode & 0o777 == 0o640 and
              os.listdir(where) == ["report"], repr(done))
os.symlink("report", f"{where}/link")
write(["-o", f"{where}/link", OLD, NEW])
results.test("-o through a link keeps the link",
              os.path.islink(f"{where}/link"), "replaced")
done = write(["-o", NEW, OLD, NEW])
results.test("-o does not replace an input",
              done.returncode == 2 and os.path.getsize(NEW) > 0, repr(done))
done = write(["-o", "/dev/null", OLD, NEW])
results.test("-o /dev/null is written directly",
              done.returncode == 0 and not os.path.isfile("/dev/null"),
              repr(done))
where = folder("bad", ("report", "before"))
done = write(["--filter=(", "-b", "symbol", "-o", f"{where}/report", OLD,
              NEW])
with open(f"{where}/report", encoding="utf-8") as made:
    text = made.read()
results.test("after an error the old file is still there, and alone",
              done.returncode == 2 and text == "before" and
              os.listdir(where) == ["report"], repr(done))
done = write(["-f", "json", "-o", f"{where}/report", OLD, NEW],
             preexec_fn=lambda: resource.setrlimit(
                 resource.RLIMIT_FSIZE, (100, 100)))
with open(f"{where}/report", encoding="utf-8") as made:
    text = made.read()
results.test("a file size limit leaves the old file alone",
              done.returncode == 2 and text == "before" and
              os.listdir(where) == ["report"] and
              b"File too large" in done.stderr, repr(done))

sys.exit(1 if results.failed else 0)

# SPDX-License-Identifier: MIT
"""
Reports that cannot be written, or not to the end: exit 2 and one line, and a
file named with -o is then what it was before.
"""

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
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


class Filter(ctypes.Structure):
    _fields_ = [("count", ctypes.c_ushort), ("code", ctypes.c_void_p)]


def fail_writes(number):
    """
    From here on write() and writev() to anything but standard error fail: a
    filter on system calls (linux/seccomp.h), for stdio's own calls cannot be
    replaced.
    """
    calls = {"x86_64": (1, 20), "aarch64": (64, 66)}[platform.machine()]
    load, equal, result = 0x20, 0x15, 0x06  # BPF: LD W ABS, JMP JEQ K, RET K
    code = b"".join(struct.pack("HBBI", *row) for row in (
        (load, 0, 0, 0),                    # the call's number
        (equal, 1, 0, calls[0]),
        (equal, 0, 3, calls[1]),
        (load, 0, 0, 16),                   # its first argument
        (equal, 1, 0, 2),
        (result, 0, 0, 0x50000 | number),   # SECCOMP_RET_ERRNO
        (result, 0, 0, 0x7fff0000)))        # SECCOMP_RET_ALLOW
    buffer = ctypes.create_string_buffer(code)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(  # NO_NEW_PRIVS, SECCOMP
            22, 2, ctypes.byref(Filter(len(code) // 8, ctypes.addressof(buffer))), 0, 0):
        os._exit(99)


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

# Disks that fail, from the first byte.
for number, word in ((errno.EIO, b"Input/output error"),
                     (errno.ENOSPC, b"No space left"),
                     (errno.EDQUOT, b"quota exceeded")):
    if platform.machine() not in ("x86_64", "aarch64") or "san" in os.environ["BUILD"]:
        print("skip: system calls have other numbers here, or a sanitizer's thread")
        break
    name = errno.errorcode[number]
    for arguments in (["-f", "json"], ["-f", "html"], ["-b", "symbol"]):
        done = write([*arguments, "-o", f"{where}/report", OLD, NEW],
                     preexec_fn=lambda number=number: fail_writes(number))
        if done.returncode == 99:
            print("skip: no filters on system calls here")
            break
        with open(f"{where}/report", encoding="utf-8") as made:
            text = made.read()
        results.test(f"{name} with {arguments[1]} leaves the old file alone",
                     done.returncode == 2 and text == "before" and
                     os.listdir(where) == ["report"] and word in done.stderr and
                     done.stderr.count(b"\n") == 1, repr(done))
        done = write([*arguments, OLD, NEW],
                     preexec_fn=lambda number=number: fail_writes(number))
        results.test(f"{name} with {arguments[1]} on standard output is exit 2",
                     done.returncode == 2 and word in done.stderr and
                     done.stderr.count(b"\n") == 1, repr(done))

# Limits.
with open(path("large"), "wb") as out:
    out.write(small().bytes())
    out.truncate(600 << 20)
done = write(["show", path("large")], preexec_fn=lambda: resource.setrlimit(
    resource.RLIMIT_AS, (512 << 20, 512 << 20)))
results.test("a file that is larger than the address space says what it needs",
             done.returncode == 2 and b"629145600 bytes" in done.stderr and
             b"ulimit -v" in done.stderr, repr(done)) \
    if "san" not in os.environ["BUILD"] else print("skip: sanitizers need more")

sys.exit(1 if results.failed else 0)

# SPDX-License-Identifier: MIT
"""
Separate debug files are read where they are of the same build, by build-id or
by the checksum of the link that names them, and not else.
"""

import os
import shutil
import struct
import subprocess
import tempfile

from vmd import VMDELTA, Results, load

results = Results()
scratch = tempfile.TemporaryDirectory()


def path(name):
    return os.path.join(scratch.name, name)


def tool(*command):
    subprocess.run(command, check=True, cwd=scratch.name)


def build(name, text, build_id):
    """NAME is stripped, NAME.debug has what was stripped."""
    with open(path("unit.c"), "w", encoding="utf-8") as out:
        out.write(text)
    tool("gcc", "-g", "-O1", "-w", "-nostdlib", "-static", "-Wl,-e,start",
         f"-Wl,--build-id={build_id}", "-o", name, "unit.c")
    tool("objcopy", "--only-keep-debug", name, f"{name}.debug")
    tool("objcopy", "--strip-debug", name, name)


def link(name, target):
    tool("objcopy", "--remove-section=.gnu_debuglink", f"--add-gnu-debuglink={target}",
         name, name)


def report(name, *arguments):
    return load("show", *arguments, "-b", "unit", path(name))


def is_read(name, *arguments):
    return any((row["unit"] or "").endswith("unit.c")
               for row in report(name, *arguments)["rows"])


def with_link(name, content):
    """The same file, with other bytes in .gnu_debuglink."""
    with open(path("link"), "wb") as out:
        out.write(content)
    tool("objcopy", "--remove-section=.gnu_debuglink", "--add-section",
         ".gnu_debuglink=link", name, f"{name}.linked")
    return f"{name}.linked"


START = "int start(int a) { return a * 3 + 1; }\n"
build("a", START, "0x" + "ab" * 20)
build("b", START + "int more(int a) { return a / 3; }\n", "0x" + "cd" * 20)
build("plain", START, "none")
build("other", "int start(int a, int b) { return a * b + 1; }\n",
      "none")

results.test("without a link nothing is read", not is_read("a"))
results.test("a file that is named is read", is_read("a", f"--debug-file={path('a.debug')}"))
refused = report("a", f"--debug-file={path('b.debug')}")
results.test("a file of another build is refused with a warning",
             any("is of another build" in text for text in refused["warnings"]) and
             not is_read("a", f"--debug-file={path('b.debug')}"), refused["warnings"])
with open(path("a"), "rb") as file:
    whole = file.read()
with open(path("machine"), "wb") as out:
    out.write(whole[:18] + struct.pack("<H", 8) + whole[20:])
refused = report("a", f"--debug-file={path('machine')}")
results.test("a file of another machine is refused with a warning",
             any("is of another build" in text for text in refused["warnings"]),
             refused["warnings"])
with open(path("text"), "w", encoding="utf-8") as out:
    out.write("no ELF file")
refused = report("a", f"--debug-file={path('text')}")
results.test("a file that is none is refused with a warning",
             any(text.startswith("debug file ") for text in refused["warnings"]),
             refused["warnings"])

link("a", "a.debug")
results.test("the link's file is read", is_read("a"))
link("a", "b.debug")
results.test("a link to another build is not followed", not is_read("a"))
link("plain", "plain.debug")
results.test("without build-ids the checksum says which file it is", is_read("plain"))
shutil.copy(path("other.debug"), path("plain.debug"))
results.test("a file with another checksum is not read", not is_read("plain"))
link("plain", "plain")
results.test("a link to the file itself ends", not is_read("plain"))
os.mkdir(path(".debug"))
link("a", "a.debug")
os.rename(path("a.debug"), path(".debug/a.debug"))
results.test("a link is followed to .debug, too", is_read("a"))

checksum = b"\0" * 4
for name, content in (
        ("with a slash", b".debug/a.debug\0\0" + checksum),
        ("without a name", b"\0" * 8),
        ("too short", b"a.d\0"),
        ("without an end", b"a" * 12),
        ("of 300 bytes", b"a" * 300 + b"\0" * 4 + checksum)):
    results.test(f"a link {name} is not followed", not is_read(with_link("a", content)))


def note(name_size, size, kind, name):
    return struct.pack("<III", name_size, size, kind) + name + b"\xab" * 20


def broken_note(content):
    with open(path("note"), "wb") as out:
        out.write(content)
    shutil.copy(path(".debug/a.debug"), path("noted"))
    tool("objcopy", "--update-section", ".note.gnu.build-id=note", "a", "noted")
    return "noted"


for name, content in (
        ("with a huge name", note(0xfffffff0, 20, 3, b"GNU\0")),
        ("with a huge text", note(4, 0xfffffff0, 3, b"GNU\0")),
        ("of another owner", note(4, 20, 3, b"XYZ\0")),
        ("of another kind", note(4, 20, 1, b"GNU\0")),
        ("that is cut off", note(4, 20, 3, b"GNU\0")[:10])):
    results.test(f"a build-id {name} is none: its link's checksum is asked",
                 is_read(broken_note(content)))

# Distributions' place; only in a name space of our own.
os.makedirs(path("root/.build-id/ab"))
shutil.copy(path(".debug/a.debug"), path(f"root/.build-id/ab/{'ab' * 19}.debug"))
link("a", "b.debug")
done = subprocess.run(
    ["unshare", "--mount", "sh", "-c",
     'mount --bind "$1" /usr/lib/debug && "$2" show -f json -n0 -b unit "$3"', "sh",
     path("root"), VMDELTA, path("a")], capture_output=True, check=False) \
    if shutil.which("unshare") else None
if done and done.returncode == 0:
    results.test("the build-id leads to /usr/lib/debug", b"unit.c" in done.stdout,
                 done.stdout)
else:
    print("skip: /usr/lib/debug cannot be another directory here")

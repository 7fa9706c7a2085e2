# SPDX-License-Identifier: MIT
"""
Input that is not a build of anything: one line on stderr that names the file,
nothing on stdout, exit 2, and no output file, not even half of one. What is
only damaged may instead give a report whose sums hold.
"""

import os
import re
import subprocess
import sys
import tempfile

from elf import (EM_AARCH64, ET_EXEC, SHF_ALLOC, SHF_EXECINSTR,
                 STB_GLOBAL, STT_FUNC, Elf, small)
from vmd import Results, load, run, sum_errors

results = Results()
directory = tempfile.TemporaryDirectory()
GOOD = os.path.join(directory.name, "good")


def write(name, data):
    path = os.path.join(directory.name, name)
    with open(path, "wb") as out:
        out.write(data)
    return path


def refusal(path, done):
    """What is wrong with how the program refused `path`, or nothing."""
    error = done.stderr.decode(errors="replace")
    if done.returncode != 2:
        return f"exit {done.returncode}, stderr {error!r}"
    if done.stdout:
        return "wrote to stdout"
    if not re.fullmatch(rf"vmdelta: {re.escape(path)}: .+\n", error):
        return f"stderr {error!r}"
    return ""


def refused(name, path, says=None):
    for arguments in (("show", path), (path, GOOD), (GOOD, path)):
        done = run(*arguments)
        wrong = refusal(path, done)
        if not wrong and says and not re.search(
                says, done.stderr.decode(errors="replace"), re.I):
            wrong = f"does not say {says!r}: {done.stderr.decode()}"
        if wrong:
            return results.test(name, False, f"{arguments[0]}: {wrong}")
    return results.test(name, True)


def survived(path):
    """Refused, or reported with right sums. Returns what is wrong."""
    done = run("show", "-b", "section,symbol", "-f", "json", "-n0", path)
    if done.returncode == 2:
        return refusal(path, done)
    if done.returncode != 0:
        return f"exit {done.returncode} {done.stderr.decode(errors='replace')}"
    return "; ".join(sum_errors(load("show", "-b", "section,symbol", path),
                                {"new": path}))


def refused_or_right(name, data):
    wrong = survived(write("damaged", data))
    results.test(name, not wrong, wrong)


def test_what_is_not_elf():
    refused("empty_file_is_refused", write("empty", b""), "empty")
    refused("text_is_refused", write("text", b"hello, world\n" * 99), "not an ELF")
    refused("short_magic_is_refused", write("magic", b"\x7fELF"))
    refused("llvm_bitcode_is_named", write("bc", b"BC\xc0\xde" + bytes(400)), "bitcode")
    refused("wrapped_bitcode_is_named",
            write("bcw", b"\xde\xc0\x17\x0b" + bytes(400)), "bitcode")
    bzimage = bytearray(0x1000)
    bzimage[0x1fe:0x200] = b"\x55\xaa"
    bzimage[0x202:0x206] = b"HdrS"
    refused("bzimage_is_named", write("bzImage", bytes(bzimage)), "vmlinux")
    refused("archive_is_named", write("lib.a", b"!<arch>\n" + bytes(200)), "archive")
    refused("thin_archive_is_named", write("thin.a", b"!<thin>\n" + bytes(200)), "archive")
    refused("gzip_is_refused", write("x.gz", b"\x1f\x8b\x08" + bytes(200)))
    refused("pe_is_refused", write("x.efi", b"MZ" + bytes(500)))
    refused("directory_is_refused", directory.name, "directory")
    refused("absent_file_is_refused", os.path.join(directory.name, "absent"))
    os.mkfifo(os.path.join(directory.name, "fifo"))
    refused("fifo_does_not_hang", os.path.join(directory.name, "fifo"))
    refused("device_is_refused", "/dev/null")
    if os.geteuid() != 0:
        path = write("unreadable", b"x")
        os.chmod(path, 0)
        refused("unreadable_file_is_refused", path)


def test_truncation():
    data = small(type=ET_EXEC).bytes()
    wrong = ""
    for size in range(1, len(data)):
        # Every boundary of the headers, then a sample of the rest.
        if size > 300 and size % 37 and size < len(data) - 70:
            continue
        bad = survived(write("truncated", data[:size]))
        if bad:
            wrong = f"at {size} of {len(data)}: {bad}"
            break
    results.test("file_truncated_anywhere_is_refused_or_right", not wrong, wrong)


def test_wrong_headers():
    huge, sizes = 2 ** 64 - 1, (0, 1, 7, 63, 65, 0x1000, 0xffff)
    for field in ("e_phoff", "e_shoff"):
        for value in (1, 63, 0x7fffffffffffffff, huge):
            refused_or_right(f"{field}_of_{value:x}",
                             broken_header(**{field: value}))
    for field in ("e_phentsize", "e_shentsize", "e_phnum", "e_shnum",
                  "e_shstrndx", "e_ehsize"):
        for value in sizes:
            refused_or_right(f"{field}_of_{value:x}",
                             broken_header(**{field: value}))
    for value in (0, 3, 255):
        refused_or_right(f"class_of_{value}", broken_header(ident={4: value}))
        refused_or_right(f"byte_order_of_{value}", broken_header(ident={5: value}))


def broken_header(**fields):
    elf = small(type=ET_EXEC)
    elf.broken = fields
    return elf.bytes()


def test_wrong_sections():
    huge = 2 ** 64 - 1
    fields = {
        "sh_name": (5000, 0xffffffff), "sh_type": (0, 2, 3, 4, 8, 18, 0x7fffffff),
        "sh_offset": (0, 1, huge, huge - 100), "sh_link": (0, 77, 0xffffffff),
        "sh_size": (0, 1, 0x10000, 2 ** 63, huge, huge - 4095),
        "sh_addr": (huge,), "sh_addralign": (3, 2 ** 63, huge),
        "sh_entsize": (0, 1, huge), "sh_info": (0xffffffff,),
        "sh_flags": (0, 0x800, huge),
    }
    for index, section in enumerate((".text", ".rodata", ".data", ".bss")):
        for field, values in fields.items():
            for value in values:
                elf = small(type=ET_EXEC)
                elf.sections[index].broken = {field: value}
                refused_or_right(f"{section}_{field}_of_{value:x}", elf.bytes())


def test_overlaps():
    elf = small(type=ET_EXEC)
    elf.sections[1].broken = {"sh_offset": 0x100, "sh_size": 300}
    elf.sections[2].broken = {"sh_offset": 0x100, "sh_size": 300}
    refused_or_right("overlapping_sections", elf.bytes())
    elf = small(type=ET_EXEC)
    for section in elf.sections:
        section.broken = {"sh_offset": 0, "sh_size": 400}
    refused_or_right("sections_that_cover_the_header", elf.bytes())
    elf = small(type=ET_EXEC)
    elf.segments = elf.segments * 3
    refused_or_right("segments_that_are_there_twice", elf.bytes())
    elf = Elf()
    text = elf.section(".text", b"\1" * 100, flags=SHF_ALLOC | SHF_EXECINSTR)
    for i in range(50):
        elf.symbol(f"f{i}", text, i * 3, 40 + i, STT_FUNC, STB_GLOBAL)
    elf.symbol("before", text, 2 ** 64 - 8, 100, STT_FUNC)
    elf.symbol("long", text, 50, 2 ** 64 - 1, STT_FUNC)
    elf.symbol("behind", text, 101, 1, STT_FUNC)
    elf.symbol("at_end", text, 100, 0, STT_FUNC)
    elf.symbol("nowhere", 4000, 0, 1, STT_FUNC)
    refused_or_right("overlapping_symbols", elf.bytes())


def test_names():
    elf = small()
    elf.symbol("x" * 1000000, elf.sections[0], 10, 4, STT_FUNC)
    elf.symbol("\x1b[31mred\n\t\"\\\u202e\udcff\udcfe", elf.sections[0], 20, 4, STT_FUNC)
    path = write("names", elf.bytes())
    wrong = survived(path)
    results.test("strange_names_give_valid_json", not wrong, wrong)
    done = run("show", "-b", "symbol", "-n0", path)
    results.test("escape_sequences_are_not_printed", b"\x1b" not in done.stdout,
                 "an escape character got through")
    data = bytearray(small().bytes())
    where = data.rindex(b"main_alias\0") + len("main_alias")
    tail = data[:where] + b"x" + data[where + 1:]
    refused_or_right("string_table_without_end", bytes(tail))


def test_pairs():
    other = write("other", small(machine=EM_AARCH64).bytes())
    done = run("-f", "json", GOOD, other)
    results.test("different_machines_are_compared_with_a_warning",
                 done.returncode == 0 and b"machine" in done.stdout + done.stderr,
                 f"exit {done.returncode} {done.stderr}")


def test_output():
    report = os.path.join(directory.name, "report")
    run("-o", report, GOOD, write("broken", b"nothing"))
    results.test("no_output_file_after_an_error", not os.path.exists(report))
    done = run("-o", os.path.join(directory.name, "no/such/dir"), GOOD, GOOD)
    results.test("unwritable_output_is_an_error", done.returncode == 2 and
                 done.stderr.count(b"\n") == 1, done.stderr)
    write("report", b"before")
    done = run("-o", report, "-f", "json", GOOD, GOOD)
    with open(report, "rb") as file:
        text = file.read()
    results.test("output_replaces_the_file", done.returncode == 0 and
                 text.startswith(b"{"), text[:40])
    done = run("-o", "/dev/full", GOOD, GOOD)
    results.test("a_full_device_is_an_error", done.returncode == 2, done.returncode)
    command = f"exec '{os.environ['VMDELTA']}' -f json '{GOOD}' '{GOOD}' > /dev/full"
    code = subprocess.run(["sh", "-c", command], check=False,
                          stderr=subprocess.DEVNULL).returncode
    results.test("a_full_standard_output_is_an_error", code == 2, code)
    left = [f for f in os.listdir(directory.name) if "report" in f]
    results.test("nothing_is_left_beside_the_output", left == ["report"], left)


with open(GOOD, "wb") as good:
    good.write(small().bytes())
for test in (test_what_is_not_elf, test_truncation, test_wrong_headers,
             test_wrong_sections, test_overlaps, test_names, test_pairs,
             test_output):
    try:
        test()
    except Exception as error:  # the other tests still have something to say
        results.test(test.__name__, False, repr(error))
sys.exit(results.failed > 0)

# SPDX-License-Identifier: MIT
"""
Random ELF files, well formed and then damaged: the program either refuses (exit
2, one line that names the file, no output) or prints JSON whose rows, rest and
filtered rows sum to the total, and whose file total is the file's size. Always
the same files: VMDELTA_SEED and VMDELTA_FILES change which and how many.
"""

import os
import random
import re
import sys
import tempfile

from elf import (EM_386, EM_AARCH64, EM_ARM, EM_RISCV, EM_S390, EM_X86_64,
                 ET_DYN, ET_EXEC, ET_REL, SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE,
                 SHN_ABS, SHN_COMMON, SHT_NOBITS, SHT_NOTE, SHT_RELA, STB_GLOBAL,
                 STB_LOCAL, STB_WEAK, STT_FILE, STT_FUNC, STT_NOTYPE, STT_OBJECT,
                 STT_SECTION, Elf)
from vmd import Results, run, sum_errors

import json

NAMES = (".text", ".rodata", ".data", ".bss", ".init.text", ".init.data",
         ".text.unlikely", ".orc_unwind", ".orc_unwind_ip", "__ex_table",
         "__bug_table", ".altinstructions", ".debug_info", ".debug_abbrev",
         ".debug_str", ".debug_line", ".BTF", ".comment", ".note.gnu.build-id",
         ".data..percpu", ".rela.text", "__ksymtab", "__ksymtab_strings",
         ".eh_frame", ".discard.x", ".brk", ".smp_locks", ".modinfo")
WORDS = ("foo", "bar", "__pfx_foo", "foo.cold", "foo.llvm.123", "foo.isra.0",
         "__func__.1", "$x", ".L1", "_etext", "__start_x", "__stop_x", "init",
         "level2_kernel_pgt", "_end", "linux_banner", "")
BYTES = (b"\0", b"\xcc", b"\x90", b"\x55\x48", b"abc\0", b"\xff\xfe\x01")


def random_elf(random):
    elf = Elf(random.choice((32, 64)), random.choice(("little", "big")),
              random.choice((ET_REL, ET_EXEC, ET_DYN)),
              random.choice((EM_386, EM_X86_64, EM_ARM, EM_AARCH64, EM_S390,
                             EM_RISCV, 20, 21, 4711)))
    elf.shift = random.choice((0, 0, 0, 5, 5000))
    address = random.choice((0, 0x400000, 0xffffffff81000000 & (2 ** elf.bits - 1)))
    for _ in range(random.randrange(12)):
        name = random.choice(NAMES)
        size = random.choice((0, 1, 8, 24, 100, 256, 3000))
        kind = SHT_NOBITS if "bss" in name or "brk" in name else \
            SHT_NOTE if "note" in name else SHT_RELA if "rela" in name else 1
        align = random.choice((0, 1, 4, 16, 64, 4096))
        if elf.type != ET_REL:
            address += -address % max(align, 1)
        pattern = random.choice(BYTES)
        elf.section(name, b"" if kind == SHT_NOBITS else
                    (pattern * (size // len(pattern) + 1))[:size], type=kind,
                    size=size, align=align, link=random.randrange(14),
                    flags=0 if name.startswith((".debug", ".comment")) else
                    SHF_ALLOC | random.choice((0, SHF_WRITE, SHF_EXECINSTR)),
                    addr=0 if elf.type == ET_REL else address,
                    entsize=random.choice((0, 0, 1, 24)))
        address += size
    if elf.type != ET_REL and elf.sections:
        for _ in range(random.randrange(4)):
            first = random.randrange(len(elf.sections))
            last = random.randrange(first, len(elf.sections))
            elf.segment(elf.sections[first], elf.sections[last])
    for _ in range(random.choice((0, 3, 10, 60))):
        section = random.choice(elf.sections) if elf.sections and \
            random.random() < 0.9 else random.choice((0, SHN_ABS, SHN_COMMON, 99))
        base = getattr(section, "addr", 0)
        room = max(getattr(section, "size", 0), 1)
        elf.symbol(random.choice(WORDS), section,
                   base + random.choice((0, random.randrange(room), room, room + 9)),
                   random.choice((0, 0, 1, 16, room, 2 ** 31)),
                   random.choice((STT_NOTYPE, STT_OBJECT, STT_FUNC, STT_FUNC,
                                  STT_SECTION, STT_FILE, 10)),
                   random.choice((STB_LOCAL, STB_GLOBAL, STB_WEAK)))
    return elf


def random_damage(random, data):
    data = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 5))):
        what = random.randrange(4)
        if what == 0 and len(data) > 1:
            del data[random.randrange(len(data)):]
        elif what == 1 and data:   # the headers are where it hurts
            at = random.randrange(min(len(data), 64))
            data[at] = random.choice((0, 1, 0x7f, 0x80, 0xff, random.randrange(256)))
        elif what == 2 and len(data) > 700:   # section headers are last
            at = random.randrange(len(data) - 640, len(data))
            data[at] = random.choice((0, 1, 0x7f, 0x80, 0xff, random.randrange(256)))
        elif data:
            at = random.randrange(len(data))
            data[at:at + random.choice((1, 4, 8))] = \
                random.choice((b"\xff", b"\0", b"\x80")) * random.choice((1, 4, 8))
    return bytes(data)


def wrong(arguments, paths):
    done = run(*arguments, timeout=60)
    if done.returncode == 2:
        error = done.stderr.decode(errors="replace")
        if done.stdout:
            return "refused, but wrote to stdout"
        if not any(re.fullmatch(rf"vmdelta: {re.escape(path)}: .+\n", error)
                   for path in paths.values()):
            return f"stderr {error!r}"
        return ""
    if done.returncode != 0:
        return f"exit {done.returncode}: {done.stderr.decode(errors='replace')[-3000:]}"
    try:
        return "; ".join(sum_errors(json.loads(done.stdout), paths))
    except ValueError as error:
        return f"not JSON: {error}"


def keep(paths, seed, number):
    """Leaves the files of a failure where they can be looked at."""
    kept = []
    for side, path in paths.items():
        target = os.path.join(os.environ.get("BUILD", "build"),
                              f"property-{seed}-{number}.{side}")
        os.replace(path, target)
        kept.append(target)
    return " ".join(kept)


def main():
    seed = int(os.environ.get("VMDELTA_SEED", "1"))
    count = int(os.environ.get("VMDELTA_FILES", "1500"))
    generator = random.Random(seed)
    results = Results()
    groupings = ("section,symbol", "class", "file,nature", "symbol", "section")
    failures = 0
    with tempfile.TemporaryDirectory() as directory:
        paths = {side: os.path.join(directory, side) for side in ("old", "new")}
        for number in range(count):
            for path in paths.values():
                data = random_elf(generator).bytes()
                if generator.random() < 0.6:
                    data = random_damage(generator, data)
                with open(path, "wb") as out:
                    out.write(data)
            by = generator.choice(groupings)
            domain = generator.choice(("image", "file"))
            options = ("-f", "json", "-n", "5", "-b", by, "-d", domain)
            if generator.random() < 0.5:
                used = {"new": paths["new"]}
                detail = wrong(("show", *options, paths["new"]), used)
            else:
                used = paths
                detail = wrong((*options, *paths.values()), used)
            if detail:
                print(f"    -b {by} -d {domain}: {detail}")
                print("    kept:", keep(used, seed, number))
                failures += 1
            if number % 100 == 99 or failures == 10:
                results.test(f"random_files_to_{number}_are_refused_or_sum",
                             failures == 0, f"{failures} failures")
            if failures == 10:
                break
    return results.failed > 0


sys.exit(main())

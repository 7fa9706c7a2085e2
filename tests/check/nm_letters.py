# SPDX-License-Identifier: MIT
"""
The bloat-o-meter format rests on the letters and sizes of `nm --size-sort`.
Here nm itself is asked, for files with every combination of section type,
section flags, section name, symbol type, binding and machine; what is expected
is made from its output alone.
"""

import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile

from elf import EM_386, EM_AARCH64, EM_ARM, EM_S390, EM_X86_64, ET_EXEC, ET_REL, \
    SHN_ABS, SHN_COMMON, SHN_UNDEF, SHT_NOBITS, SHT_NOTE, SHT_PROGBITS, Elf
from vmd import Results, run

results = Results()
NM = os.environ.get("NM", "nm")
NAMES = (".x", ".pdata", ".idata$2", ".edata", ".drectve", ".pdata7", ".pdatax",
         ".debug_x", ".zdebug_x", ".line", ".stabstr", ".gdb_index",
         ".gnu.linkonce.wi.x", ".note.gnu.x", ".comment", "debug")
TYPES = (SHT_PROGBITS, SHT_NOBITS, SHT_NOTE, 14, 0x6fff4700, 0x70000001)
FLAGS = (0, 1, 2, 3, 4, 6, 7, 0x32, 0x403, 0x10000003, 0x10000002, 0x80000000)


# Machines that tell some sections by name: no types of their own there.
HAS_OWN_TYPES = (8, 0x9026)


def build(bits, order, machine, type):
    elf = Elf(bits, order, type, machine)
    sections = [elf.section(name, b"x" * 64, type=kind, flags=flags,
                            size=64 if kind == SHT_NOBITS else None,
                            addr=0x1000 * number if type == ET_EXEC else 0)
                for number, (name, kind, flags) in enumerate(
                    itertools.product(NAMES, TYPES, FLAGS))
                if machine not in HAS_OWN_TYPES or kind < 0x60000000]
    counter = itertools.count()
    for section in sections:
        for bind in (0, 1, 2, 10):
            elf.symbol(f"f{next(counter)}_a", section, section.addr, 8, 2, bind)
        elf.symbol(f"o{next(counter)}_a", section, section.addr, 8, 1, 2)
    place = sections[2]
    for kind, bind, where in itertools.product(
            range(16), range(16), (place, SHN_UNDEF, SHN_ABS, SHN_COMMON)):
        elf.symbol(f"t{kind}_{bind}_{next(counter)}_a", where, 0, 16, kind, bind)
    for name in ("$a", "$d", "$x.1", "$t", "$x", "$xrv64", "$dx", "$m", "$z.q",
                 "$0", "$A", "$", "$dd.1", "$d.x", "$x.rv32", ".L1", "x$d", "..x", "_.L_x",
                 "__mod_x", "__se_sys_x", "__se_compat_sys_x",
                 "__addressable_x", "linux_banner", "vermagic", "vermagic2",
                 "a:b", "a.1", "a.12.b", "a.b1", "a..1", "a.1.2x", ".1", "a.",
                 "__cfi_x", "__pfx_x", "\u00e4\u00f6", "z" * 60):
        elf.symbol(name, place, place.addr, 24, 1, 0)
    return elf.bytes()


def sizes(path, letters):
    """name -> sum of sizes, from nm."""
    found = {}
    lines = subprocess.run([NM, "--size-sort", path], capture_output=True,
                           check=False).stdout.decode().splitlines()
    for line in lines:
        if not line or ":" in line:
            continue
        size, letter, name = line.split()
        if letter not in letters or name in ("linux_banner", "vermagic"):
            continue
        if re.match("__(mod_|se_sys|se_compat_sys|addressable_)", name):
            continue
        name = re.sub(r"\.[0-9]+", "", name)
        found[name] = found.get(name, 0) + int(size, 16)
    return found


def table(heading, old_path, new_path, letters):
    old, new = sizes(old_path, letters), sizes(new_path, letters)
    delta = {name: new.get(name, 0) - old.get(name, 0)
             for name in {**old, **new}}
    up = sum(value for value in delta.values() if value > 0)
    down = sum(value for value in delta.values() if value < 0)
    both = [delta[name] for name in old if name in new]
    lines = [f"add/remove: {len(new.keys() - old.keys())}/"
             f"{len(old.keys() - new.keys())} grow/shrink: "
             f"{sum(value > 0 for value in both)}/"
             f"{sum(value < 0 for value in both)} "
             f"up/down: {up}/{down} ({up + down})",
             f"{heading:<40} {'old':>7} {'new':>7} {'delta':>7}"]
    for name, value in sorted(delta.items(), key=lambda row: row[::-1],
                              reverse=True):
        if value:
            lines.append(f"{name:<40} {old.get(name, '-'):>7} "
                         f"{new.get(name, '-'):>7} {value:>+7}")
    before, after = sum(old.values()), sum(new.values())
    change = (after - before) * 100.0 / before if before else 0
    lines.append(f"Total: Before={before}, After={after}, chg {change:+.2f}%")
    return "\n".join(lines) + "\n"


TABLES = {
    (): [("Function", "tTdDbBrRvVwW")],
    ("--text",): [("Function", "tTwW")],
    ("--data",): [("Data", "dDbBrRvV")],
    ("--categories",): [("Function", "tTwW"), ("Data", "dDbBvV"),
                        ("RO Data", "rR")],
}


def test(name, old_path, new_path):
    for options, tables in TABLES.items():
        want = "".join(table(heading, old_path, new_path, letters)
                       for heading, letters in tables)
        done = run("-f", "bloat-o-meter", *options, old_path, new_path)
        got = done.stdout.decode()
        results.test(f"bloat-o-meter {' '.join(options)} {name}", got == want,
                     done.stderr.decode() + "\n".join(
                         sorted(set(got.splitlines()) ^
                                set(want.splitlines()))[:20]))


def main():
    if not shutil.which(NM.split()[0]):
        print("skip: no nm")
        return
    machines = [EM_X86_64, EM_386]
    if os.environ.get("NM_KNOWS_ALL"):
        machines += [EM_ARM, EM_AARCH64, EM_S390, 8, 21, 20, 243, 0x9026, 50]
    with tempfile.TemporaryDirectory() as scratch:
        empty = f"{scratch}/empty"
        with open(empty, "wb") as out:
            out.write(Elf(64, "little", ET_REL, EM_X86_64).bytes())
        for machine in machines:
            bits = 32 if machine in (EM_386, EM_ARM, 20, 8) else 64
            order = "big" if machine in (EM_S390, 8, 20, 21) else "little"
            for type in ET_REL, ET_EXEC:
                path = f"{scratch}/machine-{machine}-{type}"
                with open(path, "wb") as out:
                    out.write(build(bits, order, machine, type))
                test(f"of machine {machine}, type {type}", empty, path)
                test(f"of machine {machine}, type {type}, reversed", path,
                     empty)


main()
sys.exit(1 if results.failed else 0)

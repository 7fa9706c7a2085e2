# SPDX-License-Identifier: MIT
"""
Writes the made ELF files: fixtures.py DIRECTORY. Each is a pair: NAME.old and
NAME.new; both are the same on every machine.
"""

import os
import sys

from elf import (EM_386, EM_AARCH64, EM_ARM, EM_S390, EM_X86_64, ET_EXEC,
                 ET_REL, SHF_ALLOC, SHF_EXECINSTR, STB_GLOBAL, STT_FUNC, Elf,
                 small)

KINDS = {
    "x86-64": (64, "little", EM_X86_64),
    "i386": (32, "little", EM_386),
    "arm": (32, "little", EM_ARM),
    "arm64": (64, "little", EM_AARCH64),
    "s390x": (64, "big", EM_S390),
    "be32": (32, "big", 8),  # MIPS
}


def many_sections(count, grow):
    """More sections than e_shnum can say, one function in each."""
    elf = Elf()
    for i in range(count):
        size = 4 + (grow if i % 1000 == 0 else 0)
        text = elf.section(f".text.function_{i}", b"\x01" * size,
                           flags=SHF_ALLOC | SHF_EXECINSTR)
        elf.symbol(f"function_{i}", text, 0, size, STT_FUNC, STB_GLOBAL)
    return elf


def bare(**what):
    """A file that lacks a part; sums hold all the same."""
    elf = small(type=ET_EXEC)
    for attribute, value in what.items():
        setattr(elf, attribute, value)
    return elf


def main(directory):
    files = {}
    for name, (bits, order, machine) in KINDS.items():
        for suffix, type_ in ("o", ET_REL), ("exec", ET_EXEC):
            files[f"{name}.{suffix}.old"] = small(bits, order, machine, type_)
            files[f"{name}.{suffix}.new"] = small(bits, order, machine, type_, 24)
    files["many.old"] = many_sections(66000, 0)
    files["many.new"] = many_sections(66100, 12)
    files["no-symbols"] = bare(with_symtab=False)
    files["no-sections"] = bare(with_sections=False)
    files["no-segments"] = bare(segments=[])
    for name, elf in files.items():
        with open(os.path.join(directory, name), "wb") as out:
            out.write(elf.bytes())


main(sys.argv[1])

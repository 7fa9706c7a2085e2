# SPDX-License-Identifier: MIT
"""
The recipes of the files beside this one: what once broke the program, or what
made it slow, each named after what is broken in it. Written by

    PYTHONPATH=tests/lib python3 testdata/malformed/make.py DIRECTORY

`make check` tests that the files are what their recipes make, hands them to
every fuzz target, and to the program.
"""

import os
import struct
import sys

import traps
from elf import (ET_EXEC, SHF_ALLOC, SHF_EXECINSTR, SHT_NOBITS, SHT_RELA,
                 SHT_RELR, STB_GLOBAL, STT_FUNC, Elf)


def named(*names):
    elf = Elf()
    text = elf.section(".text", b"\1" * 16 * len(names), flags=SHF_ALLOC | SHF_EXECINSTR)
    for i, name in enumerate(names):
        elf.symbol(name, text, 16 * i, 16, STT_FUNC, STB_GLOBAL)
    return elf.bytes()


def section_count_of_2_to_58():
    """Times 64 it wraps: the message had a small number in it."""
    elf = Elf(e_shnum=0)
    elf.section(".text", b"\1" * 64, flags=SHF_ALLOC)
    data = bytearray(elf.bytes())
    table, = struct.unpack_from("<Q", data, 40)
    struct.pack_into("<Q", data, table + 32, 2 ** 58 + 3)
    return bytes(data)


def nobits_beyond_the_address_space():
    """Places for two sections of a relocatable file wrapped onto each other."""
    elf = Elf()
    elf.section(".text", b"\1" * 64, flags=SHF_ALLOC | SHF_EXECINSTR)
    elf.section(".bss", type=SHT_NOBITS, size=2 ** 64 - 64, flags=SHF_ALLOC)
    elf.section(".data", b"\1" * 64, flags=SHF_ALLOC)
    abbrev = traps.PLAIN_UNIT + b"\0"
    elf.section(".debug_abbrev", abbrev)
    elf.section(".debug_info", traps.unit(traps.PLAIN_UNIT_DIE + b"\0"))
    return elf.bytes()


def image_that_ends_at_2_to_64():
    """The place behind it wrapped before it was rounded down."""
    elf = Elf()
    elf.section(".text", b"\1" * 63, flags=SHF_ALLOC | SHF_EXECINSTR)
    elf.section(".bss", type=SHT_NOBITS, size=2 ** 64 - 64, flags=SHF_ALLOC)
    elf.section(".data", b"\1" * 64, flags=SHF_ALLOC)
    return elf.bytes()


def relocation_to_before_its_section():
    """A pointer that counts from its record, to 16 bytes before a section."""
    elf = Elf()
    text = elf.section(".text", b"\1" * 64, flags=SHF_ALLOC | SHF_EXECINSTR)
    elf.section("__bug_table", bytes(48), flags=SHF_ALLOC)
    elf.section(".rela__bug_table", struct.pack("<QQq", 4, 1 << 32 | 2, -16) +
                struct.pack("<QQq", 0, 1 << 32 | 2, 0), type=SHT_RELA, info=2,
                link=4, entsize=24)
    elf.symbol("f", text, 0, 64, STT_FUNC, STB_GLOBAL)
    return elf.bytes()


def packed_relocations_beyond_the_address_space():
    """The word behind the last one of all addresses, and a bitmap of its own."""
    elf = Elf(type=ET_EXEC)
    elf.section(".text", b"\1" * 64, flags=SHF_ALLOC | SHF_EXECINSTR)
    words = 2 ** 64 - 16, 2 ** 64 - 1, 2 ** 64 - 1
    elf.section(".relr.dyn", struct.pack("<3Q", *words), type=SHT_RELR, flags=SHF_ALLOC,
                entsize=8)
    return elf.bytes()


def symbols_that_claim_more_than_2_to_64():
    """What is said of how much was paired was their sum, and wrapped."""
    elf = Elf()
    text = elf.section(".text", b"\1" * 64, flags=SHF_ALLOC | SHF_EXECINSTR)
    elf.symbol("f", text, 0, 2 ** 64 - 1, STT_FUNC, STB_GLOBAL)
    elf.symbol("g", text, 32, 2 ** 64 - 1, STT_FUNC, STB_GLOBAL)
    return elf.bytes()


def location_longer_than_its_section():
    """Its end was pointed at, and its first bytes read, before that was known."""
    abbrevs = traps.PLAIN_UNIT + traps.abbrev(2, 0x34, 0, (0x02, 0x18)) + b"\0"
    return traps.linked(abbrev=abbrevs, info=traps.unit(
        traps.PLAIN_UNIT_DIE + b"\2" + traps.uleb(2 ** 64 - 1) + b"\3"))


def string_table_without_an_end():
    elf = Elf(type=ET_EXEC)
    text = elf.section(".text", b"\1" * 64, addr=4096, flags=SHF_ALLOC)
    elf.symbol("f", text, 4096, 64, STT_FUNC, STB_GLOBAL)
    data = elf.bytes()
    return data.replace(b"\0f\0", b"ffg")


FILES = {
    # demangle.c copied the text of a part that has none: memcpy(, NULL, 0).
    "rust-name-with-an-empty-part": lambda: named("_RNvC0CsC_3foo", "_RNvC0Css_3foo",
                                                  "_RC0sCsCPsCs"),
    # ... and a name that stands for nothing was shown as nothing.
    "rust-name-that-stands-for-nothing": lambda: named("_RC0", "_RC0C", "_RC000"),
    # Sent to the terminal by CSV, JSON, bloat-o-meter or messages.
    "names-with-escapes": lambda: named("\x1b[2Jred", "csi\u009b31m", "rlo\u202eabc",
                                        "del\x7f", "line\nbreak", "\r\ttab", "=1+1",
                                        "a|b`c", "<script>", "\udcff\udcfe"),
    "overlong-utf8": lambda: named("\udce0\udc80\udc9b31m", "\udcc0\udcaf"),
    "section-count-of-2-to-58": section_count_of_2_to_58,
    "nobits-beyond-the-address-space": nobits_beyond_the_address_space,
    "image-that-ends-at-2-to-64": image_that_ends_at_2_to_64,
    "relocation-to-before-its-section": relocation_to_before_its_section,
    "packed-relocations-beyond-the-address-space":
        packed_relocations_beyond_the_address_space,
    "symbols-that-claim-more-than-2-to-64": symbols_that_claim_more_than_2_to_64,
    "location-longer-than-its-section": location_longer_than_its_section,
    "string-table-without-an-end": string_table_without_an_end,
    # Took the square of their size, see tests/check/bombs.py.
    "symbol-names-share-one-tail": lambda: traps.names_of_one_string(300),
    "section-names-share-one-tail": lambda: traps.sections_of_one_string(200),
    "inlinee-names-share-one-tail": lambda: traps.inlinees_of_one_string(300),
    "sections-over-each-other": lambda: traps.overlapping_sections(100),
    "relocations-over-each-other": lambda: traps.overlapping_relocations(50),
    "compressed-to-a-terabyte": lambda: traps.compressed_to_a_terabyte(0),
    "symbols-of-2-to-32": lambda: traps.symbols_of_2_to_32(0),
    "bss-of-2-to-63": lambda: traps.bss_of_2_to_63(0),
    "origins-in-a-circle": lambda: traps.origin_chain(50),
    "forms-that-lead-to-forms": lambda: traps.indirect_forms(100),
    "blocks-in-blocks": lambda: traps.deep_tree(5000),
    "btf-pointers-in-a-circle": lambda: traps.btf_pointers(50),
    # A type that waits for a later one asked whether void was read.
    "btf-prototype-before-its-types": lambda: traps.btf_words(
        [0, traps.PROTO << 24 | 1, 2, 0, 0, 0, traps.PTR << 24, 3, 0, traps.INT << 24, 4, 32],
        b"\0"),
}


def main():
    for name, make in FILES.items():
        with open(os.path.join(sys.argv[1], name), "wb") as out:
            out.write(make())


if __name__ == "__main__":
    main()

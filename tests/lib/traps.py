# SPDX-License-Identifier: MIT
"""
Small files that ask for much: each maker takes a number and returns the bytes
of one file, or of two builds to compare. A reader that does what such a file
says, without a bound of its own, needs work that is the square of the number.
"""

import struct

from elf import (ET_EXEC, ET_REL, PT_LOAD, SHF_ALLOC, SHF_COMPRESSED,
                 SHF_EXECINSTR, SHT_NOBITS, SHT_RELA, SHT_STRTAB, SHT_SYMTAB,
                 STB_GLOBAL, STB_LOCAL, STT_FILE, STT_FUNC, SHN_ABS, Elf,
                 Section)

TEXT = 0x1000000

DW_TAG_unit, DW_TAG_function, DW_TAG_inlined, DW_TAG_block = 0x11, 0x2e, 0x1d, 0x0b
AT_name, AT_stmt_list, AT_low, AT_high = 0x03, 0x10, 0x11, 0x12
AT_origin, AT_ranges, AT_decl_file, AT_import, AT_type = 0x31, 0x55, 0x3a, 0x18, 0x49
FORM_addr, FORM_data4, FORM_string, FORM_udata = 0x01, 0x06, 0x08, 0x0f
FORM_ref4, FORM_offset, FORM_indirect, FORM_strp = 0x13, 0x17, 0x16, 0x0e
FORM_ref_addr, FORM_flag = 0x10, 0x19


def uleb(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytes([value]))


def abbrev(code, tag, children, *attributes):
    out = uleb(code) + uleb(tag) + bytes([children])
    for name, form in attributes:
        out += uleb(name) + uleb(form)
    return out + b"\0\0"


def unit(dies, abbrev_offset=0):
    body = struct.pack("<HIB", 4, abbrev_offset, 8) + dies
    return struct.pack("<I", len(body)) + body


UNIT_HEADER = 11


def linked(text=0x10000, **sections):
    """A linked file with code, one function a page, and debug sections."""
    elf = Elf(type=ET_EXEC)
    code = elf.section(".text", b"\1" * text, addr=TEXT, align=16,
                       flags=SHF_ALLOC | SHF_EXECINSTR)
    elf.segment(code, code, flags=5)
    for i in range(0, min(text, 0x100000), 0x1000):
        elf.symbol(f"page_{i:x}", code, TEXT + i, 0x1000, STT_FUNC, STB_GLOBAL)
    for name, data in sections.items():
        elf.section(f".debug_{name}", data)
    return elf.bytes()


def address(value):
    return struct.pack("<Q", value)


def offset(value):
    return struct.pack("<I", value)


# --- debug information ------------------------------------------------------

PLAIN_UNIT = abbrev(1, DW_TAG_unit, 1, (AT_name, FORM_string), (AT_low, FORM_addr),
                    (AT_high, FORM_data4))
PLAIN_UNIT_DIE = b"\1a.c\0" + address(TEXT) + offset(0x10000)


def deep_tree(count):
    """Blocks in blocks, `count` deep."""
    abbrevs = PLAIN_UNIT + abbrev(2, DW_TAG_block, 1) + b"\0"
    return linked(abbrev=abbrevs, info=unit(
        PLAIN_UNIT_DIE + b"\2" * count + b"\0" * (count + 1)))


def deep_inlining(count):
    """Inlined calls in inlined calls, `count` deep, all of the same code."""
    abbrevs = PLAIN_UNIT + \
        abbrev(2, DW_TAG_function, 1, (AT_name, FORM_string), (AT_low, FORM_addr),
               (AT_high, FORM_data4)) + \
        abbrev(3, DW_TAG_inlined, 1, (AT_origin, FORM_ref4), (AT_low, FORM_addr),
               (AT_high, FORM_data4)) + b"\0"
    function = UNIT_HEADER + len(PLAIN_UNIT_DIE)
    return linked(abbrev=abbrevs, info=unit(
        PLAIN_UNIT_DIE + b"\2f\0" + address(TEXT) + offset(0x1000) +
        (b"\3" + offset(function) + address(TEXT) + offset(0x1000)) * count +
        b"\0" * (count + 2)))


def wide_inlining(count):
    """`count` inlined calls side by side that all claim the same code."""
    abbrevs = PLAIN_UNIT + \
        abbrev(2, DW_TAG_function, 1, (AT_name, FORM_string), (AT_low, FORM_addr),
               (AT_high, FORM_data4)) + \
        abbrev(3, DW_TAG_inlined, 0, (AT_origin, FORM_ref4), (AT_low, FORM_addr),
               (AT_high, FORM_data4)) + b"\0"
    function = UNIT_HEADER + len(PLAIN_UNIT_DIE)
    calls = b"".join(b"\3" + offset(function) + address(TEXT + i % 0x7ff) +
                     offset(0x1000 - i % 0x800) for i in range(count))
    return linked(abbrev=abbrevs, info=unit(
        PLAIN_UNIT_DIE + b"\2f\0" + address(TEXT) + offset(0x1000) + calls +
        b"\0" * 2))


def origin_chain(count):
    """Functions that each say they are the one before; the first, the last."""
    abbrevs = PLAIN_UNIT + \
        abbrev(2, DW_TAG_function, 0, (AT_origin, FORM_ref4), (AT_low, FORM_addr),
               (AT_high, FORM_data4)) + b"\0"
    first = UNIT_HEADER + len(PLAIN_UNIT_DIE)
    size = 1 + 4 + 8 + 4
    dies = b"".join(b"\2" + offset(first + (i - 1) % count * size) +
                    address(TEXT + i % 0x10000) + offset(1) for i in range(count))
    return linked(abbrev=abbrevs, info=unit(PLAIN_UNIT_DIE + dies + b"\0"))


def shared_abbreviations(count):
    """`count` units that all use one table of `count` abbreviations."""
    # Codes go down, so that no reader takes them for dense.
    abbrevs = b"".join(abbrev(code, DW_TAG_unit, 0, (AT_name, FORM_string))
                       for code in range(count + 1, 0, -1)) + b"\0"
    return linked(abbrev=abbrevs, info=unit(b"\1a.c\0") * count)


def nested_abbreviations(count):
    """`count` units, each with the rest of one long table as its own."""
    one = abbrev(1, DW_TAG_unit, 0, (AT_name, FORM_string))
    return linked(abbrev=one * count + b"\0", info=b"".join(
        unit(b"\1a.c\0", i * len(one)) for i in range(count)))


def indirect_forms(count):
    """A form that says that the form follows, `count` times."""
    abbrevs = abbrev(1, DW_TAG_unit, 0, (AT_name, FORM_indirect)) + b"\0"
    return linked(abbrev=abbrevs, info=unit(
        b"\1" + bytes([FORM_indirect]) * count + bytes([FORM_string]) + b"a\0"))


def many_attributes(count):
    """Entries of no bytes: `count` of `count` attributes that take none."""
    abbrevs = PLAIN_UNIT + abbrev(2, DW_TAG_block, 0, *[(AT_decl_file, FORM_flag)] *
                                  count) + b"\0"
    return linked(abbrev=abbrevs,
                  info=unit(PLAIN_UNIT_DIE + b"\2" * count + b"\0"))


def shared_ranges(count):
    """`count` inlined calls that all have one list of `count` ranges."""
    abbrevs = PLAIN_UNIT + \
        abbrev(2, DW_TAG_function, 1, (AT_name, FORM_string), (AT_low, FORM_addr),
               (AT_high, FORM_data4)) + \
        abbrev(3, DW_TAG_inlined, 0, (AT_origin, FORM_ref4),
               (AT_ranges, FORM_offset)) + b"\0"
    function = UNIT_HEADER + len(PLAIN_UNIT_DIE)
    ranges = b"".join(address(TEXT + 2 * (i % 0x7fff)) + address(TEXT + 2 * (i % 0x7fff) + 1)
                      for i in range(count)) + bytes(16)
    return linked(abbrev=abbrevs, ranges=ranges, info=unit(
        PLAIN_UNIT_DIE + b"\2f\0" + address(TEXT) + offset(0x10000) +
        (b"\3" + offset(function) + offset(0)) * count + b"\0" * 2))


def units_of_one_range_list(count):
    """`count` units that all have one list of `count` ranges."""
    abbrevs = abbrev(1, DW_TAG_unit, 0, (AT_name, FORM_string),
                     (AT_ranges, FORM_offset), (AT_low, FORM_addr)) + b"\0"
    ranges = b"".join(address(TEXT + 2 * (i % 0x7fff)) + address(TEXT + 2 * (i % 0x7fff) + 1)
                      for i in range(count)) + bytes(16)
    return linked(abbrev=abbrevs, ranges=ranges,
                  info=unit(b"\1a.c\0" + offset(0) + address(0)) * count)


def shared_lines(count):
    """`count` units that all use one line table of `count` files."""
    abbrevs = abbrev(1, DW_TAG_unit, 1, (AT_name, FORM_string), (AT_low, FORM_addr),
                     (AT_high, FORM_data4), (AT_stmt_list, FORM_offset)) + \
        abbrev(2, DW_TAG_function, 0, (AT_name, FORM_string), (AT_low, FORM_addr),
               (AT_high, FORM_data4), (AT_decl_file, FORM_udata)) + b"\0"
    files = b"".join(b"f%d.h\0\0\0\0" % i for i in range(count))
    header = bytes([1, 1, 1, 0xfb, 14, 13]) + bytes([0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1]) + \
        b"\0" + files + b"\0"
    body = struct.pack("<HI", 4, len(header)) + header
    info = b"".join(
        unit(b"\1a.c\0" + address(TEXT + i % 0x8000) + offset(1) + offset(0) + b"\2f\0" +
             address(TEXT + i % 0x8000) + offset(1) + uleb(1 + i % count) + b"\0")
        for i in range(count))
    return linked(abbrev=abbrevs, info=info, line=offset(len(body)) + body)


def tails_of_one_name(count):
    """Functions whose names are the tails of one long string."""
    abbrevs = PLAIN_UNIT + \
        abbrev(2, DW_TAG_function, 0, (AT_name, FORM_strp), (AT_low, FORM_addr),
               (AT_high, FORM_data4)) + b"\0"
    dies = b"".join(b"\2" + offset(i) + address(TEXT + i % 0x10000) + offset(1)
                    for i in range(count))
    return linked(abbrev=abbrevs, info=unit(PLAIN_UNIT_DIE + dies + b"\0"),
                  str=b"n" * (4 * count) + b"\0")


def deep_directories(count):
    """`count` units, each one directory deeper than the one before."""
    abbrevs = abbrev(1, DW_TAG_unit, 0, (AT_name, FORM_strp), (AT_low, FORM_addr),
                     (AT_high, FORM_data4)) + b"\0"
    info = b"".join(unit(b"\1" + offset(2 * i) + address(TEXT + i % 0x10000) + offset(1))
                    for i in range(count))
    return linked(abbrev=abbrevs, info=info, str=b"d/" * count + b"x.c\0")


# --- sections, segments, symbols --------------------------------------------

def overlapping_sections(count):
    """`count` sections that all are the same bytes of code."""
    size = 16 * count
    elf = Elf(type=ET_EXEC)
    elf.section(".text", b"\1" * size, addr=TEXT, flags=SHF_ALLOC | SHF_EXECINSTR)
    for _ in range(count):
        elf.section(".text.x", flags=SHF_ALLOC | SHF_EXECINSTR, addr=TEXT,
                    sh_offset=64, sh_size=size)
    elf.symbol("f", elf.sections[0], TEXT, size, STT_FUNC, STB_GLOBAL)
    return elf.bytes()


def nested_sections(count):
    """Each section begins a byte later and ends a byte earlier."""
    elf = Elf()
    elf.section(".data", b"\1" * (2 * count + 2), flags=SHF_ALLOC)
    for i in range(count):
        elf.section(".data.x", flags=SHF_ALLOC, sh_offset=64 + i,
                    sh_size=2 * (count - i))
    return elf.bytes()


def overlapping_segments(count):
    """`count` segments over `count` sections, all the same bytes."""
    elf = Elf(type=ET_EXEC)
    text = elf.section(".text", b"\1" * 4096, addr=TEXT, flags=SHF_ALLOC)
    for _ in range(count):
        elf.section(".text.x", flags=SHF_ALLOC, addr=TEXT, sh_size=4096, sh_offset=0x100)
    for _ in range(min(count, 65000)):
        elf.segment(text, text)
    return elf.bytes()


def overlapping_symbols(count):
    """Symbols in symbols: each begins a byte later and ends with all others."""
    elf = Elf()
    text = elf.section(".text", b"\1" * (count + 1), flags=SHF_ALLOC | SHF_EXECINSTR)
    for i in range(count):
        elf.symbol(f"f{i}", text, i, count - i + 1, STT_FUNC, STB_GLOBAL)
    return elf.bytes()


def overlapping_pair(count):
    """The same, all with other names than before."""
    def side(word):
        elf = Elf()
        text = elf.section(".text", bytes(range(1, 17)) * count,
                           flags=SHF_ALLOC | SHF_EXECINSTR)
        for i in range(count):
            elf.symbol(f"{word}{i}", text, i, 15 * count - i, STT_FUNC, STB_GLOBAL)
        return elf.bytes()
    return side("a"), side("b")


def aliases(count):
    """`count` names for the same code, on both sides."""
    def side(word):
        elf = Elf()
        text = elf.section(".text", b"\1" * 64, flags=SHF_ALLOC | SHF_EXECINSTR)
        for i in range(count):
            elf.symbol(f"{word}{i}", text, 0, 64, STT_FUNC, STB_GLOBAL)
        return elf.bytes()
    return side("a"), side("b")


def relocation_sections(count):
    """`count` sections of one relocation each, all for the same section."""
    elf = Elf()
    text = elf.section(".text", b"\1" * 4096, flags=SHF_ALLOC | SHF_EXECINSTR)
    elf.symbol("f", text, 0, 4096, STT_FUNC, STB_GLOBAL)
    record = struct.pack("<QQq", 8, 1 << 32 | 1, 0)
    for _ in range(count):
        elf.section(".rela.text", record, type=SHT_RELA, info=1, entsize=24,
                    link=count + 2)
    return elf.bytes()


def overlapping_relocations(count):
    """`count` sections that all are the same `count` relocations."""
    elf = Elf()
    text = elf.section(".text", b"\1" * 4096, flags=SHF_ALLOC | SHF_EXECINSTR)
    elf.symbol("f", text, 0, 4096, STT_FUNC, STB_GLOBAL)
    records = struct.pack("<QQq", 8, 1 << 32 | 1, 0) * count
    elf.section(".rela.text", records, type=SHT_RELA, info=1, entsize=24, link=count + 2)
    for _ in range(count):
        elf.section(".rela.text", type=SHT_RELA, info=1, entsize=24, link=count + 3,
                    sh_offset=64 + 4096, sh_size=len(records))
    return elf.bytes()


def names_of_one_string(count):
    """Symbols whose names are the tails of one long string."""
    names = b"\0" + b"n" * (8 * count) + b"\0"
    symbols = bytes(24) + b"".join(
        struct.pack("<IBBHQQ", 1 + i, STB_GLOBAL << 4 | STT_FUNC, 0, 1, 16 * i, 16)
        for i in range(count))
    elf = Elf()
    elf.section(".text", b"\1" * (16 * count), flags=SHF_ALLOC | SHF_EXECINSTR)
    elf.section(".symtab", symbols, type=SHT_SYMTAB, link=3, info=1, entsize=24)
    elf.section(".strtab", names, type=SHT_STRTAB)
    return elf.bytes()


def sections_of_one_string(count):
    """Sections whose names are the tails of one long string."""
    elf = Elf()
    elf.section("n" * (8 * count), b"\1", flags=SHF_ALLOC)
    for i in range(count):
        elf.section(".x", b"\1", flags=SHF_ALLOC, sh_name=2 + i)
    return elf.bytes()


def long_name(count):
    """One symbol with a name of `count` bytes."""
    elf = Elf()
    text = elf.section(".text", b"\1" * 64, flags=SHF_ALLOC | SHF_EXECINSTR)
    elf.symbol("n" * count, text, 0, 64, STT_FUNC, STB_GLOBAL)
    return elf.bytes()


# --- pairing ----------------------------------------------------------------

def functions(names, size=48, fill=b"\1", files=None):
    elf = Elf()
    text = elf.section(".text", fill * (size * len(names) // len(fill)),
                       flags=SHF_ALLOC | SHF_EXECINSTR)
    for i, name in enumerate(names):
        if files:
            elf.symbol(files[i], SHN_ABS, type=STT_FILE)
        elf.symbol(name, text, size * i, size, STT_FUNC,
                   STB_LOCAL if files else STB_GLOBAL)
    return elf


def ordered(elf):
    """Bytes with the locals as they came: FILE symbols stand before theirs."""
    return elf.bytes()


def equal_names(count):
    """`count` functions of one name, of other sizes in the other build."""
    return functions(["show"] * count).bytes(), \
        functions(["show"] * (count + 3), 64, b"\2").bytes()


def equal_names_in_files(count):
    """One function of one name in each of `count` files of one name."""
    def side(size, fill):
        return functions(["show"] * count, size, fill, ["core.c"] * count).bytes()
    return side(48, b"\1"), side(64, b"\2")


def equal_contents(count):
    """`count` functions of one content, all with other names than before."""
    return functions([f"old_{i}" for i in range(count)]).bytes(), \
        functions([f"new_{i}" for i in range(count)]).bytes()


def equal_module_keys(count):
    """Names that ThinLTO gave out: all of one module, or each of its own."""
    return functions([f"f.llvm.{i}" for i in range(count)]).bytes(), \
        functions([f"f.llvm.{7 * i}" for i in range(count)], 64).bytes()


def clones_of_clones(count):
    """One name with all endings that compilers add, over and over."""
    name = "f" + ".isra.0.constprop.0.part.1.cold" * count
    return functions([name]).bytes(), functions([name + ".2"], 64).bytes()


def children_of_one(count):
    """`count` cold parts of one function that is not there."""
    return functions([f"f.cold.{i}" for i in range(count)]).bytes(), \
        functions(["f"] + [f"f.cold.{i}" for i in range(0, 2 * count, 2)], 64).bytes()


# --- claims -----------------------------------------------------------------

def compressed_to_a_terabyte(_):
    """.debug_info says that it has 2^40 bytes when decompressed."""
    import zlib
    elf = Elf(type=ET_EXEC)
    elf.section(".text", b"\1" * 64, addr=TEXT, flags=SHF_ALLOC | SHF_EXECINSTR)
    header = struct.pack("<IIQQ", 1, 0, 2 ** 40, 1)
    elf.section(".debug_info", header + zlib.compress(bytes(100)), flags=SHF_COMPRESSED)
    elf.section(".debug_abbrev", PLAIN_UNIT + b"\0")
    return elf.bytes()


def compressed_well(count):
    """.debug_info that really unpacks to a thousand times its size."""
    import zlib
    elf = Elf(type=ET_EXEC)
    elf.section(".text", b"\1" * 64, addr=TEXT, flags=SHF_ALLOC | SHF_EXECINSTR)
    header = struct.pack("<IIQQ", 1, 0, count, 1)
    elf.section(".debug_info", header + zlib.compress(bytes(count), 9), flags=SHF_COMPRESSED)
    elf.section(".debug_abbrev", PLAIN_UNIT + b"\0")
    return elf.bytes()


def symbols_of_2_to_32(_):
    """A symbol table that says it has 2^32 symbols."""
    elf = Elf()
    elf.section(".text", b"\1" * 64, flags=SHF_ALLOC | SHF_EXECINSTR)
    elf.section(".symtab", bytes(48), type=SHT_SYMTAB, link=3, info=1, entsize=24,
                sh_size=24 * 2 ** 32)
    elf.section(".strtab", b"\0f\0", type=SHT_STRTAB)
    return elf.bytes()


def sections_of_2_to_32(_):
    """A file header that says it has 2^32 - 1 sections."""
    elf = Elf(e_shnum=0)
    elf.section(".text", b"\1" * 64, flags=SHF_ALLOC)
    data = bytearray(elf.bytes())
    table, = struct.unpack_from("<Q", data, 40)
    struct.pack_into("<Q", data, table + 32, 2 ** 32 - 1)
    return bytes(data)


def bss_of_2_to_63(_):
    """Memory that is never in the file, and more than there is."""
    elf = Elf(type=ET_EXEC)
    bss = elf.section(".bss", type=SHT_NOBITS, size=2 ** 63, addr=0x1000,
                      flags=SHF_ALLOC)
    elf.symbol("b", bss, 0x1000, 2 ** 63 - 1, 1, STB_GLOBAL)
    return elf.bytes()


def inlinees_of_one_string(count):
    """Inlined functions whose names are the tails of one long string."""
    abbrevs = PLAIN_UNIT + \
        abbrev(2, DW_TAG_function, 0, (AT_name, FORM_strp)) + \
        abbrev(3, DW_TAG_function, 1, (AT_name, FORM_string), (AT_low, FORM_addr),
               (AT_high, FORM_data4)) + \
        abbrev(4, DW_TAG_inlined, 0, (AT_origin, FORM_ref4), (AT_low, FORM_addr),
               (AT_high, FORM_data4)) + b"\0"
    first = UNIT_HEADER + len(PLAIN_UNIT_DIE)
    origins = b"".join(b"\2" + offset(i) for i in range(count))
    calls = b"".join(b"\4" + offset(first + 5 * i) + address(TEXT + i % 0x10000) + offset(1)
                     for i in range(count))
    return linked(abbrev=abbrevs, str=b"n" * (4 * count) + b"\0", info=unit(
        PLAIN_UNIT_DIE + origins + b"\3f\0" + address(TEXT) + offset(0x10000) + calls +
        b"\0" * 2))


# --- BTF --------------------------------------------------------------------

def typed(made):
    from elf import small
    elf = small()
    elf.section(".BTF", made)
    return elf.bytes()


def btf_words(words, strings):
    return struct.pack("<HBBIIIII", 0xEB9F, 1, 0, 24, 0, 4 * len(words), 4 * len(words),
                       len(strings)) + struct.pack(f"<{len(words)}I", *words) + strings


INT, PTR, STRUCT, FUNC, PROTO, TYPEDEF = 1, 2, 4, 12, 13, 8


def btf_pointers(count):
    """A pointer to a pointer to a pointer, in a circle."""
    words = []
    for i in range(count):
        words += [0, PTR << 24, (i + 1) % count + 1]
    return typed(btf_words(words, b"\0"))


def btf_names_of_one_string(count):
    """Types whose names are the tails of one long string."""
    words = []
    for i in range(count):
        words += [1 + i, INT << 24, 4, 32]
    return typed(btf_words(words, b"\0" + b"n" * (4 * count) + b"\0"))


def btf_equal_types(count):
    """`count` structs of one name, each with a member of the type before."""
    words = [1, INT << 24, 4, 32]
    for i in range(count):
        words += [3, STRUCT << 24 | 1, 4, 5, i + 1, 0]
    return typed(btf_words(words, b"\0i\0s\0m\0"))


def btf_equal_structs(count):
    """`count` copies of one struct that refers to the next copy of itself."""
    words = [1, INT << 24, 4, 32]
    for i in range(count):
        words += [3, STRUCT << 24 | 2, 8, 5, 1, 0, 5, 2 + 2 * ((i + 1) % count) + 1, 32]
        words += [0, PTR << 24, 2 + 2 * i]
    return typed(btf_words(words, b"\0i\0s\0m\0"))


def btf_wide_struct(count):
    """A struct of 65,535 members, and as many pointers to it."""
    members = min(count, 65535)
    words = [1, INT << 24, 4, 32, 3, STRUCT << 24 | members, 4]
    words += [5, 1, 0] * members
    for _ in range(count):
        words += [0, PTR << 24, 2]
    return typed(btf_words(words, b"\0i\0s\0m\0"))


def overlapping_sections_2(count):
    """As overlapping_sections(), of a page each and written faster."""
    elf = Elf(type=ET_EXEC)
    text = elf.section(".text", b"\1" * 4096, addr=TEXT, flags=SHF_ALLOC | SHF_EXECINSTR)
    elf.symbol("f", text, TEXT, 4096, STT_FUNC, STB_GLOBAL)
    data = bytearray(elf.bytes())
    table, = struct.unpack_from("<Q", data, 40)
    known, names = struct.unpack_from("<HH", data, 60)
    data += data[table + 64:table + 128] * count
    struct.pack_into("<HH", data, 60, 0, 0xffff)
    struct.pack_into("<Q", data, table + 32, known + count)
    struct.pack_into("<I", data, table + 40, names)
    return bytes(data)

# SPDX-License-Identifier: MIT
"""
Seeds for fuzzing, made from files that are too large to be one: real kernels
cut down (every section keeps its first bytes, the headers follow), and pairs
for fuzz_diff.

    python3 tests/fuzz/seeds.py DIRECTORY [ELF...]      cut each ELF file down
    python3 tests/fuzz/seeds.py --pair FILE OLD NEW     a seed of fuzz_diff
"""

import os
import struct
import sys

SECTION = "<IIQQQQIIQQ"
SEGMENT = "<IIQQQQQQ"
NAME, TYPE, OFFSET, SIZE = 0, 1, 4, 5
SHT_NOBITS, SHT_SYMTAB, SHT_STRTAB = 8, 2, 3
KEEP = {".debug_info": 6000, ".debug_abbrev": 4000, ".debug_line": 3000,
        ".symtab": 24 * 120, ".BTF": 6000}
MOST = 1000  # bytes of any other section


def table(data, offset, count, layout):
    size = struct.calcsize(layout)
    return [list(struct.unpack_from(layout, data, offset + i * size))
            for i in range(count)]


def cut(data):
    """A 64-bit little-endian ELF file with little of each section."""
    shoff, = struct.unpack_from("<Q", data, 40)
    phoff, = struct.unpack_from("<Q", data, 32)
    phnum, = struct.unpack_from("<H", data, 56)
    shnum, shstrndx = struct.unpack_from("<HH", data, 60)
    sections = table(data, shoff, shnum, SECTION)
    segments = table(data, phoff, phnum, SEGMENT)
    names = sections[shstrndx]
    out = bytearray(data[:64] + b"\0" * (56 * phnum))
    moved = {}
    for i, section in enumerate(sections):
        start = names[OFFSET] + section[NAME]
        name = data[start:data.index(b"\0", start)].decode()
        before = section[OFFSET]
        if section[TYPE] != SHT_NOBITS and i:
            keep = section[SIZE] if i == shstrndx else \
                min(section[SIZE], KEEP.get(name, MOST))
            out += b"\0" * (-len(out) % 8)
            section[OFFSET] = len(out)
            out += data[before:before + keep]
            section[SIZE] = keep
        moved[before] = section[OFFSET]
    for segment in segments:
        at = min((b for b in moved if b >= segment[2]), default=None)
        if at is not None:
            segment[2] = moved[at]
            segment[5] = min(segment[5], len(out) - segment[2])
    out += b"\0" * (-len(out) % 8)
    struct.pack_into("<Q", out, 40, len(out))
    for section in sections:
        out += struct.pack(SECTION, *section)
    for i, segment in enumerate(segments):
        struct.pack_into(SEGMENT, out, 64 + 56 * i, *segment)
    if phnum:
        struct.pack_into("<Q", out, 32, 64)
    return bytes(out)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def main():
    if sys.argv[1] == "--pair":
        path, old, new = sys.argv[2:]
        write(path, b"\1\0\0\0" + read(old) + read(new))
        return
    for path in sys.argv[2:]:
        write(os.path.join(sys.argv[1], os.path.basename(path)), cut(read(path)))


main()

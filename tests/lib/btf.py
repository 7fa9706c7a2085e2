# SPDX-License-Identifier: MIT
"""
BTF, decoded and made without any of the program's code: after the kernel's
Documentation/bpf/btf.rst. All of a type section is 32-bit words.
"""

import array
import collections
import struct
import sys

KINDS = ("UNKN", "INT", "PTR", "ARRAY", "STRUCT", "UNION", "ENUM", "FWD",
         "TYPEDEF", "VOLATILE", "CONST", "RESTRICT", "FUNC", "FUNC_PROTO", "VAR",
         "DATASEC", "FLOAT", "DECL_TAG", "TYPE_TAG", "ENUM64")
REFERS = {"PTR", "TYPEDEF", "VOLATILE", "CONST", "RESTRICT", "FUNC", "FUNC_PROTO",
          "VAR", "DECL_TAG", "TYPE_TAG"}
# Words of each of vlen elements: n a name, t a type, v a value.
ELEMENTS = {"STRUCT": "ntv", "UNION": "ntv", "ENUM": "nv", "FUNC_PROTO": "nt",
            "DATASEC": "tvv", "ENUM64": "nvv"}
# Words that follow once.
FIXED = {"INT": "v", "ARRAY": "ttv", "VAR": "v", "DECL_TAG": "v"}

Type = collections.namedtuple("Type", "id kind name first words names refs")


class Btf:
    """
    words[]: the type section; types[]: a Type each, whose `first` is its place
    in words[], `names` and `refs` the places of names and of ids in it. Split
    BTF goes on where `base`, another Btf, ends.
    """

    def __init__(self, data, base=None):
        self.base = base
        self.start = len(base.strings) if base else 0
        self.endian = "<" if data[:2] == b"\x9f\xeb" else ">"
        header = struct.unpack(self.endian + "HBBIIIII", data[:24])
        assert header[0] == 0xEB9F and header[1] == 1, header
        _, _, _, length, type_off, type_len, str_off, str_len = header
        start = length + type_off
        self.words = array.array("I", data[start:start + type_len])
        if (self.endian == "<") != (sys.byteorder == "little"):
            self.words.byteswap()
        start = length + str_off
        self.strings = data[start:start + str_len]
        self.types = list(self._types())

    def _types(self):
        at, number, words = 0, 1 + (len(self.base.types) if self.base else 0), \
            self.words
        while at < len(words):
            kind = KINDS[words[at + 1] >> 24 & 31]
            roles = FIXED.get(kind) or \
                ELEMENTS.get(kind, "") * (words[at + 1] & 0xffff)
            names = [at] + [at + 3 + i for i, role in enumerate(roles) if role == "n"]
            refs = [at + 3 + i for i, role in enumerate(roles) if role == "t"]
            if kind in REFERS:
                refs.append(at + 2)
            yield Type(number, kind, self.string(words[at]), at, 3 + len(roles),
                       names, refs)
            at += 3 + len(roles)
            number += 1

    def string(self, offset):
        if offset < self.start:
            return self.base.string(offset)
        offset -= self.start
        return self.strings[offset:self.strings.index(0, offset)].decode(
            errors="backslashreplace")

    def pack(self, endian=None):
        endian = endian or self.endian
        words = array.array("I", self.words)
        if (endian == "<") != (sys.byteorder == "little"):
            words.byteswap()
        size = 4 * len(words)
        return struct.pack(endian + "HBBIIIII", 0xEB9F, 1, 0, 24, 0, size, size,
                           len(self.strings)) + words.tobytes() + self.strings

    def groups(self):
        """(kind, name) -> [types, bytes of records, bytes of own strings]."""
        groups = collections.defaultdict(lambda: [0, 0, 0])
        users = collections.defaultdict(set)
        for kind in self.types:
            key = kind.kind, kind.name
            groups[key][0] += 1
            groups[key][1] += 4 * kind.words
            for place in kind.names:
                users[self.words[place] - self.start].add(key)
        shared = at = 0
        while at < len(self.strings):
            end = self.strings.index(0, at) + 1
            owners = users.get(at, ())
            if (at or self.base) and len(owners) == 1:
                groups[next(iter(owners))][2] += end - at
            else:
                shared += end - at
            at = end
        return groups, shared

    def repeat(self, chosen, redirect=()):
        """
        Appends a copy of each chosen type; copies refer to copies. Of those in
        `redirect` the first reference becomes void: a pointer that was not
        resolved. Returns {(kind, name): [copies, bytes]}.
        """
        chosen = sorted(chosen)
        moved = {old: len(self.types) + 1 + i for i, old in enumerate(chosen)}
        made = collections.defaultdict(lambda: [0, 0])
        for number in chosen:
            kind = self.types[number - 1]
            words = self.words[kind.first:kind.first + kind.words]
            for place in kind.refs:
                words[place - kind.first] = moved.get(self.words[place],
                                                      self.words[place])
            if number in redirect:
                words[kind.refs[0] - kind.first] = 0
            self.words.extend(words)
            made[kind.kind, kind.name][0] += 1
            made[kind.kind, kind.name][1] += 4 * kind.words
        return made


def section_of(path, name=".BTF"):
    """The bytes of a section of an ELF file, or the file where it is raw BTF."""
    with open(path, "rb") as source:
        head = source.read(64)
        if head[:4] != b"\x7fELF":
            source.seek(0)
            return source.read()
        endian, wide = "<>"[head[5] - 1], head[4] == 2
        if wide:
            offset, = struct.unpack_from(endian + "Q", head, 40)
            size, count, names = struct.unpack_from(endian + "HHH", head, 58)
        else:
            offset, = struct.unpack_from(endian + "I", head, 32)
            size, count, names = struct.unpack_from(endian + "HHH", head, 46)
        layout = "IIQQQQIIQQ" if wide else "IIIIIIIIII"
        source.seek(offset)
        headers = [struct.unpack(endian + layout, source.read(size))
                   for _ in range(count)]
        source.seek(headers[names][4])
        texts = source.read(headers[names][5])
        for header in headers:
            if texts[header[0]:texts.index(0, header[0])] == name.encode():
                source.seek(header[4])
                return source.read(header[5])
    return None


class Maker:
    """BTF from nothing, or (base: a Maker) split BTF on top of another."""

    def __init__(self, base=None):
        self.words, self.base = [], base
        self.strings = b"" if base else b"\0"
        self.start = base.start + len(base.strings) if base else 0
        self.next = base.next if base else 1

    def name(self, text):
        if not text:
            return 0
        wanted, maker = text.encode() + b"\0", self
        while maker:
            at = 0 if maker.strings.startswith(wanted) else \
                maker.strings.find(b"\0" + wanted) + 1
            if at or maker.strings.startswith(wanted):
                return maker.start + at
            maker = maker.base
        self.strings += wanted
        return self.start + len(self.strings) - len(wanted)

    def add(self, kind, name="", word=0, elements=(), vlen=None):
        """Elements are tuples of numbers, and of texts for names."""
        vlen = (len(elements) if kind in ELEMENTS else 0) if vlen is None else vlen
        self.words += [self.name(name), KINDS.index(kind) << 24 | vlen, word]
        for element in elements:
            self.words += [self.name(word) if isinstance(word, str) else word
                           for word in element]
        self.next += 1
        return self.next - 1

    def pack(self, endian="<"):
        size = 4 * len(self.words)
        return struct.pack(endian + "HBBIIIII", 0xEB9F, 1, 0, 24, 0, size, size,
                           len(self.strings)) + \
            struct.pack(f"{endian}{len(self.words)}I", *self.words) + self.strings


def small():
    """A few types that a kernel could have."""
    made = Maker()
    number = made.add("INT", "int", 4, [(32,)])
    page = made.add("STRUCT", "page", 16, [("flags", number, 0),
                                           ("next", number + 2, 64)])
    pointer = made.add("PTR", word=page)
    made.add("ENUM", "zone", 4, [("DMA", 0), ("NORMAL", 1)])
    proto = made.add("FUNC_PROTO", word=number, elements=[("page", pointer)])
    made.add("FUNC", "free_page", proto, vlen=1)
    made.add("FUNC", "alloc_page", proto, vlen=1)
    made.add("TYPEDEF", "page_t", page)
    return made

# SPDX-License-Identifier: MIT
"""
Every relocation record on a debug section belongs to the unit of the byte that
it patches. The units are decoded here, from nothing but headers: those of
.debug_info tell its units and their names; to the parts of other sections the
relocations of .debug_info themselves lead, as symbol + addend.
"""

import bisect
import collections
import posixpath
import struct

from check_tables import Elf
from vmd import load

ROLES = ("none.vmlinux.o", "thin.vmlinux.o", "amd64")
RECORD, CHUNK = 24, 1 << 20
# Parts that begin with their length, and parts without a header.
TABLES = (".debug_line", ".debug_rnglists", ".debug_loclists", ".debug_addr",
          ".debug_str_offsets")
PLAIN = (".debug_ranges", ".debug_loc")

STRING, NAME = 0x08, 0x03
FIXED = {0x0b: 1, 0x05: 2, 0x06: 4, 0x07: 8, 0x0c: 1, 0x11: 1, 0x12: 2, 0x13: 4,
         0x14: 8, 0x19: 0, 0x21: 0, 0x25: 1, 0x26: 2, 0x28: 4, 0x29: 1, 0x2a: 2,
         0x2c: 4, 0x01: 8, 0x0e: 4, 0x17: 4, 0x1f: 4}
LEB = (0x0d, 0x0f, 0x15, 0x1a, 0x1b, 0x22, 0x23)
STRINGS = {0x0e: ".debug_str", 0x1f: ".debug_line_str"}


def leb(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7f) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def headers(elf, section):
    """(start, end) of each part that begins with its length."""
    at, end = section.offset, section.offset + section.size
    while at < end:
        length, = struct.unpack_from("<I", elf.data, at)
        assert length < 0xfffffff0, "64-bit DWARF"
        yield at - section.offset, at - section.offset + 4 + length
        at += 4 + length


class Patches:
    """The records on one section, by chunks that are sorted by place."""

    def __init__(self, elf, name):
        section = elf.find(name)
        self.records = section and elf.patches.get(section.index)
        self.elf = elf

    def chunks(self):
        """(places, what they say, addends), each a list."""
        start = self.records.offset
        for at in range(start, start + self.records.size, RECORD * CHUNK):
            size = min(RECORD * CHUNK, start + self.records.size - at)
            words = memoryview(self.elf.data[at:at + size]).cast("Q")
            places = words[0::3].tolist()
            order = None
            if any(a > b for a, b in zip(places, places[1:])):
                order = sorted(range(len(places)), key=places.__getitem__)
            columns = (places, words[1::3].tolist(), words[2::3].tolist())
            yield columns if order is None else tuple(
                [column[i] for i in order] for column in columns)


def declaration(data, at, code):
    """(attribute, form) of an abbreviation, and nothing else of the table."""
    while True:
        here, at = leb(data, at)
        assert here, f"no abbreviation {code}"
        _, at = leb(data, at)
        at += 1
        pairs = []
        while True:
            attribute, at = leb(data, at)
            form, at = leb(data, at)
            if form == 0x21:
                _, at = leb(data, at)
            if not attribute and not form:
                break
            pairs.append((attribute, form))
        if here == code:
            return pairs


def name_field(elf, at, abbrev):
    """(form, place of the value) of the first DIE's name, or None."""
    unit = elf.find(".debug_info").offset
    code, at = leb(elf.data, unit + at)
    for attribute, form in declaration(
            elf.data, elf.find(".debug_abbrev").offset + abbrev, code):
        if attribute == NAME:
            return form, at - unit
        if form == STRING:
            at = elf.data.find(b"\0", at) + 1
        elif form in LEB:
            _, at = leb(elf.data, at)
        else:
            at += FIXED[form]
    return None


class Units:
    def __init__(self, elf):
        self.elf = elf
        self.starts, self.ends, self.fields = [], [], []
        info = elf.find(".debug_info")
        for start, end in headers(elf, info):
            version, = struct.unpack_from("<H", elf.data, info.offset + start + 4)
            where, die = (8, 12) if version >= 5 else (6, 11)
            self.starts.append(start)
            self.ends.append(end)
            self.fields.append((start + where, start + die))
        self.read_relocations()
        self.names = [self.name(i) for i in range(len(self.starts))]

    def at(self, place):
        i = bisect.bisect_right(self.starts, place) - 1
        return i if i >= 0 and place < self.ends[i] else None

    def read_relocations(self):
        """What .debug_info refers to: (unit, offset) by section; first fields."""
        elf = self.elf
        wanted = {elf.find(name).index: name for name in TABLES + PLAIN
                  if elf.find(name)}
        says = {}  # symbol -> the section it stands for
        for i, (section, value, _, kind, _) in enumerate(elf.symbols):
            if kind == 3 and section in wanted and not value:
                says[i] = wanted[section]
        self.refers = {name: set() for name in wanted.values()}
        self.values = {}   # relocated fields near the start of units
        for places, infos, addends in Patches(elf, ".debug_info").chunks():
            for k, info in enumerate(infos):
                name = says.get(info >> 32)
                if name:
                    self.refers[name].add((self.at(places[k]), addends[k]))
            for start in self.starts[bisect.bisect_left(
                    self.starts, places[0] - 64):bisect.bisect_right(
                        self.starts, places[-1])]:
                k = bisect.bisect_left(places, start)
                while k < len(places) and places[k] < start + 64:
                    self.values[places[k]] = addends[k]
                    k += 1

    def value(self, place):
        """Four bytes of .debug_info, as a linker would leave them."""
        if self.elf.type == 1 and place in self.values:
            return self.values[place]
        return struct.unpack_from("<I", self.elf.data,
                                  self.elf.find(".debug_info").offset + place)[0]

    def name(self, i):
        abbrev, die = self.fields[i]
        found = name_field(self.elf, die, self.value(abbrev))
        if not found:
            return ""
        form, place = found
        if form == STRING:
            return self.elf.text(self.elf.find(".debug_info").offset + place)
        return self.elf.text(self.elf.find(STRINGS[form]).offset + self.value(place))


def join(names):
    """The name that all agree on, or None."""
    names = set(names)
    return names.pop() if len(names) == 1 else None


def parts_of(elf, units, name):
    """Parts of a section, sorted: (start, end, name of the unit or None)."""
    section = elf.find(name)
    if name == ".debug_info":
        return list(zip(units.starts, units.ends, units.names))
    refers = sorted(units.refers[name], key=lambda pair: pair[1])
    offsets = [offset for _, offset in refers]
    if name in TABLES:
        return [(start, end, join(units.names[unit] for unit, _ in refers[
            bisect.bisect_left(offsets, start):bisect.bisect_left(offsets, end)]))
                for start, end in headers(elf, section)]
    first = collections.defaultdict(lambda: section.size)
    for unit, offset in refers:
        first[unit] = min(first[unit], offset)
    claims = collections.defaultdict(list)
    for unit, offset in first.items():
        claims[offset].append(units.names[unit])
    starts = sorted(claims)
    return [(start, end, join(claims[start]))
            for start, end in zip(starts, starts[1:] + [section.size])]


def expected(elf, units, name):
    """Bytes of records by unit's name."""
    sums = collections.Counter()
    parts = parts_of(elf, units, name)
    starts = [start for start, _, _ in parts]
    for places, _, _ in Patches(elf, name).chunks():
        done = 0
        i = max(0, bisect.bisect_right(starts, places[0]) - 1)
        for start, end, unit in parts[i:]:
            low = bisect.bisect_left(places, start, done)
            high = bisect.bisect_left(places, end, low)
            sums[None] += (low - done) * RECORD
            sums[unit] += (high - low) * RECORD
            done = high
            if done == len(places):
                break
        sums[None] += (len(places) - done) * RECORD
    return sums


def as_reported(sums, names):
    """Names as the report has them: without what is before the tree."""
    found = collections.Counter()
    for name, size in sums.items():
        short = name and posixpath.normpath(name).lstrip("/")
        while short and short not in names and "/" in short:
            short = short.split("/", 1)[1]
        found[short or None] += size
    return +found


def check(context):
    for role in ROLES:
        if role not in context.elfs:
            continue
        elf = Elf(context.elfs[role])
        units = Units(elf)
        given = collections.defaultdict(collections.Counter)
        for row in load("show", "--no-rollup", "--no-demangle", "--domain=file",
                        "-b", "input-section,unit", "--debug-info=yes", "--filter",
                        r"input-section:^\.rela\.debug", context.elfs[role])["rows"]:
            given[row["input-section"][5:]][row["unit"]] += row["new"]["file"]
        for name in (".debug_info", *TABLES, *PLAIN):
            if not elf.find(name) or not Patches(elf, name).records:
                continue
            right = as_reported(expected(elf, units, name), given[name])
            wrong = {unit: (right[unit], given[name][unit])
                     for unit in {*right, *given[name]}
                     if right[unit] != given[name][unit]}
            context.test(f"records_on_{name}_of_{role}_are_their_units", not wrong,
                         f"{len(wrong)}: {list(wrong.items())[:5]}")
            print(f"    {sum(right.values()) // RECORD} records of "
                  f"{len(right)} units, {right[None] // RECORD} shared")

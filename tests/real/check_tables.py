# SPDX-License-Identifier: MIT
"""
Side tables: 2,000 random records of each against a decoder written here, and
the bytes of every function in every table counted again from all records.

Formats are stated by kernel version, not found out as the program does. A
record's owner is any of the names that the symbol table has for the place.
"""

import bisect
import collections
import json
import mmap
import random
import struct
import subprocess

from vmd import VMDELTA, load

SAMPLE = 2000
ET_REL, X86_64, AARCH64, PPC64, RISCV = 1, 62, 183, 21, 243
RELATIVE = {AARCH64: 1027, PPC64: 22, RISCV: 3}  # R_*_RELATIVE
ALLOC, EXEC, NOBITS, RELA, SYMTAB = 2, 4, 8, 4, 2
FILE, SECTION, TLS = 4, 3, 6

# section, bytes of a record by kernel, sections only
SITES = (".return_sites", ".retpoline_sites", ".call_sites", ".ibt_endbr_seal")
CARVES = (("mcount", "__start_mcount_loc", "__stop_mcount_loc", 8, "absolute"),
          ("jump", "__start___jump_table", "__stop___jump_table", 16, "pc"),
          ("static_call", "__start_static_call_sites",
           "__stop_static_call_sites", 8, "pc"))

# powerpc64: offsets of 8 bytes from the record's start
FIXUPS = ("lwsync", "rfi_flush", "entry_flush", "scv_entry_flush", "uaccess_flush",
          "stf_entry_barrier", "stf_exit_barrier", "spec_barrier")

Section = collections.namedtuple(
    "Section", "name type flags addr offset size link info index")
Table = collections.namedtuple("Table", "name section start size count record "
                               "how field", defaults=(0,))


class Elf:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.type, self.machine = struct.unpack_from("<HH", self.data, 16)
        shoff, = struct.unpack_from("<Q", self.data, 0x28)
        count, strndx = struct.unpack_from("<HH", self.data, 0x3c)
        first = struct.unpack_from("<IIQQQQIIQQ", self.data, shoff)
        count, strndx = count or first[5], first[6] if strndx == 0xffff else strndx
        raw = [struct.unpack_from("<IIQQQQIIQQ", self.data, shoff + 64 * i)
               for i in range(count)]
        names = raw[strndx][4]
        self.sections = [Section(self.text(names + r[0]), r[1], r[2], r[3],
                                 r[4], r[5], r[6], r[7], i)
                         for i, r in enumerate(raw)]
        self.read_symbols()
        self.patches = {s.info: s for s in self.sections
                        if s.type == RELA and not s.flags & ALLOC}
        self.loaded = sorted((s.addr, s.addr + s.size, s.index)
                             for s in self.sections
                             if s.flags & ALLOC and s.size and s.addr)
        self.relative = {}
        for s in self.sections:
            if s.type == RELA and s.flags & ALLOC:
                for at, info, addend in struct.iter_unpack(
                        "<QQq", self.data[s.offset:s.offset + s.size]):
                    if info & 0xffffffff == RELATIVE.get(self.machine):
                        self.relative[at] = addend & (1 << 64) - 1

    def text(self, at):
        return self.data[at:self.data.find(b"\0", at)].decode(errors="replace")

    def read_symbols(self):
        table = next(s for s in self.sections if s.type == SYMTAB)
        strings = self.sections[table.link].offset
        index = next((s for s in self.sections if s.type == 18), None)
        self.symbols = []  # section, offset in it, size, type, name
        for i, (name, info, _, section, value, size) in enumerate(
                struct.iter_unpack("<IBBHQQ", self.data[
                    table.offset:table.offset + table.size])):
            if section == 0xffff and index:
                section, = struct.unpack_from("<I", self.data,
                                              index.offset + 4 * i)
            elif section >= 0xff00:
                section = 0
            if section and self.type != ET_REL:
                value -= self.sections[section].addr
            self.symbols.append((section, value, size, info & 15,
                                 strings + name))

    def find(self, name):
        return next((s for s in self.sections if s.name == name), None)

    def place(self, address):
        i = bisect.bisect_right(self.loaded, (address, 1 << 64, 0)) - 1
        if i >= 0 and address < self.loaded[i][1]:
            return self.loaded[i][2], address - self.loaded[i][0]
        return None

    def symbol_place(self, name):
        for section, value, _, _, at in self.symbols:
            if section and self.data[at:at + len(name) + 1] == \
                    name.encode() + b"\0":
                return section, value
        return None


class Owners:
    """Names by place; the innermost sized symbol owns a byte."""

    def __init__(self, elf):
        self.elf = elf
        self.sized, self.labels = {}, {}
        self.names = collections.defaultdict(list)
        for section, value, size, kind, at in elf.symbols:
            if not section or kind in (FILE, SECTION, TLS) or \
                    elf.data[at] in b"\0.$":
                continue
            where = self.sized if size else self.labels
            where.setdefault(section, []).append((value, -size))
            self.names[section, value, size].append(elf.text(at))
        for lists in self.sized, self.labels:
            for section in lists:
                lists[section] = sorted(set(lists[section]))

    def groups(self, section, offset):
        """(places, covers): keys in self.names of a byte, or of what is before."""
        sized = self.sized.get(section, [])
        i = bisect.bisect_right(sized, (offset, 0)) - 1
        before = i
        for i in range(i, max(-1, i - 200), -1):
            if offset < sized[i][0] - sized[i][1]:
                return [(section, sized[i][0], -sized[i][1])], True
        labels = self.labels.get(section, [])
        k = bisect.bisect_right(labels, (offset, 0)) - 1
        found = [(section, labels[k][0], 0)] if k >= 0 else []
        if before >= 0:
            found.append((section, sized[before][0], -sized[before][1]))
        return found, False

    def names_of(self, place):
        groups, covers = self.groups(*place) if place else ([], False)
        return [name for key in groups for name in self.names[key]], covers


def tables(elf, role):
    """All tables of a kernel whose formats are known for sure."""
    new = "6.12" in role
    sizes = {"__ex_table": 12, "__bug_table": 12, ".orc_unwind_ip": 4,
             ".altinstructions": 14 if new and elf.machine == X86_64 else 12}
    sizes.update(dict.fromkeys(SITES, 4))
    if elf.machine == RISCV:
        sizes[".alternative"] = 16
    if elf.machine == PPC64:
        sizes["__ex_table"] = 8
    for name, record in sizes.items():
        section = elf.find(name)
        if section and section.size:
            yield Table(name, section.index, 0, section.size,
                        section.size // record, record, "pc")
    if elf.machine == PPC64:
        yield from powerpc_tables(elf)
    if elf.type == ET_REL:
        return
    for name, start, stop, record, how in CARVES:
        start, stop = elf.symbol_place(start), elf.symbol_place(stop)
        if start and stop and stop[1] > start[1]:
            size = stop[1] - start[1]
            yield Table(name, start[0], start[1], size, size // record, record,
                        how)


def powerpc_tables(elf):
    """arch/powerpc/include/asm/feature-fixups.h, lib/restart_table.c"""
    formats = {f"__{name}_fixup": (8, "base", 0) for name in FIXUPS}
    formats.update({"__ftr_fixup": (48, "base", 16), "__mmu_ftr_fixup": (48, "base", 16),
                    "__soft_mask_table": (16, "absolute", 0),
                    "__restart_table": (24, "absolute", 0)})
    for name, (record, how, field) in formats.items():
        section = elf.find(name)
        if section and section.size:
            yield Table(name, section.index, 0, section.size, section.size // record,
                        record, how, field)


def targets(elf, table):
    """Where each record of a table leads: (section, offset) or None."""
    section = elf.sections[table.section]
    base = section.offset + table.start
    if elf.type == ET_REL:
        found = {}
        patches = elf.patches[table.section]
        for at, info, addend in struct.iter_unpack("<QQq", elf.data[
                patches.offset:patches.offset + patches.size]):
            symbol = elf.symbols[info >> 32]
            found[at] = symbol[0], symbol[1] + addend
        return [found.get(i * table.record) for i in range(table.count)]
    places = []
    for i in range(table.count):
        at = i * table.record
        address = section.addr + table.start + at
        if table.how == "base":
            target = address + struct.unpack_from("<q", elf.data,
                                                  base + at + table.field)[0]
        elif table.how == "pc":
            target = address + struct.unpack_from("<i", elf.data, base + at)[0]
        else:
            target = struct.unpack_from("<Q", elf.data, base + at)[0] or \
                elf.relative.get(address, 0)
        places.append(elf.place(target))
    return places


def ends(elf, table):
    """Which ORC records are zero: they end the function before."""
    if table.name != ".orc_unwind_ip":
        return [False] * table.count
    orc = elf.find(".orc_unwind")
    size = orc.size // table.count
    return [not any(elf.data[orc.offset + i * size:orc.offset + (i + 1) * size])
            for i in range(table.count)]


def record_places(elf, table):
    found = targets(elf, table)
    for i, is_end in enumerate(ends(elf, table)):
        if found[i] and found[i][1] and \
                (is_end or found[i][1] == elf.sections[found[i][0]].size):
            found[i] = found[i][0], found[i][1] - 1
    return found


def check_sample(context, path, elf, owners, table, places, what):
    """Random records, through `whose`."""
    chosen = random.Random(table.name).sample(range(table.count),
                                              min(SAMPLE, table.count))
    section = elf.sections[table.section]
    asked = "".join(f"{section.name}+{table.start + i * table.record:#x}\n"
                    for i in chosen)
    done = subprocess.run([VMDELTA, "whose", "-f", "json", "--debug-info=no",
                           path, "-"], input=asked, text=True, check=True,
                          stdout=subprocess.PIPE)
    answers = json.loads(done.stdout)
    wrong = []
    for i, answer in zip(chosen, answers):
        names, covers = owners.names_of(places[i])
        if answer["symbol"] is None and not covers:
            continue
        if answer["symbol"] not in names:
            wrong.append((i, answer["symbol"], names[:3]))
    context.test(what, len(answers) == len(chosen) and not wrong,
                 f"{len(wrong)} of {len(chosen)}: {wrong[:5]}")


class Classes:
    """Names that stand for each other: of one place, or the same text."""

    def __init__(self, owners):
        self.parent = {}
        for names in owners.names.values():
            for name in names:
                self.join(names[0], name)

    def find(self, name):
        self.parent.setdefault(name, name)
        while self.parent[name] != name:
            self.parent[name] = self.parent[self.parent[name]]
            name = self.parent[name]
        return name

    def join(self, a, b):
        self.parent[self.find(b)] = self.find(a)


def check_totals(context, owners, classes, table, places, rows, what):
    """All records, by function. Unowned places are one row of their own."""
    expected, given = collections.Counter(), collections.Counter()
    loose = 0  # places that no sized symbol covers: here or with nobody
    for place in places:
        names, covers = owners.names_of(place)
        if covers:
            expected[classes.find(names[0])] += table.record
        else:
            loose += table.record
    for row in rows:
        name = row["symbol"]
        given[classes.find(name) if name else None] += row["new"]["file"]
    given.pop(None, None)
    over = {name: (size, given[name]) for name, size in expected.items()
            if given[name] < size}
    extra = sum((given - expected).values())
    context.test(what, not over and extra <= loose,
                 f"{len(over)} functions lack bytes: {list(over.items())[:5]}; "
                 f"{extra} bytes too many, {loose} loose")


def check(context):
    for role, path in context.elfs.items():
        with open(path, "rb") as file:
            if file.read(6)[5] != 1:
                context.skip(f"this decoder reads no big-endian {role}")
                continue
        elf = Elf(path)
        owners = Owners(elf)
        classes = Classes(owners)
        rows = collections.defaultdict(list)
        report = load("show", "--no-rollup", "--no-demangle", "--debug-info=no",
                      "--domain=file", "-b", "input-section,symbol", path)
        for row in report["rows"]:
            rows[row["input-section"]].append(row)
        for table in tables(elf, role):
            places = record_places(elf, table)
            check_sample(context, path, elf, owners, table, places,
                         f"records_of_{table.name}_in_{role}_have_their_owners")
            if not table.start:
                check_totals(context, owners, classes, table, places,
                             rows[table.name],
                             f"bytes_of_{table.name}_in_{role}_by_function")

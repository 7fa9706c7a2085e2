# SPDX-License-Identifier: MIT
"""
A writer of small ELF files for tests: either class, either byte order, any
machine, more than 65,280 sections (SHN_XINDEX), and any header field broken on
purpose. Layouts: System V gABI, chapters 4 and 5.

    elf = Elf(bits=32, order="big", machine=EM_S390)
    text = elf.section(".text", b"\\x07" * 64, flags=SHF_ALLOC | SHF_EXECINSTR)
    elf.symbol("foo", text, 0, 32, STT_FUNC, STB_GLOBAL)
    data = elf.bytes()
"""

import struct

ET_REL, ET_EXEC, ET_DYN = 1, 2, 3
EM_386, EM_S390, EM_ARM, EM_X86_64, EM_AARCH64, EM_RISCV = 3, 22, 40, 62, 183, 243
SHT_NULL, SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_RELA = 0, 1, 2, 3, 4
SHT_NOTE, SHT_NOBITS, SHT_REL, SHT_SYMTAB_SHNDX, SHT_RELR = 7, 8, 9, 18, 19
SHF_WRITE, SHF_ALLOC, SHF_EXECINSTR, SHF_COMPRESSED = 1, 2, 4, 0x800
STT_NOTYPE, STT_OBJECT, STT_FUNC, STT_SECTION, STT_FILE = 0, 1, 2, 3, 4
STB_LOCAL, STB_GLOBAL, STB_WEAK = 0, 1, 2
SHN_UNDEF, SHN_LORESERVE, SHN_ABS, SHN_COMMON, SHN_XINDEX = (
    0, 0xff00, 0xfff1, 0xfff2, 0xffff)
PT_LOAD, PT_NOTE = 1, 4


class Section:
    def __init__(self, name, data=b"", type=SHT_PROGBITS, flags=0, addr=0,
                 size=None, align=1, link=0, info=0, entsize=0, **broken):
        self.name, self.data, self.type, self.flags = name, data, type, flags
        self.addr, self.align, self.link, self.info = addr, align, link, info
        self.size = len(data) if size is None else size
        self.entsize = entsize
        self.offset = None
        self.broken = broken  # header fields to write as they are: sh_size=...
        self.index = None


class Elf:
    def __init__(self, bits=64, order="little", type=ET_REL, machine=EM_X86_64,
                 **broken):
        self.bits, self.order = bits, order
        self.type, self.machine = type, machine
        self.sections = []
        self.segments = []   # (first section, last section, keywords)
        self.symbols = []    # (name, section or index, value, size, info, other)
        self.with_symtab = True
        self.with_sections = True
        self.broken = broken  # ELF header fields to write as they are: e_shoff=...
        self.shift = 0        # a gap in front of the first section

    def section(self, name, data=b"", **keywords):
        section = Section(name, data, **keywords)
        self.sections.append(section)
        section.index = len(self.sections)
        return section

    def symbol(self, name, section, value=0, size=0, type=STT_NOTYPE,
               bind=STB_LOCAL, visibility=0):
        self.symbols.append((name, section, value, size, bind << 4 | type,
                             visibility))

    def segment(self, first, last, type=PT_LOAD, flags=7, **keywords):
        self.segments.append((first, last, type, flags, keywords))

    # --- layouts -----------------------------------------------------------

    def pack(self, format, *values):
        return struct.pack(("<" if self.order == "little" else ">") + format,
                           *values)

    def wrap(self, value):
        return value & (2 ** self.bits - 1)

    def ehdr(self, phoff, shoff, phnum, shnum, shstrndx):
        wide = self.bits == 64
        fields = {
            "e_type": self.type, "e_machine": self.machine, "e_version": 1,
            "e_entry": 0, "e_phoff": phoff, "e_shoff": shoff, "e_flags": 0,
            "e_ehsize": 64 if wide else 52,
            "e_phentsize": 56 if wide else 32, "e_phnum": phnum,
            "e_shentsize": 64 if wide else 40,
            "e_shnum": shnum if shnum < SHN_LORESERVE else 0,
            "e_shstrndx": shstrndx if shstrndx < SHN_LORESERVE else SHN_XINDEX,
        }
        ident = bytearray(b"\x7fELF" + bytes((2 if wide else 1,
                          1 if self.order == "little" else 2, 1)) + b"\0" * 9)
        for field, value in self.broken.items():
            if field == "ident":
                for position, byte in value.items():
                    ident[position] = byte
            else:
                fields[field] = value
        return bytes(ident) + self.pack("HHIQQQIHHHHHH" if wide else
                                        "HHIIIIIHHHHHH", *fields.values())

    def phdr(self, type, flags, offset, vaddr, paddr, filesz, memsz, align):
        if self.bits == 64:
            return self.pack("IIQQQQQQ", type, flags, offset, vaddr, paddr,
                             filesz, memsz, align)
        return self.pack("IIIIIIII", type, offset, self.wrap(vaddr),
                         self.wrap(paddr), filesz, memsz, flags, align)

    def shdr(self, name, section, offset, size):
        fields = {
            "sh_name": name, "sh_type": section.type, "sh_flags": section.flags,
            "sh_addr": section.addr, "sh_offset": offset, "sh_size": size,
            "sh_link": section.link, "sh_info": section.info,
            "sh_addralign": section.align, "sh_entsize": section.entsize,
        }
        fields.update(section.broken)
        return self.pack("IIQQQQIIQQ" if self.bits == 64 else "IIIIIIIIII",
                         *fields.values())

    def sym(self, name, section, value, size, info, other):
        """One symbol record and its entry in .symtab_shndx."""
        index = section.index if isinstance(section, Section) else section
        wide = 0
        if isinstance(section, Section) and index >= SHN_LORESERVE:
            index, wide = SHN_XINDEX, index
        if self.bits == 64:
            record = self.pack("IBBHQQ", name, info, other, index, value, size)
        else:
            record = self.pack("IIIBBH", name, self.wrap(value), size, info,
                               other, index)
        return record, self.pack("I", wide)

    @staticmethod
    def strings(names):
        """A string table and the offset of each name."""
        table, offsets = bytearray(b"\0"), {"": 0}
        for name in names:
            if name not in offsets:
                offsets[name] = len(table)
                table += name.encode("utf-8", "surrogateescape") + b"\0"
        return bytes(table), offsets

    def add_symtab(self, sections):
        symbols = sorted(self.symbols, key=lambda s: s[4] >> 4 != STB_LOCAL)
        table, offsets = self.strings(s[0] for s in symbols)
        records, wides = [self.sym(0, 0, 0, 0, 0, 0)[0]], [self.pack("I", 0)]
        for name, *rest in symbols:
            record, wide = self.sym(offsets[name], *rest)
            records.append(record)
            wides.append(wide)
        locals_ = sum(s[4] >> 4 == STB_LOCAL for s in symbols) + 1
        symtab = Section(".symtab", b"".join(records), SHT_SYMTAB,
                         align=self.bits // 8, info=locals_,
                         entsize=24 if self.bits == 64 else 16)
        symtab.link = len(sections) + 2
        sections.append(symtab)
        sections.append(Section(".strtab", table, SHT_STRTAB))
        if any(wide != wides[0] for wide in wides):
            sections.append(Section(".symtab_shndx", b"".join(wides),
                                    SHT_SYMTAB_SHNDX, align=4, entsize=4,
                                    link=len(sections) - 1))

    def bytes(self):
        sections = list(self.sections)
        if self.with_symtab and self.symbols:
            self.add_symtab(sections)
        shstrtab = Section(".shstrtab", type=SHT_STRTAB)
        sections.append(shstrtab)
        shstrtab.data, offsets = self.strings(s.name for s in sections)
        shstrtab.size = len(shstrtab.data)

        ehsize, phentsize = (64, 56) if self.bits == 64 else (52, 32)
        body = bytearray(b"\0" * (ehsize + phentsize * len(self.segments) +
                                  self.shift))
        for section in sections:
            if section.type == SHT_NOBITS:
                section.offset = len(body)
                continue
            body += b"\0" * (-len(body) % max(section.align, 1))
            section.offset = len(body)
            body += section.data
        shoff, count = 0, 0
        if self.with_sections:
            body += b"\0" * (-len(body) % 8)
            shoff, count = len(body), len(sections) + 1
            null = Section("", type=SHT_NULL, align=0)
            if count >= SHN_LORESERVE:
                null.size, null.link = count, count - 1
            body += self.shdr(0, null, 0, null.size)
            for section in sections:
                body += self.shdr(offsets[section.name], section,
                                  section.offset, section.size)
        phdrs = b""
        for first, last, type, flags, keywords in self.segments:
            filesz = last.offset - first.offset
            filesz += 0 if last.type == SHT_NOBITS else last.size
            fields = {"offset": first.offset, "vaddr": first.addr,
                      "paddr": first.addr, "filesz": filesz,
                      "memsz": last.addr - first.addr + last.size,
                      "align": 1}
            fields.update(keywords)
            phdrs += self.phdr(type, flags, **fields)
        body[:ehsize] = self.ehdr(ehsize if self.segments else 0, shoff,
                                  len(self.segments), count,
                                  count - 1 if count else 0)
        body[ehsize:ehsize + len(phdrs)] = phdrs
        return bytes(body)


def small(bits=64, order="little", machine=EM_X86_64, type=ET_REL, grow=0):
    """A small file with one of everything; `grow` makes its functions larger."""
    elf = Elf(bits, order, type, machine)
    linked = type != ET_REL
    base = 0x100000 if linked else 0
    code = bytes(range(1, 100)) * 3
    text = elf.section(".text", code[:200 + grow], flags=SHF_ALLOC | SHF_EXECINSTR,
                       addr=base, align=16)
    rodata = elf.section(".rodata", b"hello\0world\0" * 8, flags=SHF_ALLOC,
                         addr=base + 0x1000 if linked else 0, align=8)
    data = elf.section(".data", b"\1\2\3\4" * 16, flags=SHF_ALLOC | SHF_WRITE,
                       addr=base + 0x2000 if linked else 0, align=8)
    bss = elf.section(".bss", size=128, type=SHT_NOBITS,
                      flags=SHF_ALLOC | SHF_WRITE, align=8,
                      addr=base + 0x2040 if linked else 0)
    elf.section(".comment", b"GCC: (none) 1.0\0")
    if linked:
        elf.segment(text, text, flags=5)
        elf.segment(rodata, rodata, flags=4)
        elf.segment(data, bss, flags=6)

    def place(section, offset):
        return section.addr + offset if linked else offset

    elf.symbol("a.c", SHN_ABS, type=STT_FILE)
    elf.symbol("helper", text, place(text, 0), 40, STT_FUNC)
    elf.symbol("b.c", SHN_ABS, type=STT_FILE)
    elf.symbol("helper", text, place(text, 48), 50 + grow, STT_FUNC)
    elf.symbol("main", text, place(text, 112 + grow), 80, STT_FUNC, STB_GLOBAL)
    elf.symbol("main_alias", text, place(text, 112 + grow), 80, STT_FUNC, STB_WEAK)
    elf.symbol("table", rodata, place(rodata, 0), 64, STT_OBJECT, STB_GLOBAL)
    elf.symbol("counter", data, place(data, 8), 8, STT_OBJECT, STB_GLOBAL)
    elf.symbol("buffer", bss, place(bss, 0), 64, STT_OBJECT)
    elf.symbol("label", data, place(data, 32), 0)
    return elf

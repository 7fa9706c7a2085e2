/* SPDX-License-Identifier: MIT */
/*
 * Writes a relocatable kernel of the size that this project began with: one
 * section for each function (as ThinLTO makes them), names as long as the
 * kernel's, statics that share a name, and, in the new one, statics that were
 * promoted to NAME.llvm.MODULE.
 *
 *	gen_seed FILE SYMBOLS SIZE old|new [EQUAL]
 *
 * The first EQUAL functions all have one name. What the headers and tables
 * leave of SIZE are debug sections of zeros: the file is sparse. The same
 * function number has the same name in both builds, so the new build's first
 * functions are the old one's, some of them larger.
 */

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MODULE_SIZE 48u /* functions of one source file */

static const char words[64][8] = {
	"acpi", "ata", "bio", "block", "bpf", "btrfs", "cache", "cgroup",
	"clk", "cpu", "crypto", "dev", "dma", "drm", "ext4", "fb",
	"fs", "get", "gpio", "hid", "i2c", "ieee", "init", "inode",
	"intel", "io", "ip", "irq", "kvm", "led", "lock", "map",
	"mem", "mmc", "net", "nfs", "node", "nvme", "page", "pci",
	"perf", "phy", "power", "probe", "proc", "put", "queue", "read",
	"reg", "scsi", "sched", "set", "snd", "sock", "sysfs", "task",
	"tcp", "timer", "tty", "usb", "vfs", "vm", "write", "xfs",
};

static const char *const debug_names[] = {
	".debug_info", ".debug_str", ".debug_line", ".debug_loclists",
	".debug_rnglists", ".debug_abbrev",
};
#define DEBUG_COUNT (sizeof(debug_names) / sizeof(debug_names[0]))

struct table { /* a string table that grows */
	char *data;
	size_t size, capacity;
};

struct build {
	uint32_t functions, equal;
	bool is_new;
	uint64_t size;
	Elf64_Shdr *sections;
	uint32_t section_count;
	Elf64_Sym *symbols;
	uint32_t symbol_count;
	struct table section_names, symbol_names;
	uint64_t at; /* file offset that the next section gets */
};

static void die(const char *what)
{
	fprintf(stderr, "gen_seed: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint32_t scramble(uint32_t x)
{
	x ^= x >> 16;
	x *= 0x7feb352du;
	x ^= x >> 15;
	x *= 0x846ca68bu;
	return x ^ x >> 16;
}

static uint32_t table_add(struct table *table, const char *text)
{
	size_t length = strlen(text) + 1;
	uint32_t offset = (uint32_t)table->size;

	if (table->size + length > table->capacity) {
		table->capacity = table->capacity * 2 + length + 4096;
		table->data = realloc(table->data, table->capacity);
		if (!table->data)
			die("strings");
	}
	memcpy(table->data + table->size, text, length);
	table->size += length;
	return offset;
}

static bool is_static(uint32_t id)
{
	return scramble(id) % 4 == 0;
}

/* Of the statics, one in five shares its name with about twenty others. */
static void function_name(const struct build *build, uint32_t id, char *out,
			  size_t size)
{
	uint32_t x = id * 0x9e3779b1u & 0xffffff; /* odd: no two are equal */

	if (id < build->equal)
		snprintf(out, size, "show");
	else if (is_static(id) && scramble(id + 1) % 5 == 0)
		snprintf(out, size, "%s_%s", words[scramble(id) >> 8 & 63],
			 words[scramble(id) >> 14 & 63]);
	else
		snprintf(out, size, "%s_%s_%s_%s", words[x & 63],
			 words[x >> 6 & 63], words[x >> 12 & 63],
			 words[x >> 18 & 63]);
}

static uint64_t function_size(const struct build *build, uint32_t id)
{
	uint64_t size = 16 + scramble(id + 7) % 400;

	if (build->is_new && scramble(id + 9) % 11 == 0)
		size += scramble(id + 11) % 64;
	return size;
}

static Elf64_Shdr *add_section(struct build *build, const char *name,
			       uint32_t type, uint64_t flags, uint64_t size,
			       uint64_t align)
{
	Elf64_Shdr *section = &build->sections[build->section_count++];

	build->at = (build->at + align - 1) / align * align;
	section->sh_name = table_add(&build->section_names, name);
	section->sh_type = type;
	section->sh_flags = flags;
	section->sh_offset = build->at;
	section->sh_size = size;
	section->sh_addralign = align;
	build->at += size;
	return section;
}

static void add_symbol(struct build *build, const char *name, uint8_t info,
		       uint8_t other, uint64_t size)
{
	Elf64_Sym *symbol = &build->symbols[build->symbol_count++];

	symbol->st_name = table_add(&build->symbol_names, name);
	symbol->st_info = info;
	symbol->st_other = other;
	symbol->st_size = size;
	symbol->st_shndx = SHN_ABS; /* put_indices() knows better */
}

static bool is_promoted(const struct build *build, uint32_t id)
{
	return build->is_new && is_static(id) && scramble(id + 3) % 3 == 0;
}

/* Locals come first in a symbol table, under the FILE symbol of their module. */
static void add_locals(struct build *build, uint32_t *section_of)
{
	char name[64];

	for (uint32_t id = 0; id < build->functions; id++) {
		if (id % MODULE_SIZE == 0) {
			snprintf(name, sizeof(name), "%s_%u.c",
				 words[scramble(id) & 63], id / MODULE_SIZE);
			add_symbol(build, name,
				   ELF64_ST_INFO(STB_LOCAL, STT_FILE), 0, 0);
		}
		if (!is_static(id) || is_promoted(build, id))
			continue;
		function_name(build, id, name, sizeof(name));
		section_of[build->symbol_count] = id + 1;
		add_symbol(build, name, ELF64_ST_INFO(STB_LOCAL, STT_FUNC), 0,
			   function_size(build, id));
	}
}

static void add_globals(struct build *build, uint32_t *section_of)
{
	char name[96];

	for (uint32_t id = 0; id < build->functions; id++) {
		bool promoted = is_promoted(build, id);
		size_t length;

		if (is_static(id) && !promoted)
			continue;
		function_name(build, id, name, sizeof(name));
		length = strlen(name);
		if (promoted)
			snprintf(name + length, sizeof(name) - length,
				 ".llvm.%u%09u", scramble(id / MODULE_SIZE),
				 scramble(id / MODULE_SIZE + 1) % 1000000000);
		section_of[build->symbol_count] = id + 1;
		add_symbol(build, name, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
			   promoted ? STV_HIDDEN : STV_DEFAULT,
			   function_size(build, id));
	}
}

static void add_functions(struct build *build)
{
	char name[96] = ".text.";

	for (uint32_t id = 0; id < build->functions; id++) {
		function_name(build, id, name + 6, sizeof(name) - 6);
		add_section(build, name, SHT_PROGBITS,
			    SHF_ALLOC | SHF_EXECINSTR, function_size(build, id),
			    16);
	}
}

/* Symbols say where they are; beyond 65,279 a second table says it. */
static void put_indices(struct build *build, const uint32_t *section_of,
			uint32_t *wide)
{
	for (uint32_t i = 0; i < build->symbol_count; i++) {
		if (!section_of[i])
			continue;
		if (section_of[i] < SHN_LORESERVE) {
			build->symbols[i].st_shndx = (uint16_t)section_of[i];
		} else {
			build->symbols[i].st_shndx = SHN_XINDEX;
			wide[i] = section_of[i];
		}
	}
}

/* What is left of the file goes to the debug sections. */
static void add_debug(struct build *build, uint64_t tables)
{
	uint64_t left = build->size - build->at - tables;

	if (build->at + tables > build->size) {
		fprintf(stderr, "gen_seed: SIZE is too small for SYMBOLS\n");
		exit(1);
	}
	for (size_t i = 0; i < DEBUG_COUNT; i++) {
		uint64_t share = i + 1 == DEBUG_COUNT ? left : left / 2;

		add_section(build, debug_names[i], SHT_PROGBITS, 0, share, 1);
		left -= share;
	}
}

static void put(int file, const void *data, size_t size, uint64_t offset)
{
	while (size) {
		ssize_t done = pwrite(file, data, size, (off_t)offset);

		if (done <= 0)
			die("write");
		data = (const char *)data + done;
		size -= (size_t)done;
		offset += (uint64_t)done;
	}
}

static void write_header(const struct build *build, int file, uint64_t shoff,
			 uint32_t names)
{
	Elf64_Ehdr header = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			     ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_REL,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_shoff = shoff,
		.e_ehsize = sizeof(header),
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = (uint16_t)build->section_count,
		.e_shstrndx = (uint16_t)names,
	};

	if (build->section_count >= SHN_LORESERVE) {
		header.e_shnum = 0;
		header.e_shstrndx = SHN_XINDEX;
		build->sections[0].sh_size = build->section_count;
		build->sections[0].sh_link = names;
	}
	put(file, &header, sizeof(header), 0);
}

static void write_build(struct build *build, int file)
{
	uint32_t *section_of = calloc(build->functions * 2ul + 64, 4);
	uint32_t *wide = calloc(build->functions * 2ul + 64, 4);
	uint32_t locals, symtab;
	uint64_t tables, shoff;
	static const char *const last[] = { ".symtab", ".symtab_shndx",
					    ".strtab", ".shstrtab" };

	if (!section_of || !wide)
		die("memory");
	add_functions(build);
	build->symbol_count = 1;
	add_locals(build, section_of);
	locals = build->symbol_count;
	add_globals(build, section_of);
	put_indices(build, section_of, wide);

	tables = build->symbol_count * (sizeof(Elf64_Sym) + 4ul) +
		 build->symbol_names.size + build->section_names.size +
		 (build->section_count + 16ul) * sizeof(Elf64_Shdr) + 4096;
	add_debug(build, tables);
	symtab = build->section_count;
	add_section(build, last[0], SHT_SYMTAB, 0,
		    build->symbol_count * sizeof(Elf64_Sym), 8);
	build->sections[symtab].sh_entsize = sizeof(Elf64_Sym);
	build->sections[symtab].sh_info = locals;
	build->sections[symtab].sh_link = symtab + 2;
	put(file, build->symbols, build->symbol_count * sizeof(Elf64_Sym),
	    build->sections[symtab].sh_offset);
	add_section(build, last[1], SHT_SYMTAB_SHNDX, 0,
		    build->symbol_count * 4ul, 4);
	build->sections[symtab + 1].sh_link = symtab;
	build->sections[symtab + 1].sh_entsize = 4;
	put(file, wide, build->symbol_count * 4ul,
	    build->sections[symtab + 1].sh_offset);
	add_section(build, last[2], SHT_STRTAB, 0, build->symbol_names.size, 1);
	put(file, build->symbol_names.data, build->symbol_names.size,
	    build->sections[symtab + 2].sh_offset);
	add_section(build, last[3], SHT_STRTAB, 0,
		    build->section_names.size + sizeof(".shstrtab"), 1);
	build->sections[symtab + 3].sh_size = build->section_names.size;
	put(file, build->section_names.data, build->section_names.size,
	    build->sections[symtab + 3].sh_offset);

	shoff = (build->size - build->section_count * sizeof(Elf64_Shdr)) & ~7ul;
	write_header(build, file, shoff, symtab + 3);
	put(file, build->sections, build->section_count * sizeof(Elf64_Shdr),
	    shoff);
	free(section_of);
	free(wide);
}

int main(int argc, char **argv)
{
	struct build build = { .at = sizeof(Elf64_Ehdr), .section_count = 1 };
	int file;

	if (argc < 5) {
		fprintf(stderr, "usage: gen_seed FILE SYMBOLS SIZE old|new [EQUAL]\n");
		return 2;
	}
	build.functions = (uint32_t)strtoul(argv[2], NULL, 0);
	build.size = strtoull(argv[3], NULL, 0);
	build.is_new = !strcmp(argv[4], "new");
	build.equal = argc > 5 ? (uint32_t)strtoul(argv[5], NULL, 0) : 0;
	build.sections = calloc(build.functions + 64ul, sizeof(Elf64_Shdr));
	build.symbols = calloc(build.functions * 2ul + 64, sizeof(Elf64_Sym));
	table_add(&build.section_names, "");
	table_add(&build.symbol_names, "");
	if (!build.sections || !build.symbols)
		die("memory");
	file = open(argv[1], O_CREAT | O_TRUNC | O_RDWR, 0644);
	if (file < 0 || ftruncate(file, (off_t)build.size))
		die(argv[1]);
	write_build(&build, file);
	if (close(file))
		die(argv[1]);
	free(build.sections);
	free(build.symbols);
	free(build.section_names.data);
	free(build.symbol_names.data);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Side tables, relocations and literals: an ELF file that is well formed, with
 * tables, relocations and symbols made of the input. What is in them may be
 * anything; the ledger's sums have to hold.
 */

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/side_tables.h"

#define TABLES 4u  /* side tables, of rows that the input chooses */
#define SYMBOLS 24u
#define ROOM 65536u

/* The input, read bit by bit; zeros behind its end. */
struct input {
	const uint8_t *data;
	size_t size;
};

static uint32_t take(struct input *input, unsigned bytes)
{
	uint32_t value = 0;

	while (bytes--) {
		value = value << 8;
		if (input->size) {
			value |= *input->data++;
			input->size--;
		}
	}
	return value;
}

/* A file that grows; offset 0 has the ELF header. */
struct file {
	uint8_t bytes[ROOM];
	size_t size;
	Elf64_Shdr sections[4 + 2 * TABLES + 4];
	unsigned count;
	char names[2048];
	size_t names_size;
	Elf64_Half type;
};

static unsigned add_section(struct file *file, const char *name, uint32_t type,
			    uint64_t flags, size_t size)
{
	Elf64_Shdr *s = &file->sections[file->count];
	size_t length = strlen(name) + 1;

	if (length > 1 && name[length - 2] == '*')
		length--;
	memcpy(file->names + file->names_size, name, length - 1);
	*s = (Elf64_Shdr){ .sh_name = (Elf64_Word)file->names_size,
			   .sh_type = type, .sh_flags = flags,
			   .sh_offset = file->size, .sh_size = size,
			   .sh_addralign = 1 };
	file->names_size += length;
	if (flags & SHF_ALLOC && file->type != ET_REL)
		s->sh_addr = 0xffffffff81000000 + file->size;
	file->size += size;
	return file->count++;
}

static void fill(struct file *file, unsigned section, struct input *input)
{
	const Elf64_Shdr *s = &file->sections[section];

	/* small distances: they lead to somewhere in the file */
	for (size_t i = 0; i + 4 <= s->sh_size; i += 4) {
		int32_t value = (int16_t)take(input, 2) >> 3;

		memcpy(file->bytes + s->sh_offset + i, &value, 4);
	}
}

static void add_table(struct file *file, struct input *input)
{
	const struct side_table *row =
		&side_table_rows[take(input, 1) % side_table_row_count];
	unsigned patched = add_section(file, row->section, SHT_PROGBITS,
				       SHF_ALLOC, take(input, 1) * 2);
	unsigned count = take(input, 1) % 32;
	unsigned patches = add_section(file, ".rela", SHT_RELA, SHF_INFO_LINK,
				       count * sizeof(Elf64_Rela));

	fill(file, patched, input);
	file->sections[patches].sh_info = patched;
	file->sections[patches].sh_entsize = sizeof(Elf64_Rela);
	for (unsigned i = 0; i < count; i++) {
		Elf64_Rela rela = {
			file->sections[patched].sh_addr + take(input, 1) * 2,
			ELF64_R_INFO((uint64_t)take(input, 1) % SYMBOLS,
				     take(input, 1)),
			(int8_t)take(input, 1)
		};

		memcpy(file->bytes + file->sections[patches].sh_offset +
			       i * sizeof(rela), &rela, sizeof(rela));
	}
}

static void add_symbols(struct file *file, struct input *input)
{
	static const char names[] =
		"\0f\0kallsyms_num_syms\0kallsyms_names\0kallsyms_token_table\0"
		"__start_mcount_loc\0__stop_mcount_loc\0__start___jump_table\0"
		"__stop___jump_table\0kallsyms_markers\0kallsyms_offsets";
	unsigned loaded = file->count;
	unsigned strings = add_section(file, ".strtab", SHT_STRTAB, 0,
				       sizeof(names));
	unsigned table = add_section(file, ".symtab", SHT_SYMTAB, 0,
				     SYMBOLS * sizeof(Elf64_Sym));

	memcpy(file->bytes + file->sections[strings].sh_offset, names,
	       sizeof(names));
	file->sections[table].sh_link = strings;
	file->sections[table].sh_info = 1;
	file->sections[table].sh_entsize = sizeof(Elf64_Sym);
	for (unsigned i = 1; i < SYMBOLS; i++) {
		unsigned section = 1 + take(input, 1) % (loaded - 1);
		Elf64_Sym symbol = {
			.st_info = ELF64_ST_INFO(STB_GLOBAL,
						 take(input, 1) % 4),
			.st_shndx = (Elf64_Half)section,
			.st_value = file->sections[section].sh_addr +
				    take(input, 1),
			.st_size = take(input, 1) % 32,
		};
		size_t name = take(input, 1) % sizeof(names);

		while (name && names[name - 1])
			name--;
		symbol.st_name = (Elf64_Word)name;
		memcpy(file->bytes + file->sections[table].sh_offset +
			       i * sizeof(symbol), &symbol, sizeof(symbol));
	}
	for (unsigned i = 1; i < file->count; i++)
		if (file->sections[i].sh_type == SHT_RELA)
			file->sections[i].sh_link = table;
}

static void finish(struct file *file, Elf64_Half machine)
{
	unsigned names = add_section(file, ".shstrtab", SHT_STRTAB, 0, 0);
	Elf64_Ehdr *header = (Elf64_Ehdr *)(void *)file->bytes;

	file->sections[names].sh_size = file->names_size;
	memcpy(file->bytes + file->size, file->names, file->names_size);
	file->size = (file->size + file->names_size + 7) & ~(size_t)7;
	*header = (Elf64_Ehdr){
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			     ELFDATA2LSB, EV_CURRENT },
		.e_type = file->type, .e_machine = machine,
		.e_version = EV_CURRENT, .e_shoff = file->size,
		.e_ehsize = sizeof(*header),
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = (Elf64_Half)file->count,
		.e_shstrndx = (Elf64_Half)names,
	};
	memcpy(file->bytes + file->size, file->sections,
	       file->count * sizeof(Elf64_Shdr));
	file->size += file->count * sizeof(Elf64_Shdr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const Elf64_Half machines[] = { EM_X86_64, EM_AARCH64,
					       EM_RISCV, EM_PPC64 };
	struct input input = { data, size };
	struct ledger_options options = { .open_relocations = true };
	struct file *file = calloc(1, sizeof(*file));
	struct build build = { .ledger = { 0 } };
	struct err err = { NULL };
	uint32_t kind = take(&input, 1);

	if (!file)
		return 0;
	file->type = kind & 1 ? ET_REL : ET_EXEC;
	file->size = sizeof(Elf64_Ehdr);
	file->names_size = file->count = 1;
	fill(file, add_section(file, ".text", SHT_PROGBITS,
			       SHF_ALLOC | SHF_EXECINSTR, 512), &input);
	fill(file, add_section(file, ".rodata", SHT_PROGBITS, SHF_ALLOC, 512),
	     &input);
	for (unsigned i = 0; i < TABLES; i++)
		add_table(file, &input);
	add_symbols(file, &input);
	finish(file, machines[kind >> 1 & 3]);
	if (!image_open_memory(&build.image, "input", file->bytes, file->size,
			       &err) &&
	    (ledger_build(&build, &options, &err) ||
	     ledger_check(&build, &err)))
		abort(); /* nothing in a table is worth an error */
	build_release(&build);
	err_release(&err);
	free(file);
	return 0;
}

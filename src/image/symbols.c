/* SPDX-License-Identifier: MIT */
/*
 * The symbol table (gABI chapter 4, "Symbol Table") as one flat array. A
 * symbol's value is made relative to its section at once: it is never looked
 * up by address alone, because addresses are not unique in a kernel (x86
 * per-cpu sections start at 0, three armhf sections share 0xffff0000).
 */
#include <elf.h>
#include <inttypes.h>
#include <libelf.h>
#include <string.h>

#include "base/pages.h"
#include "image/image.h"
#include "image/internal.h"

#define BATCH 128

int image_read_strings(struct image *image, uint32_t index,
		       struct strings *strings, struct err *err)
{
	const struct section *s = &image->sections[index];
	const uint8_t *data, *last;

	if (s->type == SHT_NOBITS || s->type == SHT_NULL || !s->size)
		return 0;
	if (s->offset > image->size || s->size > image->size - s->offset)
		return err_set(err, "%s: string table in section %u at offset "
			       "0x%" PRIx64 " with 0x%" PRIx64 " bytes ends "
			       "beyond the file's 0x%" PRIx64 ", it is "
			       "truncated or damaged", image->path, index,
			       s->offset, s->size, image->size);
	data = image->data + s->offset;
	last = memrchr(data, '\0', (size_t)s->size);
	if (!last || last != data + s->size - 1)
		image_warn(image, "%s: string table in section %u at offset "
			   "0x%" PRIx64 " does not end in NUL: its last name "
			   "is not used", image->path, index, s->offset);
	strings->data = (const char *)data;
	strings->size = last ? (uint64_t)(last - data) + 1 : 0;
	strings->section = index;
	return 0;
}

/* What the reading of one symbol table carries along. */
struct reader {
	struct image *image;
	const uint8_t *extended; /* SHT_SYMTAB_SHNDX, or NULL */
	uint64_t extended_count;
	uint32_t file;           /* the last STT_FILE symbol */
	uint32_t outside;        /* sized symbols beyond their section */
	uint32_t unnamed;        /* symbols whose name is beyond the table */
	struct name_budget names;
};

static uint32_t symbol_section(const struct reader *reader, uint64_t index,
			       uint16_t shndx)
{
	uint32_t section = shndx;

	if (shndx == SHN_ABS)
		return SECTION_ABS;
	if (shndx == SHN_COMMON)
		return SECTION_COMMON;
	if (shndx == SHN_XINDEX) {
		if (index >= reader->extended_count)
			return SECTION_ABS;
		section = image_u32(reader->image,
				    reader->extended + index * 4);
	} else if (shndx >= SHN_LORESERVE) {
		return SECTION_ABS;
	}
	return section < reader->image->section_count ? section : SECTION_ABS;
}

/* Makes the value relative to the section and checks that it lies in it. */
static void place_symbol(struct reader *reader, struct symbol *symbol)
{
	const struct section *section;

	if (symbol->section == SECTION_UNDEF ||
	    symbol->section >= reader->image->section_count)
		return;
	section = &reader->image->sections[symbol->section];
	if (reader->image->type != ET_REL)
		symbol->value -= reader->image->more[symbol->section].addr;
	if (symbol->value > section->size) {
		symbol->flags |= SYMBOL_OUTSIDE;
		/* Linker scripts leave some markers behind: not worth a word. */
		if (symbol->size)
			reader->outside++;
	}
}

static void take_symbol(struct reader *reader, uint64_t index,
			const Elf64_Sym *raw)
{
	struct image *image = reader->image;
	struct symbol *symbol = &image->symbols[index];

	*symbol = (struct symbol){
		.value = raw->st_value,
		.size = raw->st_size,
		.name = raw->st_name,
		.section = symbol_section(reader, index, raw->st_shndx),
		.type = ELF64_ST_TYPE(raw->st_info),
		.bind = ELF64_ST_BIND(raw->st_info),
		.visibility = ELF64_ST_VISIBILITY(raw->st_other),
	};
	if (symbol->name >= image->symbol_names.size && symbol->name)
		reader->unnamed++;
	if (reader->names.needed)
		symbol->name = name_budget_take(&reader->names, symbol->name);
	if (symbol->type == STT_FILE)
		reader->file = (uint32_t)index;
	else if (symbol->bind == STB_LOCAL)
		symbol->file = reader->file;
	place_symbol(reader, symbol);
}

static void take_batch64(struct reader *reader, const uint8_t *from,
			 uint64_t first, uint64_t count)
{
	Elf64_Sym raw[BATCH];

	image_translate(reader->image, raw, from, count * sizeof(*raw),
			ELF_T_SYM);
	for (uint64_t i = 0; i < count; i++)
		take_symbol(reader, first + i, &raw[i]);
}

static void take_batch32(struct reader *reader, const uint8_t *from,
			 uint64_t first, uint64_t count)
{
	Elf32_Sym raw[BATCH];

	image_translate(reader->image, raw, from, count * sizeof(*raw),
			ELF_T_SYM);
	for (uint64_t i = 0; i < count; i++) {
		Elf64_Sym wide = {
			.st_name = raw[i].st_name,
			.st_info = raw[i].st_info,
			.st_other = raw[i].st_other,
			.st_shndx = raw[i].st_shndx,
			.st_value = raw[i].st_value,
			.st_size = raw[i].st_size,
		};

		take_symbol(reader, first + i, &wide);
	}
}

/* The section with the indices that do not fit st_shndx. */
static void find_extended(struct reader *reader)
{
	struct image *image = reader->image;

	for (uint32_t k = 0; k < image->landmark_count; k++) {
		uint32_t i = image->landmarks[k];
		const struct section *s = &image->sections[i];

		if (s->type != SHT_SYMTAB_SHNDX ||
		    image->more[i].link != image->symtab)
			continue;
		reader->extended = image->data + s->offset;
		reader->extended_count = s->size / 4;
		return;
	}
}

static uint32_t find_symtab(const struct image *image)
{
	uint32_t dynamic = 0;

	for (uint32_t k = 0; k < image->landmark_count; k++) {
		uint32_t i = image->landmarks[k];

		if (image->sections[i].type == SHT_SYMTAB)
			return i;
		if (image->sections[i].type == SHT_DYNSYM && !dynamic)
			dynamic = i;
	}
	return dynamic;
}

static int read_names(struct image *image, struct err *err)
{
	uint32_t link = image->more[image->symtab].link;

	if (link && link < image->section_count)
		return image_read_strings(image, link, &image->symbol_names,
					  err);
	image_warn(image, "%s: symbol table in section %u names section %u "
		   "of %u as its string table: symbols have no names",
		   image->path, image->symtab, link,
		   image->section_count);
	return 0;
}

static void report_oddities(const struct reader *reader)
{
	struct image *image = reader->image;

	if (reader->outside)
		image_warn(image, "%s: %u sized symbols lie beyond their section "
			   "and own nothing", image->path, reader->outside);
	if (reader->unnamed)
		image_warn(image, "%s: %u symbols have a name beyond the "
			   "string table", image->path, reader->unnamed);
	if (reader->names.dropped)
		image_warn(image, "%s: %u symbols with very long names, that "
			   "are tails of each other, are shown without a name",
			   image->path, reader->names.dropped);
}

static int read_records(struct image *image, const struct section *symtab,
			struct err *err)
{
	struct reader reader = { .image = image };
	uint64_t record = image->is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	uint64_t count = symtab->size / record;

	if (count >= NONE)
		return err_set(err, "%s: %" PRIu64 " symbols in section %u, "
			       "more than 2^32", image->path, count,
			       image->symtab);
	image->symbols = arena_array(&image->arena, count + 1,
				     sizeof(*image->symbols));
	if (!image->symbols)
		return err_oom(err, "reading symbols");
	pages_expect(image->symbols, count * sizeof(*image->symbols));
	image->symbol_count = count ? (uint32_t)count : 1;
	image->symbol_entsize = (uint32_t)record;
	find_extended(&reader);
	name_budget_init(&reader.names, &image->symbol_names);
	for (uint64_t i = 0; i < count; i += BATCH) {
		const uint8_t *from = image->data + symtab->offset + i * record;
		uint64_t batch = min_u64(BATCH, count - i);

		if (image->is64)
			take_batch64(&reader, from, i, batch);
		else
			take_batch32(&reader, from, i, batch);
	}
	memset(&image->symbols[0], 0, sizeof(image->symbols[0]));
	image_forget(image, symtab->offset, symtab->size);
	report_oddities(&reader);
	return 0;
}

static int no_symbols(struct image *image, struct err *err)
{
	image->symbols = arena_array(&image->arena, 1,
				     sizeof(*image->symbols));
	image->symbol_count = 1;
	return image->symbols ? 0 : err_oom(err, "reading symbols");
}

int image_read_symbols(struct image *image, struct err *err)
{
	const struct section *symtab;

	image->symtab = find_symtab(image);
	if (!image->symtab)
		return no_symbols(image, err);
	symtab = &image->sections[image->symtab];
	if (read_names(image, err))
		return -1;
	return read_records(image, symtab, err);
}

/* SPDX-License-Identifier: MIT */
/*
 * The ELF header and the two header tables (gABI chapters 4 and 5). libelf
 * translates the records; the tables are walked as arrays, because libelf's
 * own descriptors cost 300 bytes a section and a vmlinux.o can have millions.
 */
#include <elf.h>
#include <inttypes.h>
#include <libelf.h>
#include <string.h>

#include "base/pages.h"
#include "image/image.h"
#include "image/internal.h"

/* How many records are translated at a time: a few pages on the stack. */
#define BATCH 64

struct layout {
	uint64_t phoff, shoff;
	uint64_t phnum, shnum;
	uint32_t phentsize, shentsize;
	uint32_t shstrndx;
};

static int truncated(const struct image *image, const char *what,
		     uint64_t offset, uint64_t size, struct err *err)
{
	return err_set(err,
		       "%s: %s at offset 0x%" PRIx64 " need 0x%" PRIx64
		       " bytes but the file ends at 0x%" PRIx64
		       ", it is truncated or damaged",
		       image->path, what, offset, size, image->size);
}

static bool inside(const struct image *image, uint64_t offset, uint64_t size)
{
	return offset <= image->size && size <= image->size - offset;
}

static int read_ident(struct image *image, struct err *err)
{
	const uint8_t *ident = image->data;

	if (ident[EI_CLASS] != ELFCLASS32 && ident[EI_CLASS] != ELFCLASS64)
		return err_set(err, "%s: ELF class %u at offset 4 is neither "
			       "32 nor 64 bit", image->path, ident[EI_CLASS]);
	if (ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB)
		return err_set(err, "%s: ELF byte order %u at offset 5 is "
			       "unknown", image->path, ident[EI_DATA]);
	image->is64 = ident[EI_CLASS] == ELFCLASS64;
	image->big_endian = ident[EI_DATA] == ELFDATA2MSB;
	return 0;
}

static int read_ehdr(struct image *image, struct layout *layout,
		     struct err *err)
{
	image->ehdr_size = image->is64 ? sizeof(Elf64_Ehdr)
				       : sizeof(Elf32_Ehdr);
	if (!inside(image, 0, image->ehdr_size))
		return truncated(image, "the ELF header", 0, image->ehdr_size,
				 err);
	if (image->is64) {
		Elf64_Ehdr e;

		image_translate(image, &e, image->data, sizeof(e), ELF_T_EHDR);
		*layout = (struct layout){ e.e_phoff, e.e_shoff, e.e_phnum,
					   e.e_shnum, e.e_phentsize,
					   e.e_shentsize, e.e_shstrndx };
		image->type = e.e_type;
		image->machine = e.e_machine;
	} else {
		Elf32_Ehdr e;

		image_translate(image, &e, image->data, sizeof(e), ELF_T_EHDR);
		*layout = (struct layout){ e.e_phoff, e.e_shoff, e.e_phnum,
					   e.e_shnum, e.e_phentsize,
					   e.e_shentsize, e.e_shstrndx };
		image->type = e.e_type;
		image->machine = e.e_machine;
	}
	return 0;
}

/* 0 and 1 mean none (gABI, sh_addralign); what is no power of two, nothing. */
static uint8_t align_log2(uint64_t align)
{
	return align && align <= 1u << 31 && !(align & (align - 1))
		       ? (uint8_t)__builtin_ctzll(align) : 0;
}

static Elf64_Shdr widen_section32(const Elf32_Shdr *s)
{
	return (Elf64_Shdr){
		.sh_name = s->sh_name, .sh_type = s->sh_type,
		.sh_flags = s->sh_flags, .sh_addr = s->sh_addr,
		.sh_offset = s->sh_offset, .sh_size = s->sh_size,
		.sh_link = s->sh_link, .sh_info = s->sh_info,
		.sh_addralign = s->sh_addralign,
	};
}

static void take_section(const Elf64_Shdr *s, struct section *section,
			 struct section_more *more)
{
	*section = (struct section){
		.offset = s->sh_offset, .size = s->sh_size,
		.name = s->sh_name, .type = s->sh_type,
		.flags = (uint32_t)s->sh_flags,
		.align_log2 = align_log2(s->sh_addralign),
	};
	if (s->sh_addr || s->sh_link || s->sh_info)
		*more = (struct section_more){
			.addr = s->sh_addr, .link = s->sh_link,
			.info = s->sh_info,
		};
}

/* Translates `count` section headers, at most BATCH, into zeroed memory. */
static void translate_sections(const struct image *image, uint64_t offset,
			       uint64_t count, struct section *to,
			       struct section_more *more)
{
	const uint8_t *from = image->data + offset;

	if (image->is64) {
		Elf64_Shdr raw[BATCH];

		image_translate(image, raw, from, count * sizeof(*raw),
				ELF_T_SHDR);
		for (uint64_t i = 0; i < count; i++)
			take_section(&raw[i], &to[i], &more[i]);
	} else {
		Elf32_Shdr raw[BATCH];

		image_translate(image, raw, from, count * sizeof(*raw),
				ELF_T_SHDR);
		for (uint64_t i = 0; i < count; i++) {
			Elf64_Shdr wide = widen_section32(&raw[i]);

			take_section(&wide, &to[i], &more[i]);
		}
	}
}

/*
 * Counts that do not fit the ELF header stand in the first section header:
 * sh_size the number of sections, sh_link the index of the section names,
 * sh_info the number of program headers (gABI, "ELF Header").
 */
static int extend_counts(struct image *image, struct layout *layout,
			 struct err *err)
{
	uint64_t record = image->is64 ? sizeof(Elf64_Shdr)
				      : sizeof(Elf32_Shdr);
	struct section first;
	struct section_more more = { 0 };

	if (!layout->shoff)
		return 0;
	if (layout->shentsize != record)
		return err_set(err, "%s: section headers of %u bytes each, "
			       "not %" PRIu64 ", at offset 0x%" PRIx64,
			       image->path, layout->shentsize, record,
			       layout->shoff);
	if (!inside(image, layout->shoff, record))
		return truncated(image, "the section headers", layout->shoff,
				 record, err);
	translate_sections(image, layout->shoff, 1, &first, &more);
	if (!layout->shnum)
		layout->shnum = first.size;
	if (layout->shstrndx == SHN_XINDEX)
		layout->shstrndx = more.link;
	if (layout->phnum == PN_XNUM)
		layout->phnum = more.info;
	return 0;
}

/* Bounds and alignment of one section, or why it cannot be trusted. */
static int check_section(const struct image *image, uint32_t index,
			 const struct section *s, struct err *err)
{
	if (s->type == SHT_NULL || s->type == SHT_NOBITS)
		return 0;
	if (inside(image, s->offset, s->size))
		return 0;
	return err_set(err,
		       "%s: section %u%s%s at offset 0x%" PRIx64 " with 0x%"
		       PRIx64 " bytes ends beyond the file's 0x%" PRIx64
		       ", it is truncated or damaged",
		       image->path, index,
		       *image_section_name(image, index) ? " " : "",
		       image_section_name(image, index), s->offset, s->size,
		       image->size);
}

static int read_sections(struct image *image, const struct layout *layout,
			 struct err *err)
{
	uint64_t total;

	if (!layout->shoff || !layout->shnum)
		return 0;
	if (__builtin_mul_overflow(layout->shnum, layout->shentsize, &total))
		total = UINT64_MAX;
	if (layout->shnum >= SECTION_ABS ||
	    !inside(image, layout->shoff, total))
		return truncated(image, "the section headers", layout->shoff,
				 total, err);
	image->sections = arena_array(&image->arena, layout->shnum,
				      sizeof(*image->sections));
	image->more = arena_array(&image->arena, layout->shnum,
				  sizeof(*image->more));
	if (!image->sections || !image->more)
		return err_oom(err, "reading section headers");
	pages_expect(image->sections,
		     layout->shnum * sizeof(*image->sections));
	for (uint64_t i = 0; i < layout->shnum; i += BATCH)
		translate_sections(image,
				   layout->shoff + i * layout->shentsize,
				   min_u64(BATCH, layout->shnum - i),
				   image->sections + i, image->more + i);
	image->section_count = (uint32_t)layout->shnum;
	image->shdr_offset = layout->shoff;
	image->shdr_size = total;
	/* Its fields are the extended counts, not a section's. */
	image->sections[0] = (struct section){ 0 };
	image->more[0] = (struct section_more){ 0 };
	image_forget(image, layout->shoff, total);
	return 0;
}

/* See base/tails.h: usually there is nothing to do. */
static void limit_section_names(struct image *image)
{
	struct name_budget budget;

	name_budget_init(&budget, &image->section_names);
	for (uint32_t i = 1; budget.needed && i < image->section_count; i++)
		image->sections[i].name =
			name_budget_take(&budget, image->sections[i].name);
	if (budget.dropped)
		image_warn(image, "%s: %u sections with very long names, that "
			   "are tails of each other, are shown without a name",
			   image->path, budget.dropped);
}

static int read_section_names(struct image *image, const struct layout *layout,
			      struct err *err)
{
	if (!image->section_count || !layout->shstrndx)
		return 0;
	if (layout->shstrndx >= image->section_count)
		return err_set(err, "%s: section names are said to be in "
			       "section %u of %u", image->path,
			       layout->shstrndx, image->section_count);
	if (image_read_strings(image, layout->shstrndx, &image->section_names,
			       err))
		return -1;
	limit_section_names(image);
	return 0;
}

/*
 * Sections may overlap, and each is read on its own: a million headers for one
 * megabyte would be a terabyte to read. All together are read for twice the
 * file; what comes behind has its size, but no content.
 */
static int check_sections(struct image *image, struct err *err)
{
	uint64_t left = 2 * image->size;
	uint32_t emptied = 0;

	for (uint32_t i = 1; i < image->section_count; i++) {
		struct section *s = &image->sections[i];

		if (check_section(image, i, s, err))
			return -1;
		if (s->type == SHT_NULL || s->type == SHT_NOBITS)
			continue;
		if (s->size <= left) {
			left -= s->size;
		} else {
			s->type = SHT_NOBITS;
			emptied++;
		}
	}
	if (emptied)
		image_warn(image, "%s: sections overlap beyond measure: the "
			   "content of %u is not read", image->path, emptied);
	return 0;
}

static struct segment widen_segment32(const Elf32_Phdr *p)
{
	return (struct segment){
		.offset = p->p_offset, .filesz = p->p_filesz,
		.vaddr = p->p_vaddr, .paddr = p->p_paddr,
		.memsz = p->p_memsz, .align = p->p_align,
		.type = p->p_type, .flags = p->p_flags,
	};
}

static struct segment widen_segment64(const Elf64_Phdr *p)
{
	return (struct segment){
		.offset = p->p_offset, .filesz = p->p_filesz,
		.vaddr = p->p_vaddr, .paddr = p->p_paddr,
		.memsz = p->p_memsz, .align = p->p_align,
		.type = p->p_type, .flags = p->p_flags,
	};
}

static struct segment translate_segment(const struct image *image,
					const uint8_t *at)
{
	if (image->is64) {
		Elf64_Phdr p;

		image_translate(image, &p, at, sizeof(p), ELF_T_PHDR);
		return widen_segment64(&p);
	} else {
		Elf32_Phdr p;

		image_translate(image, &p, at, sizeof(p), ELF_T_PHDR);
		return widen_segment32(&p);
	}
}

static int check_segment(const struct image *image, uint64_t index,
			 const struct segment *s, struct err *err)
{
	uint64_t end;

	if (s->type != PT_LOAD)
		return 0;
	if (!inside(image, s->offset, s->filesz))
		return err_set(err, "%s: segment %" PRIu64 " at offset 0x%"
			       PRIx64 " with 0x%" PRIx64 " bytes ends beyond "
			       "the file's 0x%" PRIx64 ", it is truncated or "
			       "damaged", image->path, index, s->offset,
			       s->filesz, image->size);
	if (s->filesz > s->memsz ||
	    __builtin_add_overflow(s->paddr, s->memsz, &end))
		return err_set(err, "%s: segment %" PRIu64 " at offset 0x%"
			       PRIx64 " has an impossible size in memory, 0x%"
			       PRIx64, image->path, index, s->offset,
			       s->memsz);
	return 0;
}

static int read_segments(struct image *image, const struct layout *layout,
			 struct err *err)
{
	uint64_t record = image->is64 ? sizeof(Elf64_Phdr)
				      : sizeof(Elf32_Phdr);

	if (!layout->phoff || !layout->phnum)
		return 0;
	if (layout->phentsize != record)
		return err_set(err, "%s: program headers of %u bytes each, "
			       "not %" PRIu64 ", at offset 0x%" PRIx64,
			       image->path, layout->phentsize, record,
			       layout->phoff);
	if (!inside(image, layout->phoff, layout->phnum * record))
		return truncated(image, "the program headers", layout->phoff,
				 layout->phnum * record, err);
	image->segments = arena_array(&image->arena, layout->phnum,
				      sizeof(*image->segments));
	if (!image->segments)
		return err_oom(err, "reading program headers");
	for (uint64_t i = 0; i < layout->phnum; i++) {
		image->segments[i] = translate_segment(
			image, image->data + layout->phoff + i * record);
		if (check_segment(image, i, &image->segments[i], err))
			return -1;
	}
	image->segment_count = (uint32_t)layout->phnum;
	image->phdr_offset = layout->phoff;
	image->phdr_size = layout->phnum * record;
	return 0;
}

int image_read_headers(struct image *image, struct err *err)
{
	struct layout layout = { 0 };

	elf_version(EV_CURRENT);
	if (read_ident(image, err) || read_ehdr(image, &layout, err) ||
	    extend_counts(image, &layout, err) ||
	    read_segments(image, &layout, err) ||
	    read_sections(image, &layout, err) ||
	    read_section_names(image, &layout, err))
		return -1;
	if (check_sections(image, err))
		return -1;
	return image_find_landmarks(image, err);
}

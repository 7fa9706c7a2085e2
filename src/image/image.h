/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_IMAGE_IMAGE_H
#define VMDELTA_IMAGE_IMAGE_H

/*
 * One loaded build: an ELF file of either class and byte order, mapped, with
 * its headers as plain arrays in the host's byte order. Every offset, size,
 * link and string in here has been checked against the file: later stages
 * need not look again. What was wrong but did not stop us is a warning.
 *
 * Source of the layouts: System V gABI, chapters 4 and 5; <elf.h>.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/util.h"

/* Where a symbol lives when it is not in a section (struct symbol.section). */
#define SECTION_UNDEF 0u
#define SECTION_ABS 0xfffffff1u
#define SECTION_COMMON 0xfffffff2u

struct section {
	uint64_t offset; /* in the file, bytes */
	uint64_t size;   /* bytes, also of SHT_NOBITS */
	uint32_t name;   /* offset in the section name table */
	uint32_t type;   /* SHT_* */
	uint32_t flags;  /* SHF_*, the low 32 bits: all that are defined */
	uint8_t align_log2; /* sh_addralign is 1 << this, at most 2^31 */
	uint8_t own;        /* of one function or variable: ".text.foo"; a
			       number for all that begin with ".text." */
};
_Static_assert(sizeof(struct section) == 32, "millions exist in vmlinux.o");

/*
 * What is 0 for nearly all sections of a relocatable file, apart from the
 * rest: there it is never written, and takes no memory.
 */
struct section_more {
	uint64_t addr; /* virtual address; 0 in ET_REL */
	uint32_t link;
	uint32_t info;
};

/* section.own is below this; one number is of one output section. */
#define OWN_HEADS 6

/* The alignment of a section in bytes, a power of two. */
static inline uint64_t section_align(const struct section *section)
{
	return UINT64_C(1) << section->align_log2;
}

struct segment {
	uint64_t offset, filesz; /* bytes in the file */
	uint64_t vaddr, paddr, memsz, align;
	uint32_t type; /* PT_* */
	uint32_t flags;
};

struct symbol {
	uint64_t value;   /* offset in its section, linked files too */
	uint64_t size;    /* st_size, bytes */
	uint32_t name;    /* offset in the symbol name table */
	uint32_t section; /* index, or SECTION_* */
	uint32_t file;    /* index of the STT_FILE symbol before a local, or 0 */
	uint8_t type;     /* STT_* */
	uint8_t bind;     /* STB_* */
	uint8_t visibility; /* STV_* */
	uint8_t flags;      /* SYMBOL_* */
};
_Static_assert(sizeof(struct symbol) == 32, "millions exist in vmlinux.o");

/* The value did not lie in its section: the symbol owns nothing. */
#define SYMBOL_OUTSIDE 0x01u

/* A name table: every offset below `size` starts a NUL-terminated string. */
struct strings {
	const char *data;
	uint64_t size;
	uint32_t section; /* the table's own section index, 0 if none */
};

struct image {
	char *path;            /* as given by the user */
	const uint8_t *data;   /* the whole file, mapped read-only */
	uint64_t size;         /* bytes */
	bool mapped;           /* by image_open(), to be unmapped */
	bool raw_btf;          /* no ELF file: BTF alone, of any machine */
	bool is64;             /* ELFCLASS64 */
	bool big_endian;       /* ELFDATA2MSB */
	uint16_t type;         /* ET_* */
	uint16_t machine;      /* EM_* */
	uint64_t ehdr_size;    /* bytes that the ELF header takes */
	uint64_t phdr_offset, phdr_size; /* the tables: offset, bytes */
	uint64_t shdr_offset, shdr_size;

	struct segment *segments;
	uint32_t segment_count;
	struct section *sections; /* [0] is the null section */
	struct section_more *more; /* by section */
	uint32_t section_count;
	uint32_t *landmarks;      /* the sections that are not `own`, in order */
	uint32_t landmark_count;
	struct symbol *symbols;   /* [0] is the null symbol */
	uint32_t symbol_count;
	uint32_t symtab;          /* section index of SHT_SYMTAB, 0 if none */
	uint32_t symbol_entsize;  /* bytes of one record in it */
	struct strings section_names;
	struct strings symbol_names;

	char **warnings;          /* malloc'ed texts */
	size_t warning_count;
	size_t warning_capacity;
	bool warnings_lost;    /* for want of memory: the report is an error */
	struct arena arena;       /* everything above */
};

/*
 * Opens and maps `path`, reads the headers and the symbol table. Returns 0,
 * or -1 with *err filled: not an ELF file (and what it is instead), truncated,
 * or broken so that not even the headers can be trusted. image_release() may
 * follow in both cases.
 */
int image_open(struct image *image, const char *path, struct err *err);

/* As image_open() for a file in memory, which must outlive the image. */
int image_open_memory(struct image *image, const char *path, const void *data,
		      uint64_t size, struct err *err);

void image_release(struct image *image);

static inline const char *strings_at(const struct strings *strings,
				     uint32_t offset)
{
	return offset < strings->size ? strings->data + offset : "";
}

/* Names; "" where there is none. Good as long as the image. */
static inline const char *image_section_name(const struct image *image,
					     uint32_t section)
{
	return section < image->section_count
		       ? strings_at(&image->section_names,
				   image->sections[section].name) : "";
}

static inline const char *image_symbol_name(const struct image *image,
					    uint32_t symbol)
{
	return symbol < image->symbol_count
		       ? strings_at(&image->symbol_names,
				   image->symbols[symbol].name) : "";
}

/*
 * Gives the memory of the file's pages back, after a pass over all names or
 * contents: they stay mapped and are read again where something is shown. For
 * small files that is not worth it, and not done.
 */
void image_forget_pages(const struct image *image);

/*
 * The lowest section with this name that is not `own`, or 0. Linear in the
 * number of landmarks.
 */
uint32_t image_find_section(const struct image *image, const char *name);

/* The first symbol with this name, or 0. Linear: for single look-ups. */
uint32_t image_find_symbol(const struct image *image, const char *name);

/*
 * The bytes of a section in the file, or NULL where it has none (SHT_NOBITS,
 * SHT_NULL, empty). At least section->size bytes are readable.
 */
const uint8_t *image_section_data(const struct image *image, uint32_t section);

/*
 * Tells the kernel that a part of the mapping has been read for the last
 * time: a table of headers is as large as the arrays made from it.
 */
void image_forget(const struct image *image, uint64_t offset, uint64_t size);
/* The pages of a string table: as much as all the rest of a large build. */
void image_forget_strings(const struct image *image,
			  const struct strings *strings);

/* Loads of the file's own byte order, from any alignment. */
uint16_t image_u16(const struct image *image, const void *at);
uint32_t image_u32(const struct image *image, const void *at);
uint64_t image_u64(const struct image *image, const void *at);

/* Keeps a warning on the image; silently drops it when out of memory. */
void image_warn(struct image *image, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "x86-64", "AArch64", ... or "unknown machine"; static text. */
const char *image_machine_name(uint16_t machine);

/* One relocation record, SHT_REL or SHT_RELA, in either class. */
struct relocation {
	uint64_t offset; /* r_offset: section offset in ET_REL, else address */
	int64_t addend;  /* 0 for SHT_REL: it lies in the patched bytes */
	uint32_t symbol; /* index, 0 if none */
	uint32_t type;   /* R_<machine>_* */
};

/*
 * Reads record `index` of a relocation section. `section` must be SHT_REL or
 * SHT_RELA and index below image_relocation_count().
 */
struct relocation image_relocation(const struct image *image, uint32_t section,
				   uint64_t index);
uint64_t image_relocation_count(const struct image *image, uint32_t section);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_IMAGE_TARGETS_H
#define VMDELTA_IMAGE_TARGETS_H

/*
 * Where pointers lead: those that are stored in the bytes of a linked file,
 * and those that relocations will write into a relocatable one. A linked file
 * is read by its stored fields, never by the relocations that --emit-relocs
 * kept: sorttable reorders the contents of tables and leaves relocations
 * where they were.
 *
 * Sources: gABI chapter 4, "Relocation"; the machines' psABIs.
 */

#include "image/address.h"

/* A byte of a section. */
struct place {
	uint64_t offset;
	uint32_t section;
};

/* R_*_RELATIVE: the address that the loader stores at another. */
struct relative {
	uint64_t at, value;
};

/* What is built once a file. */
struct targets {
	const struct image *image;
	struct address_index addresses;
	uint32_t percpu;           /* section at address 0, or 0 */
	uint32_t *patches;         /* section -> the SHT_REL(A) on it, or 0 */
	struct relative *relative; /* sorted by `at` */
	uint64_t relative_count;
};

int targets_init(struct targets *targets, const struct image *image,
		 struct err *err);
void targets_release(struct targets *targets);

/*
 * Where symbol + addend of a record leads: true with *place filled, which may
 * lie at the section's very end. `section` is the relocation section.
 */
bool targets_of_relocation(const struct targets *targets, uint32_t section,
			   const struct relocation *relocation,
			   struct place *place);

/*
 * The addend that SHT_REL keeps in the patched bytes; the record's own where
 * there is one. Only for the plain data relocations of tables.
 */
int64_t targets_addend(const struct targets *targets, uint32_t section,
		       const struct relocation *relocation);

/* True for types that subtract a symbol (riscv and loongarch ADD/SUB). */
bool targets_is_subtraction(const struct image *image, uint32_t type);

/* How a pointer is written. */
enum pointer {
	POINTER_ABSOLUTE, /* an address, 4 or 8 bytes by ELF class */
	POINTER_PC32,     /* 4 bytes, signed, from its own place */
	POINTER_PREL31,   /* as PC32, of which bit 31 says something else */
	POINTER_BASE      /* by ELF class, signed, from the record's start */
};

/* The pointers in one section, by offset. */
struct pointers {
	const struct targets *targets;
	const uint8_t *data;
	uint64_t size;
	uint32_t section;
	struct patch *patches;           /* ET_REL: sorted by offset */
	uint64_t patch_count, patch_at;  /* cursor: tables are read in order */
	const struct address_span *span; /* that held the last target */
};

/* Returns 0, or -1 when out of memory. */
int pointers_open(struct pointers *pointers, const struct targets *targets,
		  uint32_t section, struct err *err);
void pointers_close(struct pointers *pointers);

/*
 * Where the pointer at offset base + field leads. False when it leads
 * nowhere, or lies outside.
 */
bool pointers_target(struct pointers *pointers, enum pointer how,
		     uint64_t base, uint64_t field, struct place *target);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_IMAGE_INTERNAL_H
#define VMDELTA_IMAGE_INTERNAL_H

/* The steps of image_open(), in order; each fills its part of the image. */

#include "image/image.h"

/* What a file that is no ELF file is, and what to pass instead. */
int image_reject(const struct image *image, struct err *err);

/* BTF without an ELF file around it: an image of one section. */
bool image_is_raw_btf(const struct image *image);
int image_open_raw_btf(struct image *image, struct err *err);

/* The ELF header, the program headers and the section headers. */
int image_read_headers(struct image *image, struct err *err);

/* Marks the `own` sections and lists the others. */
int image_find_landmarks(struct image *image, struct err *err);

/* The symbol table; an image without one has the null symbol alone. */
int image_read_symbols(struct image *image, struct err *err);

/* The string table in section `index`, cut behind its last NUL. */
int image_read_strings(struct image *image, uint32_t index,
		       struct strings *strings, struct err *err);

/* What the names of a string table may cost, see base/tails.h. */
struct name_budget {
	const struct strings *strings;
	bool needed;      /* else every name may be taken as it is */
	uint64_t left;    /* bytes of long names */
	uint32_t dropped; /* names that were too much */
};

void name_budget_init(struct name_budget *budget,
		      const struct strings *strings);

/* The name, or that of an empty string where the budget is spent. */
uint32_t name_budget_take(struct name_budget *budget, uint32_t name);

/*
 * Translates `count` records of Elf type `type` (ELF_T_*), `size` file bytes,
 * at `from` to the host's byte order and alignment.
 */
int image_translate(const struct image *image, void *to, const void *from,
		    uint64_t size, int type);


#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_LEDGER_CLAIMS_H
#define VMDELTA_LEDGER_CLAIMS_H

/*
 * Which parts of a space the headers and sections claim, in the order of
 * their places. Claims may overlap: who has an overlap is space.c's matter.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "image/image.h"

/* A part of a space that something claims; `section` NONE: a header. */
struct region {
	uint64_t start, end;
	uint32_t section;
	uint32_t priority; /* lower first at the same start */
};

struct regions {
	struct region *list;
	size_t count, capacity;
};

#define HEADERS 3

/*
 * The claims on a space, in order. A vmlinux.o has a section a function, and
 * all of them in order: they are taken from the section table as they come,
 * and only files that are out of order pay for a sorted list.
 */
struct claims {
	const struct image *image;
	struct regions sorted;          /* used when `list` is true */
	bool list;
	size_t at;                      /* in the list, or the next section */
	struct region headers[HEADERS]; /* in the file, by start */
	unsigned header_at, header_count;
	bool estimate;                  /* one behind the other, aligned */
	uint64_t end;                   /* of the last estimated one */
	uint32_t too_large;             /* section that goes beyond 2^64, or 0 */
};

/* Each starts `claims` afresh; claims_release() may follow in all cases. */

/* Headers and sections in the file. Returns 0, or -1 when out of memory. */
int claims_file(struct claims *claims, const struct image *image,
		struct err *err);
/* Sections in the physical image of a linked file. Likewise. */
int claims_linked(struct claims *claims, const struct image *image,
		  struct err *err);
/* Sections of a relocatable file, one behind the other. */
void claims_estimate(struct claims *claims, const struct image *image);
/* At the end: 0, or -1 where an estimate does not fit 64 bits. */
int claims_check(const struct claims *claims, struct err *err);
void claims_release(struct claims *claims);

/* The next claim, by start; false at the end. */
bool claims_next(struct claims *claims, struct region *region);

/*
 * Takes the claims that come next as long as they are of own sections of one
 * kind (section.own) and do not overlap: nearly all of a vmlinux.o. `domain` is
 * marked in domains[] of each section, *at, where the claim before ended, is
 * moved to the end of the last one. Returns the bytes of the gaps between.
 */
uint64_t claims_take_own(struct claims *claims, uint8_t own, uint64_t *at,
			 uint8_t domain, uint8_t *domains);

/* File bytes inside a segment that stand for NOBITS sections, by start. */
int claims_fill(struct regions *fill, const struct image *image,
		struct err *err);

/* A segment that is loaded and takes memory. */
bool claims_is_load(const struct segment *segment);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_IMAGE_ADDRESS_H
#define VMDELTA_IMAGE_ADDRESS_H

/*
 * From an address of a linked file to the section that lies there. Only what
 * a stored pointer can mean is in the index: loaded sections, without
 * thread-local ones, and without per-cpu sections that start at address 0
 * (x86 before Linux 6.15), whose addresses are offsets of another space.
 * Where sections share an address (armhf's vectors), code wins, then the
 * lower section index.
 */

#include "image/image.h"

struct address_span {
	uint64_t start, end; /* addresses; spans are sorted and disjoint */
	uint32_t section;
};

struct address_index {
	struct address_span *spans;
	uint32_t count;
};

/* Empty for ET_REL. Returns 0, or -1 when out of memory. */
int address_index_init(struct address_index *index, const struct image *image,
		       struct err *err);

/* The span that holds `address`, or NULL. Logarithmic. */
const struct address_span *address_find(const struct address_index *index,
					uint64_t address);

void address_index_release(struct address_index *index);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_ADDRESS_MAP_H
#define VMDELTA_DEBUG_ADDRESS_MAP_H

/*
 * Addresses to sections. A linked file has addresses. A relocatable one has
 * not: every loaded section is given a made-up one, far from 0 and from each
 * other, so that applied relocations lead back to one section only.
 */

#include "image/image.h"

struct mapped_span {
	uint64_t start, end; /* addresses */
	uint32_t section;
};

struct address_map {
	struct mapped_span *code; /* executable sections, by start */
	struct mapped_span *all;  /* all that are loaded, by start */
	uint32_t code_count, all_count;
	uint64_t *bases; /* by section; NULL in linked files */
};

/* Returns 0, or -1 when out of memory. */
int address_map_init(struct address_map *map, const struct image *image);
void address_map_release(struct address_map *map);

/* The span that holds an address, or NULL: executable ones only, or all. */
const struct mapped_span *address_map_code(const struct address_map *map,
					    uint64_t address);
const struct mapped_span *address_map_any(const struct address_map *map,
					   uint64_t address);

#endif

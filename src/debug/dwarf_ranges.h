/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_DWARF_RANGES_H
#define VMDELTA_DEBUG_DWARF_RANGES_H

/* Range lists. Source: DWARF 5, sections 2.17.3 and 7.25; DWARF 4, 2.17.3. */

#include "debug/dwarf_file.h"

struct address_range {
	uint64_t low, high; /* addresses; high is behind the last byte */
};

struct address_ranges {
	struct address_range *list;
	size_t count, capacity;
	uint64_t offset; /* of the list that was read last */
};

/*
 * Replaces `ranges` by those that a DW_AT_ranges names; empty ones are left
 * out. Returns 0, also when the list is broken (what was read before stays),
 * or -1 when out of memory.
 */
int ranges_read(struct address_ranges *ranges, struct dwarf_file *file,
		const struct unit *unit, const struct value *value);

#endif

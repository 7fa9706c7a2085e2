/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_DWARF_FLATTEN_H
#define VMDELTA_DEBUG_DWARF_FLATTEN_H

/* From nested ranges to pieces that do not overlap. */

#include "debug/dwarf.h"

/* Code of one DIE. */
struct code_range {
	uint64_t start, end; /* offsets in the section, start < end */
	uint32_t section;
	uint32_t depth; /* the deeper one wins, then the later one */
	uint32_t unit, host, node;
};

struct piece_list {
	struct dwarf_piece *list;
	size_t count, capacity;
};

/* Where a range starts: what is sorted, so that ranges need not be touched. */
struct flatten_start {
	uint64_t start;
	uint32_t section;
	uint32_t range;
};

/* Memory that calls share; zeroed at first. */
struct flatten_scratch {
	uint32_t *heap;
	size_t capacity;
	struct flatten_start *starts; /* twice as many as ranges */
	size_t start_capacity;
};

/*
 * Appends the pieces of `ranges` to `pieces`, sorted by section and offset;
 * neighbours with one owner are joined. Every byte that some range covers is
 * in exactly one piece, that of the deepest range. O(n log n) for any input.
 * Returns 0, or -1 when out of memory.
 */
int flatten(const struct code_range *ranges, size_t count,
	    struct piece_list *pieces, struct flatten_scratch *scratch);
void flatten_scratch_release(struct flatten_scratch *scratch);

#endif

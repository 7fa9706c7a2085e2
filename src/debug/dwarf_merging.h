/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_DWARF_MERGING_H
#define VMDELTA_DEBUG_DWARF_MERGING_H

/* What the two halves of merging share: dwarf_merge.c and dwarf_pieces.c. */

#include "debug/dwarf_merge.h"
#include "debug/dwarf_path.h"

struct merge {
	struct dwarf *dwarf;
	struct readers *readers;
	struct path_root root;
	uint32_t **functions;  /* by walker: its number -> the final one */
	uint32_t **files;      /* likewise, of names */
	struct map met;        /* DIE -> its walker's number, see find_met() */
};

static inline uint32_t dwarf_renumber(const uint32_t *numbers, uint32_t number)
{
	return number == NONE ? NONE : numbers[number];
}

/*
 * Puts the pieces of all units in order; node_base: by unit, the number of its
 * first node. Returns 0, or -1 when out of memory.
 */
int dwarf_merge_pieces(struct merge *merge, const uint32_t *node_base);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_DWARF_MERGE_H
#define VMDELTA_DEBUG_DWARF_MERGE_H

/* Putting together what walkers found. */

#include "debug/dwarf_walk.h"

struct readers {
	struct dwarf_file *file;
	struct walk_unit *units; /* by unit */
	_Atomic uint32_t next;   /* unit to be read */
	struct walker *walkers;
	uint32_t walker_count;
	struct dwarf_progress *progress; /* or NULL */
};

/*
 * Fills units, functions, nodes, pieces, extents, variables and files of
 * `dwarf`. Strings in walkers' arenas are copied. Returns -1 when out of
 * memory.
 */
int dwarf_merge(struct dwarf *dwarf, struct readers *readers);

#endif

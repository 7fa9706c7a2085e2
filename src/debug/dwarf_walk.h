/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_DWARF_WALK_H
#define VMDELTA_DEBUG_DWARF_WALK_H

/*
 * Walking units. Each thread has a walker of its own: it keeps what its units
 * said, in arrays that grow; dwarf.c puts the walkers' arrays together in the
 * order of units, so that the result does not depend on the threads.
 */

#include "base/map.h"
#include "base/names.h"
#include "debug/dwarf_file.h"
#include "debug/dwarf_flatten.h"
#include "debug/dwarf_line.h"
#include "debug/dwarf_ranges.h"

/* Attributes of one DIE. */
struct die {
	uint64_t offset;
	const struct abbrev *abbrev;
	uint32_t have; /* bit: enum slot */
	struct value values[SLOT_COUNT]; /* of those that it has */
};

static inline bool die_has(const struct die *die, enum slot slot)
{
	return die->have >> slot & 1;
}

/* A function as one walker knows it. */
struct walk_function {
	uint64_t die;      /* what it is known by: offset in .debug_info */
	const char *name, *linkage;
	uint32_t decl_file; /* number in walker.names, 0: unknown */
	uint32_t decl_line;
	uint32_t unit;      /* NONE: foreign, found later by its die */
};

/* What one unit gave: runs in its walker's arrays. */
struct walk_unit {
	uint32_t walker;
	uint32_t functions, function_count;
	uint32_t nodes, node_count;
	uint32_t pieces, piece_count;
	uint32_t extents, extent_count;
	uint32_t variables, variable_count;
	struct dwarf_parts parts;
	const char *name; /* as path_make() left it, in the walker's arena */
	bool has_code;
};

struct frame;

struct walker {
	struct dwarf_file *file;
	bool inlines;
	bool failed;  /* out of memory */

	struct abbrev_table table;
	struct line_files line;
	struct address_ranges ranges;
	struct code_range *code;
	size_t code_count, code_capacity;
	struct flatten_scratch flatten;
	struct frame *frames;
	size_t frame_capacity;
	struct map function_of; /* DIE -> functions[], of the current unit */
	struct map foreign_of;  /* likewise, DIEs of other units */
	struct names names;     /* paths of files */
	struct map file_of;     /* (directory, name) -> names */
	const struct mapped_span *span; /* where code was last */

	struct walk_function *functions;
	size_t function_count, function_capacity;
	struct dwarf_node *nodes; /* call_file: number in `names` */
	size_t node_count, node_capacity;
	struct piece_list pieces;
	struct dwarf_extent *extents;
	size_t extent_count, extent_capacity;
	struct dwarf_variable *variables;
	size_t variable_count, variable_capacity;

	uint64_t tombstones, outside, broken, deep, split; /* for warnings */
	struct arena arena;
};

int walker_init(struct walker *walker, struct dwarf_file *file, bool inlines);
void walker_release(struct walker *walker);

/* Reads a unit's first DIE and below. Sets walker->failed on no memory. */
void walker_unit(struct walker *walker, uint32_t unit, struct walk_unit *out);

/* Makes the abbreviations of a unit current. False: broken, or no memory. */
bool walker_table(struct walker *walker, const struct unit *unit);

/* The function that a DIE is, or is a copy of: an index; NONE: no memory. */
uint32_t walker_function_of(struct walker *walker, uint32_t unit,
			    const struct die *die);

/* The number in walker->names of the file that a value names; 0: unknown. */
uint32_t walker_file(struct walker *walker, const struct unit *unit,
		     const struct value *value);

/* A line number; 0 where there is none. */
uint32_t die_line(const struct die *die, enum slot slot);

/*
 * Reads the function whose root DIE is at `offset` of `unit`, whose table is
 * current, into *function.
 */
void walker_function(struct walker *walker, uint32_t unit, uint64_t offset,
		     struct walk_function *function);

/* Reads the DIE at an offset of a unit whose table is current. */
bool die_at(const struct walker *walker, const struct unit *unit,
	    uint64_t offset, struct die *die);
void die_read(struct die *die, const struct abbrev_table *table,
	      const struct abbrev *abbrev, struct cursor *cursor,
	      const struct unit_format *format);

#endif

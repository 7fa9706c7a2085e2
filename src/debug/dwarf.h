/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_DWARF_H
#define VMDELTA_DEBUG_DWARF_H

/*
 * What DWARF says about code: which unit it comes from, and through which
 * chain of inlined functions. Read once, flattened to sorted pieces that do
 * not overlap, so that the ledger can split a function by merging two lists.
 *
 * Source: DWARF 5, sections 2.17 (ranges), 3.1 (units), 3.3 (subroutines).
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "image/image.h"

/* One compile unit (partial and type units are counted, not listed). */
struct dwarf_unit {
	const char *name;     /* source path without the build directory */
	const char *producer; /* DW_AT_producer, "" if none */
	uint64_t offset;      /* of the unit header in .debug_info */
	uint64_t size;        /* bytes in .debug_info, header included */
	uint32_t home;        /* the first unit of the same name: itself, or
				 the one that it repeats (ThinLTO) */
	uint16_t language;    /* DW_LANG_* */
	uint8_t version;      /* of DWARF */
	uint8_t has_code;     /* some range of it lies in a section */
};

/* A function: a subprogram DIE that has code or was inlined somewhere. */
struct dwarf_function {
	const char *name;      /* DW_AT_name, as in the source */
	const char *linkage;   /* DW_AT_linkage_name or "" */
	const char *decl_file; /* without the build directory, "" if unknown */
	uint32_t decl_line;
	uint32_t unit;         /* of the DIE that declares it (abstract origin) */
};

/* One step of an inline path. Nodes are shared by all copies of a path. */
struct dwarf_node {
	uint32_t parent;    /* the caller's node, NONE: directly in the host */
	uint32_t function;  /* that is inlined here */
	uint32_t host;      /* function whose out-of-line code this is in */
};

/* Code of one owner; pieces are sorted and never overlap. */
struct dwarf_piece {
	uint64_t offset;  /* in the section */
	uint64_t size;
	uint32_t section;
	uint32_t unit;
	uint32_t host;    /* function whose code it is, NONE: of the unit only */
	uint32_t node;    /* innermost inline step, NONE: the host's own code */
};
_Static_assert(sizeof(struct dwarf_piece) == 32, "millions exist");

struct dwarf {
	bool present;          /* there was DWARF and it was asked for */
	struct dwarf_unit *units;
	uint32_t unit_count;
	struct dwarf_function *functions;
	uint32_t function_count;
	struct dwarf_node *nodes;
	uint32_t node_count;
	struct dwarf_piece *pieces;
	uint32_t piece_count;
	struct arena arena;    /* owns all of the above */
};

struct dwarf_options {
	const char *debug_file; /* separate debug file, or NULL: look it up */
	bool inlines;           /* false: units and their code ranges only */
	unsigned threads;       /* 0: as many as there are processors */
};

/*
 * Reads the DWARF of `image`. Returns 0 also when there is none or when it is
 * broken (a warning on the image says so and dwarf->present is false or what
 * was read stays); -1 only when out of memory.
 */
int dwarf_read(struct dwarf *dwarf, struct image *image,
	       const struct dwarf_options *options, struct err *err);

void dwarf_release(struct dwarf *dwarf);

#endif

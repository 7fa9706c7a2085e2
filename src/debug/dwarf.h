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

/* "This unit has no such contribution." */
#define DWARF_NOWHERE UINT64_MAX

/* Where a unit's parts lie in the other debug sections: section offsets. */
struct dwarf_parts {
	uint64_t abbrev;
	uint64_t line;        /* its line program */
	uint64_t str_offsets; /* DW_AT_*_base: just behind the table's header */
	uint64_t addr;
	uint64_t ranges;      /* the lowest list it refers to: .debug_ranges,
				 in DWARF 5 .debug_rnglists */
	uint64_t locations;   /* likewise .debug_loc, .debug_loclists */
};

/* One compile or partial unit (type units are counted, not listed). */
struct dwarf_unit {
	const char *name;     /* source path without the build directory */
	const char *producer; /* DW_AT_producer, "" if none */
	uint64_t offset;      /* of the unit header in .debug_info */
	uint64_t size;        /* bytes in .debug_info, header included */
	struct dwarf_parts parts;
	uint32_t home;        /* the first unit of the same name that has code:
				 itself, or the one it repeats (ThinLTO) */
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

/* True for a code-less copy of another unit: what ThinLTO adds. */
static inline bool dwarf_unit_repeats(const struct dwarf_unit *units,
				      uint32_t unit)
{
	return units[unit].home != unit && !units[unit].has_code;
}

/*
 * One step of an inline path: one inlined copy of a function, so that copies
 * are counted by counting nodes. Parents come before their children.
 */
struct dwarf_node {
	uint32_t parent;    /* the caller's node, NONE: directly in the host */
	uint32_t function;  /* that is inlined here */
	uint32_t host;      /* function whose out-of-line code this is in */
	uint32_t call_file; /* of the call: index in files, NONE: unknown */
	uint32_t call_line;
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

/* The DIEs of a function with code: some bytes of .debug_info. */
struct dwarf_extent {
	uint64_t info;    /* offset in .debug_info of its DIE */
	uint64_t size;    /* bytes, children included */
	uint64_t offset;  /* where its code starts, in the section */
	uint32_t section;
	uint32_t unit;
};

/* A variable with a fixed place; without DWARF also a function. */
struct dwarf_variable {
	uint64_t offset; /* in the section */
	uint32_t section;
	uint32_t unit;
};

struct dwarf_file; /* the sections that were read, dwarf_file.h */

/* The unit that a FILE symbol names. */
struct file_unit {
	uint32_t symbol;
	uint32_t unit;
};

struct dwarf {
	bool present;          /* there was DWARF and it was asked for; else
				  units may still come from FILE symbols: see
				  file_units.c */
	struct dwarf_unit *units;
	uint32_t unit_count;
	struct dwarf_function *functions;
	uint32_t function_count;
	struct dwarf_node *nodes;
	uint32_t node_count;
	struct dwarf_piece *pieces; /* by section and offset */
	uint32_t piece_count;
	struct dwarf_extent *extents; /* by info; they do not overlap */
	uint32_t extent_count;
	struct dwarf_variable *variables; /* by section and offset */
	uint32_t variable_count;
	struct file_unit *file_units; /* instead of all but units; by symbol */
	uint32_t file_unit_count;
	const char **files;    /* paths, as decl_file; what call_file names */
	uint32_t file_count;
	struct dwarf_file *file; /* for dwarf_line_find(), or NULL */
	struct arena arena;    /* owns all else but pieces and file_units */
};

/* Units, counted while they are read. */
struct dwarf_progress {
	_Atomic uint32_t done, total;
};

struct dwarf_options {
	const char *debug_file; /* separate debug file, or NULL: look it up */
	bool symbols_only;      /* units from FILE symbols, whatever there is */
	bool inlines;           /* false: units and their code ranges only */
	unsigned threads;       /* 0: as many as there are processors */
	struct dwarf_progress *progress; /* kept up to date, or NULL */
};

/*
 * Reads the DWARF of `image`, else its FILE symbols. Returns 0 also when there
 * is neither, or when it is broken (a warning on the image says so, and
 * dwarf->present is false or what was read stays); -1 only when out of memory.
 */
int dwarf_read(struct dwarf *dwarf, struct image *image,
	       const struct dwarf_options *options, struct err *err);

void dwarf_release(struct dwarf *dwarf);

/*
 * The first piece that ends behind `offset` of `section`: it covers the byte
 * or is the next one; piece_count if there is none, or an index of another
 * section. `hint` is where to start looking, 0 if unknown; logarithmic in the
 * distance from there.
 */
uint32_t dwarf_piece_at(const struct dwarf *dwarf, uint32_t section,
			uint64_t offset, uint32_t hint);

/*
 * The unit that defines the variable at exactly this place, or NONE. *hint, 0
 * at first, makes a walk in the order of places quick.
 */
uint32_t dwarf_variable_unit(const struct dwarf *dwarf, uint32_t section,
			     uint64_t offset, uint32_t *hint);

/*
 * The unit of a symbol by its FILE symbol, where that stands in for DWARF and
 * is to be believed, or NONE. *hint, 0 at first, makes neighbours quick.
 */
uint32_t dwarf_file_unit(const struct dwarf *dwarf, const struct image *image,
			 uint32_t symbol, uint32_t *hint);

/*
 * File and line of single bytes of code. The line tables of the units that
 * were asked for are kept: start with a zeroed one.
 */
struct dwarf_lines {
	struct unit_lines **units; /* by unit */
	struct arena arena;
};

/*
 * Says where the code at a place of `unit` comes from: *file "" and *line 0
 * where the line table does not tell. The text lives as long as `lines`.
 * Returns 0, or -1 when out of memory.
 */
int dwarf_line_find(const struct dwarf *dwarf, struct dwarf_lines *lines,
		    uint32_t unit, uint32_t section, uint64_t offset,
		    const char **file, uint32_t *line);
void dwarf_lines_release(const struct dwarf *dwarf,
			 struct dwarf_lines *lines);

#endif

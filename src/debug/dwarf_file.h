/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_DWARF_FILE_H
#define VMDELTA_DEBUG_DWARF_FILE_H

/*
 * The debug sections of one file, ready to be read by several threads, and
 * its units. Nothing in here is written after dwarf_file_open() but the
 * budgets.
 */

#include <stdatomic.h>

#include "base/arena.h"
#include "debug/dwarf.h"
#include "debug/dwarf_form.h"
#include "debug/section_bytes.h"

enum debug_section {
	DEBUG_INFO,
	DEBUG_ABBREV,
	DEBUG_STR,
	DEBUG_LINE,
	DEBUG_LINE_STR,
	DEBUG_RANGES,
	DEBUG_RNGLISTS,
	DEBUG_ADDR,
	DEBUG_STR_OFFSETS,
	DEBUG_SECTIONS
};

/*
 * How much of a section may be read, over all units together. What compilers
 * write is referred to about once; a file that lets every unit refer to the
 * same megabytes runs dry instead of running for hours.
 */
struct budget {
	_Atomic int64_t left;
};

static inline bool budget_take(struct budget *budget, uint64_t amount)
{
	return atomic_fetch_sub(&budget->left, (int64_t)amount) >
	       (int64_t)amount;
}

/* One unit of .debug_info. */
struct unit {
	uint64_t offset; /* of its header in .debug_info */
	uint64_t end;    /* behind it */
	uint64_t die;    /* of its first DIE */
	uint64_t abbrev;
	struct unit_format format;
	uint8_t type;    /* DW_UT_* */
	/* From its first DIE: */
	uint16_t language;
	bool is_c;       /* C or assembly: no code inside types */
	uint64_t base;   /* low_pc: what range lists start from */
	uint64_t str_offsets_base, addr_base, rnglists_base, loclists_base;
	uint64_t line;
	const char *name, *comp_dir, *producer;
};

struct dwarf_file {
	struct image *image;     /* that has the debug sections */
	struct image *separate;  /* ours, when they are in a file of their own */
	uint32_t *section_map;   /* its sections -> the image's, or NULL */
	uint32_t section_map_count;
	struct address_map map;
	struct section_bytes sections[DEBUG_SECTIONS];
	uint64_t string_ends[DEBUG_SECTIONS]; /* behind the last NUL */
	struct unit *units;
	uint32_t unit_count;
	uint32_t type_units;
	bool swap;
	char *root;              /* the source tree, "/" at its end, or NULL */
	struct budget abbrevs, ranges, lines, names;
	bool long_names;         /* there may be some: see base/tails.h */
	struct arena arena;
};

/*
 * Finds and prepares the debug sections of `image`, or of its separate file.
 * Returns NULL without error when there are none; *oom tells when it was
 * memory. Problems are warnings on `image`.
 */
struct dwarf_file *dwarf_file_open(struct image *image,
				   const struct dwarf_options *options,
				   bool *oom);
void dwarf_file_free(struct dwarf_file *file);

/* Reads all unit headers. Returns 0, or -1 when out of memory. */
int dwarf_file_units(struct dwarf_file *file, struct image *image);

/* The unit that holds an offset of .debug_info, or NULL. */
struct unit *dwarf_file_unit_at(const struct dwarf_file *file,
				uint64_t offset);

/* A cursor over [offset, end) of a section, failed when there is no such. */
struct cursor dwarf_file_cursor(const struct dwarf_file *file,
				enum debug_section section, uint64_t offset,
				uint64_t end);

/* The section of the image that a section of the debug file stands for. */
static inline uint32_t dwarf_file_section(const struct dwarf_file *file,
					  uint32_t section)
{
	if (!file->section_map)
		return section;
	return section < file->section_map_count ? file->section_map[section] :
						   NONE;
}

/* Values that lie elsewhere; "" or false where they cannot be had. */
const char *value_string(struct dwarf_file *file,
			 const struct unit *unit, const struct value *value);
bool value_address(const struct dwarf_file *file, const struct unit *unit,
		   const struct value *value, uint64_t *address);
bool value_reference(const struct unit *unit, const struct value *value,
		     uint64_t *offset);

/* Entry `index` of .debug_addr. */
bool dwarf_file_address(const struct dwarf_file *file, const struct unit *unit,
			uint64_t index, uint64_t *address);

#endif

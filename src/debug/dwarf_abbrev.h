/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_DWARF_ABBREV_H
#define VMDELTA_DEBUG_DWARF_ABBREV_H

/*
 * Abbreviation tables, compiled: what a DIE's code says about the DIE's tag
 * and attributes, and a short program that steps over a DIE of this code.
 *
 * Source: DWARF 5, section 7.5.3; DW_TAG_*, DW_AT_*, DW_FORM_*: <dwarf.h>.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "debug/cursor.h"

/* What a DIE means to us. */
enum die_kind {
	DIE_SCOPE,      /* code may lie below it; says nothing itself */
	DIE_SUBPROGRAM,
	DIE_INLINED,
	DIE_VARIABLE,
	DIE_TYPE,       /* with members: code only below it outside of C */
	DIE_LEAF,       /* types, parameters, calls: no code below it */
};

/* Attributes that we read; the rest is stepped over. */
enum slot {
	SLOT_NONE,
	SLOT_NAME,
	SLOT_LINKAGE,
	SLOT_LOW_PC,
	SLOT_HIGH_PC,
	SLOT_RANGES,
	SLOT_ORIGIN,
	SLOT_SPECIFICATION,
	SLOT_DECL_FILE,
	SLOT_DECL_LINE,
	SLOT_CALL_FILE,
	SLOT_CALL_LINE,
	SLOT_DECLARATION,
	SLOT_LOCATION,
	SLOT_FRAME_BASE,
	SLOT_COMP_DIR,
	SLOT_PRODUCER,
	SLOT_LANGUAGE,
	SLOT_STMT_LIST,
	SLOT_STR_OFFSETS_BASE,
	SLOT_ADDR_BASE,
	SLOT_RNGLISTS_BASE,
	SLOT_LOCLISTS_BASE,
	SLOT_SIBLING,
	SLOT_DWO_NAME,
	SLOT_COUNT
};

struct abbrev_attribute {
	int64_t constant; /* the value of a form of no bytes */
	uint16_t form;    /* UINT16_MAX: none that can be known */
	uint8_t slot;     /* enum slot */
	uint8_t kind;     /* enum value_kind of a fixed form */
	uint8_t size;     /* bytes of a number, or FORM_VARIES */
	int8_t fixed;     /* bytes of a form that always has as many, or -1 */
};

#define FORM_VARIES 0xffu

/* A step over attributes: fixed bytes first, then one of another length. */
enum step_kind {
	STEP_END, STEP_ULEB, STEP_BLOCK, STEP_BLOCK1, STEP_BLOCK2, STEP_BLOCK4,
	STEP_STRING, STEP_INDIRECT,
	STEP_SIBLING,   /* an offset in the unit, `size` bytes (0: ULEB128) */
	STEP_LIST,      /* a location list's offset, `size` bytes */
	STEP_RANGES,    /* likewise a range list's, of a block or a label */
	STEP_PLACE,     /* a location expression; size: of its length, or 0 */
	STEP_FIXED,     /* nothing more: `fixed` was full */
	STEP_UNKNOWN    /* a form that nobody can step over */
};

struct step {
	uint16_t fixed;
	uint8_t kind;
	uint8_t size;
};

struct abbrev {
	uint64_t code;
	uint32_t attributes; /* first one, in the table */
	uint32_t steps;      /* likewise */
	uint32_t attribute_count;
	uint16_t tag;
	uint8_t kind;        /* enum die_kind */
	uint8_t children;
};

struct abbrev_table {
	uint64_t offset;     /* in .debug_abbrev; what it is cached by */
	uint8_t version, address_size, offset_size;
	bool valid;
	bool has_code;       /* some subprogram or inlined one has an address */
	struct abbrev *list; /* list[code - 1] where codes are dense */
	struct abbrev_attribute *attributes;
	struct step *steps;
	size_t count, capacity, attribute_count, attribute_capacity;
	size_t step_count, step_capacity;
	bool dense;
};

/* The sizes that DWARF leaves to each unit. */
struct unit_format {
	uint8_t version, address_size, offset_size;
};

/*
 * Compiles the table at `cursor`. Returns the number of bytes that it takes;
 * 0 with table->valid false where it is broken; -1 when out of memory. The
 * table's memory is used again.
 */
int64_t abbrev_table_read(struct abbrev_table *table, struct cursor cursor,
			  const struct unit_format *format);
void abbrev_table_release(struct abbrev_table *table);

/* The declaration of a code in a table that is not dense, or NULL. */
const struct abbrev *abbrev_search(const struct abbrev_table *table,
				   uint64_t code);

/* The declaration of a code, or NULL. */
static inline const struct abbrev *abbrev_find(const struct abbrev_table *table,
					       uint64_t code)
{
	if (!table->dense)
		return abbrev_search(table, code);
	return code - 1 < table->count ? &table->list[code - 1] : NULL;
}

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_DWARF_FORM_H
#define VMDELTA_DEBUG_DWARF_FORM_H

/*
 * Forms: how an attribute's value is written. Source: DWARF 5, section 7.5.6.
 */

#include "debug/dwarf_abbrev.h"

enum value_kind {
	VALUE_NONE,
	VALUE_ADDRESS,
	VALUE_ADDRESS_INDEX,  /* in .debug_addr */
	VALUE_NUMBER,         /* also offsets in DWARF 2 and 3 */
	VALUE_OFFSET,         /* in another section */
	VALUE_RANGES_INDEX,
	VALUE_LOCATIONS_INDEX,
	VALUE_BLOCK,          /* bytes, number: their length */
	VALUE_STRING,         /* bytes */
	VALUE_STR,            /* offset in .debug_str */
	VALUE_LINE_STR,       /* offset in .debug_line_str */
	VALUE_STR_INDEX,      /* in .debug_str_offsets */
	VALUE_UNIT_REFERENCE, /* offset in this unit */
	VALUE_REFERENCE,      /* offset in .debug_info */
	VALUE_OTHER           /* in other files: stepped over */
};

struct value {
	uint64_t number;
	const uint8_t *bytes;
	uint8_t kind;
};

/* Reads one value; an unknown form fails the cursor. */
struct value form_read(struct cursor *cursor, uint16_t form, int64_t constant,
		       const struct unit_format *format);

/* Fills kind and size of an attribute of form attribute->form. */
void form_describe(struct abbrev_attribute *attribute,
		   const struct unit_format *format);

#endif

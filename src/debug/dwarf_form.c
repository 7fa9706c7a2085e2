/* SPDX-License-Identifier: MIT */
#include "debug/dwarf_form.h"

#include <dwarf.h>

/* Forms of GNU extensions (dwz, split DWARF before version 5). */
#define FORM_GNU_ADDR_INDEX 0x1f01
#define FORM_GNU_STR_INDEX 0x1f02
#define FORM_GNU_REF_ALT 0x1f20
#define FORM_GNU_STRP_ALT 0x1f21

/* How the bytes of a form are found. */
enum coding { CODING_FIXED = 1, CODING_ADDRESS, CODING_OFFSET, CODING_REF_ADDR,
	      CODING_ULEB, CODING_SLEB, CODING_BLOCK, CODING_STRING };

struct form_row {
	uint8_t coding;
	uint8_t size; /* of CODING_FIXED; of a block's length, 0: ULEB128 */
	uint8_t kind; /* enum value_kind */
};

static const struct form_row form_rows[] = {
	[DW_FORM_addr] = { CODING_ADDRESS, 0, VALUE_ADDRESS },
	[DW_FORM_block2] = { CODING_BLOCK, 2, VALUE_BLOCK },
	[DW_FORM_block4] = { CODING_BLOCK, 4, VALUE_BLOCK },
	[DW_FORM_data2] = { CODING_FIXED, 2, VALUE_NUMBER },
	[DW_FORM_data4] = { CODING_FIXED, 4, VALUE_NUMBER },
	[DW_FORM_data8] = { CODING_FIXED, 8, VALUE_NUMBER },
	[DW_FORM_string] = { CODING_STRING, 0, VALUE_STRING },
	[DW_FORM_block] = { CODING_BLOCK, 0, VALUE_BLOCK },
	[DW_FORM_block1] = { CODING_BLOCK, 1, VALUE_BLOCK },
	[DW_FORM_data1] = { CODING_FIXED, 1, VALUE_NUMBER },
	[DW_FORM_flag] = { CODING_FIXED, 1, VALUE_NUMBER },
	[DW_FORM_sdata] = { CODING_SLEB, 0, VALUE_NUMBER },
	[DW_FORM_strp] = { CODING_OFFSET, 0, VALUE_STR },
	[DW_FORM_udata] = { CODING_ULEB, 0, VALUE_NUMBER },
	[DW_FORM_ref_addr] = { CODING_REF_ADDR, 0, VALUE_REFERENCE },
	[DW_FORM_ref1] = { CODING_FIXED, 1, VALUE_UNIT_REFERENCE },
	[DW_FORM_ref2] = { CODING_FIXED, 2, VALUE_UNIT_REFERENCE },
	[DW_FORM_ref4] = { CODING_FIXED, 4, VALUE_UNIT_REFERENCE },
	[DW_FORM_ref8] = { CODING_FIXED, 8, VALUE_UNIT_REFERENCE },
	[DW_FORM_ref_udata] = { CODING_ULEB, 0, VALUE_UNIT_REFERENCE },
	[DW_FORM_sec_offset] = { CODING_OFFSET, 0, VALUE_OFFSET },
	[DW_FORM_exprloc] = { CODING_BLOCK, 0, VALUE_BLOCK },
	[DW_FORM_flag_present] = { CODING_FIXED, 0, VALUE_NUMBER },
	[DW_FORM_strx] = { CODING_ULEB, 0, VALUE_STR_INDEX },
	[DW_FORM_addrx] = { CODING_ULEB, 0, VALUE_ADDRESS_INDEX },
	[DW_FORM_ref_sup4] = { CODING_FIXED, 4, VALUE_OTHER },
	[DW_FORM_strp_sup] = { CODING_OFFSET, 0, VALUE_OTHER },
	[DW_FORM_data16] = { CODING_FIXED, 16, VALUE_OTHER },
	[DW_FORM_line_strp] = { CODING_OFFSET, 0, VALUE_LINE_STR },
	[DW_FORM_ref_sig8] = { CODING_FIXED, 8, VALUE_OTHER },
	[DW_FORM_implicit_const] = { CODING_FIXED, 0, VALUE_NUMBER },
	[DW_FORM_loclistx] = { CODING_ULEB, 0, VALUE_LOCATIONS_INDEX },
	[DW_FORM_rnglistx] = { CODING_ULEB, 0, VALUE_RANGES_INDEX },
	[DW_FORM_ref_sup8] = { CODING_FIXED, 8, VALUE_OTHER },
	[DW_FORM_strx1] = { CODING_FIXED, 1, VALUE_STR_INDEX },
	[DW_FORM_strx2] = { CODING_FIXED, 2, VALUE_STR_INDEX },
	[DW_FORM_strx3] = { CODING_FIXED, 3, VALUE_STR_INDEX },
	[DW_FORM_strx4] = { CODING_FIXED, 4, VALUE_STR_INDEX },
	[DW_FORM_addrx1] = { CODING_FIXED, 1, VALUE_ADDRESS_INDEX },
	[DW_FORM_addrx2] = { CODING_FIXED, 2, VALUE_ADDRESS_INDEX },
	[DW_FORM_addrx3] = { CODING_FIXED, 3, VALUE_ADDRESS_INDEX },
	[DW_FORM_addrx4] = { CODING_FIXED, 4, VALUE_ADDRESS_INDEX },
};

static struct form_row row_of(uint16_t form)
{
	if (form < sizeof(form_rows) / sizeof(form_rows[0]))
		return form_rows[form];
	switch (form) {
	case FORM_GNU_ADDR_INDEX:
		return (struct form_row){ CODING_ULEB, 0,
					  VALUE_ADDRESS_INDEX };
	case FORM_GNU_STR_INDEX:
		return (struct form_row){ CODING_ULEB, 0, VALUE_STR_INDEX };
	case FORM_GNU_REF_ALT:
	case FORM_GNU_STRP_ALT:
		return (struct form_row){ CODING_OFFSET, 0, VALUE_OTHER };
	default:
		return (struct form_row){ 0 };
	}
}

/* Bytes of a form that always has as many, else -1. */
static int fixed_size(struct form_row row, const struct unit_format *format)
{
	switch (row.coding) {
	case CODING_FIXED:
		return row.size;
	case CODING_ADDRESS:
		return format->address_size;
	case CODING_OFFSET:
		return format->offset_size;
	case CODING_REF_ADDR:
		return format->version < 3 ? format->address_size :
					     format->offset_size;
	default:
		return -1;
	}
}

void form_describe(struct abbrev_attribute *attribute,
		   const struct unit_format *format)
{
	struct form_row row = row_of(attribute->form);
	int size = fixed_size(row, format);

	attribute->fixed = (int8_t)size;
	attribute->kind = row.kind;
	attribute->size = size >= 0 && size <= 8 ? (uint8_t)size : FORM_VARIES;
	/* DW_FORM_implicit_const has another, behind its form. */
	attribute->constant = attribute->form == DW_FORM_flag_present;
}

struct value form_read(struct cursor *cursor, uint16_t form, int64_t constant,
		       const struct unit_format *format)
{
	struct form_row row;
	struct value value;
	int size;

	/* Once: an indirect form may not lead to another (section 7.5.3). */
	if (form == DW_FORM_indirect) {
		uint64_t real = cursor_uleb(cursor);

		form = real > UINT16_MAX ? UINT16_MAX : (uint16_t)real;
	}
	row = row_of(form);
	value = (struct value){ 0, cursor->at, row.kind };
	size = fixed_size(row, format);
	if (form == DW_FORM_implicit_const)
		value.number = (uint64_t)constant;
	else if (form == DW_FORM_flag_present)
		value.number = 1;
	else if (size > 8)
		cursor_skip(cursor, (uint64_t)size);
	else if (size > 0)
		value.number = cursor_uint(cursor, (unsigned)size);
	else if (row.coding == CODING_ULEB)
		value.number = cursor_uleb(cursor);
	else if (row.coding == CODING_SLEB)
		value.number = (uint64_t)cursor_sleb(cursor);
	else if (row.coding == CODING_STRING)
		value.bytes = (const uint8_t *)cursor_string(cursor);
	else if (row.coding == CODING_BLOCK) {
		value.number = row.size ? cursor_uint(cursor, row.size) :
					  cursor_uleb(cursor);
		value.bytes = cursor->at;
		cursor_skip(cursor, value.number);
	} else {
		cursor->failed = true;
	}
	if (cursor->failed)
		value.kind = VALUE_NONE;
	return value;
}

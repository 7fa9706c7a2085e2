/* SPDX-License-Identifier: MIT */
/*
 * Most DIEs are types, members and parameters, of which nothing is read: the
 * time goes into stepping over them. So the attributes of a code are turned
 * into steps once, where neighbours of fixed length become one addition.
 * A few things are picked up on the way: the sibling, to leave a subtree
 * without walking it, the places of location and range lists, and of
 * variables.
 */
#include "debug/dwarf_abbrev.h"

#include <dwarf.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/util.h"
#include "debug/dwarf_form.h"

#ifndef DW_TAG_GNU_call_site
#define DW_TAG_GNU_call_site 0x4109
#endif

static enum die_kind kind_of(uint16_t tag)
{
	switch (tag) {
	case DW_TAG_subprogram:
		return DIE_SUBPROGRAM;
	case DW_TAG_inlined_subroutine:
		return DIE_INLINED;
	case DW_TAG_variable:
		return DIE_VARIABLE;
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_class_type:
	case DW_TAG_interface_type:
		return DIE_TYPE;
	case DW_TAG_array_type:
	case DW_TAG_enumeration_type:
	case DW_TAG_subroutine_type:
	case DW_TAG_formal_parameter:
	case DW_TAG_call_site:
	case DW_TAG_call_site_parameter:
	case DW_TAG_GNU_call_site:
		return DIE_LEAF;
	default:
		return DIE_SCOPE;
	}
}

static const uint8_t slots[] = {
	[DW_AT_name] = SLOT_NAME,
	[DW_AT_linkage_name] = SLOT_LINKAGE,
	[DW_AT_low_pc] = SLOT_LOW_PC,
	[DW_AT_high_pc] = SLOT_HIGH_PC,
	[DW_AT_ranges] = SLOT_RANGES,
	[DW_AT_abstract_origin] = SLOT_ORIGIN,
	[DW_AT_specification] = SLOT_SPECIFICATION,
	[DW_AT_decl_file] = SLOT_DECL_FILE,
	[DW_AT_decl_line] = SLOT_DECL_LINE,
	[DW_AT_call_file] = SLOT_CALL_FILE,
	[DW_AT_call_line] = SLOT_CALL_LINE,
	[DW_AT_declaration] = SLOT_DECLARATION,
	[DW_AT_location] = SLOT_LOCATION,
	[DW_AT_frame_base] = SLOT_FRAME_BASE,
	[DW_AT_comp_dir] = SLOT_COMP_DIR,
	[DW_AT_producer] = SLOT_PRODUCER,
	[DW_AT_language] = SLOT_LANGUAGE,
	[DW_AT_stmt_list] = SLOT_STMT_LIST,
	[DW_AT_str_offsets_base] = SLOT_STR_OFFSETS_BASE,
	[DW_AT_addr_base] = SLOT_ADDR_BASE,
	[DW_AT_rnglists_base] = SLOT_RNGLISTS_BASE,
	[DW_AT_loclists_base] = SLOT_LOCLISTS_BASE,
	[DW_AT_sibling] = SLOT_SIBLING,
	[DW_AT_dwo_name] = SLOT_DWO_NAME,
};

static enum slot slot_of(uint64_t name)
{
	if (name < ARRAY_SIZE(slots))
		return (enum slot)slots[name];
	switch (name) {
	case DW_AT_MIPS_linkage_name: return SLOT_LINKAGE;
	case DW_AT_GNU_dwo_name: return SLOT_DWO_NAME;
	default: return SLOT_NONE;
	}
}

static bool is_list_form(uint16_t form, const struct unit_format *format)
{
	return form == DW_FORM_sec_offset ||
	       (format->version < 4 &&
		(form == DW_FORM_data4 || form == DW_FORM_data8));
}

/* The step that a form of no fixed length, or of an interesting one, needs. */
static struct step step_of(const struct abbrev_attribute *attribute,
			   enum die_kind kind, const struct unit_format *format)
{
	bool fixed = attribute->fixed > 0;
	struct step step = { 0, STEP_END,
			     fixed ? (uint8_t)attribute->fixed : 0 };

	if (attribute->slot == SLOT_SIBLING &&
	    (attribute->form == DW_FORM_ref_udata ||
	     (fixed && attribute->form != DW_FORM_ref_addr)))
		step.kind = STEP_SIBLING;
	else if ((attribute->slot == SLOT_LOCATION ||
		  attribute->slot == SLOT_FRAME_BASE) &&
		 is_list_form(attribute->form, format))
		step.kind = STEP_LIST;
	else if (attribute->slot == SLOT_RANGES &&
		 is_list_form(attribute->form, format))
		step.kind = STEP_RANGES;
	else if (attribute->fixed >= 0)
		return step;
	if (step.kind != STEP_END)
		return step;
	switch (attribute->form) {
	case DW_FORM_exprloc:
	case DW_FORM_block1:
		if (kind == DIE_VARIABLE && attribute->slot == SLOT_LOCATION) {
			step.kind = STEP_PLACE;
			step.size = attribute->form == DW_FORM_block1;
		} else {
			step.kind = attribute->form == DW_FORM_block1 ?
					    STEP_BLOCK1 : STEP_BLOCK;
		}
		break;
	case DW_FORM_block:
		step.kind = STEP_BLOCK;
		break;
	case DW_FORM_block2:
		step.kind = STEP_BLOCK2;
		break;
	case DW_FORM_block4:
		step.kind = STEP_BLOCK4;
		break;
	case DW_FORM_string:
		step.kind = STEP_STRING;
		break;
	case DW_FORM_indirect:
		step.kind = STEP_INDIRECT;
		break;
	case DW_FORM_udata:
	case DW_FORM_sdata:
	case DW_FORM_ref_udata:
	case DW_FORM_strx:
	case DW_FORM_addrx:
	case DW_FORM_loclistx:
	case DW_FORM_rnglistx:
	case 0x1f01: /* DW_FORM_GNU_addr_index */
	case 0x1f02: /* DW_FORM_GNU_str_index */
		step.kind = STEP_ULEB;
		break;
	default:
		step.kind = STEP_UNKNOWN;
	}
	return step;
}

static int push_step(struct abbrev_table *table, struct step step)
{
	struct step *steps = array_grow(table->steps, &table->step_capacity,
					table->step_count + 1, sizeof(*steps));

	if (!steps)
		return -1;
	table->steps = steps;
	steps[table->step_count++] = step;
	return 0;
}

static int compile(struct abbrev_table *table, struct abbrev *abbrev,
		   const struct unit_format *format)
{
	unsigned fixed = 0;

	abbrev->steps = (uint32_t)table->step_count;
	for (uint32_t i = 0; i < abbrev->attribute_count; i++) {
		const struct abbrev_attribute *attribute =
			&table->attributes[abbrev->attributes + i];
		struct step step = step_of(attribute, abbrev->kind, format);

		if (step.kind == STEP_END) {
			fixed += (unsigned)attribute->fixed;
			if (fixed < UINT16_MAX / 2)
				continue;
			step.kind = STEP_FIXED;
		}
		step.fixed = (uint16_t)fixed;
		fixed = 0;
		if (push_step(table, step))
			return -1;
	}
	return push_step(table, (struct step){ (uint16_t)fixed, STEP_END, 0 });
}

static struct abbrev_attribute *push_attribute(struct abbrev_table *table)
{
	struct abbrev_attribute *list = array_grow(table->attributes,
						   &table->attribute_capacity,
						   table->attribute_count + 1,
						   sizeof(*list));

	if (!list)
		return NULL;
	table->attributes = list;
	return &list[table->attribute_count++];
}

static int read_attributes(struct abbrev_table *table, struct abbrev *abbrev,
			   struct cursor *cursor,
			   const struct unit_format *format)
{
	abbrev->attributes = (uint32_t)table->attribute_count;
	while (!cursor->failed) {
		uint64_t name = cursor_uleb(cursor);
		uint64_t form = cursor_uleb(cursor);
		struct abbrev_attribute *attribute;

		if (name == 0 && form == 0)
			break;
		attribute = push_attribute(table);
		if (!attribute)
			return -1;
		*attribute = (struct abbrev_attribute){
			.form = form < UINT16_MAX ? (uint16_t)form : UINT16_MAX,
			.slot = (uint8_t)slot_of(name),
		};
		form_describe(attribute, format);
		if (form == DW_FORM_implicit_const)
			attribute->constant = cursor_sleb(cursor);
		if ((abbrev->kind == DIE_SUBPROGRAM ||
		     abbrev->kind == DIE_INLINED) &&
		    (attribute->slot == SLOT_LOW_PC ||
		     attribute->slot == SLOT_RANGES))
			table->has_code = true;
	}
	abbrev->attribute_count = (uint32_t)(table->attribute_count -
					     abbrev->attributes);
	return 0;
}

static int by_code(const void *a_, const void *b_)
{
	const struct abbrev *a = a_, *b = b_;

	return a->code < b->code ? -1 : a->code > b->code;
}

static struct abbrev *push_abbrev(struct abbrev_table *table, uint64_t code,
				  struct cursor *cursor)
{
	struct abbrev *list = array_grow(table->list, &table->capacity,
					 table->count + 1, sizeof(*list));
	struct abbrev *abbrev;
	uint64_t tag = cursor_uleb(cursor);

	if (!list)
		return NULL;
	table->list = list;
	abbrev = &list[table->count++];
	*abbrev = (struct abbrev){ .code = code };
	abbrev->tag = tag < UINT16_MAX ? (uint16_t)tag : UINT16_MAX;
	abbrev->kind = (uint8_t)kind_of(abbrev->tag);
	abbrev->children = cursor_u8(cursor) != 0;
	table->dense = table->dense && code == table->count;
	return abbrev;
}

int64_t abbrev_table_read(struct abbrev_table *table, struct cursor cursor,
			  const struct unit_format *format)
{
	const uint8_t *start = cursor.at;

	table->valid = false;
	table->has_code = false;
	table->dense = true;
	table->count = table->attribute_count = table->step_count = 0;
	for (;;) {
		uint64_t code = cursor_uleb(&cursor);
		struct abbrev *abbrev;

		if (cursor.failed)
			return 0;
		if (code == 0)
			break;
		abbrev = push_abbrev(table, code, &cursor);
		if (!abbrev || read_attributes(table, abbrev, &cursor, format) ||
		    compile(table, abbrev, format))
			return -1;
		if (table->count > UINT32_MAX / 4 ||
		    table->attribute_count > UINT32_MAX / 4)
			return 0;
	}
	if (!table->dense)
		qsort(table->list, table->count, sizeof(*table->list),
		      by_code);
	table->valid = true;
	return cursor.at - start;
}

void abbrev_table_release(struct abbrev_table *table)
{
	free(table->list);
	free(table->attributes);
	free(table->steps);
	*table = (struct abbrev_table){ 0 };
}

const struct abbrev *abbrev_search(const struct abbrev_table *table,
				   uint64_t code)
{
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->list[middle].code < code)
			low = middle + 1;
		else
			high = middle;
	}
	return low < table->count && table->list[low].code == code ?
		       &table->list[low] : NULL;
}

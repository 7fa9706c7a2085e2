/* SPDX-License-Identifier: MIT */
#include "debug/dwarf_ranges.h"

#include <dwarf.h>

static int push(struct address_ranges *ranges, uint64_t low, uint64_t high)
{
	struct address_range *list;

	if (low >= high)
		return 0;
	list = array_grow(ranges->list, &ranges->capacity, ranges->count + 1,
			  sizeof(*list));
	if (!list)
		return -1;
	ranges->list = list;
	list[ranges->count++] = (struct address_range){ low, high };
	return 0;
}

/* Pairs of addresses relative to a base, ended by (0, 0). */
static int read_pairs(struct address_ranges *ranges, struct cursor *cursor,
		      const struct unit *unit)
{
	unsigned size = unit->format.address_size;
	uint64_t all_ones = size == 8 ? UINT64_MAX : (1ull << 8 * size) - 1;
	uint64_t base = unit->base;

	for (;;) {
		uint64_t low = cursor_uint(cursor, size);
		uint64_t high = cursor_uint(cursor, size);

		if (cursor->failed || (low == 0 && high == 0))
			return 0;
		if (low == all_ones) {
			base = high;
			continue;
		}
		/* Tombstones of .debug_ranges are -2 or 1: below no base. */
		if (push(ranges, (base + low) & all_ones,
			 (base + high) & all_ones))
			return -1;
	}
}

/* A DW_RLE_* entry's operands. False at the end of the list. */
static bool read_entry(struct cursor *cursor, const struct dwarf_file *file,
		       const struct unit *unit, uint64_t *base,
		       struct address_range *range)
{
	unsigned size = unit->format.address_size;
	uint64_t index;

	*range = (struct address_range){ 0, 0 };
	switch (cursor_u8(cursor)) {
	case DW_RLE_base_addressx:
		index = cursor_uleb(cursor);
		return dwarf_file_address(file, unit, index, base);
	case DW_RLE_startx_endx:
		index = cursor_uleb(cursor);
		if (!dwarf_file_address(file, unit, index, &range->low))
			return false;
		index = cursor_uleb(cursor);
		return dwarf_file_address(file, unit, index, &range->high);
	case DW_RLE_startx_length:
		index = cursor_uleb(cursor);
		if (!dwarf_file_address(file, unit, index, &range->low))
			return false;
		range->high = range->low + cursor_uleb(cursor);
		return !cursor->failed;
	case DW_RLE_offset_pair:
		range->low = *base + cursor_uleb(cursor);
		range->high = *base + cursor_uleb(cursor);
		return !cursor->failed;
	case DW_RLE_base_address:
		*base = cursor_uint(cursor, size);
		return !cursor->failed;
	case DW_RLE_start_end:
		range->low = cursor_uint(cursor, size);
		range->high = cursor_uint(cursor, size);
		return !cursor->failed;
	case DW_RLE_start_length:
		range->low = cursor_uint(cursor, size);
		range->high = range->low + cursor_uleb(cursor);
		return !cursor->failed;
	default: /* DW_RLE_end_of_list, or one that we do not know */
		return false;
	}
}

static int read_entries(struct address_ranges *ranges, struct cursor *cursor,
			const struct dwarf_file *file, const struct unit *unit)
{
	uint64_t base = unit->base;
	struct address_range range;

	while (read_entry(cursor, file, unit, &base, &range))
		if (push(ranges, range.low, range.high))
			return -1;
	return 0;
}

/* Offset of list `index` of the unit's table in .debug_rnglists. */
static bool list_offset(const struct dwarf_file *file, const struct unit *unit,
			uint64_t index, uint64_t *offset)
{
	uint64_t size = unit->format.offset_size, at;
	struct cursor cursor;

	if (__builtin_mul_overflow(index, size, &at) ||
	    __builtin_add_overflow(at, unit->rnglists_base, &at))
		return false;
	cursor = dwarf_file_cursor(file, DEBUG_RNGLISTS, at, UINT64_MAX);
	*offset = cursor_uint(&cursor, (unsigned)size);
	return !cursor.failed &&
	       !__builtin_add_overflow(*offset, unit->rnglists_base, offset);
}

int ranges_read(struct address_ranges *ranges, struct dwarf_file *file,
		const struct unit *unit, const struct value *value)
{
	bool version5 = unit->format.version >= 5;
	const uint8_t *start;
	struct cursor cursor;
	int result;

	ranges->count = 0;
	ranges->offset = value->number;
	if (value->kind == VALUE_RANGES_INDEX) {
		if (!list_offset(file, unit, value->number, &ranges->offset))
			return 0;
	} else if (value->kind != VALUE_OFFSET && value->kind != VALUE_NUMBER) {
		return 0;
	}
	cursor = dwarf_file_cursor(file, version5 ? DEBUG_RNGLISTS :
				   DEBUG_RANGES, ranges->offset, UINT64_MAX);
	if (cursor.failed || file->ranges.left <= 0)
		return 0;
	start = cursor.at;
	result = version5 ? read_entries(ranges, &cursor, file, unit) :
			    read_pairs(ranges, &cursor, unit);
	/* A whole section at most is read behind an empty budget. */
	if (!budget_take(&file->ranges, (uint64_t)(cursor.at - start)))
		ranges->count = 0;
	return result;
}

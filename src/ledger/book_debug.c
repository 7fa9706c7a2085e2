/* SPDX-License-Identifier: MIT */
/*
 * Debug sections are concatenations: every object file contributed a part to
 * each. .debug_info tells its parts itself; to the parts of the others it
 * refers by offset. Where a section has tables with headers, the table that a
 * unit refers into is its; where it has none, a unit's part goes from the
 * lowest place that it refers to up to the next unit's.
 *
 * What several units of different sources refer to is *shared*, and what none
 * refers to is the section's: never guessed.
 *
 * Source: DWARF 5, sections 7.5 to 7.29; DWARF 4, section 7.
 */
#include "ledger/book_debug.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "debug/cursor.h"
#include "debug/dwarf_file.h"
#include "ledger/owners.h"

/* A unit's claim on a place of a section. */
struct claim {
	uint64_t offset;
	uint32_t unit;
};

struct claims {
	struct claim *list; /* by offset, then by unit */
	size_t count;
};

enum shape {
	SHAPE_INFO,    /* .debug_info itself */
	SHAPE_PLAIN,   /* parts without headers */
	SHAPE_TABLES,  /* a length in front of each part */
	SHAPE_INDEX,   /* tables that name their unit: .debug_aranges, ... */
	SHAPE_STRINGS  /* of everybody */
};

#define PART(field) offsetof(struct dwarf_parts, field)

/* One row a section. */
struct debug_row {
	const char *name;
	uint8_t shape;
	uint8_t part;       /* PART(): what units say about it */
	uint8_t from, upto; /* versions of units that use it */
};

static const struct debug_row debug_rows[] = {
	{ ".debug_info", SHAPE_INFO, 0, 2, 5 },
	{ ".debug_abbrev", SHAPE_PLAIN, PART(abbrev), 2, 5 },
	{ ".debug_line", SHAPE_TABLES, PART(line), 2, 5 },
	{ ".debug_ranges", SHAPE_PLAIN, PART(ranges), 2, 4 },
	{ ".debug_loc", SHAPE_PLAIN, PART(locations), 2, 4 },
	{ ".debug_rnglists", SHAPE_TABLES, PART(ranges), 5, 5 },
	{ ".debug_loclists", SHAPE_TABLES, PART(locations), 5, 5 },
	{ ".debug_addr", SHAPE_TABLES, PART(addr), 5, 5 },
	{ ".debug_str_offsets", SHAPE_TABLES, PART(str_offsets), 5, 5 },
	{ ".debug_aranges", SHAPE_INDEX, 0, 2, 5 },
	{ ".debug_pubnames", SHAPE_INDEX, 0, 2, 5 },
	{ ".debug_pubtypes", SHAPE_INDEX, 0, 2, 5 },
	{ ".debug_gnu_pubnames", SHAPE_INDEX, 0, 2, 5 },
	{ ".debug_gnu_pubtypes", SHAPE_INDEX, 0, 2, 5 },
	{ ".debug_str", SHAPE_STRINGS, 0, 2, 5 },
	{ ".debug_line_str", SHAPE_STRINGS, 0, 2, 5 },
};

static const struct debug_row *row_of(const char *name)
{
	if (strncmp(name, ".debug_", 7) != 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(debug_rows); i++)
		if (strcmp(debug_rows[i].name, name) == 0)
			return &debug_rows[i];
	return NULL;
}

bool debug_wants(const struct booking *booking)
{
	const struct build *build = booking->build;
	const struct section *section =
		&build->image.sections[booking->section];

	if (!booking->options->open_debug || !build->dwarf.file ||
	    build->dwarf.file->separate ||
	    (section->flags & (SHF_ALLOC | SHF_COMPRESSED | SHF_GROUP)) ||
	    section->type == SHT_NOBITS)
		return false;
	return row_of(image_section_name(&build->image, booking->section));
}

static struct owner owner_of(const struct dwarf *dwarf, uint32_t unit)
{
	struct owner owner = OWNER_NONE(NATURE_DEBUG);

	owner.unit = unit;
	if (unit != NONE && dwarf_unit_repeats(dwarf->units, unit))
		owner.flags |= ENTRY_REPEATED;
	return owner;
}

/* Books up to an offset of the section; less than is booked is nothing. */
static int take_to(struct booking *booking, uint64_t end, struct owner owner,
		   struct err *err)
{
	end = min_u64(end, booking->size);
	if (end <= booking->at)
		return 0;
	return booking_take(booking, end - booking->at, owner, err);
}

/* -- .debug_info -- */

static int book_extent(struct booking *booking,
		       const struct dwarf_extent *extent,
		       struct owners *owners, struct err *err)
{
	struct owner owner = owner_of(&booking->build->dwarf, extent->unit);
	struct place place = { extent->offset, extent->section };
	const struct entry *code = owners_at(owners, place);
	uint32_t symbol = code ? code->symbol : NONE;

	/* From here on entries move: `code` is not good any more. */
	if (take_to(booking, extent->info, owner, err) != 0)
		return -1;
	owner.symbol = symbol;
	return take_to(booking, extent->info + extent->size, owner, err);
}

static int book_info(struct booking *booking, struct err *err)
{
	const struct dwarf *dwarf = &booking->build->dwarf;
	struct owners owners;
	uint32_t extent = 0;

	owners_init(&owners, &booking->build->ledger);
	for (uint32_t i = 0; i < dwarf->unit_count; i++) {
		const struct dwarf_unit *unit = &dwarf->units[i];
		uint64_t end = unit->offset + unit->size;

		/* Type units lie between. */
		if (take_to(booking, unit->offset, owner_of(dwarf, NONE), err))
			return -1;
		while (extent < dwarf->extent_count &&
		       dwarf->extents[extent].info < end)
			if (book_extent(booking, &dwarf->extents[extent++],
					&owners, err))
				return -1;
		if (take_to(booking, end, owner_of(dwarf, i), err))
			return -1;
	}
	return take_to(booking, booking->size, owner_of(dwarf, NONE), err);
}

/* -- what units refer to -- */

static int by_offset(const void *a_, const void *b_)
{
	const struct claim *a = a_, *b = b_;

	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	return a->unit < b->unit ? -1 : a->unit > b->unit;
}

static int claims_init(struct claims *claims, const struct dwarf *dwarf,
		       const struct debug_row *row)
{
	claims->count = 0;
	claims->list = calloc((size_t)dwarf->unit_count + 1,
			      sizeof(*claims->list));
	if (!claims->list)
		return -1;
	for (uint32_t i = 0; i < dwarf->unit_count; i++) {
		const struct dwarf_unit *unit = &dwarf->units[i];
		uint64_t offset;

		memcpy(&offset, (const char *)&unit->parts + row->part,
		       sizeof(offset));
		if (offset == DWARF_NOWHERE || unit->version < row->from ||
		    unit->version > row->upto)
			continue;
		claims->list[claims->count++] = (struct claim){ offset, i };
	}
	qsort(claims->list, claims->count, sizeof(*claims->list), by_offset);
	return 0;
}

/* The one owner of claims [first, last), which are on the same part. */
static struct owner owner_of_claims(const struct dwarf *dwarf,
				    const struct claims *claims, size_t first,
				    size_t last)
{
	uint32_t unit = claims->list[first].unit;
	struct owner owner = owner_of(dwarf, unit);

	for (size_t i = first + 1; i < last; i++) {
		uint32_t other = claims->list[i].unit;

		/* Names are shared by units of one name. */
		if (dwarf->units[other].name == dwarf->units[unit].name)
			continue;
		owner = owner_of(dwarf, NONE);
		owner.flags = ENTRY_SHARED;
		break;
	}
	return owner;
}

static int book_plain(struct booking *booking, const struct claims *claims,
		      struct err *err)
{
	const struct dwarf *dwarf = &booking->build->dwarf;
	struct owner owner = owner_of(dwarf, NONE);
	size_t first = 0, last;

	for (; first < claims->count; first = last) {
		last = first + 1;
		while (last < claims->count && claims->list[last].offset ==
					       claims->list[first].offset)
			last++;
		if (take_to(booking, claims->list[first].offset, owner, err))
			return -1;
		owner = owner_of_claims(dwarf, claims, first, last);
	}
	return take_to(booking, booking->size, owner, err);
}

/*
 * The end of the table at the booking's place: behind its unit_length and as
 * many bytes; 0 where there is no table.
 */
static uint64_t table_end(const struct booking *booking,
			  struct cursor *cursor, unsigned *offset_size)
{
	const struct image *image = &booking->build->image;
	const uint8_t *data = image_section_data(image, booking->section);
	uint64_t length;

	*cursor = (struct cursor){ data + booking->at, data + booking->size,
				   booking->build->dwarf.file->swap, false };
	*offset_size = 4;
	length = cursor_u32(cursor);
	if (length == 0xffffffff) {
		length = cursor_u64(cursor);
		*offset_size = 8;
	}
	if (cursor->failed || length == 0 || length > cursor_left(cursor))
		return 0;
	return (uint64_t)(cursor->at - data) + length;
}

/*
 * A claim is on a table when it is at its start (line tables) or inside or at
 * its end (bases point behind the header of tables that may be empty).
 */
static int book_tables(struct booking *booking, const struct claims *claims,
		       struct err *err)
{
	const struct dwarf *dwarf = &booking->build->dwarf;
	size_t first = 0;

	while (booking->at < booking->size) {
		struct owner owner = owner_of(dwarf, NONE);
		struct cursor cursor;
		unsigned offset_size;
		uint64_t end = table_end(booking, &cursor, &offset_size);
		size_t last;

		if (end == 0)
			break;
		while (first < claims->count &&
		       claims->list[first].offset < booking->at)
			first++;
		last = first;
		while (last < claims->count &&
		       claims->list[last].offset < end)
			last++;
		if (last == first && last < claims->count &&
		    claims->list[last].offset == end && end - booking->at <= 16)
			last++;
		if (last > first)
			owner = owner_of_claims(dwarf, claims, first, last);
		if (take_to(booking, end, owner, err))
			return -1;
		first = last;
	}
	return take_to(booking, booking->size, owner_of(dwarf, NONE), err);
}

static int book_claims(struct booking *booking, const struct debug_row *row,
		       struct err *err)
{
	struct claims claims;
	int result;

	if (claims_init(&claims, &booking->build->dwarf, row))
		return err_oom(err, "booking debug information");
	result = row->shape == SHAPE_PLAIN ?
			 book_plain(booking, &claims, err) :
			 book_tables(booking, &claims, err);
	free(claims.list);
	return result;
}

/* -- tables that name their unit -- */

static uint32_t unit_at(const struct dwarf *dwarf, uint64_t offset)
{
	uint32_t low = 0, high = dwarf->unit_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (dwarf->units[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low < dwarf->unit_count && dwarf->units[low].offset == offset ?
		       low : NONE;
}

/* Length, version, and then the offset of a unit in .debug_info. */
static int book_index_of(struct booking *booking,
			 const struct section_bytes *bytes, struct err *err)
{
	const struct dwarf *dwarf = &booking->build->dwarf;

	while (booking->at < booking->size) {
		struct cursor cursor;
		unsigned offset_size;
		uint64_t end = table_end(booking, &cursor, &offset_size);
		uint64_t at;

		if (end == 0)
			break;
		at = (uint64_t)(cursor.at - image_section_data(
			&booking->build->image, booking->section)) + 2;
		cursor.at = bytes->data + min_u64(at, end);
		cursor.end = bytes->data + end;
		at = cursor_uint(&cursor, offset_size);
		if (take_to(booking, end,
			    owner_of(dwarf, cursor.failed ? NONE :
					    unit_at(dwarf, at)), err))
			return -1;
	}
	return take_to(booking, booking->size, owner_of(dwarf, NONE), err);
}

static int book_index(struct booking *booking, struct err *err)
{
	struct image *image = &booking->build->image;
	struct section_bytes bytes = { 0 };
	struct reloc_targets targets;
	int result = -1;

	if (reloc_targets_init(&targets, image))
		return err_oom(err, "booking debug information");
	if (section_bytes_read(&bytes, image, booking->section,
			       &booking->build->dwarf.file->map, &targets))
		err_oom(err, "booking debug information");
	else if (!bytes.data)
		result = take_to(booking, booking->size,
				 owner_of(&booking->build->dwarf, NONE), err);
	else
		result = book_index_of(booking, &bytes, err);
	section_bytes_release(&bytes);
	reloc_targets_release(&targets);
	return result;
}

int debug_book(struct booking *booking, struct err *err)
{
	const struct debug_row *row = row_of(
		image_section_name(&booking->build->image, booking->section));
	struct owner shared = OWNER_NONE(NATURE_DEBUG);

	switch (row->shape) {
	case SHAPE_INFO:
		return book_info(booking, err);
	case SHAPE_PLAIN:
	case SHAPE_TABLES:
		return book_claims(booking, row, err);
	case SHAPE_INDEX:
		return book_index(booking, err);
	default:
		shared.flags = ENTRY_SHARED;
		return take_to(booking, booking->size, shared, err);
	}
}

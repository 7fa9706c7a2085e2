/* SPDX-License-Identifier: MIT */

/*
 * Books bytes of variable length that the records of a side table point at,
 * and that have no symbols: the replacement code of alternatives, arm's unwind
 * instructions, the names of exports. Each belongs to who owns the record; a
 * name that several point at is shared.
 */
#include <stdlib.h>
#include <string.h>

#include "base/radix.h"
#include "ledger/table_reader.h"

/* Bytes that records of another table point at. */
struct pointee {
	uint64_t start, end; /* end UINT64_MAX: up to the next */
	struct owner owner;
};

struct pointees {
	struct pointee *list;
	size_t count, capacity;
};

static uint64_t pointee_end(const struct build *build,
			    const struct side_table *row, struct place place,
			    const uint8_t *record, uint64_t record_size)
{
	const struct image *image = &build->image;
	const uint8_t *data = image_section_data(image, place.section);
	uint64_t size = image->sections[place.section].size;
	const uint8_t *nul;

	if (row->flags & TABLE_LENGTH && record)
		return min_u64(size, place.offset + record[record_size - 1]);
	if (!(row->flags & TABLE_TEXT) || !data || place.offset >= size)
		return UINT64_MAX;
	nul = memchr(data + place.offset, 0, size - place.offset);
	return nul ? (uint64_t)(nul - data) + 1 : size;
}

static int add_pointee(struct pointees *pointees, uint64_t start, uint64_t end,
		       struct owner owner, struct err *err)
{
	struct pointee *grown = array_grow(pointees->list, &pointees->capacity,
					   pointees->count + 1, sizeof(*grown));

	if (!grown)
		return err_oom(err, "reading a side table");
	pointees->list = grown;
	grown[pointees->count++] = (struct pointee){ start, end, owner };
	return 0;
}

/* More rows than any one section has. */
#define ROWS_MAX 16

/* Rows of one table, each of which is a pointer in the same records. */
struct fields {
	const struct side_table *rows[ROWS_MAX];
	unsigned count;
};

/* Adds what one record points at in the section that is booked. */
static int add_record(struct pointees *pointees, struct booking *booking,
		      const struct fields *fields, struct table_reader *reader,
		      uint64_t index, struct err *err)
{
	uint64_t width = reader->row->pointer == POINTER_ABSOLUTE ||
			 reader->row->pointer == POINTER_BASE ? 8 : 4;
	uint64_t at = reader->start + index * reader->size;
	const uint8_t *record = reader->pointers.data;
	struct owner owner;
	bool known = false;

	if (!booking->build->image.is64)
		width = 4;
	for (unsigned i = 0; i < fields->count; i++) {
		const struct side_table *row = fields->rows[i];
		struct place place;
		uint64_t end;

		if ((row->field + 1) * width > reader->size ||
		    !pointers_target(&reader->pointers, reader->row->pointer,
				     at, row->field * width, &place) ||
		    place.section != booking->section)
			continue;
		end = pointee_end(booking->build, row, place,
				  record ? record + at : NULL, reader->size);
		if (end <= place.offset)
			continue; /* replaced by nothing */
		if (!known)
			owner = table_reader_booked(
				table_reader_owner(reader, index),
				NATURE_RECORD);
		known = true;
		owner.nature = row->flags & TABLE_TEXT ? NATURE_STRING :
							 NATURE_RECORD;
		if (add_pointee(pointees, place.offset, end, owner, err))
			return -1;
	}
	return 0;
}

static int add_table(struct pointees *pointees, struct booking *booking,
		     const struct fields *fields, uint32_t section,
		     struct err *err)
{
	struct build *build = booking->build;
	struct carve table = whole_section(&build->image, section);
	struct table_reader reader;
	int result = table_reader_open(&reader, build, &table, err);
	uint64_t count = 0;

	if (!result && reader.size)
		count = (reader.end - reader.start) / reader.size;
	for (uint64_t i = 0; i < count && !result; i++)
		result = add_record(pointees, booking, fields, &reader, i, err);
	table_reader_close(&reader);
	return result;
}

/* Reads each table that points here once, for all rows that say so. */
static int collect_pointees(struct pointees *pointees, struct booking *booking,
			    const struct side_tables *tables, struct err *err)
{
	const struct image *image = &booking->build->image;
	uint32_t rows[ROWS_MAX], count = 0;

	for (uint32_t i = side_table_find(image, booking->section);
	     i != NONE && count < ROWS_MAX; i = side_table_next(image, i))
		if (tables->peers[i])
			rows[count++] = i;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t peer = tables->peers[rows[i]];
		struct fields fields = { .count = 0 };
		bool done = false;

		for (uint32_t k = 0; k < i; k++)
			done |= tables->peers[rows[k]] == peer;
		for (uint32_t k = i; k < count; k++)
			if (tables->peers[rows[k]] == peer)
				fields.rows[fields.count++] =
					&side_table_rows[rows[k]];
		if (!done && add_table(pointees, booking, &fields, peer, err))
			return -1;
	}
	return 0;
}

/* By place; those of one place stay as they are. */
static int sort_pointees(struct pointees *pointees, struct err *err)
{
	size_t count = pointees->count;
	struct pointee *sorted;
	struct radix_item *items;

	if (count < 2)
		return 0;
	sorted = malloc(count * sizeof(*sorted));
	items = malloc(2 * count * sizeof(*items));
	if (!sorted || !items || count > UINT32_MAX) {
		free(sorted);
		free(items);
		return err_oom(err, "reading a side table");
	}
	for (size_t i = 0; i < count; i++)
		items[i] = (struct radix_item){ pointees->list[i].start,
						(uint32_t)i };
	radix_sort(items, items + count, count);
	for (size_t i = 0; i < count; i++)
		sorted[i] = pointees->list[items[i].value];
	free(items);
	free(pointees->list);
	pointees->list = sorted;
	pointees->capacity = count;
	return 0;
}

/* Joins pointees of one place; several owners make it shared. */
static size_t merge_pointees(struct pointee *list, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		struct pointee *last = kept ? &list[kept - 1] : NULL;

		if (!last || last->start != list[i].start) {
			list[kept++] = list[i];
			continue;
		}
		if (list[i].end > last->end)
			last->end = list[i].end;
		if (last->owner.symbol != list[i].owner.symbol) {
			last->owner = OWNER_NONE(last->owner.nature);
			last->owner.flags = ENTRY_SHARED;
		}
	}
	return kept;
}

int side_table_book_pointees(struct booking *booking, struct err *err)
{
	const struct side_tables *tables = side_tables_of(booking->build, err);
	struct pointees pointees = { 0 };
	size_t count;
	int result = -1;

	if (!tables || collect_pointees(&pointees, booking, tables, err) ||
	    sort_pointees(&pointees, err))
		goto out;
	count = pointees.list ? merge_pointees(pointees.list, pointees.count)
			      : 0;
	for (size_t i = 0; i < count; i++) {
		const struct pointee *p = &pointees.list[i];
		uint64_t end = min_u64(p->end, i + 1 < count ? p[1].start :
							       booking->size);

		if (p->start > booking->at &&
		    booking_take(booking, p->start - booking->at,
				 OWNER_NONE(NATURE_UNNAMED), err))
			goto out;
		if (end > booking->at &&
		    booking_take(booking, end - booking->at, p->owner, err))
			goto out;
	}
	result = booking_take(booking, booking->size - booking->at,
			      OWNER_NONE(NATURE_UNNAMED), err);
out:
	free(pointees.list);
	return result;
}

/* SPDX-License-Identifier: MIT */

/*
 * Books bytes of variable length that the records of a side table point at,
 * and that have no symbols: the replacement code of alternatives, arm's unwind
 * instructions, the names of exports. Each belongs to who owns the record; a
 * name that several point at is shared.
 */
#include <stdlib.h>
#include <string.h>

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

/* Adds what one table points at through its pointer number row->field. */
static int add_pointees(struct pointees *pointees, struct booking *booking,
			const struct side_table *row,
			struct table_reader *reader, struct err *err)
{
	const struct image *image = &booking->build->image;
	uint64_t width = 4;
	enum nature nature = row->flags & TABLE_TEXT ? NATURE_STRING :
						       NATURE_RECORD;

	if (image->is64 && (reader->row->pointer == POINTER_ABSOLUTE ||
			    reader->row->pointer == POINTER_BASE))
		width = 8;
	if ((row->field + 1) * width > reader->size)
		return 0;
	for (uint64_t at = reader->start; at + reader->size <= reader->end;
	     at += reader->size) {
		const uint8_t *record = reader->pointers.data;
		const struct entry *entry = table_reader_owner(
			reader, (at - reader->start) / reader->size);
		struct pointee *grown;
		struct place place;
		uint64_t end;

		if (!pointers_target(&reader->pointers, reader->row->pointer,
				     at, row->field * width, &place) ||
		    place.section != booking->section)
			continue;
		end = pointee_end(booking->build, row, place,
				  record ? record + at : NULL, reader->size);
		if (end <= place.offset)
			continue; /* replaced by nothing */
		grown = array_grow(pointees->list, &pointees->capacity,
				   pointees->count + 1, sizeof(*grown));
		if (!grown)
			return err_oom(err, "reading a side table");
		pointees->list = grown;
		grown[pointees->count++] = (struct pointee){
			place.offset, end, table_reader_booked(entry, nature)
		};
	}
	return 0;
}

static int collect_pointees(struct pointees *pointees, struct booking *booking,
			    const struct side_tables *tables, struct err *err)
{
	struct build *build = booking->build;
	const struct image *image = &build->image;

	for (uint32_t i = side_table_find(image, booking->section); i != NONE;
	     i = side_table_next(image, i)) {
		struct table_reader reader;
		struct carve peer;
		int result;

		if (!tables->peers[i])
			continue;
		peer = whole_section(image, tables->peers[i]);
		result = table_reader_open(&reader, build, &peer, err);
		if (!result && reader.size)
			result = add_pointees(pointees, booking,
					      &side_table_rows[i], &reader,
					      err);
		table_reader_close(&reader);
		if (result)
			return -1;
	}
	return 0;
}

static int compare_pointees(const void *a, const void *b)
{
	const struct pointee *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->owner.symbol != y->owner.symbol)
		return x->owner.symbol < y->owner.symbol ? -1 : 1;
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

	if (!tables || collect_pointees(&pointees, booking, tables, err))
		goto out;
	if (pointees.count)
		qsort(pointees.list, pointees.count, sizeof(*pointees.list),
		      compare_pointees);
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

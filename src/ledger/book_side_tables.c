/* SPDX-License-Identifier: MIT */

/*
 * Books side tables: each record to the owner of the code that it describes.
 *
 * A table's format is not written anywhere in the file. Of the rows and record
 * sizes that side_tables.c knows for its name, the one is taken whose records
 * point at code; a wrong size soon points elsewhere. That is asked of records
 * spread over the table, because the first ones may be a special case.
 *
 * Records are read in the order of the table and their owners are looked up
 * with a memory (owners.h): tables that are sorted by address, which the large
 * ones are, cost one comparison a record.
 */
#include "ledger/side_tables.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/marker.h"
#include "ledger/owners.h"
#include "ledger/places.h"

#define SAMPLES 512u       /* records that are asked for the format */
#define PADDING_LIMIT 64u  /* more zeros than that are alignment */

enum booking_rank side_tables_rank(const struct image *image, uint32_t section)
{
	const struct section *s = &image->sections[section];
	bool patches = s->type == SHT_REL || s->type == SHT_RELA ||
		       s->type == SHT_RELR;
	uint32_t row;

	if (patches)
		return s->flags & SHF_ALLOC ? BOOK_LOADED_PATCHES :
					      BOOK_RELOCATIONS;
	row = side_table_find(image, section);
	if (row != NONE)
		return side_table_rows[row].flags & TABLE_POINTEE ?
			       BOOK_POINTEES : BOOK_TABLES;
	if (!(s->flags & SHF_ALLOC))
		return BOOK_REST;
	return s->flags & SHF_EXECINSTR ? BOOK_CODE : BOOK_LOADED;
}

static void find_peers(struct side_tables *tables, const struct image *image)
{
	for (uint32_t i = 1; i < image->section_count; i++) {
		const char *name = image_section_name(image, i);

		if (side_table_find(image, i) == NONE)
			continue;
		for (size_t row = 0; row < side_table_row_count; row++)
			if (side_table_rows[row].peer && !tables->peers[row] &&
			    !strcmp(side_table_rows[row].peer, name))
				tables->peers[row] = i;
	}
}

struct side_tables *side_tables_of(struct build *build, struct err *err)
{
	struct side_tables *tables = build->side_tables;

	if (tables)
		return tables;
	tables = calloc(1, sizeof(*tables));
	if (!tables) {
		err_oom(err, "looking for side tables");
		return NULL;
	}
	tables->peers = calloc(side_table_row_count, sizeof(*tables->peers));
	if (!tables->peers || targets_init(&tables->targets, &build->image,
					   err)) {
		err_oom(err, "looking for side tables");
		side_tables_free(tables);
		return NULL;
	}
	find_peers(tables, &build->image);
	build->side_tables = tables;
	return tables;
}

void side_tables_free(struct side_tables *tables)
{
	if (!tables)
		return;
	targets_release(&tables->targets);
	free(tables->peers);
	free(tables);
}

/* A table whose format is known, or a row of NULL where it is not. */
struct reader {
	const struct build *build;
	const struct side_table *row;
	uint64_t start, end; /* of the table in its section */
	uint64_t size;       /* of a record, 0 if unknown */
	struct pointers pointers;
	struct owners owners;
	const uint8_t *ends; /* TABLE_ENDS: the peer's records, or NULL */
	uint64_t ends_size;  /* of one of them */
	bool direct;         /* stored pointers can be read in place */
	uint64_t low, high;  /* addresses of the last owner's bytes */
};

static bool is_pointee(const struct image *image, uint32_t section)
{
	uint32_t row = side_table_find(image, section);

	return row != NONE && side_table_rows[row].flags & TABLE_POINTEE;
}

/*
 * How sure a target is, 0 to 2. What points at data as well would be content
 * with any byte: it has to meet the start of something.
 */
static unsigned weigh(struct reader *reader, const struct side_table *row,
		      struct place place)
{
	const struct image *image = &reader->build->image;
	const struct entry *entry;

	if (!(row->flags & TABLE_DATA))
		return image->sections[place.section].flags & SHF_EXECINSTR ?
			       2 : 0;
	if (is_pointee(image, place.section))
		return 0; /* the names of exports, not exports */
	entry = owners_at(&reader->owners, place);
	return entry && entry->offset == place.offset ? 2 : 1;
}

/* How well a format fits: 2,000 when every sample leads where it should. */
static unsigned score(struct reader *reader, const struct side_table *row,
		      uint64_t size)
{
	uint64_t length = reader->end - reader->start;
	uint64_t count = length / size;
	uint64_t samples = min_u64(count, SAMPLES);
	unsigned hits = 0;

	for (uint64_t i = 0; i < samples; i++) {
		uint64_t at = reader->start + i * count / samples * size;
		struct place place;

		if (pointers_target(&reader->pointers, row->pointer, at,
				    row->field, &place))
			hits += weigh(reader, row, place);
	}
	if (!hits)
		return 0;
	return (unsigned)(hits * 1000 / samples) + !(length % size);
}

/*
 * Takes the best format, and of equally good ones the smallest record: it
 * tests the most places. { insn, fixup } read as records of 12 bytes meets an
 * insn and a fixup in turn, both of them code; { insn, fixup, data } read as 8
 * bytes meets data.
 */
static void choose(struct reader *reader, uint32_t first)
{
	const struct image *image = &reader->build->image;
	unsigned best = 0;

	for (uint32_t i = first; i != NONE; i = side_table_next(image, i)) {
		const struct side_table *row = &side_table_rows[i];

		for (size_t k = 0; k < ARRAY_SIZE(row->sizes); k++) {
			unsigned fit;

			if (!row->sizes[k])
				break;
			fit = score(reader, row, row->sizes[k]);
			if (!fit || fit < best ||
			    (fit == best && row->sizes[k] >= reader->size))
				continue;
			best = fit;
			reader->row = row;
			reader->size = row->sizes[k];
		}
	}
}

static void open_ends(struct reader *reader, const struct side_tables *tables)
{
	const struct image *image = &reader->build->image;
	uint32_t peer = tables->peers[reader->row - side_table_rows];
	uint64_t count = (reader->end - reader->start) / reader->size;

	if (!peer || !count || image->sections[peer].size % count)
		return;
	reader->ends = image_section_data(image, peer);
	reader->ends_size = image->sections[peer].size / count;
}

static int reader_open(struct reader *reader, struct build *build,
		       const struct carve *carve, struct err *err)
{
	const struct side_tables *tables = side_tables_of(build, err);

	memset(reader, 0, sizeof(*reader));
	if (!tables)
		return -1;
	reader->build = build;
	reader->direct = build->image.type != ET_REL && build->image.is64 &&
			 !build->image.big_endian &&
			 __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
	reader->start = carve->start;
	reader->end = carve->end;
	owners_init(&reader->owners, &build->ledger);
	if (pointers_open(&reader->pointers, &tables->targets, carve->section,
			  err))
		return -1;
	choose(reader, carve->table);
	if (reader->row && reader->row->flags & TABLE_ENDS)
		open_ends(reader, tables);
	return 0;
}

static void reader_close(struct reader *reader)
{
	pointers_close(&reader->pointers);
}

static bool is_zero(const uint8_t *at, uint64_t size)
{
	for (uint64_t i = 0; i < size; i++)
		if (at[i])
			return false;
	return true;
}

/*
 * The entry that owns record `index`, or NULL. objtool ends each section's
 * part of the ORC table with a record of zeros at the address behind it; and
 * it writes one where the padding after a function begins. Both belong to
 * what is before them.
 */
static const struct entry *reader_owner(struct reader *reader, uint64_t index)
{
	const struct image *image = &reader->build->image;
	const struct entry *entry;
	struct place place;

	reader->low = reader->high = 0;
	if (!reader->row ||
	    !pointers_target(&reader->pointers, reader->row->pointer,
			     reader->start + index * reader->size,
			     reader->row->field, &place))
		return NULL;
	if (place.offset &&
	    (place.offset == image->sections[place.section].size ||
	     (reader->ends && is_zero(reader->ends + index * reader->ends_size,
				      reader->ends_size))))
		place.offset--;
	entry = owners_at(&reader->owners, place);
	if (entry) {
		reader->low = image->sections[place.section].addr +
			      entry->offset;
		reader->high = reader->low + entry->size;
	}
	return entry;
}

/*
 * How many records from `index` on surely belong to the last owner: the short
 * way for the common case, 64-bit little-endian and linked. The first byte of
 * the owner is left to reader_owner(), for it may be an end of another.
 */
static uint64_t reader_same(const struct reader *reader, uint64_t index,
			    uint64_t count)
{
	const struct image *image = &reader->build->image;
	uint64_t place = reader->start + index * reader->size;
	const uint8_t *at = reader->pointers.data + place;
	uint64_t first = index, inner = reader->high - reader->low - 1;

	if (!reader->direct || !reader->row ||
	    reader->row->pointer != POINTER_PC32 || reader->row->field ||
	    reader->high <= reader->low)
		return 0;
	place += image->sections[reader->pointers.section].addr;
	for (; index < count; index++) {
		int32_t distance;

		memcpy(&distance, at, sizeof(distance));
		if (place + (uint64_t)(int64_t)distance - reader->low - 1 >=
		    inner)
			break;
		at += reader->size;
		place += reader->size;
	}
	return index - first;
}

static struct owner owner_of(const struct entry *entry, enum nature nature)
{
	if (!entry)
		return OWNER_NONE(nature);
	return (struct owner){ entry->symbol, entry->unit, entry->path, NONE,
			       nature, 0 };
}

/* Where zeros begin that reach to `end`, or `end`. */
static uint64_t trailing_zeros(const uint8_t *data, uint64_t start,
			       uint64_t end)
{
	while (data && end > start && !data[end - 1])
		end--;
	return end;
}

/* Books up to `end`: record `index` of `size` bytes begins at start + ... */
static int book_records(struct booking *booking, struct reader *reader,
			const struct carve *carve, uint64_t size,
			struct err *err)
{
	const struct image *image = &booking->build->image;
	const uint8_t *data = image_section_data(image, carve->section);
	uint64_t zeros = trailing_zeros(data, carve->start, carve->end);
	uint64_t count = (carve->end - carve->start) / size;

	while (booking->at < carve->end) {
		uint64_t index = (booking->at - carve->start) / size;
		uint64_t next = carve->start + (index + 1) * size;
		const struct entry *entry = NULL;
		enum nature nature = NATURE_RECORD;

		if (index < count)
			entry = reader_owner(reader, index);
		else
			next = carve->end;
		if (entry)
			next += reader_same(reader, index + 1, count) * size;
		if (!entry && zeros <= booking->at) {
			next = carve->end;
			nature = next - booking->at > PADDING_LIMIT ?
					 NATURE_ALIGNMENT : NATURE_PADDING;
		}
		if (booking_take(booking, next - booking->at,
				 owner_of(entry, nature), err))
			return -1;
	}
	return 0;
}

static struct carve whole_section(const struct image *image, uint32_t section)
{
	return (struct carve){ 0, image->sections[section].size, section,
			       side_table_find(image, section) };
}

static int book_unknown(struct booking *booking, uint64_t end, struct err *err)
{
	return booking_take(booking, end - booking->at,
			    OWNER_NONE(NATURE_RECORD), err);
}

/* A table whose records belong to those of another. */
static int book_paired(struct booking *booking, const struct carve *carve,
		       struct err *err)
{
	struct build *build = booking->build;
	const struct side_tables *tables = side_tables_of(build, err);
	uint64_t length = carve->end - carve->start;
	struct carve peer;
	struct reader reader;
	uint64_t count = 0;
	int result;

	if (!tables)
		return -1;
	if (!tables->peers[carve->table])
		return book_unknown(booking, carve->end, err);
	peer = whole_section(&build->image, tables->peers[carve->table]);
	result = reader_open(&reader, build, &peer, err);
	if (!result) {
		if (reader.size)
			count = peer.end / reader.size;
		if (count && !(length % count) && length / count)
			result = book_records(booking, &reader, carve,
					      length / count, err);
		else
			result = book_unknown(booking, carve->end, err);
	}
	reader_close(&reader);
	return result;
}

int side_table_book_range(struct booking *booking, const struct carve *carve,
			  struct err *err)
{
	struct reader reader;
	int result;

	if (side_table_rows[carve->table].flags & TABLE_PAIRED)
		return book_paired(booking, carve, err);
	result = reader_open(&reader, booking->build, carve, err);
	if (!result && reader.size)
		result = book_records(booking, &reader, carve, reader.size,
				      err);
	else if (!result)
		result = book_unknown(booking, carve->end, err);
	reader_close(&reader);
	return result;
}

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
			const struct side_table *row, struct reader *reader,
			struct err *err)
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
		const struct entry *entry = reader_owner(
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
			place.offset, end, owner_of(entry, nature)
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
		struct reader reader;
		struct carve peer;
		int result;

		if (!tables->peers[i])
			continue;
		peer = whole_section(image, tables->peers[i]);
		result = reader_open(&reader, build, &peer, err);
		if (!result && reader.size)
			result = add_pointees(pointees, booking,
					      &side_table_rows[i], &reader,
					      err);
		reader_close(&reader);
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

static int book_pointees(struct booking *booking, struct err *err)
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
	count = merge_pointees(pointees.list, pointees.count);
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

/* A table that a label names: labels own nothing in NOBITS otherwise. */
static int book_label(struct booking *booking, struct err *err)
{
	const struct image *image = &booking->build->image;
	const struct places *places = booking->places;
	bool stored = image_section_data(image, booking->section);
	struct owner owner = OWNER_NONE(stored ? NATURE_DATA : NATURE_ZERO);
	uint32_t at = places->first[booking->section];
	uint32_t end = places->first[booking->section + 1];

	while (at < end && marker_is_edge(image_symbol_name(
				   image, places->order[at])))
		at++;
	if (at < end) {
		owner.symbol = places->order[at];
		owner.flags = ENTRY_DERIVED;
		booking->build->ledger.owner[owner.symbol] = owner.symbol;
	}
	return booking_take(booking, booking->size, owner, err);
}

bool side_table_wants(const struct booking *booking)
{
	return side_table_find(&booking->build->image, booking->section) !=
	       NONE;
}

int side_table_book(struct booking *booking, struct err *err)
{
	struct carve carve = whole_section(&booking->build->image,
					   booking->section);

	carve.end = booking->size;
	if (side_table_rows[carve.table].flags & TABLE_WHOLE)
		return book_label(booking, err);
	if (side_table_rows[carve.table].flags & TABLE_POINTEE)
		return book_pointees(booking, err);
	return side_table_book_range(booking, &carve, err);
}

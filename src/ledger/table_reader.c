/* SPDX-License-Identifier: MIT */

/*
 * A table's format is not written anywhere in the file. Of the rows and record
 * sizes that side_tables.c knows for its name, the one is taken whose records
 * point at code; a wrong size soon points elsewhere. That is asked of records
 * spread over the table, because the first ones may be a special case.
 *
 * Records are read in the order of the table and their owners are looked up
 * with a memory (owners.h): tables that are sorted by address, which the large
 * ones are, cost one comparison a record.
 */
#include "ledger/table_reader.h"

#include <elf.h>
#include <string.h>

#define SAMPLES 512u /* records that are asked for the format */

static bool is_pointee(const struct image *image, uint32_t section)
{
	uint32_t row = side_table_find(image, section);

	return row != NONE && side_table_rows[row].flags & TABLE_POINTEE;
}

/*
 * How sure a target is, 0 to 2. What points at data as well would be content
 * with any byte: it has to meet the start of something.
 */
static unsigned weigh(struct table_reader *reader, const struct side_table *row,
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
static unsigned score(struct table_reader *reader, const struct side_table *row,
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
static void choose(struct table_reader *reader, uint32_t first)
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

static void open_ends(struct table_reader *reader,
		      const struct side_tables *tables)
{
	const struct image *image = &reader->build->image;
	uint32_t peer = tables->peers[reader->row - side_table_rows];
	uint64_t count = (reader->end - reader->start) / reader->size;

	if (!peer || !count || image->sections[peer].size % count)
		return;
	reader->ends = image_section_data(image, peer);
	reader->ends_size = image->sections[peer].size / count;
}

int table_reader_open(struct table_reader *reader, struct build *build,
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

void table_reader_close(struct table_reader *reader)
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
const struct entry *table_reader_owner(struct table_reader *reader,
				       uint64_t index)
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
		reader->low = image->more[place.section].addr +
			      entry->offset;
		reader->high = reader->low + entry->size;
	}
	return entry;
}

/*
 * How many records from `index` on surely belong to the last owner: the short
 * way for the common case, 64-bit little-endian and linked. The first byte of
 * the owner is left to table_reader_owner(), for it may be an end of another.
 */
uint64_t table_reader_same(const struct table_reader *reader, uint64_t index,
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
	place += image->more[reader->pointers.section].addr;
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

struct owner table_reader_booked(const struct entry *entry, enum nature nature)
{
	if (!entry)
		return OWNER_NONE(nature);
	return (struct owner){ entry->symbol, entry->unit, entry->path, NONE,
			       nature, 0 };
}

struct carve whole_section(const struct image *image, uint32_t section)
{
	return (struct carve){ 0, image->sections[section].size, section,
			       side_table_find(image, section) };
}

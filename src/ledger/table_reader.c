/* SPDX-License-Identifier: MIT */

/*
 * A table's format is not written anywhere in the file. Of the rows and record
 * sizes that side_tables.c knows for its name, the one is taken whose records
 * point at code; a wrong size soon points elsewhere. That is asked of records
 * spread over the table, because the first ones may be a special case.
 *
 * Records are read in the order of the table and their owners are looked up
 * with a memory (owners.h): tables that are sorted by address, which the large
 * ones are, cost one comparison a record. Kernels are mostly linked, 64-bit
 * and little-endian: there a pointer is read in place while it leads to the
 * section of the one before, and only others take the general way.
 */
#include "ledger/table_reader.h"

#include <elf.h>
#include <string.h>

#define SAMPLES 512u /* records that are asked for the format */

static bool is_pointee(const struct side_tables *tables, uint32_t section)
{
	return sorted_find(tables->pointees, tables->pointee_count, section) !=
	       tables->pointee_count;
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
	if (is_pointee(reader->build->side_tables, place.section))
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
	uint64_t index = 0, rest = 0; /* i * count / samples */
	unsigned hits = 0;

	if (!samples)
		return 0;
	for (uint64_t i = 0; i < samples; i++) {
		uint64_t at = reader->start + index * size;
		struct place place;

		if (pointers_target(&reader->pointers, row->pointer, at,
				    row->field, &place))
			hits += weigh(reader, row, place);
		index += count / samples;
		rest += count % samples;
		if (rest >= samples) {
			rest -= samples;
			index++;
		}
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

/* The format of a table: that of a whole section is found out once. */
static void find_format(struct table_reader *reader, struct side_tables *tables,
			const struct carve *carve)
{
	const struct image *image = &reader->build->image;
	struct table_format *format;

	if (carve->start || carve->end != image->sections[carve->section].size)
		return choose(reader, carve->table);
	for (size_t i = 0; i < ARRAY_SIZE(tables->formats); i++) {
		format = &tables->formats[i];
		if (format->section != carve->section)
			continue;
		if (format->row != NONE)
			reader->row = &side_table_rows[format->row];
		reader->size = format->size;
		return;
	}
	choose(reader, carve->table);
	format = &tables->formats[tables->format_at++ %
				  ARRAY_SIZE(tables->formats)];
	format->section = carve->section;
	format->row = reader->row ? (uint32_t)(reader->row - side_table_rows)
				  : NONE;
	format->size = reader->size;
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

/* Whether and where the pointers can be read in place. */
static void open_direct(struct table_reader *reader)
{
	const struct image *image = &reader->build->image;
	const struct pointers *pointers = &reader->pointers;
	uint64_t first = reader->start + reader->row->field;

	reader->wide = reader->row->pointer == POINTER_ABSOLUTE;
	if (image->type == ET_REL || !image->is64 || image->big_endian ||
	    __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__ || !pointers->data ||
	    (!reader->wide && reader->row->pointer != POINTER_PC32) ||
	    reader->row->field + (reader->wide ? 8u : 4u) > reader->size)
		return;
	reader->direct = (reader->end - reader->start) / reader->size;
	reader->data = pointers->data + first;
	reader->address = image->more[pointers->section].addr + first;
}

int table_reader_open(struct table_reader *reader, struct build *build,
		       const struct carve *carve, struct err *err)
{
	struct side_tables *tables = side_tables_of(build, err);

	memset(reader, 0, sizeof(*reader));
	if (!tables)
		return -1;
	reader->build = build;
	reader->start = carve->start;
	reader->end = carve->end;
	owners_init(&reader->owners, &build->ledger);
	reader->owners.maps = &tables->maps;
	if (pointers_open(&reader->pointers, &tables->targets, carve->section,
			  err))
		return -1;
	find_format(reader, tables, carve);
	if (!reader->row)
		return 0;
	if (reader->row->flags & TABLE_ENDS)
		open_ends(reader, tables);
	open_direct(reader);
	return 0;
}

void table_reader_close(struct table_reader *reader)
{
	pointers_close(&reader->pointers);
}

/* What the pointer of a `direct` record says. */
static inline uint64_t direct_value(const struct table_reader *reader,
				    uint64_t index)
{
	uint64_t place = index * reader->size, value;
	int32_t distance;

	if (reader->wide) {
		memcpy(&value, reader->data + place, sizeof(value));
		return value;
	}
	memcpy(&distance, reader->data + place, sizeof(distance));
	return reader->address + place + (uint64_t)(int64_t)distance;
}

/* Where record `index` leads, in section 0 where it leads nowhere. */
static __attribute__((noinline)) struct place
find_target(struct table_reader *reader, uint64_t index)
{
	struct place place;

	if (!reader->row ||
	    !pointers_target(&reader->pointers, reader->row->pointer,
			     reader->start + index * reader->size,
			     reader->row->field, &place))
		return (struct place){ 0, 0 };
	return place;
}

/* The same, the short way where that is the section of the record before. */
static inline struct place target_of(struct table_reader *reader,
				     uint64_t index)
{
	const struct address_span *span = reader->pointers.span;
	uint64_t value;

	if (index >= reader->direct || !span)
		return find_target(reader, index);
	value = direct_value(reader, index);
	/* What is 0 may be relocated: see pointers_target(). */
	if (!value || value < span->start || value >= span->end)
		return find_target(reader, index);
	return (struct place){ value - reader->build->image.more[
					       span->section].addr,
			       span->section };
}

/* Whether record `index` is one of zeros, which ends what is before it. */
static inline bool is_end(const struct table_reader *reader, uint64_t index)
{
	const uint8_t *at = reader->ends + index * reader->ends_size;

	for (uint64_t i = 0; i < reader->ends_size; i++)
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
	struct place place = target_of(reader, index);
	const struct entry *entry;

	reader->low = reader->high = 0;
	if (!place.section)
		return NULL;
	if (place.offset &&
	    (place.offset == image->sections[place.section].size ||
	     (reader->ends && is_end(reader, index))))
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
 * How many records from `index` on surely belong to the last owner. Its first
 * byte is left to table_reader_owner(), for it may be an end of another; the
 * first behind it is its own where it is such an end.
 */
uint64_t table_reader_same(const struct table_reader *reader, uint64_t index,
			   uint64_t count)
{
	const struct address_span *span = reader->pointers.span;
	uint64_t inner = reader->high - reader->low - 1, first = index;
	uint64_t place = reader->address + index * reader->size -
			 reader->low - 1;
	bool ends = reader->ends && span && reader->high < span->end;
	const uint8_t *at;

	count = min_u64(count, reader->direct);
	if (index >= count || reader->high <= reader->low || reader->wide)
		return 0;
	at = reader->data + index * reader->size;
	for (; index < count; index++) {
		int32_t distance;
		uint64_t offset;

		memcpy(&distance, at, sizeof(distance));
		offset = place + (uint64_t)(int64_t)distance;
		if (offset >= inner &&
		    (offset > inner || !ends || !is_end(reader, index)))
			break;
		at += reader->size;
		place += reader->size;
	}
	return index - first;
}

struct carve whole_section(const struct image *image, uint32_t section)
{
	return (struct carve){ 0, image->sections[section].size, section,
			       side_table_find(image, section) };
}

/* SPDX-License-Identifier: MIT */

/*
 * Books side tables: each record to the owner of the code that it describes.
 */
#include "ledger/side_tables.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/fill.h"
#include "ledger/marker.h"
#include "ledger/places.h"
#include "ledger/table_reader.h"

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

static int add_pointee(struct side_tables *tables, uint32_t section)
{
	uint32_t *grown = array_grow(tables->pointees,
				     &tables->pointee_capacity,
				     tables->pointee_count + 1, sizeof(*grown));

	if (!grown)
		return -1;
	tables->pointees = grown;
	grown[tables->pointee_count++] = section;
	return 0;
}

static int find_peers(struct side_tables *tables, const struct image *image)
{
	for (uint32_t k = 0; k < image->landmark_count; k++) {
		uint32_t i = image->landmarks[k];
		const char *name = image_section_name(image, i);
		uint32_t table = side_table_find(image, i);

		if (table == NONE)
			continue;
		if (side_table_rows[table].flags & TABLE_POINTEE &&
		    add_pointee(tables, i))
			return -1;
		for (size_t row = 0; row < side_table_row_count; row++)
			if (side_table_rows[row].peer && !tables->peers[row] &&
			    !strcmp(side_table_rows[row].peer, name))
				tables->peers[row] = i;
	}
	return 0;
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
					   err) ||
	    find_peers(tables, &build->image)) {
		err_oom(err, "looking for side tables");
		side_tables_free(tables);
		return NULL;
	}
	build->side_tables = tables;
	return tables;
}

void side_tables_free(struct side_tables *tables)
{
	if (!tables)
		return;
	targets_release(&tables->targets);
	owner_maps_release(&tables->maps);
	free(tables->peers);
	free(tables->pointees);
	free(tables);
}

/* Where zeros begin that reach to `end`, or `end`. */
static uint64_t trailing_zeros(const uint8_t *data, uint64_t start,
			       uint64_t end)
{
	while (data && end > start && !data[end - 1])
		end--;
	return end;
}

/* Bytes that nobody owns: fill where all from there on is zero. */
static enum nature unowned(uint64_t at, uint64_t end, uint64_t zeros)
{
	if (zeros > at)
		return NATURE_RECORD;
	return end - at > FILL_PADDING_MAX ? NATURE_ALIGNMENT : NATURE_PADDING;
}

/* Books up to the carve's end, where its first record is of `size` bytes. */
static int book_records(struct booking *booking, struct table_reader *reader,
			const struct carve *carve, uint64_t size,
			struct err *err)
{
	const struct image *image = &booking->build->image;
	const uint8_t *data = image_section_data(image, carve->section);
	uint64_t zeros = trailing_zeros(data, carve->start, carve->end);
	uint64_t count = (carve->end - carve->start) / size;
	uint64_t index = (booking->at - carve->start) / size;

	while (index < count) {
		const struct entry *entry = table_reader_owner(reader, index);
		struct owner owner = table_reader_booked(entry, NATURE_RECORD);

		if (!entry && zeros <= booking->at)
			break;
		index++;
		if (entry)
			index += table_reader_same(reader, index, count);
		if (booking_take(booking,
				 carve->start + index * size - booking->at,
				 owner, err))
			return -1;
	}
	return booking_take(booking, carve->end - booking->at,
			    OWNER_NONE((uint8_t)unowned(booking->at, carve->end,
							zeros)), err);
}

static int book_unknown(struct booking *booking, uint64_t end, struct err *err)
{
	return booking_take(booking, end - booking->at,
			    OWNER_NONE(NATURE_RECORD), err);
}

/* Whether all of a section is in the ledger. */
static bool is_booked(const struct build *build, uint32_t section)
{
	const struct ledger *ledger = &build->ledger;
	uint32_t run = ledger->run[section];
	const struct entry *last;

	if (!run)
		return false;
	last = &ledger->entries[ledger->first[section] + run - 1];
	return last->offset + last->size ==
	       build->image.sections[section].size;
}

/*
 * Books records of `size` bytes as those of `peer_size` bytes of `peer` are,
 * which is booked: who owns a record need not be found out twice.
 */
static int book_alike(struct booking *booking, const struct carve *carve,
		      uint64_t size, uint32_t peer, uint64_t peer_size,
		      struct err *err)
{
	const struct ledger *ledger = &booking->build->ledger;
	const uint8_t *data = image_section_data(&booking->build->image,
						 carve->section);
	uint64_t zeros = trailing_zeros(data, carve->start, carve->end);
	uint32_t run = ledger->run[peer];

	for (uint32_t i = 0; i < run && booking->at < carve->end; i++) {
		struct entry entry = ledger->entries[ledger->first[peer] + i];
		uint64_t records = (entry.offset + entry.size) / peer_size;
		uint64_t end = min_u64(carve->end,
				       carve->start + records * size);
		enum nature nature = NATURE_RECORD;

		if (end <= booking->at)
			continue;
		if (entry.nature != NATURE_RECORD)
			nature = unowned(booking->at, end, zeros);
		if (booking_take(booking, end - booking->at,
				 table_reader_booked(&entry, nature), err))
			return -1;
	}
	return book_unknown(booking, carve->end, err);
}

/* A table whose records belong to those of another. */
static int book_paired(struct booking *booking, const struct carve *carve,
		       struct err *err)
{
	struct build *build = booking->build;
	const struct side_tables *tables = side_tables_of(build, err);
	uint64_t length = carve->end - carve->start;
	struct carve peer;
	struct table_reader reader;
	uint64_t count = 0;
	int result;

	if (!tables)
		return -1;
	if (!tables->peers[carve->table])
		return book_unknown(booking, carve->end, err);
	peer = whole_section(&build->image, tables->peers[carve->table]);
	result = table_reader_open(&reader, build, &peer, err);
	if (!result) {
		if (reader.size)
			count = peer.end / reader.size;
		if (!count || length % count || !(length / count))
			result = book_unknown(booking, carve->end, err);
		else if (is_booked(build, peer.section))
			result = book_alike(booking, carve, length / count,
					    peer.section, reader.size, err);
		else
			result = book_records(booking, &reader, carve,
					      length / count, err);
	}
	table_reader_close(&reader);
	return result;
}

int side_table_book_range(struct booking *booking, const struct carve *carve,
			  struct err *err)
{
	struct table_reader reader;
	int result;

	if (side_table_rows[carve->table].flags & TABLE_PAIRED)
		return book_paired(booking, carve, err);
	result = table_reader_open(&reader, booking->build, carve, err);
	if (!result && reader.size)
		result = book_records(booking, &reader, carve, reader.size,
				      err);
	else if (!result)
		result = book_unknown(booking, carve->end, err);
	table_reader_close(&reader);
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
		return side_table_book_pointees(booking, err);
	return side_table_book_range(booking, &carve, err);
}

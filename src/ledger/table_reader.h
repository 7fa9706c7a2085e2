/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_LEDGER_TABLE_READER_H
#define VMDELTA_LEDGER_TABLE_READER_H

/* Reads a side table: finds out its format, then who owns each record. */

#include "ledger/owners.h"
#include "ledger/side_tables.h"

/* A table whose format is known, or a row of NULL where it is not. */
struct table_reader {
	const struct build *build;
	const struct side_table *row;
	uint64_t start, end; /* of the table in its section */
	uint64_t size;       /* of a record, 0 if unknown */
	struct pointers pointers;
	struct owners owners;
	const uint8_t *ends; /* TABLE_ENDS: the peer's records, or NULL */
	uint64_t ends_size;  /* of one of them */
	uint64_t direct;     /* records whose pointers can be read in place */
	uint64_t address;    /* of the first pointer, and */
	const uint8_t *data; /* its bytes */
	bool wide;           /* 8 bytes, absolute; else 4, from their place */
	uint64_t low, high;  /* addresses of the last owner's bytes */
};

/*
 * Opens the table in carve's bytes and chooses its format, beginning with row
 * carve->table. Where no format fits, `row` is NULL and `size` 0. Returns 0,
 * or -1 when out of memory; table_reader_close() may follow in both cases.
 */
int table_reader_open(struct table_reader *reader, struct build *build,
		      const struct carve *carve, struct err *err);
void table_reader_close(struct table_reader *reader);

/* The entry that owns record `index`, or NULL. */
const struct entry *table_reader_owner(struct table_reader *reader,
				       uint64_t index);

/*
 * How many records from `index` on, before `count`, surely have the owner
 * that table_reader_owner() gave last.
 */
uint64_t table_reader_same(const struct table_reader *reader, uint64_t index,
			   uint64_t count);

/* The owner of records that `entry`, which may be NULL, is behind. */
static inline struct owner table_reader_booked(const struct entry *entry,
					       enum nature nature)
{
	if (!entry)
		return OWNER_NONE((uint8_t)nature);
	return (struct owner){ entry->symbol, entry->unit, entry->path, NONE,
			       (uint8_t)nature, 0 };
}

/* A table that is a section of its own, as a carve. */
struct carve whole_section(const struct image *image, uint32_t section);

#endif

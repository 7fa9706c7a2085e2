/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_LEDGER_SIDE_TABLES_H
#define VMDELTA_LEDGER_SIDE_TABLES_H

/*
 * Side tables: arrays of records that a kernel keeps about its code, each
 * record made by one place in one function (.orc_unwind, __ex_table,
 * __mcount_loc, ...). Their bytes are caused by that function and belong to
 * it. A table is a section of its own, or, in a linked kernel, what lies
 * between two marker symbols inside another section: a carve.
 */

#include "ledger/booking.h"

/* When a section can be booked: later ranks look up owners in earlier ones. */
enum booking_rank {
	BOOK_CODE,        /* executable */
	BOOK_LOADED,      /* other SHF_ALLOC sections */
	BOOK_TABLES,      /* side tables and relocations that are loaded */
	BOOK_REST,        /* debug information, symbol tables, ... */
	BOOK_RELOCATIONS, /* SHT_REL and SHT_RELA that are not loaded */
	BOOK_RANKS
};

enum booking_rank side_tables_rank(const struct image *image,
				   uint32_t section);

/* A side table inside another section; offsets are of the section. */
struct carve {
	uint64_t start, end;
	uint32_t section;
	uint32_t table; /* row of the table of formats */
};

/*
 * Finds the carves of a build, sorted by section and start, without overlap
 * and within their sections. *carves is malloc'ed (NULL when there is none).
 * Returns 0, or -1 when out of memory.
 */
int side_tables_carves(const struct build *build, struct carve **carves,
		       size_t *count, struct err *err);

/*
 * Books carve->end - booking->at bytes: the symbol booker calls this when it
 * has come to carve->start (or is inside the carve). Code must be booked.
 */
int side_table_book_range(struct booking *booking, const struct carve *carve,
			  struct err *err);

/* The booker of side tables that are sections of their own. */
bool side_table_wants(const struct booking *booking);
int side_table_book(struct booking *booking, struct err *err);

#endif

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

#include "image/targets.h"
#include "ledger/booking.h"
#include "ledger/kallsyms.h"
#include "ledger/owners.h"

/* When a section can be booked: later ranks look up owners in earlier ones. */
enum booking_rank {
	BOOK_CODE,           /* executable */
	BOOK_LOADED,         /* other SHF_ALLOC sections */
	BOOK_POINTEES,       /* what side tables point at, some of it code */
	BOOK_TABLES,         /* side tables that are sections of their own */
	BOOK_LOADED_PATCHES, /* relocations that are loaded (.rela.dyn) */
	BOOK_REST,           /* debug information, symbol tables, ... */
	BOOK_RELOCATIONS,    /* SHT_REL and SHT_RELA that are not loaded */
	BOOK_RANKS
};

enum booking_rank side_tables_rank(const struct image *image,
				   uint32_t section);

/* A side table inside another section; offsets are of the section. */
struct carve {
	uint64_t start, end;
	uint32_t section;
	uint32_t table; /* row of side_table_rows[] */
};

/* A section's format, as table_reader_open() chose it. */
struct table_format {
	uint32_t section; /* 0: unused */
	uint32_t row;     /* of side_table_rows[], or NONE */
	uint64_t size;    /* of a record */
};

/* What is known about a build's side tables once it was looked at. */
struct side_tables {
	struct targets targets;
	uint32_t *peers;          /* row -> section of its peer, or 0 */
	uint32_t *pointees;       /* sections of TABLE_POINTEE, ascending */
	size_t pointee_count, pointee_capacity;
	struct table_format formats[8]; /* the last ones: peers are read again */
	uint32_t format_at;
	struct owner_maps maps;
	struct kallsyms_tables kallsyms; /* known after side_tables_carves() */
};

/*
 * Those of `build`, made on the first call and kept in build->side_tables;
 * NULL when out of memory.
 */
struct side_tables *side_tables_of(struct build *build, struct err *err);

void side_tables_free(struct side_tables *tables);

/*
 * Finds the carves of a build, sorted by section and start, without overlap
 * and within their sections. *carves is malloc'ed (NULL when there is none).
 * Returns 0, or -1 when out of memory.
 */
int side_tables_carves(struct build *build, struct carve **carves,
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

/* Books a section that records of other tables point at (TABLE_POINTEE). */
int side_table_book_pointees(struct booking *booking, struct err *err);

/* What is known about a format; side_tables.c explains the columns. */
struct side_table {
	const char *section;
	const char *start, *stop;
	const char *peer;
	uint16_t machine;
	uint8_t bits;
	uint8_t sizes[4];
	uint8_t field;
	uint8_t pointer;
	uint8_t flags; /* TABLE_* */
	const char *source;
};

#define TABLE_SORTED 0x01u  /* by sorttable: its relocations are stale */
#define TABLE_DATA 0x02u    /* points at data as well as at code */
#define TABLE_ENDS 0x04u    /* a record of zeros ends the function before */
#define TABLE_PAIRED 0x08u  /* record i belongs to record i of the peer */
#define TABLE_POINTEE 0x10u /* variable bytes that the peer points at, */
#define TABLE_LENGTH 0x20u  /* as many as the last byte of its record says, */
#define TABLE_TEXT 0x40u    /* or up to a NUL; else to the next */
#define TABLE_WHOLE 0x80u   /* of its only label, even where it is NOBITS */

extern const struct side_table side_table_rows[];
extern const size_t side_table_row_count;

/* Whether a row is for the machine of `image`. */
bool side_table_fits(const struct image *image, uint32_t row);

/* The first row for a section by its name, or NONE. */
uint32_t side_table_find(const struct image *image, uint32_t section);

/* The next row for the same section after `row`, or NONE. */
uint32_t side_table_next(const struct image *image, uint32_t row);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_LEDGER_BOOKING_H
#define VMDELTA_LEDGER_BOOKING_H

/*
 * How a booker writes one section into the ledger: from offset 0 on, without
 * holes, to exactly the section's size; ledger.c checks that. A booker
 * is a row in bookers[] (ledger.c): the first whose wants() is true books the
 * section. Executable sections are booked first, then other loaded ones, then
 * the rest: a booker of records may ask ledger_find() for the code they
 * describe.
 */

#include "ledger/build.h"

struct carve;
struct places;
struct symbol_spans;

struct booking {
	struct build *build;
	const struct ledger_options *options;
	const struct places *places; /* symbols in the order of their places */
	struct symbol_spans *spans;  /* scratch of the symbol booker */
	const struct carve *carves;  /* side tables inside other sections */
	size_t carve_count;
	uint32_t first;   /* the section's first entry */
	uint32_t hint;    /* for the unit of the next bytes of data */
	uint32_t section;
	uint64_t at;      /* bytes booked so far */
	uint64_t size;    /* bytes to book */
	uint8_t domains;  /* IN_FILE | IN_IMAGE of every byte */
};

/* Who owns the bytes that are booked next. */
struct owner {
	uint32_t symbol; /* as in struct entry; NONE where there is none */
	uint32_t unit;
	uint32_t path;
	uint32_t detail;
	uint8_t nature;
	uint8_t flags;
};

#define OWNER_NONE(nature_) \
	((struct owner){ NONE, NONE, NONE, NONE, (nature_), 0 })

/* Starts a section at offset 0. */
void booking_begin(struct booking *booking, uint32_t section, uint64_t size,
		   uint8_t domains);

/* The next `size` bytes as an entry of the section's run. */
static inline void booking_fill(struct booking *booking, struct entry *entry,
				uint64_t size, const struct owner *owner)
{
	*entry = (struct entry){
		.offset = booking->at, .size = size,
		.section = booking->section, .symbol = owner->symbol,
		.unit = owner->unit, .path = owner->path,
		.detail = owner->detail, .nature = owner->nature,
		.domains = booking->domains, .flags = owner->flags,
	};
	booking->build->ledger.run[booking->section]++;
	booking->at += size;
}

/* booking_take() where it may have to join, to grow or to fail. */
int booking_take_any(struct booking *booking, uint64_t size,
		     struct owner owner, struct err *err);

/*
 * Books the next `size` bytes. Neighbours with the same owner are joined.
 * Returns 0, or -1 when out of memory or when the section would overflow.
 * Inline is what is done a million times: another symbol, or another type of
 * none, and there is room.
 */
static inline int booking_take(struct booking *booking, uint64_t size,
			       struct owner owner, struct err *err)
{
	struct ledger *ledger = &booking->build->ledger;
	uint32_t count = ledger->count;
	struct entry *next = ledger->entries + count;

	if (__builtin_expect(count <= booking->first || count == NONE ||
			     !size || count >= ledger->room.ready ||
			     (next[-1].symbol == owner.symbol &&
			      next[-1].detail == owner.detail) ||
			     size > booking->size - booking->at, 0))
		return booking_take_any(booking, size, owner, err);
	booking_fill(booking, next, size, &owner);
	ledger->count = count + 1;
	return 0;
}

/*
 * Books a row for each symbol, `total` bytes in all. `sizes` passes to the
 * ledger (NULL: each has `size`), also on failure.
 */
int booking_take_column(struct booking *booking, enum nature nature,
			uint32_t size, uint32_t *sizes, uint64_t total,
			struct err *err);

/* Adds an entry outside of any section's run: headers, gaps. */
int ledger_append(struct ledger *ledger, const struct entry *entry,
		  struct err *err);

struct booker {
	const char *name;
	bool (*wants)(const struct booking *booking);
	int (*book)(struct booking *booking, struct err *err);
};

#endif

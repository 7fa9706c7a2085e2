/* SPDX-License-Identifier: MIT */
#include "ledger/booking.h"

#include <inttypes.h>
#include <stdlib.h>

/* Room for one more entry, counted already, or NULL. */
static struct entry *add_entry(struct ledger *ledger, struct err *err)
{
	struct entry *entries;

	if (ledger->count == NONE) {
		err_set(err, "more than 2^32 ledger entries");
		return NULL;
	}
	entries = pages_grow(ledger->entries, &ledger->room,
			     (size_t)ledger->count + 1, sizeof(*entries));
	if (!entries) {
		err_oom(err, "booking");
		return NULL;
	}
	ledger->entries = entries;
	return &entries[ledger->count++];
}

int ledger_append(struct ledger *ledger, const struct entry *entry,
		  struct err *err)
{
	struct entry *added = add_entry(ledger, err);

	if (!added)
		return -1;
	*added = *entry;
	return 0;
}

void booking_begin(struct booking *booking, uint32_t section, uint64_t size,
		   uint8_t domains)
{
	booking->section = section;
	booking->at = 0;
	booking->size = size;
	booking->domains = domains;
	booking->first = booking->build->ledger.count;
	booking->build->ledger.first[section] = booking->first;
}

/* True where the bytes behind `last` go on as `owner`'s. */
static bool continues(const struct entry *last, const struct owner *owner,
		      uint64_t at, uint8_t domains)
{
	return last->offset + last->size == at &&
	       last->symbol == owner->symbol && last->unit == owner->unit &&
	       last->path == owner->path && last->detail == owner->detail &&
	       last->nature == owner->nature && last->flags == owner->flags &&
	       last->domains == domains;
}

static int overbooked(const struct booking *booking, uint64_t size,
		      struct err *err)
{
	return err_set(err, "%s: internal error: section %u: 0x%" PRIx64
		       " bytes booked at 0x%" PRIx64 " of 0x%" PRIx64,
		       booking->build->image.path, booking->section, size,
		       booking->at, booking->size);
}

int booking_take_column(struct booking *booking, enum nature nature,
			uint32_t size, uint32_t *sizes, uint64_t total,
			struct err *err)
{
	struct ledger *ledger = &booking->build->ledger;

	if (total > booking->size - booking->at ||
	    ledger->column_count == COLUMNS_MAX) {
		free(sizes);
		return overbooked(booking, total, err);
	}
	ledger->columns[ledger->column_count++] = (struct column){
		.section = booking->section, .nature = (uint8_t)nature,
		.domains = booking->domains, .size = size, .sizes = sizes,
	};
	booking->at += total;
	return 0;
}

int booking_take_any(struct booking *booking, uint64_t size,
		     struct owner owner, struct err *err)
{
	struct ledger *ledger = &booking->build->ledger;
	struct entry *last, *added;

	if (!size)
		return 0;
	if (size > booking->size - booking->at)
		return overbooked(booking, size, err);
	last = ledger->count > booking->first ?
		&ledger->entries[ledger->count - 1] : NULL;
	if (last && continues(last, &owner, booking->at, booking->domains)) {
		last->size += size;
		booking->at += size;
		return 0;
	}
	added = add_entry(ledger, err);
	if (!added)
		return -1;
	booking_fill(booking, added, size, &owner);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "ledger/owners.h"

static bool covers(const struct entry *entry, uint64_t offset)
{
	return offset - entry->offset < entry->size;
}

static bool ends_before(const struct entry *entry, uint64_t offset)
{
	return entry->offset + entry->size <= offset;
}

/*
 * The first entry from `near` on, below `end`, that does not end before the
 * offset: in steps that double, then halve. The next record of a table is
 * mostly a few dozen entries on, in memory that was just read.
 */
static uint32_t gallop(const struct entry *entries, uint32_t near,
		       uint32_t end, uint64_t offset)
{
	uint32_t low = near, step = 1;

	while (step < end - low && ends_before(&entries[low + step - 1],
					       offset)) {
		low += step;
		step *= 2;
	}
	end = (uint32_t)min_u64(end, (uint64_t)low + step);
	while (low < end) {
		uint32_t middle = low + (end - low) / 2;

		if (ends_before(&entries[middle], offset))
			low = middle + 1;
		else
			end = middle;
	}
	return low;
}

const struct entry *owners_at(struct owners *owners, struct place place)
{
	const struct ledger *ledger = owners->ledger;
	const struct entry *entry = NULL;

	if (owners->entry == NONE || owners->section != place.section ||
	    place.offset < ledger->entries[owners->entry].offset) {
		entry = ledger_find(ledger, place.section, place.offset);
	} else {
		uint32_t end = ledger->first[place.section] +
			       ledger->run[place.section];
		uint32_t at = gallop(ledger->entries, owners->entry, end,
				     place.offset);

		if (at < end && covers(&ledger->entries[at], place.offset))
			entry = &ledger->entries[at];
	}
	if (entry) {
		owners->section = place.section;
		owners->entry = (uint32_t)(entry - ledger->entries);
	}
	return entry;
}

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

/* Likewise backwards: entry `near` is behind the offset, `first` the limit. */
static uint32_t gallop_back(const struct entry *entries, uint32_t first,
			    uint32_t near, uint64_t offset)
{
	uint32_t low, step = 1;

	while (step <= near - first &&
	       !ends_before(&entries[near - step], offset)) {
		near -= step;
		step *= 2;
	}
	low = step <= near - first ? near - step : first;
	while (low < near) {
		uint32_t middle = low + (near - low) / 2;

		if (ends_before(&entries[middle], offset))
			low = middle + 1;
		else
			near = middle;
	}
	return low;
}

const struct entry *owners_at(struct owners *owners, struct place place)
{
	const struct ledger *ledger = owners->ledger;
	const struct entry *entries = ledger->entries, *entry = NULL;
	uint32_t first, end, at;

	if (owners->entry == NONE || owners->section != place.section) {
		entry = ledger_find(ledger, place.section, place.offset);
	} else {
		first = ledger->first[place.section];
		end = first + ledger->run[place.section];
		at = place.offset < entries[owners->entry].offset ?
			gallop_back(entries, first, owners->entry,
				    place.offset) :
			gallop(entries, owners->entry, end, place.offset);
		if (at < end && covers(&entries[at], place.offset))
			entry = &entries[at];
	}
	if (entry) {
		owners->section = place.section;
		owners->entry = (uint32_t)(entry - entries);
	}
	return entry;
}

/* SPDX-License-Identifier: MIT */
#include "ledger/owners.h"

/* From a function over its padding and the next one's prefix to the next. */
#define LOOK_AHEAD 5u

static bool covers(const struct entry *entry, uint64_t offset)
{
	return offset - entry->offset < entry->size;
}

const struct entry *owners_at(struct owners *owners, struct place place)
{
	const struct ledger *ledger = owners->ledger;
	const struct entry *entry;

	if (owners->entry != NONE && owners->section == place.section) {
		uint32_t end = ledger->first[place.section] +
			       ledger->run[place.section];

		for (uint32_t i = 0; i < LOOK_AHEAD; i++) {
			uint32_t at = owners->entry + i;

			if (at >= end || !covers(&ledger->entries[at],
						 place.offset))
				continue;
			owners->entry = at;
			return &ledger->entries[at];
		}
	}
	entry = ledger_find(ledger, place.section, place.offset);
	owners->section = place.section;
	owners->entry = entry ? (uint32_t)(entry - ledger->entries) : NONE;
	return entry;
}

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_LEDGER_OWNERS_H
#define VMDELTA_LEDGER_OWNERS_H

/*
 * Who owns a byte of a section that is booked already: ledger_find() with a
 * memory. Places asked for in order cost a comparison, others a search; so a
 * table that is sorted, or nearly, is merged with the ledger and not looked
 * up record by record.
 */

#include "image/targets.h"
#include "ledger/ledger.h"

/*
 * Which entry reaches each 256th byte, of some large sections: exports are
 * sorted by name, and a search of 80,000 entries for a place that has nothing
 * to do with the last one costs as much as booking five.
 */
struct owner_maps {
	struct owner_map {
		uint32_t section; /* 0: unused */
		uint32_t first;   /* of its entries, when it was made, */
		uint32_t run;     /* and how many they were */
		uint32_t *at;     /* NULL: none could be made */
	} maps[4];
};

void owner_maps_release(struct owner_maps *maps);

struct owners {
	const struct ledger *ledger;
	struct owner_maps *maps; /* NULL: none are made */
	uint32_t section; /* of `entry`, or NONE */
	uint32_t entry;   /* index of the last answer */
};

static inline void owners_init(struct owners *owners,
			       const struct ledger *ledger)
{
	*owners = (struct owners){ ledger, NULL, NONE, 0 };
}

/* owners_at() for all places. */
const struct entry *owners_search(struct owners *owners, struct place place);

/*
 * The entry that covers `place`, or NULL. Good until the next entry is
 * booked: the array may move. Sorted tables mostly lead to the last entry or
 * to one of the next two (code, padding, code): those are tried first.
 */
static inline const struct entry *owners_at(struct owners *owners,
					    struct place place)
{
	const struct ledger *ledger = owners->ledger;
	const struct entry *entry = ledger->entries + owners->entry;

	if (owners->section != place.section ||
	    ledger->count - owners->entry < 3)
		return owners_search(owners, place);
	for (uint32_t i = 0; i < 3; i++) {
		if (entry[i].section != place.section ||
		    !lies_in(place.offset, entry[i].offset, entry[i].size))
			continue;
		owners->entry += i;
		return &entry[i];
	}
	return owners_search(owners, place);
}

#endif

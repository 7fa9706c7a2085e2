/* SPDX-License-Identifier: MIT */
#include "ledger/owners.h"

#include <stdlib.h>

#define MAPPED_MIN 4096u /* entries that are worth a map */
#define MAPPED_BITS 8    /* a place in it for so many bytes */
#define MAPPED_SPARSE 4u /* or so many places for an entry */

/*
 * The first entry from `near` on, below `end`, that does not end before the
 * offset: in steps that double, then halve. The next record of a table is
 * mostly a few dozen entries on, in memory that was just read.
 */
static uint32_t gallop(const struct entry *entries, uint32_t near,
		       uint32_t end, uint64_t offset)
{
	uint32_t low = near, step = 1;

	while (step < end - low &&
	       entry_ends_before(&entries[low + step - 1], offset)) {
		low += step;
		step *= 2;
	}
	end = (uint32_t)min_u64(end, (uint64_t)low + step);
	return entries_search(entries, low, end, offset);
}

/* Likewise backwards: entry `near` is behind the offset, `first` the limit. */
static uint32_t gallop_back(const struct entry *entries, uint32_t first,
			    uint32_t near, uint64_t offset)
{
	uint32_t low, step = 1;

	while (step <= near - first &&
	       !entry_ends_before(&entries[near - step], offset)) {
		near -= step;
		step *= 2;
	}
	low = step <= near - first ? near - step : first;
	return entries_search(entries, low, near, offset);
}

void owner_maps_release(struct owner_maps *maps)
{
	for (size_t i = 0; i < ARRAY_SIZE(maps->maps); i++)
		free(maps->maps[i].at);
	*maps = (struct owner_maps){ 0 };
}

static void make_map(struct owner_map *map, const struct ledger *ledger)
{
	uint32_t at = map->first, last = map->first + map->run - 1;
	const struct entry *entries = ledger->entries;
	uint64_t count = ((entries[last].offset + entries[last].size) >>
			  MAPPED_BITS) + 1;

	if (count > (uint64_t)map->run * MAPPED_SPARSE)
		return;
	map->at = malloc((count + 1) * sizeof(*map->at));
	for (uint64_t i = 0; map->at && i < count; i++) {
		while (at < last &&
		       entry_ends_before(&entries[at], i << MAPPED_BITS))
			at++;
		map->at[i] = at;
	}
	if (map->at)
		map->at[count] = last;
}

/* The map of a section as it is booked now, or NULL. */
static const struct owner_map *map_of(const struct owners *owners,
				      uint32_t section)
{
	uint32_t first = owners->ledger->first[section];
	uint32_t run = owners->ledger->run[section];
	struct owner_map *map;

	if (!owners->maps || run < MAPPED_MIN)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(owners->maps->maps); i++) {
		map = &owners->maps->maps[i];
		if (!map->section) {
			*map = (struct owner_map){ section, first, run, NULL };
			make_map(map, owners->ledger);
		}
		if (map->section == section)
			return map->first == first && map->run == run &&
			       map->at ? map : NULL;
	}
	return NULL;
}

const struct entry *owners_search(struct owners *owners, struct place place)
{
	const struct ledger *ledger = owners->ledger;
	const struct entry *entries = ledger->entries;
	const struct owner_map *map = map_of(owners, place.section);
	uint32_t first = ledger->first[place.section];
	uint32_t end = first + ledger->run[place.section];
	uint64_t block = place.offset >> MAPPED_BITS;
	uint32_t at;

	if (map && !entry_ends_before(&entries[end - 1], place.offset))
		at = entries_search(entries, map->at[block],
				    map->at[block + 1] + 1, place.offset);
	else if (owners->section != place.section)
		at = entries_search(entries, first, end, place.offset);
	else if (place.offset < entries[owners->entry].offset)
		at = gallop_back(entries, first, owners->entry, place.offset);
	else
		at = gallop(entries, owners->entry, end, place.offset);
	if (at >= end || entries[at].offset > place.offset)
		return NULL;
	owners->section = place.section;
	owners->entry = at;
	return &entries[at];
}

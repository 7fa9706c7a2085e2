/* SPDX-License-Identifier: MIT */
#include "base/map.h"

#include <stdlib.h>
#include <string.h>

static struct map_slot *slot_of(struct map_slot *slots, size_t slot_count,
				uint32_t empty, uint64_t key)
{
	size_t at = map_mix(key) & (slot_count - 1);

	while (slots[at].used > empty && slots[at].key != key)
		at = (at + 1) & (slot_count - 1);
	return &slots[at];
}

int map_reserve(struct map *map, size_t expected)
{
	size_t slot_count = map->slot_count ? map->slot_count : 64;
	struct map_slot *slots;

	if (expected > SIZE_MAX / 4 / sizeof(*slots))
		return -1;
	while (slot_count / 4 * 3 < expected)
		slot_count *= 2;
	if (slot_count == map->slot_count)
		return 0;
	slots = malloc(slot_count * sizeof(*slots));
	if (!slots)
		return -1;
	/* Not calloc(): a page that is read before it is written faults
	   twice, the second time for all threads. */
	memset(slots, 0, slot_count * sizeof(*slots));
	for (size_t i = 0; i < map->slot_count; i++) {
		const struct map_slot *slot = &map->slots[i];

		if (slot->used > map->empty)
			*slot_of(slots, slot_count, 0, slot->key) =
				(struct map_slot){ slot->key, slot->value, 1 };
	}
	map->empty = 0;
	free(map->slots);
	map->slots = slots;
	map->slot_count = slot_count;
	return 0;
}

uint32_t *map_at(struct map *map, uint64_t key, uint32_t fresh)
{
	struct map_slot *slot;

	if (map_reserve(map, map->count + 1))
		return NULL;
	slot = slot_of(map->slots, map->slot_count, map->empty, key);
	if (slot->used <= map->empty) {
		*slot = (struct map_slot){ key, fresh, map->empty + 1 };
		map->count++;
	}
	return &slot->value;
}

const uint32_t *map_find(const struct map *map, uint64_t key)
{
	const struct map_slot *slot;

	if (!map->count)
		return NULL;
	slot = slot_of(map->slots, map->slot_count, map->empty, key);
	return slot->used > map->empty ? &slot->value : NULL;
}

void map_clear(struct map *map)
{
	map->count = 0;
	if (map->empty == UINT32_MAX - 1) {
		map_release(map);
		return;
	}
	map->empty++;
}

void map_release(struct map *map)
{
	free(map->slots);
	memset(map, 0, sizeof(*map));
}

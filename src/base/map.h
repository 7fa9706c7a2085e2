/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_BASE_MAP_H
#define VMDELTA_BASE_MAP_H

/*
 * A map from 64-bit keys to 32-bit values, for the places where millions of
 * keys are joined or grouped. A zeroed struct map is empty and valid.
 */

#include <stddef.h>
#include <stdint.h>

struct map_slot {
	uint64_t key;
	uint32_t value;
	uint32_t used; /* more than map.empty, or the slot is empty */
};

struct map {
	struct map_slot *slots; /* power of two, linear probing */
	size_t slot_count;
	size_t count;
	uint32_t empty; /* goes up with each map_clear() */
};

/* Makes room for `expected` keys. Returns 0, or -1 when out of memory. */
int map_reserve(struct map *map, size_t expected);

/*
 * The value kept for `key`; a new key is given `fresh` first. NULL when out
 * of memory. The pointer is good until the next call.
 */
uint32_t *map_at(struct map *map, uint64_t key, uint32_t fresh);

/* The value kept for `key`, or NULL. */
const uint32_t *map_find(const struct map *map, uint64_t key);

/* Forgets all keys and keeps the memory; costs nothing. */
void map_clear(struct map *map);

void map_release(struct map *map);

/*
 * Spreads the bits of a key; for hashing tuples of numbers step by step. The
 * finalizer of splitmix64 (Steele, Lea, Flood: OOPSLA 2014).
 */
static inline uint64_t map_mix(uint64_t key)
{
	key ^= key >> 30;
	key *= 0xbf58476d1ce4e5b9u;
	key ^= key >> 27;
	key *= 0x94d049bb133111ebu;
	return key ^ key >> 31;
}

#endif

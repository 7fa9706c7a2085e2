/* SPDX-License-Identifier: MIT */
/*
 * The engine behind the levels: a hash table from evidence to the one owner
 * that has it on each side. An owner with several names is entered once for
 * each; that two of its names agree does not make it two owners.
 */
#include <stdlib.h>

#include "base/map.h"
#include "match/matcher.h"

#define SEVERAL (UINT32_MAX - 1)

struct slot {
	uint64_t key;
	uint32_t owner[SIDES]; /* NONE, SEVERAL, or the only one */
};

struct table {
	struct slot *slots;
	size_t mask;
};

static struct slot *find(const struct table *table, uint64_t key)
{
	size_t at = map_mix(key) & table->mask;

	while (table->slots[at].key && table->slots[at].key != key)
		at = (at + 1) & table->mask;
	return &table->slots[at];
}

/*
 * The owner for which a symbol is evidence, or NONE. A name without size at
 * the place of a sized thing proves nothing: without lockdep all the
 * lock_class_keys are empty, and stand at whatever variable comes next.
 */
static uint32_t entrant(const struct matcher *matcher, unsigned which,
			uint32_t symbol, bool aliases)
{
	const struct side *side = &matcher->sides[which];
	const struct symbol *symbols = side->image->symbols;
	uint32_t owner = side_owner(side, symbol);

	if (!side_is_free(matcher, which, owner))
		return NONE;
	if (owner != symbol &&
	    (!aliases || (!symbols[symbol].size && symbols[owner].size)))
		return NONE;
	return owner;
}

static void enter(const struct matcher *matcher, const struct table *table,
		  unsigned side, join_key key, bool aliases)
{
	const struct side *from = &matcher->sides[side];

	for (size_t i = 0; i < from->contested_count; i++) {
		uint32_t symbol = from->contested[i];
		uint32_t owner = entrant(matcher, side, symbol, aliases);
		struct slot *slot;
		uint64_t value;

		if (owner == NONE)
			continue;
		value = key(matcher, side, symbol);
		if (!value)
			continue;
		slot = find(table, value);
		if (!slot->key) {
			slot->key = value;
			slot->owner[OLD] = slot->owner[NEW] = NONE;
		}
		if (slot->owner[side] == NONE)
			slot->owner[side] = owner;
		else if (slot->owner[side] != owner)
			slot->owner[side] = SEVERAL;
	}
}

static bool is_one(uint32_t owner)
{
	return owner < SEVERAL;
}

int join_unique(struct matcher *matcher, join_key key, bool aliases,
		enum level level, struct err *err)
{
	const struct side *old = &matcher->sides[OLD];
	size_t expected = old->contested_count +
			  matcher->sides[NEW].contested_count;
	struct table table = { NULL, 63 };

	while (table.mask < expected + expected / 2)
		table.mask = table.mask * 2 + 1;
	table.slots = calloc(table.mask + 1, sizeof(*table.slots));
	if (!table.slots)
		return err_oom(err, "pairing symbols");
	enter(matcher, &table, OLD, key, aliases);
	enter(matcher, &table, NEW, key, aliases);
	/* In symbol order, so that what aliases contest goes to the first. */
	for (size_t i = 0; i < old->contested_count; i++) {
		uint32_t symbol = old->contested[i];
		uint32_t owner = entrant(matcher, OLD, symbol, aliases);
		const struct slot *slot;
		uint64_t value;

		if (owner == NONE)
			continue;
		value = key(matcher, OLD, symbol);
		if (!value)
			continue;
		slot = find(&table, value);
		if (slot->key && slot->owner[OLD] == owner &&
		    is_one(slot->owner[NEW]) &&
		    side_is_free(matcher, NEW, slot->owner[NEW]))
			matcher_pair(matcher, owner, slot->owner[NEW], level);
	}
	free(table.slots);
	return 0;
}

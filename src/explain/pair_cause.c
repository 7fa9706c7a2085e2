/* SPDX-License-Identifier: MIT */
/*
 * The main cause of single families, for reports that name one beside each
 * grown symbol: the cause with the largest change in the direction of the
 * family's own change.
 */

#include "explain/cause.h"

#include <stdlib.h>

#include "base/map.h"
#include "explain/comparison.h"
#include "explain/family.h"

struct part {
	uint32_t pair;     /* index in `pairs` */
	uint32_t function;
	int64_t delta;
	uint8_t cause;
};

struct parts {
	struct part *list;
	uint32_t count;
	size_t capacity;
	uint32_t pair_count; /* of the match */
	uint64_t *is_wanted; /* a bit for each root that is in `wanted` */
	struct map wanted; /* root -> index in `pairs` */
	struct map known;  /* pair, cause, function -> index in list */
};

static int add(struct parts *parts, uint32_t pair, uint8_t cause,
	       uint32_t function, int64_t size)
{
	uint64_t key = map_mix((uint64_t)pair << 40 | (uint64_t)cause << 32 |
			       function);
	uint32_t *index = map_at(&parts->known, key, parts->count);
	struct part *room;

	if (!index)
		return -1;
	if (*index == parts->count) {
		room = array_grow(parts->list, &parts->capacity,
				  (size_t)parts->count + 1, sizeof(*room));
		if (!room)
			return -1;
		parts->list = room;
		room[parts->count++] = (struct part){ pair, function, 0,
						      cause };
	}
	parts->list[*index].delta += size;
	return 0;
}

/* Wants to know about the root of pairs[index]. */
static int want(struct parts *parts, uint32_t root, uint32_t index)
{
	parts->is_wanted[root / 64] |= UINT64_C(1) << root % 64;
	return map_at(&parts->wanted, root, index) ? 0 : -1;
}

/* Nearly all entries belong to others, and most are told by one bit. */
static const uint32_t *find_wanted(const struct parts *parts, uint32_t root)
{
	if (!(parts->is_wanted[root / 64] >> root % 64 & 1))
		return NULL;
	return map_find(&parts->wanted, root);
}

/* The index of the first of pairs[] that is of the same family. */
static const uint32_t *find_same(const struct parts *parts,
				 const struct causes *causes, uint32_t pair)
{
	bool known = causes->root && pair < parts->pair_count;

	return known ? find_wanted(parts, causes->root[pair]) : NULL;
}

static int add_side(struct parts *parts, const struct causes *causes,
		    const struct comparison *comparison, unsigned side)
{
	const struct build *build = comparison_build(comparison, side);

	for (uint32_t i = 0; build && i < build->ledger.count; i++) {
		const struct entry *entry = &build->ledger.entries[i];
		uint32_t pair = pair_of_symbol(&comparison->match, side,
					       entry->symbol);
		const uint32_t *index;

		if (pair == NONE || !(entry->domains & IN_IMAGE) ||
		    nature_is_alignment(entry->nature))
			continue;
		index = find_wanted(parts, causes->root[pair]);
		if (index && add(parts, *index, causes->of_entry[side][i],
				 causes_function(causes, comparison, side,
						 entry),
				 side == OLD ? -(int64_t)entry->size :
					       (int64_t)entry->size) != 0)
			return -1;
	}
	return 0;
}

static int64_t signed_as(int64_t delta, int64_t whole)
{
	return whole < 0 ? -delta : delta;
}

int causes_of_pairs(const struct causes *causes,
		    const struct comparison *comparison,
		    const uint32_t *pairs, size_t count,
		    struct pair_cause *result, struct err *err)
{
	struct parts parts = { .pair_count = comparison->match.pair_count };
	int64_t *whole = calloc(count + 1, sizeof(*whole));
	int failed;

	parts.is_wanted = calloc(comparison->match.pair_count / 64 + 1u,
				 sizeof(*parts.is_wanted));
	failed = !whole || !parts.is_wanted;
	for (size_t i = 0; i < count && !failed; i++) {
		result[i] = (struct pair_cause){ CAUSE_COUNT, NONE, 0 };
		if (causes->root && pairs[i] < comparison->match.pair_count)
			failed = want(&parts, causes->root[pairs[i]],
				      (uint32_t)i);
	}
	/* Without roots nothing is wanted. */
	for (unsigned side = OLD; causes->root && side < SIDES && !failed;
	     side++)
		failed = add_side(&parts, causes, comparison, side);
	for (uint32_t i = 0; i < parts.count && !failed; i++)
		whole[parts.list[i].pair] += parts.list[i].delta;
	for (uint32_t i = 0; i < parts.count && !failed; i++) {
		const struct part *part = &parts.list[i];
		struct pair_cause *best = &result[part->pair];

		if (best->cause == CAUSE_COUNT ||
		    signed_as(part->delta, whole[part->pair]) >
		    signed_as(best->delta, whole[part->pair]))
			*best = (struct pair_cause){ part->cause,
						     part->function,
						     part->delta };
	}
	for (size_t i = 0; i < count && !failed; i++) {
		const uint32_t *same = find_same(&parts, causes, pairs[i]);

		if (same)
			result[i] = result[*same];
	}
	free(parts.is_wanted);
	free(parts.list);
	free(whole);
	map_release(&parts.wanted);
	map_release(&parts.known);
	return failed ? err_oom(err, "finding causes") : 0;
}

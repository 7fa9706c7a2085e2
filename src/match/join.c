/* SPDX-License-Identifier: MIT */
/*
 * The engine behind the levels: a hash table from evidence to the one owner
 * that has it on each side. An owner with several names is entered once for
 * each; that two of its names agree does not make it two owners.
 *
 * Where several have the same evidence, order decides: both sides' groups are
 * sorted by place and paired from the first to the last. Groups of different
 * lengths are aligned by size, so that one that is new in the middle does not
 * shift all the others.
 */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "match/matcher.h"

#define SEVERAL (UINT32_MAX - 1)

struct slot {
	uint64_t key;
	uint32_t at[SIDES]; /* index of the candidate, NONE or SEVERAL */
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

static uint64_t key_of(const struct matcher *matcher, unsigned side,
		       const struct candidate *candidate,
		       const struct join *join)
{
	if (entrant(matcher, side, candidate->symbol, join->aliases) == NONE)
		return 0;
	return join->key(matcher, side, candidate);
}

static uint32_t owner_at(const struct side *side, uint32_t at)
{
	return side_owner(side, side->contested[at].symbol);
}

static void enter(const struct matcher *matcher, const struct table *table,
		  unsigned which, const struct join *join)
{
	const struct side *side = &matcher->sides[which];

	for (uint32_t i = 0; i < side->contested_count; i++) {
		uint64_t key = key_of(matcher, which, &side->contested[i],
				      join);
		struct slot *slot;

		if (!key)
			continue;
		slot = find(table, key);
		if (!slot->key) {
			slot->key = key;
			slot->at[OLD] = slot->at[NEW] = NONE;
		}
		if (slot->at[which] == NONE)
			slot->at[which] = i;
		else if (slot->at[which] != SEVERAL &&
			 owner_at(side, slot->at[which]) != owner_at(side, i))
			slot->at[which] = SEVERAL;
	}
}

static void pair_slot(struct matcher *matcher, const struct slot *slot,
		      const struct join *join)
{
	const struct side *sides = matcher->sides;
	uint32_t old = slot->at[OLD], new = slot->at[NEW];

	if (old >= SEVERAL || new >= SEVERAL)
		return;
	if (join->veto && join->veto(matcher, &sides[OLD].contested[old],
				     &sides[NEW].contested[new]))
		return;
	old = owner_at(&sides[OLD], old);
	new = owner_at(&sides[NEW], new);
	if (side_is_free(matcher, OLD, old) && side_is_free(matcher, NEW, new))
		matcher_pair(matcher, old, new, join->level);
}

int join_unique(struct matcher *matcher, const struct join *join,
		struct err *err)
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
	enter(matcher, &table, OLD, join);
	enter(matcher, &table, NEW, join);
	/* In symbol order, so that what aliases contest goes to the first. */
	for (size_t i = 0; i < old->contested_count; i++) {
		uint64_t key = key_of(matcher, OLD, &old->contested[i], join);

		if (key)
			pair_slot(matcher, find(&table, key), join);
	}
	free(table.slots);
	return 0;
}

/* A candidate in a group that order must settle. */
struct place {
	uint64_t key;
	uint64_t value;  /* offset in the section */
	uint64_t size;
	uint32_t section;
	uint32_t owner;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return x->owner < y->owner ? -1 : x->owner > y->owner;
}

static struct place *list_places(const struct matcher *matcher,
				 unsigned which, const struct join *join,
				 size_t *count)
{
	const struct side *side = &matcher->sides[which];
	struct place *places = malloc((side->contested_count + 1) *
				      sizeof(*places));

	*count = 0;
	for (size_t i = 0; places && i < side->contested_count; i++) {
		uint32_t symbol = side->contested[i].symbol;
		const struct symbol *s = &side->image->symbols[symbol];
		uint64_t key = key_of(matcher, which, &side->contested[i],
				      join);

		if (key)
			places[(*count)++] = (struct place){
				key, s->value, s->size, s->section,
				side_owner(side, symbol)
			};
	}
	if (places)
		qsort(places, *count, sizeof(*places), compare_places);
	return places;
}

static void pair_places(struct matcher *matcher, const struct place *old,
			const struct place *new, enum level level)
{
	if (side_is_free(matcher, OLD, old->owner) &&
	    side_is_free(matcher, NEW, new->owner))
		matcher_pair(matcher, old->owner, new->owner, level);
}

/* More cells than this are not worth their memory: the groups stay apart. */
#define MOST_CELLS (1u << 20)

/*
 * The longest common subsequence of two groups by size. cells[i][j] is its
 * length for what begins at i and j.
 */
static int align_by_size(struct matcher *matcher, const struct place *old,
			 size_t old_count, const struct place *new,
			 size_t new_count, enum level level)
{
	size_t stride = new_count + 1;
	uint16_t *cells;

	if (old_count >= UINT16_MAX || new_count >= UINT16_MAX ||
	    (old_count + 1) * stride > MOST_CELLS)
		return 0;
	cells = calloc((old_count + 1) * stride, sizeof(*cells));
	if (!cells)
		return -1;
	for (size_t i = old_count; i-- > 0;) {
		for (size_t j = new_count; j-- > 0;) {
			uint16_t *cell = &cells[i * stride + j];

			if (old[i].size == new[j].size)
				*cell = (uint16_t)(cell[stride + 1] + 1);
			else
				*cell = cell[stride] > cell[1] ? cell[stride] :
								 cell[1];
		}
	}
	for (size_t i = 0, j = 0; i < old_count && j < new_count;) {
		const uint16_t *cell = &cells[i * stride + j];

		if (old[i].size == new[j].size)
			pair_places(matcher, &old[i++], &new[j++], level);
		else if (cell[stride] >= cell[1])
			i++;
		else
			j++;
	}
	free(cells);
	return 0;
}

static size_t group_length(const struct place *places, size_t count)
{
	size_t length = 1;

	while (length < count && places[length].key == places[0].key)
		length++;
	return length;
}

static int pair_groups(struct matcher *matcher, const struct place *old,
		       size_t old_count, const struct place *new,
		       size_t new_count, enum level level)
{
	while (old_count && new_count) {
		size_t m = group_length(old, old_count);
		size_t n = group_length(new, new_count);

		if (old->key == new->key) {
			for (size_t i = 0; m == n && i < m; i++)
				pair_places(matcher, &old[i], &new[i], level);
			if (m != n && align_by_size(matcher, old, m, new, n,
						    level))
				return -1;
		}
		if (old->key <= new->key) {
			bool both = old->key == new->key;

			old += m;
			old_count -= m;
			if (!both)
				continue;
		}
		new += n;
		new_count -= n;
	}
	return 0;
}

int join_in_order(struct matcher *matcher, const struct join *join,
		  struct err *err)
{
	size_t old_count, new_count;
	struct place *old = list_places(matcher, OLD, join, &old_count);
	struct place *new = list_places(matcher, NEW, join, &new_count);
	int result = -1;

	if (old && new)
		result = pair_groups(matcher, old, old_count, new, new_count,
				     join->level);
	free(old);
	free(new);
	return result ? err_oom(err, "pairing symbols in order") : 0;
}

/* A bit for each side and kind. */
static uint8_t mark_of(const struct side *side, unsigned which,
		       uint32_t symbol)
{
	return (uint8_t)(1u << (2 * which +
				!!(side->tag[symbol] & TAG_CODE)));
}

static bool has_partner(uint8_t marks, uint8_t mark)
{
	return marks & (mark < 4 ? mark << 2 : mark >> 2);
}

size_t join_winnow(struct matcher *matcher)
{
	size_t left = 0;

	for (unsigned which = 0; which < SIDES; which++) {
		struct side *side = &matcher->sides[which];

		for (size_t i = 0; i < side->contested_count; i++) {
			uint32_t symbol = side->contested[i].symbol;

			if (entrant(matcher, which, symbol, true) != NONE)
				matcher->marks[side->name[symbol]] |=
					mark_of(side, which, symbol);
		}
	}
	for (unsigned which = 0; which < SIDES; which++) {
		struct side *side = &matcher->sides[which];
		size_t kept = 0;

		for (size_t i = 0; i < side->contested_count; i++) {
			uint32_t symbol = side->contested[i].symbol;

			if (entrant(matcher, which, symbol, true) != NONE &&
			    has_partner(matcher->marks[side->name[symbol]],
					mark_of(side, which, symbol)))
				side->contested[kept++] = side->contested[i];
		}
		left += kept;
		side->contested_count = kept;
	}
	memset(matcher->marks, 0, matcher->bucket_count);
	return left;
}

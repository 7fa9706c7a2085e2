/* SPDX-License-Identifier: MIT */
/*
 * The engine behind the levels: for each canonical name a hash table from
 * evidence to the one owner that has it on each side. An owner with several
 * names is entered once for each; that two of its names agree does not make it
 * two owners.
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
	uint32_t at[SIDES]; /* index in the group, NONE or SEVERAL */
};

/* The candidates of one canonical name, on both sides. */
struct group {
	const struct candidate *list[SIDES];
	size_t count[SIDES];
};

/* Steps from group to group; a zeroed walk stands before the first. */
struct walk {
	size_t at[SIDES];
};

/*
 * True while a symbol is evidence for its owner. A name without size at the
 * place of a sized thing proves nothing: without lockdep all the
 * lock_class_keys are empty, and stand at whatever variable comes next.
 */
static bool is_evidence(const struct matcher *matcher, unsigned which,
			const struct candidate *candidate, bool aliases)
{
	const struct symbol *symbols = matcher->sides[which].image->symbols;
	uint32_t symbol = candidate->symbol, owner = candidate->owner;

	if (!side_is_free(matcher, which, owner))
		return false;
	return owner == symbol ||
	       (aliases && (symbols[symbol].size || !symbols[owner].size));
}

static uint64_t key_of(const struct matcher *matcher, unsigned side,
		       const struct candidate *candidate,
		       const struct join *join)
{
	uint64_t key = join->key(matcher, side, candidate);

	return key && is_evidence(matcher, side, candidate, join->aliases) ?
		key : 0;
}

/*
 * Both lists of candidates are sorted by name: a group is a run in each. All
 * keys begin with the name, so nothing is ever joined across groups, and the
 * table of a group of two or three stays in the processor's first cache.
 */
static bool next_group(const struct matcher *matcher, struct walk *walk,
		       struct group *group)
{
	const struct side *sides = matcher->sides;
	uint32_t names[SIDES];

	for (;;) {
		for (unsigned i = 0; i < SIDES; i++) {
			if (walk->at[i] >= sides[i].contested_count)
				return false;
			names[i] = sides[i].contested[walk->at[i]].name;
		}
		if (names[OLD] == names[NEW])
			break;
		walk->at[names[OLD] < names[NEW] ? OLD : NEW]++;
	}
	for (unsigned i = 0; i < SIDES; i++) {
		const struct candidate *list = sides[i].contested;
		size_t end = walk->at[i];

		while (end < sides[i].contested_count &&
		       list[end].name == names[i])
			end++;
		group->list[i] = list + walk->at[i];
		group->count[i] = end - walk->at[i];
		walk->at[i] = end;
	}
	return true;
}

static struct slot *find(struct slot *slots, size_t mask, uint64_t key)
{
	size_t at = map_mix(key) & mask;

	while (slots[at].key && slots[at].key != key)
		at = (at + 1) & mask;
	return &slots[at];
}

static void enter(const struct matcher *matcher, struct slot *slots,
		  size_t mask, unsigned which, const struct group *group,
		  const struct join *join)
{
	const struct candidate *list = group->list[which];

	for (uint32_t i = 0; i < group->count[which]; i++) {
		uint64_t key = key_of(matcher, which, &list[i], join);
		struct slot *slot;

		if (!key)
			continue;
		slot = find(slots, mask, key);
		if (!slot->key) {
			slot->key = key;
			slot->at[OLD] = slot->at[NEW] = NONE;
		}
		if (slot->at[which] == NONE)
			slot->at[which] = i;
		else if (slot->at[which] != SEVERAL &&
			 list[slot->at[which]].owner != list[i].owner)
			slot->at[which] = SEVERAL;
	}
}

static void pair_two(struct matcher *matcher, const struct candidate *old,
		     const struct candidate *new, const struct join *join)
{
	if (join->veto && join->veto(matcher, old, new))
		return;
	if (side_is_free(matcher, OLD, old->owner) &&
	    side_is_free(matcher, NEW, new->owner))
		matcher_pair(matcher, old->owner, new->owner, join->level);
}

/* Slots for groups, grown as needed; all zero between groups. */
struct scratch {
	struct slot *slots;
	size_t mask;
};

static int scratch_fit(struct scratch *scratch, size_t count, size_t *mask)
{
	*mask = 15;
	while (*mask < count + count / 2)
		*mask = *mask * 2 + 1;
	if (scratch->slots && scratch->mask >= *mask)
		return 0;
	free(scratch->slots);
	scratch->slots = calloc(*mask + 1, sizeof(*scratch->slots));
	scratch->mask = *mask;
	return scratch->slots ? 0 : -1;
}

static int join_group(struct matcher *matcher, const struct group *group,
		      const struct join *join, struct scratch *scratch)
{
	const struct candidate *old = group->list[OLD];
	const struct candidate *new = group->list[NEW];
	size_t mask;

	if (group->count[OLD] == 1 && group->count[NEW] == 1) {
		uint64_t key = key_of(matcher, OLD, old, join);

		if (key && key == key_of(matcher, NEW, new, join))
			pair_two(matcher, old, new, join);
		return 0;
	}
	if (scratch_fit(scratch, group->count[OLD] + group->count[NEW], &mask))
		return -1;
	enter(matcher, scratch->slots, mask, OLD, group, join);
	enter(matcher, scratch->slots, mask, NEW, group, join);
	/* In symbol order, so that what aliases contest goes to the first. */
	for (uint32_t i = 0; i < group->count[OLD]; i++) {
		uint64_t key = key_of(matcher, OLD, &old[i], join);
		const struct slot *slot;

		if (!key)
			continue;
		slot = find(scratch->slots, mask, key);
		if (slot->at[OLD] < SEVERAL && slot->at[NEW] < SEVERAL)
			pair_two(matcher, &old[slot->at[OLD]],
				 &new[slot->at[NEW]], join);
	}
	memset(scratch->slots, 0, (mask + 1) * sizeof(*scratch->slots));
	return 0;
}

int join_unique(struct matcher *matcher, const struct join *join,
		struct err *err)
{
	struct scratch scratch = { NULL, 0 };
	struct walk walk = { { 0 } };
	struct group group;
	int result = 0;

	while (!result && next_group(matcher, &walk, &group))
		result = join_group(matcher, &group, join, &scratch);
	free(scratch.slots);
	return result ? err_oom(err, "pairing symbols") : 0;
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
		const struct candidate *from = &side->contested[i];
		const struct symbol *s = &side->image->symbols[from->symbol];
		uint64_t key = key_of(matcher, which, from, join);

		if (key)
			places[(*count)++] = (struct place){
				key, s->value, s->size, s->section, from->owner
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

static bool same_sizes(const struct place *old, const struct place *new,
		       size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (old[i].size != new[i].size)
			return false;
	return true;
}

static int pair_group(struct matcher *matcher, const struct place *old,
		      size_t m, const struct place *new, size_t n, bool equal,
		      enum level level)
{
	if (equal && (m != n || !same_sizes(old, new, m)))
		return 0;
	if (m != n)
		return align_by_size(matcher, old, m, new, n, level);
	for (size_t i = 0; i < m; i++)
		pair_places(matcher, &old[i], &new[i], level);
	return 0;
}

static int pair_groups(struct matcher *matcher, const struct place *old,
		       size_t old_count, const struct place *new,
		       size_t new_count, bool equal, enum level level)
{
	while (old_count && new_count) {
		uint64_t old_key = old->key, new_key = new->key;
		size_t m = group_length(old, old_count);
		size_t n = group_length(new, new_count);

		if (old_key == new_key &&
		    pair_group(matcher, old, m, new, n, equal, level))
			return -1;
		if (old_key <= new_key) {
			old += m;
			old_count -= m;
		}
		if (new_key <= old_key) {
			new += n;
			new_count -= n;
		}
	}
	return 0;
}

int join_in_order(struct matcher *matcher, const struct join *join, bool equal,
		  struct err *err)
{
	size_t old_count, new_count;
	struct place *old = list_places(matcher, OLD, join, &old_count);
	struct place *new = list_places(matcher, NEW, join, &new_count);
	int result = -1;

	if (old && new)
		result = pair_groups(matcher, old, old_count, new, new_count,
				     equal, join->level);
	free(old);
	free(new);
	return result ? err_oom(err, "pairing symbols in order") : 0;
}

/* A bit for code, another for data. */
static unsigned kind_of(const struct candidate *candidate)
{
	return candidate->tag & TAG_CODE ? 1 : 2;
}

/* A bit for each kind of thing that is still free in a group. */
static unsigned free_kinds(const struct matcher *matcher, unsigned which,
			   const struct group *group)
{
	unsigned kinds = 0;

	for (size_t i = 0; i < group->count[which]; i++)
		if (is_evidence(matcher, which, &group->list[which][i], true))
			kinds |= kind_of(&group->list[which][i]);
	return kinds;
}

/* Keeps the free candidates of these kinds; lists only get shorter. */
static size_t keep_kinds(struct matcher *matcher, unsigned which,
			 const struct group *group, unsigned kinds,
			 size_t kept)
{
	struct side *side = &matcher->sides[which];

	for (size_t i = 0; i < group->count[which]; i++) {
		const struct candidate *candidate = &group->list[which][i];

		if ((kind_of(candidate) & kinds) &&
		    is_evidence(matcher, which, candidate, true))
			side->contested[kept++] = *candidate;
	}
	return kept;
}

size_t join_winnow(struct matcher *matcher)
{
	size_t kept[SIDES] = { 0, 0 };
	struct walk walk = { { 0 } };
	struct group group;

	while (next_group(matcher, &walk, &group)) {
		unsigned kinds = free_kinds(matcher, OLD, &group) &
				 free_kinds(matcher, NEW, &group);

		for (unsigned i = 0; kinds && i < SIDES; i++)
			kept[i] = keep_kinds(matcher, i, &group, kinds,
					     kept[i]);
	}
	matcher->sides[OLD].contested_count = kept[OLD];
	matcher->sides[NEW].contested_count = kept[NEW];
	return kept[OLD] + kept[NEW];
}

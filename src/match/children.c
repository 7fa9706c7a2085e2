/* SPDX-License-Identifier: MIT */
/*
 * Children roll up into their parents' pairs, so that code which moves from a
 * function to its .cold piece is no growth. A child's canonical name is its
 * parent's: the parent is in the same bucket. Of 360 .part of Debian's amd64
 * kernel 220 have no parent left; they stand for themselves.
 */
#include <stdlib.h>

#include "match/matcher.h"

/* How well a symbol fits as parent of a child; 0: it is none. */
static unsigned fitness(const struct matcher *matcher, const struct side *side,
			uint32_t child, uint32_t parent_name, uint32_t parent)
{
	const struct symbol *symbols = side->image->symbols;
	enum symbol_class class = side->tag[parent] & TAG_CLASS;
	unsigned result = 1;

	(void)matcher;
	if (parent == child || !(side->tag[parent] & TAG_CODE))
		return 0;
	if (symbol_class_is_child(class) && class != SYM_PART)
		return 0;
	if (class == SYM_PART &&
	    (side->tag[child] & TAG_CLASS) == SYM_PART)
		return 0;
	if (side_exact_name(side, parent) == parent_name)
		result += 4;
	if (symbols[parent].file == symbols[child].file &&
	    symbols[parent].bind == symbols[child].bind)
		result += 2;
	return result;
}

/* The parent of a child on its own side, or NONE. */
static uint32_t find_parent(const struct matcher *matcher, unsigned which,
			    uint32_t child)
{
	const struct side *side = &matcher->sides[which];
	const struct special *special = side_special(side, child);
	uint32_t best = NONE;
	unsigned best_fitness = 0;
	unsigned equals = 0;
	unsigned seen = 0;

	if (!special || !special->parent)
		return NONE;
	for (uint32_t i = matcher->buckets[side->name[child]].head[which];
	     i && seen < 1000; i = side->next[i], seen++) {
		unsigned fit = fitness(matcher, side, child, special->parent,
				       i);

		if (!fit || fit < best_fitness)
			continue;
		equals = fit == best_fitness ? equals + 1 : 1;
		best_fitness = fit;
		best = i;
	}
	return equals == 1 ? side_owner(side, best) : NONE;
}

/*
 * The function of the other build whose place a stub took: LTO inlines an
 * initcall or a PCI fixup into the stub in front of it, and it is gone
 * (ati_force_enable_hpet into __UNIQUE_ID_ati_force_enable_hpet328). Its pair,
 * or NONE.
 */
static uint32_t find_replaced(const struct matcher *matcher, unsigned which,
			      uint32_t child)
{
	const struct match *match = matcher->match;
	const struct side *side = &matcher->sides[which];
	const struct side *other = &matcher->sides[!which];
	const struct special *special = side_special(side, child);
	uint32_t found = NONE;
	unsigned seen = 0;

	if (!special || !special->parent)
		return NONE;
	for (uint32_t i = matcher->buckets[side->name[child]].head[!which];
	     i && seen < 1000; i = other->next[i], seen++) {
		uint32_t pair = match->pair_of[!which][i];

		if (pair == NONE || !(other->tag[i] & TAG_CODE) ||
		    symbol_class_is_child(other->tag[i] & TAG_CLASS) ||
		    match->pairs[pair].symbol[which] != NONE)
			continue;
		if (found != NONE && found != pair)
			return NONE;
		found = pair;
	}
	return found;
}

/* The pair that a child's pair rolls up into; its own where there is none. */
static uint32_t parent_pair(const struct matcher *matcher, uint32_t index)
{
	const struct match *match = matcher->match;
	const struct pair *pair = &match->pairs[index];
	unsigned which = pair->symbol[NEW] != NONE ? NEW : OLD;
	uint32_t child = pair->symbol[which];
	uint32_t parent = find_parent(matcher, which, child);

	if (parent != NONE)
		parent = match->pair_of[which][parent];
	else if (pair->symbol_class == SYM_STUB && pair->symbol[!which] == NONE)
		parent = find_replaced(matcher, which, child);
	return parent != NONE ? parent : index;
}

/*
 * Pieces whose own names did not tell them apart follow their parents: two
 * show.cold of one build are those of the two show() that are paired by now.
 */
struct follower {
	uint64_t key; /* the new parent, and what piece it is */
	uint32_t owner;
};

static int compare_followers(const void *a, const void *b)
{
	const struct follower *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->owner < y->owner ? -1 : x->owner > y->owner;
}

static struct follower *list_followers(const struct matcher *matcher,
				       unsigned which, size_t *count)
{
	const struct side *side = &matcher->sides[which];
	struct follower *list = malloc((side->special_count + 1) *
				       sizeof(*list));

	*count = 0;
	for (size_t i = 0; list && i < side->special_count; i++) {
		uint32_t symbol = side->specials[i].symbol;
		enum symbol_class class = side->tag[symbol] & TAG_CLASS;
		uint32_t parent;

		if (!side->specials[i].parent ||
		    side_owner(side, symbol) != symbol ||
		    !side_is_free(matcher, which, symbol))
			continue;
		parent = find_parent(matcher, which, symbol);
		if (parent == NONE || side_is_free(matcher, which, parent))
			continue;
		if (which == OLD)
			parent = matcher->mate[OLD][parent];
		list[(*count)++] = (struct follower){
			(uint64_t)parent << 8 | class, symbol
		};
	}
	if (list)
		qsort(list, *count, sizeof(*list), compare_followers);
	return list;
}

/* True where a key stands alone in its list. */
static bool is_only(const struct follower *list, size_t count, size_t i)
{
	return (!i || list[i - 1].key != list[i].key) &&
	       (i + 1 == count || list[i + 1].key != list[i].key);
}

int children_pair(struct matcher *matcher, struct err *err)
{
	size_t m, n;
	struct follower *old = list_followers(matcher, OLD, &m);
	struct follower *new = list_followers(matcher, NEW, &n);
	bool complete = old && new;

	for (size_t i = 0, j = 0; complete && i < m && j < n;) {
		if (old[i].key == new[j].key && is_only(old, m, i) &&
		    is_only(new, n, j))
			matcher_pair(matcher, old[i].owner, new[j].owner,
				     LEVEL_CHILD);
		if (old[i].key <= new[j].key)
			i++;
		else
			j++;
	}
	free(old);
	free(new);
	return complete ? 0 : err_oom(err, "pairing pieces of functions");
}

void children_link(struct matcher *matcher)
{
	struct match *match = matcher->match;

	for (uint32_t i = 0; i < match->pair_count; i++) {
		struct pair *pair = &match->pairs[i];

		pair->parent = i;
		if (symbol_class_is_child(pair->symbol_class))
			pair->parent = parent_pair(matcher, i);
	}
	/* A cold piece of a part goes where the part goes: two steps at most. */
	for (uint32_t i = 0; i < match->pair_count; i++) {
		uint32_t parent = match->pairs[i].parent;

		match->pairs[i].parent = match->pairs[parent].parent;
	}
}

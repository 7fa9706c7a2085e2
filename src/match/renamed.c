/* SPDX-License-Identifier: MIT */
/*
 * Functions that got another name: the same code under it, with relocated
 * fields masked, and nobody else has that code on either side. 32 bytes are
 * asked for, for there are hundreds of "mov $-95, %eax; ret".
 *
 * A linked kernel without relocations has no comparable bytes: there the same
 * place of declaration and the same size must do, if DWARF tells.
 *
 * Only what no name has paired is read, and of that only what has a size that
 * a few on the other side have too: a build in which a million functions are
 * new has no million renamed ones.
 */
#include <elf.h>
#include <stdlib.h>

#include "base/map.h"
#include "match/matcher.h"

#define SMALLEST 32
/* As many of one size on one side are compared. */
#define MOST_OF_A_SIZE 16

static bool may_be_renamed(const struct matcher *matcher, unsigned which,
			   uint32_t symbol)
{
	const struct side *side = &matcher->sides[which];
	const struct symbol *s = &side->image->symbols[symbol];

	return side_is_free(matcher, which, symbol) && s->type == STT_FUNC &&
	       s->size >= SMALLEST && side_owner(side, symbol) == symbol;
}

static int add_candidate(struct side *side, uint32_t symbol)
{
	struct candidate *list = array_grow(side->contested,
					    &side->contested_capacity,
					    side->contested_count + 1,
					    sizeof(*list));

	if (!list)
		return -1;
	side->contested = list;
	list[side->contested_count++] = (struct candidate){ .symbol = symbol };
	return 0;
}

/*
 * Lists what may be renamed and counts it by size: the old side's number in
 * the low half, the new one's above. A size that only the new side has is no
 * use.
 */
static int list_candidates(struct matcher *matcher, unsigned which,
			   struct map *sizes)
{
	struct side *side = &matcher->sides[which];
	unsigned shift = which == OLD ? 0 : 16;

	side->contested_count = 0;
	for (uint32_t i = 1; i < side->count; i++) {
		uint64_t size = side->image->symbols[i].size;
		uint32_t *count;

		if (!may_be_renamed(matcher, which, i) ||
		    (which == NEW && !map_find(sizes, size)))
			continue;
		count = map_at(sizes, size, 0);
		if (!count)
			return -1;
		if ((*count >> shift & 0xffff) > MOST_OF_A_SIZE)
			continue;
		*count += 1u << shift;
		if (add_candidate(side, i))
			return -1;
	}
	return 0;
}

static bool is_few(const struct map *sizes, uint64_t size)
{
	const uint32_t *count = map_find(sizes, size);
	uint32_t old = count ? *count & 0xffff : 0;
	uint32_t new = count ? *count >> 16 : 0;

	return old && new && old <= MOST_OF_A_SIZE && new <= MOST_OF_A_SIZE;
}

static void keep_few(struct side *side, const struct map *sizes)
{
	size_t kept = 0;

	for (size_t i = 0; i < side->contested_count; i++) {
		uint32_t symbol = side->contested[i].symbol;

		if (is_few(sizes, side->image->symbols[symbol].size))
			side->contested[kept++] = side->contested[i];
	}
	side->contested_count = kept;
}

static int by_content(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->content != y->content)
		return x->content < y->content ? -1 : 1;
	return x->symbol < y->symbol ? -1 : x->symbol > y->symbol;
}

static bool is_only(const struct side *side, size_t i)
{
	const struct candidate *list = side->contested;

	return (!i || list[i - 1].content != list[i].content) &&
	       (i + 1 == side->contested_count ||
		list[i + 1].content != list[i].content);
}

/* Code that has a piece or is one is found by its name, or not at all. */
static bool same_kind(const struct matcher *matcher, uint32_t old,
		      uint32_t new)
{
	const struct side *sides = matcher->sides;

	return symbol_class_is_child(sides[OLD].tag[old] & TAG_CLASS) ==
	       symbol_class_is_child(sides[NEW].tag[new] & TAG_CLASS) &&
	       sides[OLD].image->symbols[old].size ==
		       sides[NEW].image->symbols[new].size;
}

static void pair_contents(struct matcher *matcher)
{
	const struct side *old = &matcher->sides[OLD];
	const struct side *new = &matcher->sides[NEW];

	for (size_t i = 0, j = 0;
	     i < old->contested_count && j < new->contested_count;) {
		const struct candidate *a = &old->contested[i];
		const struct candidate *b = &new->contested[j];

		if (a->content && a->content == b->content &&
		    is_only(old, i) && is_only(new, j) &&
		    same_kind(matcher, a->symbol, b->symbol))
			matcher_pair(matcher, a->symbol, b->symbol,
				     LEVEL_RENAMED);
		if (a->content <= b->content)
			i++;
		else
			j++;
	}
}

/*
 * Without relocations bytes cannot be compared; the place of declaration and
 * the size can, where there is DWARF. Only what has no content is asked.
 */
static void use_declarations(struct side *side)
{
	for (size_t i = 0; i < side->contested_count; i++) {
		struct candidate *candidate = &side->contested[i];
		uint64_t place;

		if (candidate->content)
			continue;
		place = declared_at(side, candidate->symbol);
		if (place)
			candidate->content = map_mix(
				place + side->image->symbols[candidate->symbol]
						.size) | 1;
	}
}

static bool is_any(uint8_t tag)
{
	(void)tag;
	return true;
}

int renamed_pair(struct matcher *matcher, struct err *err)
{
	struct map sizes = { 0 };
	int result = -1;

	if (!matcher->sides[OLD].build || !matcher->sides[NEW].build)
		return 0;
	if (list_candidates(matcher, OLD, &sizes))
		goto oom;
	if (!matcher->sides[OLD].contested_count) {
		result = 0;
		goto out;
	}
	if (list_candidates(matcher, NEW, &sizes))
		goto oom;
	for (unsigned which = 0; which < SIDES; which++) {
		struct side *side = &matcher->sides[which];

		keep_few(side, &sizes);
		if (content_read(matcher, which, is_any, err))
			goto out;
		if (declared_known(matcher))
			use_declarations(side);
		if (side->contested_count)
			qsort(side->contested, side->contested_count,
			      sizeof(*side->contested), by_content);
	}
	pair_contents(matcher);
	result = 0;
	goto out;
oom:
	err_oom(err, "looking for renamed functions");
out:
	map_release(&sizes);
	return result;
}

/* SPDX-License-Identifier: MIT */
/*
 * Millions of rows, most of them ties (what did not change, what is new and
 * 16 bytes long): a radix sort of the ranks, then of each tie by eight bytes
 * of name at a time, which become its ranks. qsort() with a comparison of
 * names took twenty times as long, and a hostile file could make a quicksort
 * quadratic. All of it is stable: rows that agree in everything keep the order
 * in which the ledgers have them.
 */
#include "report/ranked.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define NAME_DEPTH 4096 /* names that agree so far are equal here */
#define FEW 48          /* rows that insertion sorts sooner than radix */

struct ties {
	const struct groups *groups;
	struct ranked *spare; /* as many as there are rows */
	struct text *names;   /* of the tie at hand, by ranked.name */
};

static void insertion_sort(struct ranked *items, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct ranked item = items[i];
		size_t at = i;

		for (; at && items[at - 1].rank > item.rank; at--)
			items[at] = items[at - 1];
		items[at] = item;
	}
}

/* Least significant byte first; bytes that never differ cost nothing. */
static void radix_sort(struct ranked *items, size_t count,
		       struct ranked *spare)
{
	uint32_t at[8][256] = { { 0 } };
	struct ranked *from = items, *to = spare, *swap;

	for (size_t i = 0; i < count; i++)
		for (unsigned byte = 0; byte < 8; byte++)
			at[byte][items[i].rank >> 8 * byte & 0xff]++;
	for (unsigned byte = 0; byte < 8; byte++) {
		uint32_t *next = at[byte], sum = 0;

		if (next[from[0].rank >> 8 * byte & 0xff] == count)
			continue;
		for (size_t i = 0; i < 256; i++) {
			uint32_t size = next[i];

			next[i] = sum;
			sum += size;
		}
		for (size_t i = 0; i < count; i++)
			to[next[from[i].rank >> 8 * byte & 0xff]++] = from[i];
		swap = from;
		from = to;
		to = swap;
	}
	if (from != items)
		memcpy(items, from, count * sizeof(*items));
}

static void sort_ranks(struct ties *ties, struct ranked *items, size_t count)
{
	if (count <= FEW)
		insertion_sort(items, count);
	else
		radix_sort(items, count, ties->spare);
}

/* Eight bytes of a name from `depth` on, as a number of the same order. */
static uint64_t prefix_of(struct text name, size_t depth)
{
	uint64_t prefix = 0;

	if (depth < name.length)
		memcpy(&prefix, name.at + depth,
		       min_u64(name.length - depth, sizeof(prefix)));
	return be64toh(prefix);
}

static void sort_names(struct ties *ties, struct ranked *items, size_t count,
		       size_t depth)
{
	for (size_t i = 0; i < count; i++)
		items[i].rank = prefix_of(ties->names[items[i].name], depth);
	sort_ranks(ties, items, count);
	depth += sizeof(items->rank);
	if (depth >= NAME_DEPTH)
		return;
	for (size_t i = 0, end; i < count; i = end) {
		const char *first = ties->names[items[i].name].at;
		bool longer = false, apart = false;

		for (end = i; end < count && items[end].rank == items[i].rank;
		     end++) {
			struct text name = ties->names[items[end].name];

			longer |= name.length > depth;
			apart |= name.at != first;
		}
		if (longer && apart)
			sort_names(ties, &items[i], end - i, depth);
	}
}

static void sort_tie(struct ties *ties, struct ranked *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bool null;

		for (unsigned step = 0; step < PREFETCH_STEPS; step++)
			if (i + PREFETCH_AHEAD(step) < count)
				groups_prefetch(ties->groups, items[
					i + PREFETCH_AHEAD(step)].group, step);
		items[i].name = (uint32_t)i;
		ties->names[i] = groups_label(ties->groups, items[i].group,
					      &null);
	}
	sort_names(ties, items, count, 0);
}

static size_t tie_length(const struct ranked *items, size_t count)
{
	size_t length = 1;

	while (length < count && items[length].rank == items[0].rank)
		length++;
	return length;
}

int ranked_sort(const struct groups *groups, struct ranked *items,
		size_t count)
{
	struct ties ties = { .groups = groups };
	size_t largest = 1;

	if (count < 2)
		return 0;
	ties.spare = malloc(count * sizeof(*ties.spare));
	if (!ties.spare)
		return -1;
	sort_ranks(&ties, items, count);
	for (size_t i = 0, tie; i < count; i += tie) {
		tie = tie_length(&items[i], count - i);
		largest = tie > largest ? tie : largest;
	}
	ties.names = malloc(largest * sizeof(*ties.names));
	for (size_t i = 0, tie; ties.names && i < count; i += tie) {
		tie = tie_length(&items[i], count - i);
		if (tie > 1)
			sort_tie(&ties, &items[i], tie);
	}
	free(ties.spare);
	free(ties.names);
	return ties.names ? 0 : -1;
}

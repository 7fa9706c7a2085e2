/* SPDX-License-Identifier: MIT */
/*
 * Rows are sorted by one number each, made so that the smallest comes first
 * whatever --sort says; names are looked at only where numbers tie. With a
 * limit a heap keeps the best rows seen so far; without one, three million
 * rows (most of them unchanged, so most of them ties) go through a radix sort
 * of the numbers, and a sort of each tie by eight bytes of name at a time:
 * qsort() with a comparison of names took ten times as long.
 */
#include "report/sort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NAME_DEPTH 4096 /* names that agree so far are equal here */

struct named {
	uint64_t prefix; /* eight bytes of the name, as a number */
	struct text name;
	uint32_t group;
};

struct figure order_figure(const struct order *order,
			   const struct groups *groups, uint32_t group)
{
	struct figure figure;
	struct sums sums[SIDES];

	for (unsigned side = OLD; side < SIDES; side++) {
		sums[side] = groups_sums(groups, group, side);
		figure.bytes[side] = order->domain == VMD_DOMAIN_FILE
			? sums[side].file : sums[side].content;
	}
	if (order->domain != VMD_DOMAIN_FILE && !figure.bytes[OLD] &&
	    !figure.bytes[NEW])
		for (unsigned side = OLD; side < SIDES; side++)
			figure.bytes[side] = sums[side].image;
	return figure;
}

int64_t figure_delta(struct figure figure)
{
	return (int64_t)(figure.bytes[NEW] - figure.bytes[OLD]);
}

bool group_changed(const struct groups *groups, uint32_t group)
{
	struct sums old_sums = groups_sums(groups, group, OLD);
	struct sums new_sums = groups_sums(groups, group, NEW);

	return old_sums.file != new_sums.file ||
	       old_sums.image != new_sums.image ||
	       old_sums.content != new_sums.content;
}

bool order_skips(const struct order *order, const struct groups *groups,
		 uint32_t group)
{
	struct figure figure;

	if (order->changed_only && !group_changed(groups, group))
		return true;
	if (!order->nonzero)
		return false;
	figure = order_figure(order, groups, group);
	return !figure.bytes[OLD] && !figure.bytes[NEW];
}

static uint64_t magnitude(int64_t delta)
{
	return delta < 0 ? -(uint64_t)delta : (uint64_t)delta;
}

/* Doubles as numbers of the same order. */
static uint64_t rank_of_double(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits >> 63 ? ~bits : bits | 1ull << 63;
}

/* The largest share of change first; what has no old size comes last. */
static uint64_t rank_of_percent(struct figure figure)
{
	double share;

	if (!figure.bytes[OLD])
		return UINT64_MAX;
	share = (double)figure_delta(figure) / (double)figure.bytes[OLD];
	return ~rank_of_double(fabs(share));
}

/* Differences beyond 2^61 bytes are equal here: no file has them. */
static int64_t clamp(int64_t delta)
{
	const int64_t most = INT64_C(1) << 61;

	return delta > most ? most : delta < -most ? -most : delta;
}

/* Smallest first; below 2^63. */
static uint64_t rank_of_figure(enum vmd_sort sort, struct figure figure)
{
	const uint64_t middle = UINT64_C(1) << 62;
	int64_t delta = clamp(figure_delta(figure));

	switch (sort) {
	case VMD_SORT_DELTA:
		return middle - magnitude(delta);
	case VMD_SORT_GROWTH:
		return middle - (uint64_t)delta;
	case VMD_SORT_SHRINK:
		return middle + (uint64_t)delta;
	case VMD_SORT_NEW:
		return INT64_MAX - min_u64(figure.bytes[NEW], INT64_MAX);
	case VMD_SORT_OLD:
		return INT64_MAX - min_u64(figure.bytes[OLD], INT64_MAX);
	case VMD_SORT_PERCENT:
		return rank_of_percent(figure) >> 1;
	case VMD_SORT_NAME:
	default:
		return 0;
	}
}

/* Reports sort by content: what is alignment alone comes behind it. */
uint64_t order_rank(const struct order *order, const struct groups *groups,
		    uint32_t group)
{
	struct figure figure = order_figure(order, groups, group);
	uint64_t rank = rank_of_figure(order->sort, figure);

	if (order->domain == VMD_DOMAIN_FILE ||
	    order->sort == VMD_SORT_NAME ||
	    groups_sums(groups, group, OLD).content ||
	    groups_sums(groups, group, NEW).content)
		return rank;
	return figure.bytes[OLD] || figure.bytes[NEW]
		? rank | UINT64_C(1) << 63 : rank;
}

static struct text name_of(const struct groups *groups, uint32_t group)
{
	bool null;

	return groups_label(groups, group, &null);
}

/*
 * Names in byte order; equal ones by key and by the groups above (rows of
 * flat formats), in the order in which those were met.
 */
static int compare_names(const struct groups *groups, uint32_t a, uint32_t b)
{
	struct text x = name_of(groups, a), y = name_of(groups, b);
	size_t shorter = x.length < y.length ? x.length : y.length;
	int order = memcmp(x.at, y.at, shorter);

	if (order)
		return order;
	if (x.length != y.length)
		return x.length < y.length ? -1 : 1;
	return a < b ? -1 : a > b;
}

bool ranked_before(const struct groups *groups, const struct ranked *a,
		   const struct ranked *b)
{
	if (a->rank != b->rank)
		return a->rank < b->rank;
	return compare_names(groups, a->group, b->group) < 0;
}

/* heap[0] is the last of the best rows: the one that a better one replaces. */
static void sift_down(const struct groups *groups, struct ranked *heap,
		      size_t count, size_t at)
{
	for (;;) {
		size_t child = at * 2 + 1;
		struct ranked swap;

		if (child >= count)
			return;
		if (child + 1 < count &&
		    ranked_before(groups, &heap[child], &heap[child + 1]))
			child++;
		if (ranked_before(groups, &heap[child], &heap[at]))
			return;
		swap = heap[at];
		heap[at] = heap[child];
		heap[child] = swap;
		at = child;
	}
}

/* A heap to an order, the best first. */
static void heap_sort(const struct groups *groups, struct ranked *items,
			size_t count)
{
	for (size_t left = count; left > 1; left--) {
		struct ranked swap = items[left - 1];

		items[left - 1] = items[0];
		items[0] = swap;
		sift_down(groups, items, left - 1, 0);
	}
}

/* Least significant byte first; bytes that never differ cost one pass. */
static int radix_sort(struct ranked *items, size_t count)
{
	struct ranked *spare = malloc((count + 1) * sizeof(*spare));
	struct ranked *from = items, *to = spare;

	if (!spare)
		return -1;
	for (unsigned shift = 0; shift < 64; shift += 8) {
		size_t at[257] = { 0 };
		struct ranked *swap = from;

		for (size_t i = 0; i < count; i++)
			at[(from[i].rank >> shift & 0xff) + 1]++;
		if (at[(from[0].rank >> shift & 0xff) + 1] == count)
			continue;
		for (size_t i = 1; i < 257; i++)
			at[i] += at[i - 1];
		for (size_t i = 0; i < count; i++)
			to[at[from[i].rank >> shift & 0xff]++] = from[i];
		from = to;
		to = swap;
	}
	if (from != items)
		memcpy(items, from, count * sizeof(*items));
	free(spare);
	return 0;
}

static uint64_t prefix_of(struct text name, size_t depth)
{
	uint64_t prefix = 0;

	for (size_t i = 0; i < 8; i++)
		prefix = prefix << 8 | (depth + i < name.length
					? (uint8_t)name.at[depth + i] : 0);
	return prefix;
}

static int compare_prefixes(const void *a, const void *b)
{
	const struct named *x = a, *y = b;

	if (x->prefix != y->prefix)
		return x->prefix < y->prefix ? -1 : 1;
	return x->group < y->group ? -1 : x->group > y->group;
}

static void sort_names(struct named *list, size_t count, size_t depth)
{
	for (size_t i = 0; i < count; i++)
		list[i].prefix = prefix_of(list[i].name, depth);
	qsort(list, count, sizeof(*list), compare_prefixes);
	if (depth >= NAME_DEPTH)
		return;
	for (size_t i = 0, end; i < count; i = end) {
		bool longer = false;

		for (end = i; end < count &&
		     list[end].prefix == list[i].prefix; end++)
			longer |= list[end].name.length > depth + 8;
		if (longer && end - i > 1)
			sort_names(&list[i], end - i, depth + 8);
	}
}

static int sort_tie(const struct groups *groups, struct ranked *items,
		    size_t count)
{
	struct named *list = malloc(count * sizeof(*list));

	if (!list)
		return -1;
	for (size_t i = 0; i < count; i++) {
		list[i].name = name_of(groups, items[i].group);
		list[i].group = items[i].group;
	}
	sort_names(list, count, 0);
	for (size_t i = 0; i < count; i++)
		items[i].group = list[i].group;
	free(list);
	return 0;
}

static int sort_all(const struct groups *groups, struct ranked *items,
		    size_t count)
{
	if (count < 2)
		return 0;
	if (radix_sort(items, count))
		return -1;
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i; end < count && items[end].rank == items[i].rank;)
			end++;
		if (end - i > 1 && sort_tie(groups, &items[i], end - i))
			return -1;
	}
	return 0;
}

static void add_rest(struct selection *selection, const struct groups *groups,
		     uint32_t group)
{
	for (unsigned side = OLD; side < SIDES; side++) {
		struct sums sums = groups_sums(groups, group, side);

		sums_add(&selection->rest[side], &sums);
	}
	selection->rest_count++;
	selection->rest_changed += group_changed(groups, group);
}

/* The best so far, in a heap, and the sum of all others. */
struct chosen {
	struct selection *selection;
	const struct groups *groups;
	struct ranked *heap;
	size_t count, limit;
	bool all; /* no heap: nothing will have to go */
};

static void choose(struct chosen *chosen, struct ranked candidate)
{
	struct ranked *heap = chosen->heap;

	if (chosen->count < chosen->limit) {
		heap[chosen->count++] = candidate;
		if (chosen->count < chosen->limit || chosen->all)
			return;
		for (size_t i = chosen->limit / 2; i-- > 0;)
			sift_down(chosen->groups, heap, chosen->limit, i);
		return;
	}
	if (chosen->limit &&
	    ranked_before(chosen->groups, &candidate, &heap[0])) {
		struct ranked last = heap[0];

		heap[0] = candidate;
		candidate = last;
		sift_down(chosen->groups, heap, chosen->limit, 0);
	}
	add_rest(chosen->selection, chosen->groups, candidate.group);
}

/* Numbers of groups are narrower than items: packs them in place. */
static void pack(struct selection *selection, struct ranked *items,
		 size_t count)
{
	selection->groups = (uint32_t *)items;
	for (size_t i = 0; i < count; i++) {
		uint32_t group = items[i].group;

		memcpy(&selection->groups[i], &group, sizeof(group));
	}
	selection->count = count;
}

int selection_make(struct selection *selection, const struct order *order,
		   const struct groups *groups, const uint32_t *list,
		   size_t count, size_t limit, struct err *err)
{
	struct chosen chosen = {
		.selection = selection,
		.groups = groups,
		.limit = min_u64(limit, count),
		.all = limit >= count,
	};

	memset(selection, 0, sizeof(*selection));
	chosen.heap = malloc((chosen.limit + 1) * sizeof(*chosen.heap));
	if (!chosen.heap)
		return err_oom(err, "sorting");
	for (size_t i = 0; i < count; i++) {
		if (order_skips(order, groups, list[i]))
			add_rest(selection, groups, list[i]);
		else
			choose(&chosen, (struct ranked){
				order_rank(order, groups, list[i]), list[i],
				0 });
	}
	if (chosen.count == chosen.limit && !chosen.all) {
		heap_sort(groups, chosen.heap, chosen.count);
	} else if (sort_all(groups, chosen.heap, chosen.count)) {
		free(chosen.heap);
		return err_oom(err, "sorting");
	}
	pack(selection, chosen.heap, chosen.count);
	return 0;
}

void selection_release(struct selection *selection)
{
	free(selection->groups);
	memset(selection, 0, sizeof(*selection));
}

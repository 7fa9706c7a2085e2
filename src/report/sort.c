/* SPDX-License-Identifier: MIT */
/*
 * Rows are sorted by one number each, made so that the smallest comes first
 * whatever --sort says; names are looked at only where numbers tie. With a
 * limit a heap keeps the best rows seen so far; without one all of them go
 * through ranked_sort().
 */
#include "report/sort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* INLINE is what is asked of every group below one that opens. */

INLINE struct figure figure_of(const struct order *order,
			       const struct groups *groups, uint32_t group)
{
	struct figure file = { { groups_sums(groups, group, OLD).file,
				 groups_sums(groups, group, NEW).file } };
	struct sums old, new;

	if (order->domain == VMD_DOMAIN_FILE)
		return file;
	old = groups_sums(groups, group, OLD);
	new = groups_sums(groups, group, NEW);
	if (old.content || new.content)
		return (struct figure){ { old.content, new.content } };
	return (struct figure){ { old.image, new.image } };
}

struct figure order_figure(const struct order *order,
			   const struct groups *groups, uint32_t group)
{
	return figure_of(order, groups, group);
}

int64_t figure_delta(struct figure figure)
{
	return size_delta(figure.bytes[NEW], figure.bytes[OLD]);
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
static inline int64_t clamped_delta(struct figure figure)
{
	const int64_t most = INT64_C(1) << 61;
	int64_t delta = figure_delta(figure);

	return delta > most ? most : delta < -most ? -most : delta;
}

/* Smallest first; below 2^63. */
INLINE uint64_t rank_of_figure(enum vmd_sort sort, struct figure figure)
{
	const uint64_t middle = UINT64_C(1) << 62;

	switch (sort) {
	case VMD_SORT_DELTA:
		return middle - magnitude(clamped_delta(figure));
	case VMD_SORT_GROWTH:
		return middle - (uint64_t)clamped_delta(figure);
	case VMD_SORT_SHRINK:
		return middle + (uint64_t)clamped_delta(figure);
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
INLINE bool is_behind(const struct order *order, const struct groups *groups,
		      uint32_t group)
{
	return order->domain != VMD_DOMAIN_FILE &&
	       order->sort != VMD_SORT_NAME &&
	       !groups_sums(groups, group, OLD).content &&
	       !groups_sums(groups, group, NEW).content;
}

/* False where the order leaves the group out. */
INLINE bool ranks(const struct order *order, const struct groups *groups,
		  uint32_t group, uint64_t *rank)
{
	struct figure figure = figure_of(order, groups, group);

	if (order->changed_only && !group_changed(groups, group))
		return false;
	*rank = rank_of_figure(order->sort, figure);
	if (!(figure.bytes[OLD] | figure.bytes[NEW]))
		return !order->nonzero;
	if (is_behind(order, groups, group))
		*rank |= UINT64_C(1) << 63;
	return true;
}

/* ranks() for the few. */
static __attribute__((noinline)) bool
order_ranks(const struct order *order, const struct groups *groups,
	    uint32_t group, uint64_t *rank)
{
	return ranks(order, groups, group, rank);
}

bool order_skips(const struct order *order, const struct groups *groups,
		 uint32_t group)
{
	uint64_t rank;

	return !order_ranks(order, groups, group, &rank);
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

static inline void add_rest(struct selection *selection,
			    const struct groups *groups, uint32_t group)
{
	groups_add_to(selection->rest, groups, group);
	selection->rest_count++;
	selection->rest_changed += group_changed(groups, group);
}

/* The best so far, in a heap. */
struct chosen {
	const struct groups *groups;
	struct ranked *heap;
	size_t count, limit;
	uint64_t last; /* rank: what comes behind it is not among the best */
	bool all;      /* no heap: nothing will have to go */
};

/* Returns the group that is not among the best now, or NONE. */
static uint32_t choose(struct chosen *chosen, struct ranked candidate)
{
	struct ranked *heap = chosen->heap;
	uint32_t left = NONE;

	if (chosen->count < chosen->limit) {
		heap[chosen->count++] = candidate;
		if (chosen->count < chosen->limit || chosen->all)
			return NONE;
		for (size_t i = chosen->limit / 2; i-- > 0;)
			sift_down(chosen->groups, heap, chosen->limit, i);
	} else {
		if (!chosen->limit ||
		    !ranked_before(chosen->groups, &candidate, &heap[0]))
			return candidate.group;
		left = heap[0].group;
		heap[0] = candidate;
		sift_down(chosen->groups, heap, chosen->limit, 0);
	}
	chosen->last = heap[0].rank;
	return left;
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

/* The group that is not among the best of those looked at so far, or NONE. */
INLINE uint32_t look_at(struct chosen *chosen, const struct order *order,
			uint32_t group)
{
	uint64_t rank;

	if (!ranks(order, chosen->groups, group, &rank) ||
	    rank > chosen->last)
		return group;
	return choose(chosen, (struct ranked){ rank, group, 0 });
}

static int chosen_init(struct chosen *chosen, const struct groups *groups,
		       size_t count, size_t limit)
{
	*chosen = (struct chosen){
		.groups = groups,
		.limit = min_u64(limit, count),
		.last = UINT64_MAX,
		.all = limit >= count,
	};
	chosen->heap = malloc((chosen->limit + 1) * sizeof(*chosen->heap));
	return chosen->heap ? 0 : -1;
}

int selection_make(struct selection *selection, const struct order *order,
		   const struct groups *groups, const uint32_t *list,
		   size_t count, size_t limit, struct err *err)
{
	struct chosen chosen;

	memset(selection, 0, sizeof(*selection));
	if (chosen_init(&chosen, groups, count, limit))
		return err_oom(err, "sorting");
	for (size_t i = 0; i < count; i++) {
		uint32_t left = look_at(&chosen, order, list[i]);

		if (left != NONE)
			add_rest(selection, groups, left);
	}
	if (chosen.count == chosen.limit && !chosen.all) {
		heap_sort(groups, chosen.heap, chosen.count);
	} else if (ranked_sort(groups, chosen.heap, chosen.count)) {
		free(chosen.heap);
		return err_oom(err, "sorting");
	}
	pack(selection, chosen.heap, chosen.count);
	return 0;
}

int selection_of_chosen(struct selection *selection, const struct order *order,
			const struct groups *groups, const uint32_t *list,
			size_t count, const uint8_t *chosen, struct err *err)
{
	size_t limit = 0, taken = 0;
	struct ranked *items;
	uint64_t rank;

	memset(selection, 0, sizeof(*selection));
	for (size_t i = 0; i < count; i++)
		limit += chosen[list[i]];
	items = malloc((limit + 1) * sizeof(*items));
	if (!items)
		return err_oom(err, "sorting");
	for (size_t i = 0; i < count; i++) {
		if (!chosen[list[i]])
			add_rest(selection, groups, list[i]);
		else if (order_ranks(order, groups, list[i], &rank))
			items[taken++] = (struct ranked){ rank, list[i], 0 };
	}
	if (ranked_sort(groups, items, taken)) {
		free(items);
		return err_oom(err, "sorting");
	}
	pack(selection, items, taken);
	return 0;
}

int selection_copy(struct selection *copy, const struct selection *selection,
		   struct err *err)
{
	size_t size = selection->count * sizeof(*copy->groups);

	*copy = *selection;
	copy->groups = malloc(size + 1);
	if (!copy->groups)
		return err_oom(err, "sorting");
	memcpy(copy->groups, selection->groups, size);
	return 0;
}

struct ranked *order_best(const struct order *order,
			  const struct groups *groups, const uint32_t *list,
			  size_t count, size_t *limit)
{
	struct chosen chosen;

	if (chosen_init(&chosen, groups, count, *limit))
		return NULL;
	for (size_t i = 0; i < count; i++)
		(void)look_at(&chosen, order, list[i]);
	*limit = chosen.count;
	return chosen.heap;
}

void selection_release(struct selection *selection)
{
	free(selection->groups);
	memset(selection, 0, sizeof(*selection));
}

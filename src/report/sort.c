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

/* A group's bytes, read once for all that is asked about them. */
struct both {
	struct sums sums[SIDES];
};

static inline struct both both_of(const struct groups *groups, uint32_t group)
{
	return (struct both){ { groups_sums(groups, group, OLD),
				groups_sums(groups, group, NEW) } };
}

static inline struct figure figure_of(const struct order *order,
				      const struct both *both)
{
	const struct sums *old = &both->sums[OLD], *new = &both->sums[NEW];

	if (order->domain == VMD_DOMAIN_FILE)
		return (struct figure){ { old->file, new->file } };
	if (old->content || new->content)
		return (struct figure){ { old->content, new->content } };
	return (struct figure){ { old->image, new->image } };
}

struct figure order_figure(const struct order *order,
			   const struct groups *groups, uint32_t group)
{
	struct both both = both_of(groups, group);

	return figure_of(order, &both);
}

int64_t figure_delta(struct figure figure)
{
	return size_delta(figure.bytes[NEW], figure.bytes[OLD]);
}

static inline bool has_changed(const struct both *both)
{
	const struct sums *old = &both->sums[OLD], *new = &both->sums[NEW];

	return old->file != new->file || old->image != new->image ||
	       old->content != new->content;
}

bool group_changed(const struct groups *groups, uint32_t group)
{
	struct both both = both_of(groups, group);

	return has_changed(&both);
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
static uint64_t rank_of(const struct order *order, const struct both *both,
			struct figure figure)
{
	uint64_t rank = rank_of_figure(order->sort, figure);

	if (order->domain == VMD_DOMAIN_FILE ||
	    order->sort == VMD_SORT_NAME || both->sums[OLD].content ||
	    both->sums[NEW].content)
		return rank;
	return figure.bytes[OLD] || figure.bytes[NEW]
		? rank | UINT64_C(1) << 63 : rank;
}

/* False where the order leaves the group out. */
static bool ranks(const struct order *order, const struct both *both,
		  uint64_t *rank)
{
	struct figure figure = figure_of(order, both);

	if ((order->changed_only && !has_changed(both)) ||
	    (order->nonzero && !figure.bytes[OLD] && !figure.bytes[NEW]))
		return false;
	*rank = rank_of(order, both, figure);
	return true;
}

bool order_skips(const struct order *order, const struct groups *groups,
		 uint32_t group)
{
	struct both both = both_of(groups, group);
	uint64_t rank;

	return !ranks(order, &both, &rank);
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

static void add_rest(struct selection *selection, const struct both *both)
{
	for (unsigned side = OLD; side < SIDES; side++)
		sums_add(&selection->rest[side], &both->sums[side]);
	selection->rest_count++;
	selection->rest_changed += has_changed(both);
}

/* The best so far, in a heap. */
struct chosen {
	const struct groups *groups;
	struct ranked *heap;
	size_t count, limit;
	bool all; /* no heap: nothing will have to go */
};

/* Returns the group that is not among the best now, or NONE. */
static uint32_t choose(struct chosen *chosen, struct ranked candidate)
{
	struct ranked *heap = chosen->heap;
	uint32_t last;

	if (chosen->count < chosen->limit) {
		heap[chosen->count++] = candidate;
		if (chosen->count < chosen->limit || chosen->all)
			return NONE;
		for (size_t i = chosen->limit / 2; i-- > 0;)
			sift_down(chosen->groups, heap, chosen->limit, i);
		return NONE;
	}
	if (!chosen->limit ||
	    !ranked_before(chosen->groups, &candidate, &heap[0]))
		return candidate.group;
	last = heap[0].group;
	heap[0] = candidate;
	sift_down(chosen->groups, heap, chosen->limit, 0);
	return last;
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

/* Takes the best of a list; what is left over is added up in `rest`. */
static void choose_all(struct chosen *chosen, const struct order *order,
		       const uint32_t *list, size_t count,
		       struct selection *rest)
{
	for (size_t i = 0; i < count; i++) {
		struct both both = both_of(chosen->groups, list[i]);
		struct ranked candidate = { 0, list[i], 0 };
		uint32_t left = list[i];

		if (ranks(order, &both, &candidate.rank))
			left = choose(chosen, candidate);
		if (!rest || left == NONE)
			continue;
		if (left != list[i])
			both = both_of(chosen->groups, left);
		add_rest(rest, &both);
	}
}

static int chosen_init(struct chosen *chosen, const struct groups *groups,
		       size_t count, size_t limit)
{
	*chosen = (struct chosen){
		.groups = groups,
		.limit = min_u64(limit, count),
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
	choose_all(&chosen, order, list, count, selection);
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

	memset(selection, 0, sizeof(*selection));
	for (size_t i = 0; i < count; i++)
		limit += chosen[list[i]];
	items = malloc((limit + 1) * sizeof(*items));
	if (!items)
		return err_oom(err, "sorting");
	for (size_t i = 0; i < count; i++) {
		struct both both = both_of(groups, list[i]);
		struct ranked item = { 0, list[i], 0 };

		if (!chosen[list[i]])
			add_rest(selection, &both);
		else if (ranks(order, &both, &item.rank))
			items[taken++] = item;
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
	choose_all(&chosen, order, list, count, NULL);
	*limit = chosen.count;
	return chosen.heap;
}

void selection_release(struct selection *selection)
{
	free(selection->groups);
	memset(selection, 0, sizeof(*selection));
}

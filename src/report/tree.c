/* SPDX-License-Identifier: MIT */
#include "report/tree.h"

#include <stdlib.h>
#include <string.h>

/* Groups that may be opened next, the best of them first. */
struct frontier {
	struct ranked *list; /* binary heap */
	size_t count, capacity;
};

static int frontier_add(struct frontier *frontier, const struct report *report,
			struct ranked ranked)
{
	size_t at = frontier->count;
	struct ranked *list = array_grow(frontier->list, &frontier->capacity,
					 at + 1, sizeof(*list));

	if (!list)
		return -1;
	frontier->list = list;
	frontier->count++;
	for (size_t up; at; at = up) {
		up = (at - 1) / 2;
		if (!ranked_before(&report->groups, &ranked, &list[up]))
			break;
		list[at] = list[up];
	}
	list[at] = ranked;
	return 0;
}

static uint32_t frontier_take(struct frontier *frontier,
			      const struct groups *groups)
{
	struct ranked *list = frontier->list;
	uint32_t best = list[0].group;
	struct ranked last = list[--frontier->count];
	size_t at = 0;

	for (size_t child; (child = at * 2 + 1) < frontier->count;
	     at = child) {
		if (child + 1 < frontier->count &&
		    ranked_before(groups, &list[child + 1], &list[child]))
			child++;
		if (!ranked_before(groups, &list[child], &last))
			break;
		list[at] = list[child];
	}
	list[at] = last;
	return best;
}

/* Of thousands below a group, only the best `most` can still be chosen. */
static int open_group(struct frontier *frontier, struct report *report,
		      uint32_t group, size_t most)
{
	const uint32_t *list;
	int64_t count = groups_children(&report->groups, group, &list);
	struct ranked *best = NULL;
	int status = 0;

	if (count >= 0)
		best = order_best(&report->order, &report->groups, list,
				  (size_t)count, &most);
	if (!best)
		return -1;
	for (size_t i = 0; i < most && !status; i++)
		status = frontier_add(frontier, report, best[i]);
	free(best);
	return status;
}

uint32_t tree_only_child(struct groups *groups, uint32_t group)
{
	const uint32_t *list;

	if (!groups_is_inner(groups, group) ||
	    groups_children(groups, group, &list) != 1)
		return NONE;
	return list[0];
}

static bool is_null(const struct groups *groups, uint32_t group)
{
	bool null;

	groups_label(groups, group, &null);
	return null;
}

bool tree_has_below(struct groups *groups, uint32_t group)
{
	const uint32_t *list;

	if (groups_is_leaf(groups, group))
		return false;
	/* One row without a name would only say the same again. */
	return groups_children(groups, group, &list) != 1 ||
	       !is_null(groups, list[0]);
}

static int choose(struct tree *tree, struct report *report)
{
	struct frontier frontier = { 0 };
	int status = open_group(&frontier, report, GROUP_ROOT, report->limit);

	for (size_t left = report->limit; left && frontier.count && !status;
	     left--) {
		uint32_t best = frontier_take(&frontier, &report->groups);

		tree->shown[best] = 1;
		for (uint32_t only;
		     (only = tree_only_child(&report->groups, best)) != NONE;
		     best = only)
			tree->shown[only] = 1;
		if (tree_has_below(&report->groups, best))
			status = open_group(&frontier, report, best, left - 1);
	}
	free(frontier.list);
	return status;
}

int tree_choose(struct tree *tree, struct report *report, struct err *err)
{
	memset(tree, 0, sizeof(*tree));
	tree->report = report;
	/* One level needs no tree: selection_make() limits it. */
	if (report->limit == SIZE_MAX || !report->groups.level)
		return 0;
	tree->shown = calloc(report->groups.count, 1);
	if (!tree->shown || choose(tree, report))
		return err_oom(err, "choosing rows");
	return 0;
}

void tree_release(struct tree *tree)
{
	for (size_t i = 0; i < tree->kept_of.count; i++)
		selection_release(&tree->kept[i]);
	free(tree->kept);
	map_release(&tree->kept_of);
	free(tree->shown);
	memset(tree, 0, sizeof(*tree));
}

/* Shown and left out are all that the group has. */
static int check_below(const struct groups *groups, uint32_t group,
		       const struct selection *selection, struct err *err)
{
	struct sums sums[SIDES] = { selection->rest[OLD],
				    selection->rest[NEW] };

	for (size_t i = 0; i < selection->count; i++) {
		if (i + PREFETCH_AHEAD(0) < selection->count)
			groups_prefetch(groups, selection->groups[
				i + PREFETCH_AHEAD(0)], 0);
		groups_add_to(sums, groups, selection->groups[i]);
	}
	for (unsigned side = OLD; side < SIDES; side++) {
		struct sums all = groups_sums(groups, group, side);

		if (!sums_equal(&sums[side], &all))
			return err_set(err, "internal error: rows do not sum "
				       "to the total: please report this");
	}
	return 0;
}

static int select_below(const struct tree *tree, uint32_t group,
			struct selection *selection, struct err *err)
{
	struct report *report = tree->report;
	struct groups *groups = &report->groups;
	const uint32_t *list;
	int64_t count = groups_children(groups, group, &list);
	int status;

	if (count < 0)
		return err_oom(err, "listing rows");
	status = tree->shown
		? selection_of_chosen(selection, &report->order, groups, list,
				      (size_t)count, tree->shown, err)
		: selection_make(selection, &report->order, groups, list,
				 (size_t)count, report->limit, err);
	if (status || groups_is_leaf(groups, group))
		return status;
	return check_below(groups, group, selection, err);
}

/* Selects what is below a group that was not asked for yet. */
static int keep_below(struct tree *tree, uint32_t group, uint32_t *number,
		      struct err *err)
{
	size_t count = tree->kept_of.count;
	struct selection *kept = array_grow(tree->kept, &tree->capacity,
					    count + 1, sizeof(*kept));
	const uint32_t *place;

	if (!kept)
		return err_oom(err, "listing rows");
	tree->kept = kept;
	kept[count] = (struct selection){ 0 };
	if (!select_below(tree, group, &kept[count], err)) {
		place = map_at(&tree->kept_of, group, (uint32_t)count);
		if (place) {
			*number = *place;
			return 0;
		}
		err_oom(err, "listing rows");
	}
	selection_release(&kept[count]);
	return -1;
}

int tree_below(struct tree *tree, uint32_t group, struct selection *selection,
	       struct err *err)
{
	const uint32_t *known = map_find(&tree->kept_of, group);
	uint32_t number = known ? *known : 0;

	if (!tree->shown)
		return select_below(tree, group, selection, err);
	if (!known && keep_below(tree, group, &number, err))
		return -1;
	return selection_copy(selection, &tree->kept[number], err);
}

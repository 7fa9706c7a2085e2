/* SPDX-License-Identifier: MIT */
/*
 * The tree of groups. Their sums are narrow: a symbol over 4 GiB, or of 65,535
 * entries, is rare, 2.6 million symbols are not. A group that grows beyond
 * keeps its sums in `wide`.
 *
 * A dimension whose keys nest (dir) makes inner groups for a key and all keys
 * above it, and one leaf for the bytes of the key itself: the row of
 * "net/ipv4/" is a leaf below the inner groups "net/" and "net/ipv4/". So a
 * group's bytes are always those of all groups below it.
 */
#include "report/grouping.h"

#include <stdlib.h>
#include <string.h>

#include "base/pages.h"

#define GROUPS_MAX (1u << 31)

void sums_subtract(struct sums *sums, const struct sums *less)
{
	sums->file -= less->file;
	sums->image -= less->image;
	sums->content -= less->content;
	sums->count -= less->count;
}

bool sums_equal(const struct sums *a, const struct sums *b)
{
	return a->file == b->file && a->image == b->image &&
	       a->content == b->content && a->count == b->count;
}

int group_widen(struct groups *groups, uint32_t index, struct err *err)
{
	struct group *group = &groups->list[index];
	uint32_t at = groups->wide_count;
	void *wide = array_grow(groups->wide, &groups->wide_capacity,
				(size_t)at + 1, sizeof(*groups->wide));

	if (!wide)
		return err_oom(err, "grouping");
	groups->wide = wide;
	for (unsigned side = OLD; side < SIDES; side++)
		groups->wide[at][side] = groups_sums(groups, index, side);
	groups->wide_count++;
	group->sums[OLD].count = GROUP_WIDE;
	group->sums[OLD].file = at;
	return 0;
}

bool groups_are_flat(const struct groups *groups)
{
	return groups->dimensions.count == 1 &&
	       !groups->dimensions.at[0]->parent;
}

int groups_init_flat(struct groups *groups, size_t count, struct err *err)
{
	if (count >= GROUPS_MAX)
		return err_set(err, "more than 2^31 groups");
	groups->list = calloc(GROUP_FIRST + count, sizeof(*groups->list));
	if (!groups->list)
		return err_oom(err, "grouping");
	pages_expect(groups->list, count * sizeof(*groups->list));
	groups->count = (uint32_t)(GROUP_FIRST + count);
	groups->list[GROUP_ROOT].parent = NONE;
	groups->list[GROUP_FILTERED].parent = NONE;
	return 0;
}

static int room_for_levels(struct groups *groups, struct err *err)
{
	void *level = realloc(groups->level, groups->room.allocated);

	if (!level)
		return err_oom(err, "grouping");
	groups->level = level;
	return 0;
}

int groups_reserve(struct groups *groups, uint64_t expected, struct err *err)
{
	groups->list = pages_reserve(&groups->room,
				     min_u64(expected, GROUPS_MAX),
				     sizeof(*groups->list));
	if (!groups->list)
		return err_oom(err, "grouping");
	return room_for_levels(groups, err);
}

int groups_make_room(struct groups *groups, struct err *err)
{
	size_t before = groups->room.allocated;
	void *list;

	if (groups->count >= GROUPS_MAX)
		return err_set(err, "more than 2^31 groups");
	list = pages_grow(groups->list, &groups->room,
			  (size_t)groups->count + 1, sizeof(*groups->list));
	if (!list)
		return err_oom(err, "grouping");
	groups->list = list;
	groups->room.ready = min_u64(groups->room.ready, GROUPS_MAX);
	return groups->room.allocated == before ? 0
						: room_for_levels(groups, err);
}

void groups_release(struct groups *groups)
{
	free(groups->list);
	free(groups->level);
	free(groups->wide);
	free(groups->children);
	free(groups->first_child);
	memset(groups, 0, sizeof(*groups));
}

static uint8_t level_of(const struct groups *groups, uint32_t group)
{
	return groups->level ? groups->level[group] : 0;
}

const struct dimension *groups_dimension(const struct groups *groups,
					 uint32_t group)
{
	return groups->dimensions.at[level_of(groups, group) & ~INNER];
}

bool groups_is_inner(const struct groups *groups, uint32_t group)
{
	return level_of(groups, group) & INNER;
}

bool groups_is_leaf(const struct groups *groups, uint32_t group)
{
	return group > GROUP_FILTERED &&
	       level_of(groups, group) == groups->dimensions.count - 1;
}

struct text groups_label(const struct groups *groups, uint32_t group,
			 bool *null)
{
	const struct dimension *dimension = groups_dimension(groups, group);
	uint32_t key = groups->list[group].key;
	uint32_t limit = groups->limit[level_of(groups, group) & ~INNER];
	const char *nature;

	*null = key >= limit;
	if (!*null)
		return dimension->label(groups->keys, key);
	if (key == NONE)
		return (struct text){ "", 0 };
	nature = nature_name(key - limit);
	return (struct text){ nature, strlen(nature) };
}

void groups_prefetch(const struct groups *groups, uint32_t group,
		     unsigned step)
{
	const struct dimension *dimension;

	if (step == 0) {
		__builtin_prefetch(&groups->list[group]);
		if (groups->level)
			__builtin_prefetch(&groups->level[group]);
		return;
	}
	dimension = groups_dimension(groups, group);
	if (dimension->prefetch)
		dimension->prefetch(groups->keys, groups->list[group].key,
				    step - 1);
}

static inline bool group_is_hole(const struct group *group)
{
	return !(group->sums[OLD].count | group->sums[NEW].count);
}

bool groups_is_hole(const struct groups *groups, uint32_t index)
{
	return group_is_hole(&groups->list[index]);
}

static int sort_children(struct groups *groups)
{
	uint32_t *first = calloc((size_t)groups->count + 2, sizeof(*first));
	uint32_t *children = malloc((size_t)groups->count * sizeof(*children));
	const struct group *list = groups->list;
	uint32_t count = groups->count, sum = 0;

	if (!first || !children) {
		free(first);
		free(children);
		return -1;
	}
	/* first[p + 2] counts, then first[p + 1] is where p's next goes. */
	for (uint32_t i = GROUP_FIRST; i < count; i++)
		first[list[i].parent + 2] += !group_is_hole(&list[i]);
	for (uint32_t i = GROUP_FIRST; i <= count + 1; i++)
		first[i] = sum += first[i];
	for (uint32_t i = GROUP_FIRST; i < count; i++)
		if (!group_is_hole(&list[i]))
			children[first[list[i].parent + 1]++] = i;
	groups->first_child = first;
	groups->children = children;
	return 0;
}

int64_t groups_children(struct groups *groups, uint32_t group,
			const uint32_t **list)
{
	if (!groups->children && sort_children(groups))
		return -1;
	*list = &groups->children[groups->first_child[group]];
	return groups->first_child[group + 1] - groups->first_child[group];
}

static uint32_t root_of(const struct groups *groups, uint32_t group)
{
	while (groups->list[group].parent != NONE)
		group = groups->list[group].parent;
	return group;
}

uint32_t *groups_leaves(const struct groups *groups, uint32_t root,
			size_t *count)
{
	uint32_t *leaves = malloc(((size_t)groups->count + 1) *
				  sizeof(*leaves));

	*count = 0;
	if (!leaves)
		return NULL;
	for (uint32_t i = GROUP_FIRST; i < groups->count; i++)
		if (!groups_is_hole(groups, i) && groups_is_leaf(groups, i) &&
		    root_of(groups, i) == root)
			leaves[(*count)++] = i;
	return leaves;
}

/* SPDX-License-Identifier: MIT */
/*
 * The group-by. Entries are taken in blocks: each dimension fills the keys of
 * a block in one tight loop, then all entries of the block go down the tree
 * together, level by level: so the memory that a step needs is on its way
 * while others are made.
 * The step from a root is an array by key. Further steps are hashed by parent
 * plus key, so that the groups below one parent lie beside each other where
 * their keys do: symbols come in order. (Chains by key alone were as quick for
 * section,symbol, and three times as slow for five dimensions, where
 * thousands of units have a group for .text.) Steps of neighbours in the
 * ledger are mostly the same, and made once.
 *
 * Sums are 32 bits a figure: a symbol over 4 GiB is rare, 2.6 million symbols
 * are not. A group that grows beyond keeps its sums in `wide`, and the word
 * where its old count would be says so.
 *
 * A dimension whose keys nest (dir) makes inner groups for a key and all keys
 * above it, and one leaf for the bytes of the key itself: the row of
 * "net/ipv4/" is a leaf below the inner groups "net/" and "net/ipv4/". So a
 * group's bytes are always those of all groups below it.
 */
#include "report/group.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"

#define WIDE UINT32_MAX  /* in sums[OLD][COUNT]: sums[OLD][0] is an index */
#define INNER 0x80u      /* in level[]: a nested key above the leaf */
#define LEVEL_ROOT 0xffu
#define BLOCK FILTER_BLOCK
#define SLOTS_MIN 1024u

/* nature_is_alignment() as a set: it is asked for every entry. */
#define NATURE_FILL \
	(1u << NATURE_PADDING | 1u << NATURE_ALIGNMENT | 1u << NATURE_GAP)

enum figure_index { FILE_, IMAGE, CONTENT, COUNT };

/* One run of the group-by over both ledgers. */
struct grouping {
	struct groups *groups;
	const struct filters *filters;
	uint32_t *direct[2];             /* first step from each root, by key */
	size_t slots;                    /* in each; the last is for NONE */
	uint32_t *heads;                 /* further steps: a group by hash, 0: */
	size_t head_count;               /* none; their count, a power of two */
	uint32_t *next;                  /* by group: the next of its hash, or 0 */
	size_t next_capacity;
	uint32_t group[BLOCK];           /* where each entry has come to */
	uint32_t head[BLOCK];            /* where its next step is hashed */
	uint32_t keys[DIMENSIONS_MAX][BLOCK];
	uint8_t aside[BLOCK];
	struct entry buffer[BLOCK];
};

void sums_add(struct sums *sums, const struct sums *more)
{
	sums->file += more->file;
	sums->image += more->image;
	sums->content += more->content;
	sums->count += more->count;
}

void sums_add_entry(struct sums *sums, const struct entry *entry)
{
	uint64_t image = entry->domains & IN_IMAGE ? entry->size : 0;

	sums->file += entry->domains & IN_FILE ? entry->size : 0;
	sums->image += image;
	sums->content += NATURE_FILL >> entry->nature & 1 ? 0 : image;
	sums->count++;
}

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

static bool is_wide(const struct group *group)
{
	return group->sums[OLD][COUNT] == WIDE;
}

struct sums groups_sums(const struct groups *groups, uint32_t index,
			unsigned side)
{
	const struct group *group = &groups->list[index];
	const uint32_t *narrow = group->sums[side];

	if (is_wide(group))
		return groups->wide[group->sums[OLD][0]][side];
	return (struct sums){ narrow[FILE_], narrow[IMAGE], narrow[CONTENT],
			      narrow[COUNT] };
}

static int widen(struct groups *groups, uint32_t index, struct err *err)
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
	group->sums[OLD][COUNT] = WIDE;
	group->sums[OLD][0] = at;
	return 0;
}

static int group_add(struct groups *groups, uint32_t index, unsigned side,
		     const struct sums *more, struct err *err)
{
	struct group *group = &groups->list[index];
	struct sums sums = groups_sums(groups, index, side);

	sums_add(&sums, more);
	if (!is_wide(group) &&
	    (sums.file >= WIDE || sums.image >= WIDE || sums.count >= WIDE)) {
		if (widen(groups, index, err))
			return -1;
		group = &groups->list[index];
	}
	if (is_wide(group)) {
		groups->wide[group->sums[OLD][0]][side] = sums;
		return 0;
	}
	group->sums[side][FILE_] = (uint32_t)sums.file;
	group->sums[side][IMAGE] = (uint32_t)sums.image;
	group->sums[side][CONTENT] = (uint32_t)sums.content;
	group->sums[side][COUNT] = (uint32_t)sums.count;
	return 0;
}

static bool is_flat(const struct groups *groups)
{
	return groups->dimensions.count == 1 &&
	       !groups->dimensions.at[0]->parent;
}

/* Makes room for one more group, so that the list is not moved too often. */
static int make_room(struct groups *groups, struct err *err)
{
	size_t before = groups->capacity;
	void *list;

	if (groups->count >= 1u << 31)
		return err_set(err, "more than 2^31 groups");
	list = array_grow(groups->list, &groups->capacity,
			  (size_t)groups->count + 1, sizeof(*groups->list));
	if (!list)
		return err_oom(err, "grouping");
	groups->list = list;
	if (is_flat(groups) || groups->capacity == before)
		return 0;
	list = realloc(groups->level, groups->capacity);
	if (!list)
		return err_oom(err, "grouping");
	groups->level = list;
	return 0;
}

/* Returns NONE on failure. */
static uint32_t group_new(struct groups *groups, uint32_t parent,
			  uint32_t key, uint8_t level, struct err *err)
{
	if (make_room(groups, err))
		return NONE;
	groups->list[groups->count] = (struct group){
		.parent = parent,
		.key = key,
	};
	if (groups->level)
		groups->level[groups->count] = level;
	return groups->count++;
}

/* Keys that follow each other do so here, too. */
static size_t head_of(const struct grouping *grouping, uint32_t parent,
		      uint32_t key, uint8_t level)
{
	return (map_mix((uint64_t)level << 32 | parent) + key) &
	       (grouping->head_count - 1);
}

static void hang_up(struct grouping *grouping, uint32_t group)
{
	const struct groups *groups = grouping->groups;
	uint32_t *head = &grouping->heads[
		head_of(grouping, groups->list[group].parent,
			groups->list[group].key, groups->level[group])];

	grouping->next[group] = *head;
	*head = group;
}

/* Takes a group into the hash; twice as many heads when those are used up. */
static int hash_add(struct grouping *grouping, uint32_t group)
{
	uint32_t *grown = array_grow(grouping->next, &grouping->next_capacity,
				     (size_t)group + 1, sizeof(*grown));

	if (!grown)
		return -1;
	grouping->next = grown;
	if (group < grouping->head_count) {
		hang_up(grouping, group);
		return 0;
	}
	grown = calloc(grouping->head_count * 2, sizeof(*grown));
	if (!grown)
		return -1;
	free(grouping->heads);
	grouping->heads = grown;
	grouping->head_count *= 2;
	for (uint32_t i = GROUP_FILTERED + 1; i <= group; i++)
		hang_up(grouping, i);
	return 0;
}

/* The group below `parent`, new or known; `level` with INNER for nesting. */
static uint32_t step_hashed(struct grouping *grouping, uint32_t parent,
			    uint32_t key, uint8_t level, struct err *err)
{
	struct groups *groups = grouping->groups;
	uint32_t group = grouping->heads[head_of(grouping, parent, key, level)];

	for (; group; group = grouping->next[group])
		if (groups->list[group].parent == parent &&
		    groups->list[group].key == key &&
		    (!groups->dimensions.at[level & ~INNER]->parent ||
		     groups->level[group] == level))
			return group;
	group = group_new(groups, parent, key, level, err);
	if (group != NONE && hash_add(grouping, group)) {
		err_oom(err, "grouping");
		return NONE;
	}
	return group;
}

/* The inner groups from `parent` down to `key`. */
static uint32_t step_nested(struct grouping *grouping, uint32_t parent,
			    uint32_t key, uint8_t level, struct err *err)
{
	const struct groups *groups = grouping->groups;
	const struct dimension *dimension = groups->dimensions.at[level];
	uint32_t chain[DIMENSION_DEPTH + 1];
	size_t depth = 0;

	for (; key != NONE && depth < ARRAY_SIZE(chain);
	     key = dimension->parent(groups->keys, key))
		chain[depth++] = key;
	while (depth-- && parent != NONE)
		parent = step_hashed(grouping, parent, chain[depth],
				     level | INNER, err);
	return parent;
}

static uint32_t step(struct grouping *grouping, uint32_t parent, uint32_t key,
		     uint8_t level, struct err *err)
{
	const struct groups *groups = grouping->groups;
	uint32_t *direct = NULL;
	uint32_t found;

	if (level == 0) {
		direct = &grouping->direct[parent][key == NONE
						   ? grouping->slots - 1
						   : key];
		if (*direct != NONE)
			return *direct;
	}
	if (groups->dimensions.at[level]->parent && key < groups->limit[level])
		parent = step_nested(grouping, parent, key, level, err);
	if (parent == NONE)
		return NONE;
	if (!direct)
		return step_hashed(grouping, parent, key, level, err);
	found = group_new(grouping->groups, parent, key, level, err);
	*direct = found;
	return found;
}

static bool step_is_repeated(const struct grouping *grouping, size_t level,
			     const uint32_t *parents, size_t i)
{
	return i && parents[i] == parents[i - 1] &&
	       grouping->keys[level][i] == grouping->keys[level][i - 1];
}

/* Asks for the memory that the steps of a block will read. */
static void fetch_steps(struct grouping *grouping, uint8_t level, size_t count)
{
	const uint32_t *parents = grouping->group;
	const uint32_t *keys = grouping->keys[level];
	uint32_t *head = grouping->head;

	for (size_t i = 0; i < count; i++) {
		if (step_is_repeated(grouping, level, parents, i))
			continue;
		head[i] = (uint32_t)head_of(grouping, parents[i], keys[i],
					    level);
		__builtin_prefetch(&grouping->heads[head[i]]);
	}
	for (size_t i = 0; i < count; i++)
		if (!step_is_repeated(grouping, level, parents, i))
			__builtin_prefetch(&grouping->groups->list[
				grouping->heads[head[i]]], 1);
}

/* Moves a block down by one level. */
static int step_all(struct grouping *grouping, uint8_t level, size_t count,
		    struct err *err)
{
	const uint32_t *keys = grouping->keys[level];
	uint32_t parents[BLOCK];
	uint32_t *group = grouping->group;

	if (level > 0)
		fetch_steps(grouping, level, count);
	memcpy(parents, group, count * sizeof(*parents));
	for (size_t i = 0; i < count; i++) {
		group[i] = step_is_repeated(grouping, level, parents, i) ?
			group[i - 1] :
			step(grouping, parents[i], keys[i], level, err);
		if (group[i] == NONE)
			return -1;
	}
	return 0;
}

static void fill_keys(struct grouping *grouping, unsigned side,
		      const struct entry *entries, size_t count)
{
	const struct groups *groups = grouping->groups;

	for (size_t d = 0; d < groups->dimensions.count; d++) {
		const struct dimension *dimension = groups->dimensions.at[d];
		uint32_t *keys = grouping->keys[d];
		uint32_t limit = groups->limit[d];

		dimension->fill(groups->keys, side, entries, count, keys);
		for (size_t i = 0; groups->name_nulls && i < count; i++)
			if (keys[i] == NONE)
				keys[i] = limit + entries[i].nature;
	}
}

/* Books what was added up for a leaf, and begins anew. */
static int flush(struct grouping *grouping, unsigned side, uint32_t leaf,
		 struct sums *sums, struct err *err)
{
	struct groups *groups = grouping->groups;

	if (!sums->count)
		return 0;
	sums_add(&groups->total[side], sums);
	if (group_add(groups, leaf, side, sums, err))
		return -1;
	*sums = (struct sums){ 0 };
	return 0;
}

static int group_block(struct grouping *grouping, unsigned side,
		       const struct entry *entries, size_t count,
		       struct err *err)
{
	struct sums sums = { 0 };
	uint32_t last = NONE;

	fill_keys(grouping, side, entries, count);
	if (!filters_empty(grouping->filters))
		filters_test(grouping->filters, side, entries, count,
			     grouping->aside);
	for (size_t i = 0; i < count; i++)
		grouping->group[i] = grouping->aside[i];
	for (size_t level = 0; level < grouping->groups->dimensions.count;
	     level++)
		if (step_all(grouping, (uint8_t)level, count, err))
			return -1;
	for (size_t i = 0; i < count; i++) {
		uint32_t leaf = grouping->group[i];

		if (leaf != last && flush(grouping, side, last, &sums, err))
			return -1;
		last = leaf;
		sums_add_entry(&sums, &entries[i]);
	}
	return flush(grouping, side, last, &sums, err);
}

static int group_side(struct grouping *grouping, unsigned side,
		      struct err *err)
{
	const struct build *build =
		comparison_build(grouping->groups->keys->comparison, side);
	const struct sums *total = &grouping->groups->total[side];
	const struct ledger *ledger;
	const struct entry *block;
	uint64_t at = 0;
	size_t count;

	if (!build)
		return 0;
	ledger = &build->ledger;
	while ((count = ledger_read(ledger, &at, grouping->buffer, BLOCK,
				    &block)))
		if (group_block(grouping, side, block, count, err))
			return -1;
	if (total->file != ledger->file_size ||
	    total->image != ledger->image_size)
		return err_set(err, "%s: internal error: %llu bytes in the "
			       "file and %llu in the image were grouped, not "
			       "%llu and %llu: please report this",
			       build->image.path,
			       (unsigned long long)total->file,
			       (unsigned long long)total->image,
			       (unsigned long long)ledger->file_size,
			       (unsigned long long)ledger->image_size);
	return 0;
}

/* Groups are made before those below them: one pass from the end adds up. */
static int roll_up(struct groups *groups, struct err *err)
{
	for (uint32_t i = groups->count; i-- > 2;)
		for (unsigned side = OLD; side < SIDES; side++) {
			struct sums sums = groups_sums(groups, i, side);

			if (group_add(groups, groups->list[i].parent, side,
				      &sums, err))
				return -1;
		}
	return 0;
}

static int check_sums(const struct groups *groups, struct err *err)
{
	for (unsigned side = OLD; side < SIDES; side++) {
		struct sums sums = groups_sums(groups, GROUP_ROOT, side);
		struct sums aside = groups_sums(groups, GROUP_FILTERED, side);

		sums_add(&sums, &aside);
		if (!sums_equal(&sums, &groups->total[side]))
			return err_set(err, "internal error: groups do not "
				       "sum to the total: please report this");
	}
	return 0;
}

/* An array of NONE, or NULL. */
static uint32_t *nothing(size_t count)
{
	uint32_t *array = malloc(count * sizeof(*array));

	if (array)
		memset(array, 0xff, count * sizeof(*array));
	return array;
}

/* As many as there are entries: untouched pages cost nothing. */
static int heads_init(struct grouping *grouping)
{
	const struct comparison *comparison =
		grouping->groups->keys->comparison;
	uint64_t entries = 0;

	for (unsigned side = OLD; side < SIDES; side++) {
		const struct build *build = comparison_build(comparison, side);

		entries += build ? build->ledger.count : 0;
	}
	grouping->head_count = SLOTS_MIN;
	while (grouping->head_count < entries)
		grouping->head_count *= 2;
	grouping->heads = calloc(grouping->head_count,
				 sizeof(*grouping->heads));
	return grouping->heads ? 0 : -1;
}

static int grouping_prepare(struct grouping *grouping, struct err *err)
{
	struct groups *groups = grouping->groups;
	const struct dimension_list *list = &groups->dimensions;

	for (size_t i = 0; i < list->count; i++)
		if (dimension_prepare(list->at[i], groups->keys, err))
			return -1;
	for (size_t i = 0; i < list->count; i++)
		groups->limit[i] = list->at[i]->limit(groups->keys);
	grouping->slots = (size_t)groups->limit[0] + NATURE_COUNT + 1;
	for (size_t root = 0; root < 2; root++) {
		if (root && filters_empty(grouping->filters))
			break;
		grouping->direct[root] = nothing(grouping->slots);
		if (!grouping->direct[root])
			return err_oom(err, "grouping");
	}
	if (!is_flat(groups) && heads_init(grouping))
		return err_oom(err, "grouping");
	if (group_new(groups, NONE, NONE, LEVEL_ROOT, err) == NONE ||
	    group_new(groups, NONE, NONE, LEVEL_ROOT, err) == NONE)
		return -1;
	return 0;
}

int groups_build(struct groups *groups, struct keys *keys,
		 const struct group_options *options, struct err *err)
{
	struct grouping *grouping = calloc(1, sizeof(*grouping));
	int status = -1;

	memset(groups, 0, sizeof(*groups));
	groups->keys = keys;
	groups->dimensions = options->dimensions;
	groups->name_nulls = options->name_nulls;
	if (!grouping)
		return err_oom(err, "grouping");
	grouping->groups = groups;
	grouping->filters = options->filters;
	if (!grouping_prepare(grouping, err) &&
	    !group_side(grouping, OLD, err) &&
	    !group_side(grouping, NEW, err) &&
	    !roll_up(groups, err))
		status = check_sums(groups, err);
	free(grouping->direct[0]);
	free(grouping->direct[1]);
	free(grouping->heads);
	free(grouping->next);
	free(grouping);
	return status;
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

static int sort_children(struct groups *groups)
{
	uint32_t *first = calloc((size_t)groups->count + 2, sizeof(*first));
	uint32_t *children = malloc((size_t)groups->count * sizeof(*children));

	if (!first || !children) {
		free(first);
		free(children);
		return -1;
	}
	/* first[p + 2] counts, then first[p + 1] is where p's next goes. */
	for (uint32_t i = 2; i < groups->count; i++)
		first[groups->list[i].parent + 2]++;
	for (uint32_t i = 2; i <= groups->count + 1; i++)
		first[i] += first[i - 1];
	for (uint32_t i = 2; i < groups->count; i++)
		children[first[groups->list[i].parent + 1]++] = i;
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
	for (uint32_t i = 2; i < groups->count; i++)
		if (groups_is_leaf(groups, i) && root_of(groups, i) == root)
			leaves[(*count)++] = i;
	return leaves;
}

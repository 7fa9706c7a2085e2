/* SPDX-License-Identifier: MIT */
/*
 * The group-by. Entries are taken in blocks: each dimension fills the keys of
 * a block in one tight loop, then all entries of the block go down the tree
 * together, level by level: so the memory that a step needs is on its way
 * while others are made.
 * Where there is one dimension whose keys do not nest, the list of groups is
 * itself an array by key, and groups that nothing was booked to are holes in
 * it. Else the step from a root is an array by key, and further steps are
 * hashed by parent plus key, so that the groups below one parent lie beside each other where
 * their keys do: symbols come in order. (Chains by key alone were as quick for
 * section,symbol, and three times as slow for five dimensions, where
 * thousands of units have a group for .text.) Steps of neighbours in the
 * ledger are mostly the same, and made once.
 *
 * Large ledgers are grouped in two parts, by two threads: an entry is in the
 * part that its second key says. So no group from there on is in both, and
 * putting the parts together is mostly copying. The parts are the same
 * whether there are threads or not, so the order of groups is.
 */
#include "report/grouping.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/pages.h"
#include "report/uses.h"

#define BLOCK FILTER_BLOCK
#define SLOTS_MIN 1024u
#define PARTS 2u
/* Joining costs CPU seconds: worth it where the answer would be late. */
#define ENTRIES_FOR_PARTS (1u << 21)

/* One run of the group-by over both ledgers, or over a part of them. */
struct grouping {
	struct groups *groups;
	const struct filters *filters;
	uint32_t *direct[2];             /* first step from each root, by key */
	size_t slots;                    /* in each; the last is for NONE */
	bool flat;                       /* groups->list is such an array */
	uint32_t *heads;                 /* further steps: a group by hash, 0: */
	size_t head_count;               /* none; their count, a power of two */
	uint32_t *next;                  /* by group: the next of its hash, or 0 */
	size_t next_capacity;
	uint32_t group[BLOCK];           /* where each entry has come to */
	uint32_t head[BLOCK];            /* where its next step is hashed */
	uint32_t keys[DIMENSIONS_MAX][BLOCK];
	uint8_t aside[BLOCK];
	struct entry buffer[BLOCK];
	struct entry mine[BLOCK];        /* those of the part */
	uint32_t part, part_count;
	struct groups own;               /* of parts but the first */
	struct err err;
	int status;
	pthread_t thread;
};

/* Keys that follow each other do so here, too. */
static size_t head_of(const struct grouping *grouping, uint32_t parent,
		      uint32_t key, uint8_t level)
{
	return (map_mix((uint64_t)level << 32 | parent) + key) &
	       (grouping->head_count - 1);
}

static void hang_up(struct grouping *grouping, uint32_t group, size_t head)
{
	grouping->next[group] = grouping->heads[head];
	grouping->heads[head] = group;
}

static void hang_up_again(struct grouping *grouping, uint32_t group)
{
	const struct groups *groups = grouping->groups;

	hang_up(grouping, group,
		head_of(grouping, groups->list[group].parent,
			groups->list[group].key, groups->level[group]));
}

static void free_heads(struct grouping *grouping)
{
	pages_free(grouping->heads,
		   grouping->head_count * sizeof(*grouping->heads));
}

/*
 * Takes a group into the hash, at `head`; twice as many heads when those are
 * used up.
 */
static int hash_add(struct grouping *grouping, uint32_t group, size_t head)
{
	uint32_t *grown = array_grow(grouping->next, &grouping->next_capacity,
				     (size_t)group + 1, sizeof(*grown));

	if (!grown)
		return -1;
	grouping->next = grown;
	if (group < grouping->head_count) {
		hang_up(grouping, group, head);
		return 0;
	}
	grown = pages_alloc(grouping->head_count * 2 * sizeof(*grown));
	if (!grown)
		return -1;
	free_heads(grouping);
	grouping->heads = grown;
	grouping->head_count *= 2;
	for (uint32_t i = GROUP_FIRST; i <= group; i++)
		hang_up_again(grouping, i);
	return 0;
}

/*
 * The group below `parent`, new or known; `level` with INNER for nesting, `head`
 * is head_of() them.
 */
static uint32_t step_from(struct grouping *grouping, size_t head,
			  uint32_t parent, uint32_t key, uint8_t level,
			  struct err *err)
{
	struct groups *groups = grouping->groups;
	uint32_t group = grouping->heads[head];

	for (; group; group = grouping->next[group])
		if (groups->list[group].parent == parent &&
		    groups->list[group].key == key &&
		    (!groups->dimensions.at[level & ~INNER]->parent ||
		     groups->level[group] == level))
			return group;
	group = group_new(groups, parent, key, level, err);
	if (group != NONE && hash_add(grouping, group, head)) {
		err_oom(err, "grouping");
		return NONE;
	}
	return group;
}

static uint32_t step_hashed(struct grouping *grouping, uint32_t parent,
			    uint32_t key, uint8_t level, struct err *err)
{
	return step_from(grouping, head_of(grouping, parent, key, level),
			 parent, key, level, err);
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

static size_t slot_of_key(const struct grouping *grouping, uint32_t key)
{
	return key == NONE ? grouping->slots - 1 : key;
}

/* Where the array of a root has the group for a key. */
static uint32_t *first_slot(const struct grouping *grouping, uint32_t root,
			    uint32_t key)
{
	return &grouping->direct[root][slot_of_key(grouping, key)];
}

static uint32_t step(struct grouping *grouping, uint32_t parent, uint32_t key,
		     uint8_t level, struct err *err)
{
	const struct groups *groups = grouping->groups;
	uint32_t *direct = NULL;
	uint32_t found;

	if (level == 0) {
		direct = first_slot(grouping, parent, key);
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

/* The same for the steps from the roots. */
static void fetch_first_steps(const struct grouping *grouping, size_t count)
{
	const uint32_t *keys = grouping->keys[0];

	for (size_t i = 0; i < count; i++)
		__builtin_prefetch(first_slot(grouping, grouping->group[i],
					      keys[i]));
	for (size_t i = 0; i < count; i++) {
		uint32_t group = *first_slot(grouping, grouping->group[i],
					     keys[i]);

		if (group != NONE)
			__builtin_prefetch(&grouping->groups->list[group], 1);
	}
}

/* The groups of the entries of a block, where the list is an array by key. */
static void step_flat(struct grouping *grouping, size_t count)
{
	struct group *list = grouping->groups->list;
	const uint32_t *keys = grouping->keys[0];
	uint32_t *group = grouping->group;

	for (size_t i = 0; i < count; i++) {
		uint32_t parent = group[i];

		group[i] = (uint32_t)(GROUP_FIRST + parent * grouping->slots +
				      slot_of_key(grouping, keys[i]));
		list[group[i]].parent = parent;
		list[group[i]].key = keys[i];
	}
}

/* Moves a block down by one level. */
static int step_all(struct grouping *grouping, uint8_t level, size_t count,
		    struct err *err)
{
	const uint32_t *keys = grouping->keys[level];
	/* Where keys do not nest, fetch_steps() has found the heads, and they
	   stay where they are until there are more. */
	bool found = level && !grouping->groups->dimensions.at[level]->parent;
	size_t head_count = grouping->head_count;
	uint32_t parents[BLOCK];
	uint32_t *group = grouping->group;

	if (level > 0)
		fetch_steps(grouping, level, count);
	else if (grouping->slots > SLOTS_MIN)
		fetch_first_steps(grouping, count);
	memcpy(parents, group, count * sizeof(*parents));
	for (size_t i = 0; i < count; i++) {
		if (step_is_repeated(grouping, level, parents, i))
			group[i] = group[i - 1];
		else if (found && grouping->head_count == head_count)
			group[i] = step_from(grouping, grouping->head[i],
					     parents[i], keys[i], level, err);
		else
			group[i] = step(grouping, parents[i], keys[i], level,
					err);
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
	int status = 0;

	if (sums->count)
		status = group_add(grouping->groups, leaf, side, sums, err);
	*sums = (struct sums){ 0 };
	return status;
}

/* Finds the group of each entry of a block, for book(). */
static int find_groups(struct grouping *grouping, unsigned side,
		       const struct entry *entries, size_t count,
		       struct err *err)
{
	fill_keys(grouping, side, entries, count);
	if (!filters_empty(grouping->filters))
		filters_test(grouping->filters, side, entries, count,
			     grouping->aside);
	for (size_t i = 0; i < count; i++)
		grouping->group[i] = grouping->aside[i];
	if (grouping->flat) {
		step_flat(grouping, count);
		return 0;
	}
	for (size_t level = 0; level < grouping->groups->dimensions.count;
	     level++)
		if (step_all(grouping, (uint8_t)level, count, err))
			return -1;
	return 0;
}

/* Adds the bytes of a block to the groups that were found. */
static int book(struct grouping *grouping, unsigned side,
		const struct entry *entries, size_t count, struct err *err)
{
	struct sums *total = &grouping->groups->total[side];
	struct sums sums = { 0 }, all = { 0 };
	uint32_t last = NONE;

	for (size_t i = 0; i < count; i++) {
		uint32_t leaf = grouping->group[i];

		if (leaf != last && flush(grouping, side, last, &sums, err))
			return -1;
		last = leaf;
		sums_add_entry(&sums, &entries[i]);
		sums_add_entry(&all, &entries[i]);
	}
	sums_add(total, &all);
	return flush(grouping, side, last, &sums, err);
}

/* Copies the entries of this part; returns how many there are. */
static size_t choose(struct grouping *grouping, unsigned side,
		     const struct entry *entries, size_t count)
{
	const struct groups *groups = grouping->groups;
	uint32_t *keys = grouping->keys[1];
	size_t chosen = 0;

	groups->dimensions.at[1]->fill(groups->keys, side, entries, count,
				       keys);
	for (size_t i = 0; i < count; i++) {
		grouping->mine[chosen] = entries[i];
		chosen += map_mix(keys[i]) % PARTS == grouping->part;
	}
	return chosen;
}

/* Groups those entries of a block that are this part's. */
static int group_some(struct grouping *grouping, unsigned side,
		      const struct entry *block, size_t *count,
		      struct err *err)
{
	if (grouping->part_count > 1) {
		*count = choose(grouping, side, block, *count);
		block = grouping->mine;
	}
	return find_groups(grouping, side, block, *count, err) ||
	       book(grouping, side, block, *count, err) ? -1 : 0;
}

/* True where all rows of a ledger's column belong to one group. */
static bool columns_are_whole(const struct grouping *grouping)
{
	const struct dimension_list *list = &grouping->groups->dimensions;

	for (size_t i = 0; i < list->count; i++)
		if (list->at[i]->needs & NEED_SYMBOLS)
			return false;
	return filters_empty(grouping->filters);
}

/* Takes each column as one entry that counts for all its rows. */
static int group_columns(struct grouping *grouping, unsigned side,
			 const struct ledger *ledger, struct err *err)
{
	for (uint32_t i = 0; i < ledger->column_count; i++) {
		struct sums others = { .count = ledger->symbol_count - 1u };
		struct entry whole = ledger_column(ledger, i);
		size_t count = 1;

		if (group_some(grouping, side, &whole, &count, err))
			return -1;
		if (!count)
			continue;
		sums_add(&grouping->groups->total[side], &others);
		if (group_add(grouping->groups, grouping->group[0], side,
			      &others, err))
			return -1;
	}
	return 0;
}

/* True where what columns have for one symbol belongs to one group. */
static bool rows_are_one(const struct grouping *grouping)
{
	const struct groups *groups = grouping->groups;

	for (size_t i = 0; i < groups->dimensions.count; i++)
		if (!groups->dimensions.at[i]->of_symbol)
			return false;
	return !groups->name_nulls && grouping->part_count == 1 &&
	       filters_empty(grouping->filters);
}

/* Finds each symbol's group once, for all columns. */
static int group_rows(struct grouping *grouping, unsigned side,
		      const struct ledger *ledger, struct err *err)
{
	const struct entry *block;
	size_t count;

	for (uint64_t row = 0; row < ledger->symbol_count; row += count) {
		uint64_t at = ledger->count + row;

		count = min_u64(ledger->symbol_count - row, BLOCK);
		for (uint32_t i = 0; i < ledger->column_count; i++) {
			uint64_t same = at + (uint64_t)i * ledger->symbol_count;

			ledger_read(ledger, &same, grouping->buffer, count,
				    &block);
			if ((!i && find_groups(grouping, side, block, count,
					       err)) ||
			    book(grouping, side, block, count, err))
				return -1;
		}
	}
	return 0;
}

static int group_side(struct grouping *grouping, unsigned side,
		      struct err *err)
{
	const struct build *build =
		comparison_build(grouping->groups->keys->comparison, side);
	bool whole = columns_are_whole(grouping);
	bool rows = !whole && rows_are_one(grouping);
	const struct ledger *ledger;
	const struct entry *block;
	uint64_t at = 0;
	size_t count;

	if (!build)
		return 0;
	ledger = &build->ledger;
	while ((!(whole || rows) || at < ledger->count) &&
	       (count = ledger_read(ledger, &at, grouping->buffer, BLOCK,
				    &block)))
		if (group_some(grouping, side, block, &count, err))
			return -1;
	if (rows)
		return group_rows(grouping, side, ledger, err);
	return whole ? group_columns(grouping, side, ledger, err) : 0;
}

/* An array of NONE, or NULL. */
static uint32_t *nothing(size_t count)
{
	uint32_t *array = malloc(count * sizeof(*array));

	if (array)
		memset(array, 0xff, count * sizeof(*array));
	return array;
}

static uint64_t count_entries(const struct groups *groups)
{
	uint64_t entries = 0;

	for (unsigned side = OLD; side < SIDES; side++) {
		const struct build *build =
			comparison_build(groups->keys->comparison, side);

		entries += build ? build->ledger.count : 0;
	}
	return entries;
}

/* As many as there are entries: untouched pages cost nothing. */
static int heads_init(struct grouping *grouping)
{
	uint64_t entries = count_entries(grouping->groups) /
			   grouping->part_count;

	grouping->head_count = SLOTS_MIN;
	while (grouping->head_count < entries)
		grouping->head_count *= 2;
	grouping->heads = pages_alloc(grouping->head_count *
				      sizeof(*grouping->heads));
	return grouping->heads ? 0 : -1;
}

/* The roots, and where steps from them lead. */
static int grouping_start(struct grouping *grouping, struct err *err)
{
	struct groups *groups = grouping->groups;
	size_t roots = filters_empty(grouping->filters) ? 1 : 2;

	grouping->slots = (size_t)groups->limit[0] + NATURE_COUNT + 1;
	grouping->flat = groups_are_flat(groups);
	if (grouping->flat)
		return groups_init_flat(groups, roots * grouping->slots, err);
	for (size_t root = 0; root < roots; root++) {
		grouping->direct[root] = nothing(grouping->slots);
		if (!grouping->direct[root])
			return err_oom(err, "grouping");
	}
	if (heads_init(grouping))
		return err_oom(err, "grouping");
	if (group_new(groups, NONE, NONE, LEVEL_ROOT, err) == NONE ||
	    group_new(groups, NONE, NONE, LEVEL_ROOT, err) == NONE)
		return -1;
	return 0;
}

static void *run(void *arg)
{
	struct grouping *part = arg;

	part->status = grouping_start(part, &part->err) ||
		       group_side(part, OLD, &part->err) ||
		       group_side(part, NEW, &part->err) ? -1 : 0;
	return NULL;
}

static void run_all(struct grouping *parts, uint32_t count)
{
	bool started = count > 1 && !pthread_create(&parts[1].thread, NULL, run,
						    &parts[1]);

	run(&parts[0]);
	if (started)
		pthread_join(parts[1].thread, NULL);
	else if (count > 1)
		run(&parts[1]);
}

/* The group of the first part that stands for one of another part. */
static uint32_t place_of(struct grouping *to, const struct groups *from,
			 uint32_t group, uint32_t parent, struct err *err)
{
	uint32_t key = from->list[group].key;
	uint8_t level = from->level[group];

	if (level == 0)
		return step(to, GROUP_ROOT, key, 0, err);
	if (level == INNER || level == (1 | INNER))
		return step_hashed(to, parent, key, level, err);
	return group_new(to->groups, parent, key, level, err);
}

/* Puts a part's groups below those of the first one. */
static int join(struct grouping *to, const struct groups *from,
		struct err *err)
{
	uint32_t *place = malloc((size_t)from->count * sizeof(*place));
	int status = 0;

	if (!place)
		return err_oom(err, "grouping");
	for (uint32_t i = 0; i < from->count && !status; i++) {
		place[i] = i <= GROUP_FILTERED ? i :
			place_of(to, from, i, place[from->list[i].parent],
				 err);
		if (place[i] == NONE)
			status = -1;
		for (unsigned side = OLD; side < SIDES && !status; side++) {
			struct sums sums = groups_sums(from, i, side);

			status = group_add(to->groups, place[i], side, &sums,
					   err);
		}
	}
	for (unsigned side = OLD; side < SIDES; side++)
		sums_add(&to->groups->total[side], &from->total[side]);
	free(place);
	return status;
}

static int check_totals(const struct groups *groups, struct err *err)
{
	for (unsigned side = OLD; side < SIDES; side++) {
		const struct build *build =
			comparison_build(groups->keys->comparison, side);
		const struct sums *total = &groups->total[side];

		if (!build || (total->file == build->ledger.file_size &&
			       total->image == build->ledger.image_size))
			continue;
		return err_set(err, "%s: internal error: %llu bytes in the "
			       "file and %llu in the image were grouped, not "
			       "%llu and %llu: please report this",
			       build->image.path,
			       (unsigned long long)total->file,
			       (unsigned long long)total->image,
			       (unsigned long long)build->ledger.file_size,
			       (unsigned long long)build->ledger.image_size);
	}
	return 0;
}

static int add_both(struct groups *groups, uint32_t group,
		    struct sums sums[SIDES], struct err *err)
{
	for (unsigned side = OLD; side < SIDES; side++) {
		if (group_add(groups, group, side, &sums[side], err))
			return -1;
		sums[side] = (struct sums){ 0 };
	}
	return 0;
}

/*
 * Groups are made before those below them: one pass from the end adds up, with
 * what neighbours have for the same parent in one sum.
 */
static int roll_up(struct groups *groups, struct err *err)
{
	struct sums sums[SIDES] = { { 0 }, { 0 } };
	uint32_t parent = GROUP_ROOT;

	for (uint32_t i = groups->count; i-- > GROUP_FIRST;) {
		if (groups->list[i].parent != parent &&
		    add_both(groups, parent, sums, err))
			return -1;
		parent = groups->list[i].parent;
		for (unsigned side = OLD; side < SIDES; side++) {
			struct sums more = groups_sums(groups, i, side);

			sums_add(&sums[side], &more);
		}
	}
	return add_both(groups, parent, sums, err);
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

/* Filters remember answers, so they are asked by one thread. */
static uint32_t count_parts(const struct groups *groups,
			    const struct group_options *options)
{
	const struct dimension_list *list = &groups->dimensions;
	uint64_t large = options->large ? options->large : ENTRIES_FOR_PARTS;

	for (size_t i = 0; i < list->count; i++)
		if (list->at[i]->in_place)
			return 1;
	return list->count > 1 && filters_empty(options->filters) &&
	       count_entries(groups) >= large ? PARTS : 1;
}

static int prepare(struct groups *groups, struct keys *keys,
		   const struct group_options *options, struct err *err)
{
	const struct dimension_list *list = &options->dimensions;

	memset(groups, 0, sizeof(*groups));
	groups->keys = keys;
	groups->dimensions = *list;
	groups->name_nulls = options->name_nulls;
	for (size_t i = 0; i < list->count; i++)
		if (dimension_prepare(list->at[i], keys, err))
			return -1;
	for (size_t i = 0; i < list->count; i++)
		groups->limit[i] = list->at[i]->limit(keys);
	return uses_wanted(list) ? uses_find(keys, err) : 0;
}

static int group_parts(struct grouping *parts, uint32_t count,
		       struct err *err)
{
	run_all(parts, count);
	for (uint32_t i = 0; i < count; i++)
		if (parts[i].status) {
			*err = parts[i].err;
			parts[i].err = (struct err){ 0 };
			return -1;
		}
	for (uint32_t i = 1; i < count; i++)
		if (join(&parts[0], parts[i].groups, err))
			return -1;
	return 0;
}

int groups_build(struct groups *groups, struct keys *keys,
		 const struct group_options *options, struct err *err)
{
	struct grouping *parts;
	uint32_t count;
	int status;

	if (prepare(groups, keys, options, err))
		return -1;
	count = count_parts(groups, options);
	parts = calloc(count, sizeof(*parts));
	if (!parts)
		return err_oom(err, "grouping");
	for (uint32_t i = 0; i < count; i++) {
		parts[i].own = *groups;
		parts[i].groups = i ? &parts[i].own : groups;
		parts[i].filters = options->filters;
		parts[i].part = i;
		parts[i].part_count = count;
	}
	status = group_parts(parts, count, err) || check_totals(groups, err) ||
		 roll_up(groups, err) || check_sums(groups, err) ? -1 : 0;
	for (uint32_t i = 0; i < count; i++) {
		if (i)
			groups_release(&parts[i].own);
		err_release(&parts[i].err);
		free(parts[i].direct[0]);
		free(parts[i].direct[1]);
		free_heads(&parts[i]);
		free(parts[i].next);
	}
	free(parts);
	return status;
}

/* SPDX-License-Identifier: MIT */
/*
 * The group-by. Entries are taken in blocks: each dimension fills the keys of
 * a block in one tight loop, then all entries of the block go down the tree
 * together, level by level: so the memory that a step needs is on its way
 * while others are made.
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
#include "report/descent.h"
#include "report/stretches.h"
#include "report/uses.h"

#define BLOCK DESCENT_BLOCK
#define PARTS 2u
/* Joining costs CPU seconds: worth it where the answer would be late. */
#define ENTRIES_FOR_PARTS (1u << 21)

/* One run of the group-by over both ledgers, or over a part of them. */
struct grouping {
	struct groups *groups;
	const struct filters *filters;
	struct descent descent;
	uint32_t group[BLOCK];           /* where each entry has come to */
	uint32_t keys[DIMENSIONS_MAX][BLOCK];
	uint8_t aside[BLOCK];
	struct entry buffer[BLOCK];
	struct entry mine[BLOCK];        /* those of the part */
	bool by_section;                 /* entries come so, see stretches.h */
	uint32_t part, part_count;
	struct groups own;               /* of parts but the first */
	struct err err;
	int status;
	pthread_t thread;
};

static void fill_keys(struct grouping *grouping, unsigned side,
		      const struct entry *entries, size_t count)
{
	const struct groups *groups = grouping->groups;

	for (size_t d = 0; d < groups->dimensions.count; d++) {
		const struct dimension *dimension = groups->dimensions.at[d];
		uint32_t *keys = grouping->keys[d];
		uint32_t limit = groups->limit[d];

		dimension->fill(groups->keys, side, entries, count, keys);
		if (!groups->name_nulls)
			continue;
		for (size_t i = 0; i < count; i++)
			if (keys[i] == NONE)
				keys[i] = limit + entries[i].nature;
	}
}

/* Finds the group of each entry of a block, for book(). */
static int find_groups(struct grouping *grouping, unsigned side,
		       const struct entry *entries, size_t count,
		       struct err *err)
{
	fill_keys(grouping, side, entries, count);
	memset(grouping->group, GROUP_ROOT,
	       count * sizeof(*grouping->group));
	if (!filters_empty(grouping->filters)) {
		filters_test(grouping->filters, side, entries, count,
			     grouping->aside);
		for (size_t i = 0; i < count; i++)
			grouping->group[i] = grouping->aside[i];
	}
	for (size_t level = 0; level < grouping->groups->dimensions.count;
	     level++)
		if (descent_all(&grouping->descent, (uint8_t)level,
				grouping->keys[level], grouping->group, count,
				err))
			return -1;
	return 0;
}

/* Adds the bytes of a block to the groups that were found. */
static int book(struct grouping *grouping, unsigned side,
		const struct entry *entries, size_t count, struct err *err)
{
	struct groups *groups = grouping->groups;
	struct sums all = { 0 };

	for (size_t i = 0; i < count; i++) {
		struct sums sums = sums_of_entry(&entries[i]);

		sums_add(&all, &sums);
		if (group_add(groups, grouping->group[i], side, &sums, err))
			return -1;
	}
	sums_add(&groups->total[side], &all);
	return 0;
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

/* Takes the entries of one build in their order. */
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

static int group_stretch(struct grouping *grouping,
			 const struct stretch *stretch, struct err *err)
{
	const struct build *build = comparison_build(
		grouping->groups->keys->comparison, stretch->side);
	const struct entry *block;
	uint64_t at = stretch->at;
	size_t count;

	while ((count = ledger_read(&build->ledger, &at, grouping->buffer,
				    min_u64(stretch->end - at, BLOCK),
				    &block)))
		if (group_some(grouping, stretch->side, block, &count, err))
			return -1;
	return 0;
}

/* Takes both builds section by section. */
static int group_stretches(struct grouping *grouping, struct err *err)
{
	const struct groups *groups = grouping->groups;
	struct stretches stretches;
	int status = stretches_make(&stretches, groups->keys,
				    groups->dimensions.at[0], err);

	for (size_t i = 0; i < stretches.count && !status; i++)
		status = group_stretch(grouping, &stretches.list[i], err);
	stretches_release(&stretches);
	return status;
}

/* Takes both builds, in the order that suits the groups. */
static int group_all(struct grouping *grouping, struct err *err)
{
	if (grouping->by_section)
		return group_stretches(grouping, err);
	return group_side(grouping, OLD, err) ||
	       group_side(grouping, NEW, err) ? -1 : 0;
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

static int grouping_start(struct grouping *grouping, struct err *err)
{
	size_t roots = filters_empty(grouping->filters) ? 1 : 2;
	const struct groups *groups = grouping->groups;

	grouping->by_section = !columns_are_whole(grouping) &&
			       stretches_pay(groups->keys->comparison,
					     &groups->dimensions);
	return descent_init(&grouping->descent, grouping->groups, roots,
			    count_entries(groups) / grouping->part_count,
			    grouping->by_section, err);
}

static void *run(void *arg)
{
	struct grouping *part = arg;

	part->status = grouping_start(part, &part->err) ||
		       group_all(part, &part->err) ? -1 : 0;
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
			descent_copy(&to->descent, from, i,
				     place[from->list[i].parent], err);
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
		groups_add_to(sums, groups, i);
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
		descent_release(&parts[i].descent);
	}
	free(parts);
	return status;
}

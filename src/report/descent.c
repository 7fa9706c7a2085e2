/* SPDX-License-Identifier: MIT */
/*
 * Where there is one dimension whose keys do not nest, the list of groups is
 * itself an array by key, and groups that nothing was booked to are holes in
 * it. Else the step from a root is an array by key, and further steps are
 * hashed by parent plus key, so that the groups below one parent lie beside
 * each other where their keys do: symbols come in order. (Chains by key alone
 * were as quick for section,symbol, and three times as slow for five
 * dimensions, where thousands of units have a group for .text.) Steps of
 * neighbours in the ledger are mostly the same, and made once. Where entries
 * are promised to come parent by parent, or a key is mostly met below one
 * parent, second steps need no hash.
 */
#include "report/descent.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/pages.h"

#define SLOTS_MIN 1024u

/* Keys that follow each other do so here, too. */
static size_t head_of(const struct descent *descent, uint32_t parent,
		      uint32_t key, uint8_t level)
{
	return (map_mix((uint64_t)level << 32 | parent) + key) &
	       (descent->head_count - 1);
}

static void hang_up(struct descent *descent, uint32_t group, size_t head)
{
	descent->next[group] = descent->heads[head];
	descent->heads[head] = group;
}

static void hang_up_again(struct descent *descent, uint32_t group)
{
	const struct groups *groups = descent->groups;

	hang_up(descent, group,
		head_of(descent, groups->list[group].parent,
			groups->list[group].key, groups->level[group]));
}

static void free_heads(struct descent *descent)
{
	pages_free(descent->heads,
		   descent->head_count * sizeof(*descent->heads));
}

/*
 * Takes a group into the hash, at `head`; twice as many heads when those are
 * used up.
 */
static int hash_add(struct descent *descent, uint32_t group, size_t head)
{
	uint32_t *grown = array_grow(descent->next, &descent->next_capacity,
				     (size_t)group + 1, sizeof(*grown));

	if (!grown)
		return -1;
	descent->next = grown;
	if (group < descent->head_count) {
		hang_up(descent, group, head);
		return 0;
	}
	grown = pages_alloc(descent->head_count * 2 * sizeof(*grown));
	if (!grown)
		return -1;
	free_heads(descent);
	descent->heads = grown;
	descent->head_count *= 2;
	for (uint32_t i = GROUP_FIRST; i <= group; i++)
		hang_up_again(descent, i);
	return 0;
}

/*
 * The group below `parent`, new or known; `level` with INNER for nesting,
 * `head` is head_of() them.
 */
static uint32_t step_from(struct descent *descent, size_t head,
			  uint32_t parent, uint32_t key, uint8_t level,
			  struct err *err)
{
	struct groups *groups = descent->groups;
	uint32_t group = descent->heads[head];

	for (; group; group = descent->next[group])
		if (groups->list[group].parent == parent &&
		    groups->list[group].key == key &&
		    (!groups->dimensions.at[level & ~INNER]->parent ||
		     groups->level[group] == level))
			return group;
	group = group_new(groups, parent, key, level, err);
	if (group != NONE && hash_add(descent, group, head)) {
		err_oom(err, "grouping");
		return NONE;
	}
	return group;
}

static uint32_t step_hashed(struct descent *descent, uint32_t parent,
			    uint32_t key, uint8_t level, struct err *err)
{
	return step_from(descent, head_of(descent, parent, key, level),
			 parent, key, level, err);
}

/* The inner groups from `parent` down to `key`. */
static uint32_t step_nested(struct descent *descent, uint32_t parent,
			    uint32_t key, uint8_t level, struct err *err)
{
	const struct groups *groups = descent->groups;
	const struct dimension *dimension = groups->dimensions.at[level];
	uint32_t chain[DIMENSION_DEPTH + 1];
	size_t depth = 0;

	for (; key != NONE && depth < ARRAY_SIZE(chain);
	     key = dimension->parent(groups->keys, key))
		chain[depth++] = key;
	while (depth-- && parent != NONE)
		parent = step_hashed(descent, parent, chain[depth],
				     level | INNER, err);
	return parent;
}

static size_t slot_of_key(const struct descent *descent, uint32_t key)
{
	return key == NONE ? descent->slots - 1 : key;
}

/* Where the array of a root has the group for a key. */
static uint32_t *first_slot(const struct descent *descent, uint32_t root,
			    uint32_t key)
{
	return &descent->direct[root][slot_of_key(descent, key)];
}

/* The group for a key below a root, which its array does not have yet. */
static uint32_t first_step(struct descent *descent, uint32_t root,
			   uint32_t key, struct err *err)
{
	struct groups *groups = descent->groups;
	uint32_t parent = root, found;

	if (groups->dimensions.at[0]->parent && key < groups->limit[0])
		parent = step_nested(descent, root, key, 0, err);
	if (parent == NONE)
		return NONE;
	found = group_new(groups, parent, key, 0, err);
	*first_slot(descent, root, key) = found;
	return found;
}

static uint32_t step(struct descent *descent, uint32_t parent, uint32_t key,
		     uint8_t level, struct err *err)
{
	const struct groups *groups = descent->groups;
	uint32_t known;

	if (level == 0) {
		known = *first_slot(descent, parent, key);
		return known != NONE ? known
				     : first_step(descent, parent, key, err);
	}
	if (groups->dimensions.at[level]->parent && key < groups->limit[level])
		parent = step_nested(descent, parent, key, level, err);
	return parent == NONE ? NONE : step_hashed(descent, parent, key, level,
						   err);
}

/* As many as there may be groups: untouched pages cost nothing. */
static int heads_init(struct descent *descent, struct err *err)
{
	descent->head_count = SLOTS_MIN;
	while (descent->head_count < descent->expected)
		descent->head_count *= 2;
	descent->heads = pages_alloc(descent->head_count *
				     sizeof(*descent->heads));
	return descent->heads ? 0 : err_oom(err, "grouping");
}

/* Entries do not come in order: second steps are hashed from now on. */
static int give_up_order(struct descent *descent, struct err *err)
{
	const struct groups *groups = descent->groups;

	if (!descent->heads && heads_init(descent, err))
		return -1;
	for (uint32_t i = GROUP_FIRST; i < groups->count; i++)
		if (groups->level[i] == 1 &&
		    hash_add(descent, i, head_of(descent,
						 groups->list[i].parent,
						 groups->list[i].key, 1)))
			return err_oom(err, "grouping");
	free(descent->recent);
	descent->recent = NULL;
	return 0;
}

/*
 * The second step where entries come parent by parent, in the order in which
 * these were made. Of each key the last group is known, and its parent is the
 * last of all that the key was met below: so below a later one there is none
 * yet. An entry that goes back to an earlier parent of its key ends that.
 */
static int step_recent(struct descent *descent, const uint32_t *keys,
		       uint32_t *group, size_t count, struct err *err)
{
	struct groups *groups = descent->groups;
	size_t last = descent->recent_slots - 1, i;

	for (i = 0; i < count; i++) {
		uint32_t *known = &descent->recent[min_u64(keys[i], last)];
		uint32_t parent = groups->list[*known].parent;

		if (!*known || parent < group[i])
			*known = group_new(groups, group[i], keys[i], 1, err);
		else if (parent > group[i])
			break;
		if (*known == NONE)
			return -1;
		group[i] = *known;
	}
	if (i < count && give_up_order(descent, err))
		return -1;
	for (; i < count; i++) {
		group[i] = step_hashed(descent, group[i], keys[i], 1, err);
		if (group[i] == NONE)
			return -1;
	}
	return 0;
}

static bool step_is_repeated(const uint32_t *parents, const uint32_t *keys,
			     size_t i)
{
	return i && parents[i] == parents[i - 1] && keys[i] == keys[i - 1];
}

/* Asks for the memory that the steps of a block will read. */
static void fetch_steps(struct descent *descent, uint8_t level,
			const uint32_t *parents, const uint32_t *keys,
			size_t count)
{
	uint32_t *head = descent->head;

	for (size_t i = 0; i < count; i++) {
		if (step_is_repeated(parents, keys, i))
			continue;
		head[i] = (uint32_t)head_of(descent, parents[i], keys[i],
					    level);
		__builtin_prefetch(&descent->heads[head[i]]);
	}
	for (size_t i = 0; i < count; i++)
		if (!step_is_repeated(parents, keys, i))
			__builtin_prefetch(&descent->groups->list[
				descent->heads[head[i]]], 1);
}

/* The same for the steps from the roots. */
static void fetch_first_steps(const struct descent *descent,
			      const uint32_t *roots, const uint32_t *keys,
			      size_t count)
{
	for (size_t i = 0; i < count; i++)
		__builtin_prefetch(first_slot(descent, roots[i], keys[i]));
	for (size_t i = 0; i < count; i++) {
		uint32_t group = *first_slot(descent, roots[i], keys[i]);

		if (group != NONE)
			__builtin_prefetch(&descent->groups->list[group], 1);
	}
}

static int step_first(struct descent *descent, const uint32_t *keys,
		      uint32_t *group, size_t count, struct err *err)
{
	if (descent->slots > SLOTS_MIN)
		fetch_first_steps(descent, group, keys, count);
	for (size_t i = 0; i < count; i++) {
		uint32_t known = *first_slot(descent, group[i], keys[i]);

		if (known == NONE)
			known = first_step(descent, group[i], keys[i], err);
		if (known == NONE)
			return -1;
		group[i] = known;
	}
	return 0;
}

/* The same where the list of groups is the array. */
static void step_flat(struct descent *descent, const uint32_t *keys,
		      uint32_t *group, size_t count)
{
	struct group *list = descent->groups->list;

	for (size_t i = 0; i < count; i++) {
		uint32_t parent = group[i];

		group[i] = (uint32_t)(GROUP_FIRST + parent * descent->slots +
				      slot_of_key(descent, keys[i]));
		list[group[i]].parent = parent;
		list[group[i]].key = keys[i];
	}
}

static bool all_equal(const uint32_t *values, size_t count)
{
	return !memcmp(values, values + 1, (count - 1) * sizeof(*values));
}

/* The entries of one section make one step together. */
static bool is_one_step(const uint32_t *keys, const uint32_t *parents,
			size_t count)
{
	return count && all_equal(keys, count) && all_equal(parents, count);
}

static int step_together(struct descent *descent, uint8_t level, uint32_t key,
			 uint32_t *group, size_t count, struct err *err)
{
	uint32_t below = step(descent, group[0], key, level, err);

	for (size_t i = 0; i < count; i++)
		group[i] = below;
	return below == NONE ? -1 : 0;
}

int descent_all(struct descent *descent, uint8_t level, const uint32_t *keys,
		uint32_t *group, size_t count, struct err *err)
{
	/* Where keys do not nest, fetch_steps() has found the heads, and they
	   stay where they are until there are more. */
	bool found = !descent->groups->dimensions.at[level]->parent;
	size_t head_count = descent->head_count;
	uint32_t parents[DESCENT_BLOCK];

	if (descent->flat) {
		step_flat(descent, keys, group, count);
		return 0;
	}
	if (level == 1 && descent->recent)
		return step_recent(descent, keys, group, count, err);
	if (is_one_step(keys, group, count))
		return step_together(descent, level, keys[0], group, count,
				     err);
	if (level == 0)
		return step_first(descent, keys, group, count, err);
	fetch_steps(descent, level, group, keys, count);
	memcpy(parents, group, count * sizeof(*parents));
	for (size_t i = 0; i < count; i++) {
		if (step_is_repeated(parents, keys, i))
			group[i] = group[i - 1];
		else if (found && descent->head_count == head_count)
			group[i] = step_from(descent, descent->head[i],
					     parents[i], keys[i], level, err);
		else
			group[i] = step(descent, parents[i], keys[i], level,
					err);
		if (group[i] == NONE)
			return -1;
	}
	return 0;
}

uint32_t descent_copy(struct descent *descent, const struct groups *from,
		      uint32_t group, uint32_t parent, struct err *err)
{
	uint32_t key = from->list[group].key;
	uint8_t level = from->level[group];

	if (level == 0)
		return step(descent, GROUP_ROOT, key, 0, err);
	if (level == INNER || level == (1 | INNER))
		return step_hashed(descent, parent, key, level, err);
	return group_new(descent->groups, parent, key, level, err);
}

/* An array of NONE, or NULL. */
static uint32_t *nothing(size_t count)
{
	uint32_t *array = malloc(count * sizeof(*array));

	if (array)
		memset(array, 0xff, count * sizeof(*array));
	return array;
}

/* Without it second steps are hashed. */
static int recent_init(struct descent *descent, bool ordered, struct err *err)
{
	const struct groups *groups = descent->groups;
	const struct dimension *second = groups->dimensions.at[1];

	if (groups->dimensions.count < 2 || second->parent ||
	    !(ordered || second->fine))
		return 0;
	descent->recent_slots = (size_t)groups->limit[1] + NATURE_COUNT + 1;
	descent->recent = calloc(descent->recent_slots,
				 sizeof(*descent->recent));
	return descent->recent ? 0 : err_oom(err, "grouping");
}

/* True where hashing begins when an order is given up, if at all. */
static bool hashes_late(const struct descent *descent)
{
	const struct dimension_list *list = &descent->groups->dimensions;

	return list->count == 2 && !list->at[0]->parent && descent->recent;
}

/* Each entry may have a group of its own, below some of the first level. */
int descent_init(struct descent *descent, struct groups *groups, size_t roots,
		 uint64_t expected, bool ordered, struct err *err)
{
	descent->groups = groups;
	descent->slots = (size_t)groups->limit[0] + NATURE_COUNT + 1;
	descent->expected = expected;
	descent->flat = groups_are_flat(groups);
	if (descent->flat)
		return groups_init_flat(groups, roots * descent->slots, err);
	for (size_t root = 0; root < roots; root++) {
		descent->direct[root] = nothing(descent->slots);
		if (!descent->direct[root])
			return err_oom(err, "grouping");
	}
	if (recent_init(descent, ordered, err) ||
	    (!hashes_late(descent) && heads_init(descent, err)) ||
	    groups_reserve(groups, GROUP_FIRST + expected +
			   min_u64(expected, roots * descent->slots), err))
		return -1;
	if (group_new(groups, NONE, NONE, LEVEL_ROOT, err) == NONE ||
	    group_new(groups, NONE, NONE, LEVEL_ROOT, err) == NONE)
		return -1;
	return 0;
}

void descent_release(struct descent *descent)
{
	free(descent->direct[0]);
	free(descent->direct[1]);
	free_heads(descent);
	free(descent->next);
	free(descent->recent);
}

/* SPDX-License-Identifier: MIT */
#include "explain/types.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/map.h"
#include "explain/cell.h"
#include "explain/comparison.h"

/* What two builds compare a type by. */
static uint64_t key_of(const struct btf_group *group)
{
	return XXH3_64bits_withSeed(group->name, group->length, group->kind);
}

static void add_sums(struct types *types, const struct btf *btf,
		     unsigned side)
{
	for (uint32_t i = 0; i < btf->group_count; i++) {
		const struct btf_group *group = &btf->groups[i];
		const struct btf_copies *copies = btf_copies_of(btf, group);
		struct type_sums *sums[] = { &types->kinds[group->kind][side],
					     &types->total[side] };

		for (unsigned j = 0; j < (i < BTF_PARTS ? 1 : 2); j++) {
			sums[j]->count += group->count;
			sums[j]->bytes += group->bytes;
			sums[j]->name_bytes += group->name_bytes;
			sums[j]->copies += copies->count;
			sums[j]->copy_bytes += copies->bytes;
		}
	}
}

/* Keeps the list sorted, and short. */
static void insert(struct type_list *list, const struct type_change *change)
{
	uint32_t at = list->count;

	list->all++;
	list->bytes += change->delta;
	if (at == TYPES_MAX && list->at[at - 1].weight >= change->weight)
		return;
	if (at == TYPES_MAX)
		at--;
	else
		list->count++;
	for (; at && list->at[at - 1].weight < change->weight; at--)
		list->at[at] = list->at[at - 1];
	list->at[at] = *change;
}

static uint64_t copied_bytes(const struct btf *btf, uint32_t group)
{
	return group == NONE ? 0
			     : btf_copies_of(btf, &btf->groups[group])->bytes;
}

static void compare_copies(struct types *types, struct type_change change,
			   const struct btf *const btf[SIDES])
{
	uint64_t old_bytes = copied_bytes(btf[OLD], change.group[OLD]);
	uint64_t new_bytes = copied_bytes(btf[NEW], change.group[NEW]);

	change.delta = size_delta(new_bytes, old_bytes);
	change.weight = max_u64(old_bytes, new_bytes);
	if (change.weight)
		insert(&types->copies, &change);
}

static const struct btf_group *group_at(const struct btf *btf, uint32_t at)
{
	return at == NONE ? NULL : &btf->groups[at];
}

static void compare_group(struct types *types,
			  const struct btf *const btf[SIDES],
			  struct type_change change)
{
	const struct btf_group *const group[SIDES] = {
		group_at(btf[OLD], change.group[OLD]),
		group_at(btf[NEW], change.group[NEW]),
	};

	compare_copies(types, change, btf);
	change.delta = size_delta(
		group[NEW] ? btf_group_bytes(group[NEW]) : 0,
		group[OLD] ? btf_group_bytes(group[OLD]) : 0);
	change.weight = (uint64_t)llabs(change.delta);
	if (!group[OLD])
		insert(&types->added, &change);
	else if (!group[NEW])
		insert(&types->gone, &change);
	else if (change.delta || group[OLD]->count != group[NEW]->count)
		insert(&types->changed, &change);
}

/* Pairs the groups of both sides by kind and name. */
static int compare_groups(struct types *types,
			  const struct btf *const btf[SIDES])
{
	uint32_t old_count = btf[OLD]->group_count;
	bool *paired = calloc((size_t)old_count + 1, sizeof(*paired));
	struct map old = { 0 };
	int result = -1;

	if (!paired || map_reserve(&old, old_count))
		goto out;
	for (uint32_t i = BTF_PARTS; i < old_count; i++)
		if (!map_at(&old, key_of(&btf[OLD]->groups[i]), i))
			goto out;
	for (uint32_t i = BTF_PARTS; i < btf[NEW]->group_count; i++) {
		const uint32_t *other = map_find(&old,
						 key_of(&btf[NEW]->groups[i]));
		struct type_change change = {
			.group = { other ? *other : NONE, i },
		};

		if (other)
			paired[*other] = true;
		compare_group(types, btf, change);
	}
	for (uint32_t i = BTF_PARTS; i < old_count; i++) {
		struct type_change change = { .group = { i, NONE } };

		if (!paired[i])
			compare_group(types, btf, change);
	}
	result = 0;
out:
	map_release(&old);
	free(paired);
	return result;
}

int types_diff(struct types *types, const struct btf *const btf[SIDES],
	       struct err *err)
{
	static const struct btf none;
	const struct btf *sides[SIDES];

	memset(types, 0, sizeof(*types));
	for (unsigned side = OLD; side < SIDES; side++) {
		sides[side] = btf[side] ? btf[side] : &none;
		types->present |= sides[side]->present;
		add_sums(types, sides[side], side);
	}
	types->differ = sides[OLD]->size != sides[NEW]->size;
	for (unsigned kind = 0; kind < BTF_PART_END; kind++)
		types->differ |= memcmp(&types->kinds[kind][OLD],
					&types->kinds[kind][NEW],
					sizeof(struct type_sums)) != 0;
	if (compare_groups(types, sides))
		return err_oom(err, "comparing BTF");
	types->differ |= types->added.all || types->gone.all ||
			 types->changed.all;
	return 0;
}

static int name_groups(struct cells *cells, struct causes *causes,
		       const struct btf *btf, unsigned side)
{
	cells->btf_name[side] = calloc((size_t)btf->group_count + 1,
				       sizeof(uint32_t));
	if (!cells->btf_name[side])
		return -1;
	cells->btf_groups[side] = btf->group_count;
	for (uint32_t i = 0; i < btf->group_count; i++) {
		const char *label = btf_label(&causes->arena, &btf->groups[i]);
		uint32_t name;

		if (!label)
			return -1;
		name = names_intern_cstr(&causes->names, label);
		if (name == NAME_ERROR)
			return -1;
		cells->btf_name[side][i] = name;
	}
	return 0;
}

int types_compare(struct cells *cells, struct causes *causes)
{
	for (unsigned side = OLD; side < SIDES; side++) {
		const struct build *build =
			comparison_build(cells->comparison, side);

		if (build && name_groups(cells, causes, &build->btf, side))
			return -1;
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Types of BTF as keys. They are not interned by their text as other keys
 * are, for they come as groups of a kind and a name already: a type's key is
 * its group in the new build, and what only the old one has comes behind. A
 * kernel has a hundred thousand of them and a report shows twenty, so labels
 * are made when they are asked for, and so is the table of them, in blocks.
 */
#include "report/dimension.h"

#include <string.h>
#include <xxhash.h>

#define LABELS_A_BLOCK 16u

struct type_keys {
	const struct btf *btf[SIDES];
	uint32_t *old_key;  /* by group of the old build */
	uint32_t *old_only; /* groups of the old build that have no new one */
	uint32_t count;
	const char ***labels; /* blocks of them by key, NULL: not made yet */
	struct arena *arena; /* of the labels */
};

/* What two builds compare a type by. */
static uint64_t hash_of(const struct btf_group *group)
{
	return XXH3_64bits_withSeed(group->name, group->length, group->kind);
}

static int know_new(struct map *known, const struct btf *new_btf)
{
	if (map_reserve(known, new_btf->group_count))
		return -1;
	for (uint32_t i = 0; i < new_btf->group_count; i++)
		if (!map_at(known, hash_of(&new_btf->groups[i]), i))
			return -1;
	return 0;
}

/* Gives each old group the key of the new one, or one of its own. */
static int number_old(struct type_keys *types)
{
	const struct btf *old_btf = types->btf[OLD];
	uint32_t new_count = types->count;
	struct map known = { 0 };

	if (old_btf->group_count && know_new(&known, types->btf[NEW])) {
		map_release(&known);
		return -1;
	}
	for (uint32_t i = 0; i < old_btf->group_count; i++) {
		const uint32_t *same =
			map_find(&known, hash_of(&old_btf->groups[i]));

		types->old_key[i] = same ? *same : types->count++;
		if (!same)
			types->old_only[types->old_key[i] - new_count] = i;
	}
	map_release(&known);
	return 0;
}

static int prepare(struct type_keys *types, struct keys *keys)
{
	static const struct btf none;
	uint32_t old_count;

	for (unsigned side = OLD; side < SIDES; side++) {
		const struct build *build =
			comparison_build(keys->comparison, side);

		types->btf[side] = build ? &build->btf : &none;
	}
	types->arena = &keys->arena;
	types->count = types->btf[NEW]->group_count;
	old_count = types->btf[OLD]->group_count;
	types->old_key = arena_array(&keys->arena, old_count,
				     sizeof(*types->old_key));
	types->old_only = arena_array(&keys->arena, old_count,
				      sizeof(*types->old_only));
	if (!types->old_key || !types->old_only || number_old(types))
		return -1;
	types->labels = arena_array(&keys->arena,
				    types->count / LABELS_A_BLOCK + 1,
				    sizeof(*types->labels));
	return types->labels ? 0 : -1;
}

int keys_prepare_type(struct keys *keys, struct err *err)
{
	keys->types = arena_alloc(&keys->arena, sizeof(*keys->types));
	if (!keys->types || prepare(keys->types, keys))
		return err_oom(err, "grouping by type");
	return 0;
}

void keys_fill_type(const struct keys *keys, unsigned side,
		    const struct entry *entries, size_t count, uint32_t *out)
{
	const uint32_t *old_key = keys->types->old_key;

	for (size_t i = 0; i < count; i++)
		out[i] = entries[i].detail;
	if (side == NEW)
		return;
	for (size_t i = 0; i < count; i++)
		if (out[i] != NONE)
			out[i] = old_key[out[i]];
}

uint32_t keys_type_limit(const struct keys *keys)
{
	return keys->types->count;
}

static const struct btf_group *group_of(const struct type_keys *types,
					uint32_t key)
{
	uint32_t new_count = types->btf[NEW]->group_count;

	if (key < new_count)
		return &types->btf[NEW]->groups[key];
	return &types->btf[OLD]->groups[types->old_only[key - new_count]];
}

/* A key's label, made if need be; NULL when out of memory. */
static const char *label_of(struct type_keys *types, uint32_t key)
{
	const char ***block = &types->labels[key / LABELS_A_BLOCK];
	const char **label;

	if (!*block)
		*block = arena_array(types->arena, LABELS_A_BLOCK,
				     sizeof(**block));
	if (!*block)
		return NULL;
	label = &(*block)[key % LABELS_A_BLOCK];
	if (!*label)
		*label = btf_label(types->arena, group_of(types, key));
	return *label;
}

/* Out of memory, a name without its kind has to do. */
struct text keys_type_label(const struct keys *keys, uint32_t key)
{
	const char *label = label_of(keys->types, key);
	const struct btf_group *group;

	if (label)
		return (struct text){ label, strlen(label) };
	group = group_of(keys->types, key);
	return (struct text){ group->name, group->length };
}

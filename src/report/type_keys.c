/* SPDX-License-Identifier: MIT */
/*
 * Types of BTF as keys. They are not interned by their text as other keys
 * are, for they come as groups of a kind and a name already: a type's key is
 * its group in the new build, and what only the old one has comes behind.
 */
#include "report/dimension.h"

#include <string.h>
#include <xxhash.h>

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
static int number_old(struct keys *keys, const struct btf *old_btf,
		      const struct btf *new_btf)
{
	struct map known = { 0 };

	if (old_btf->group_count && know_new(&known, new_btf)) {
		map_release(&known);
		return -1;
	}
	for (uint32_t i = 0; i < old_btf->group_count; i++) {
		const uint32_t *same =
			map_find(&known, hash_of(&old_btf->groups[i]));

		keys->type[OLD][i] = same ? *same : keys->type_count++;
	}
	map_release(&known);
	return 0;
}

static int label_side(struct keys *keys, unsigned side, const struct btf *btf)
{
	for (uint32_t i = 0; i < btf->group_count; i++) {
		const char **label = &keys->type_label[keys->type[side][i]];

		if (!*label)
			*label = btf_label(&keys->arena, &btf->groups[i]);
		if (!*label)
			return -1;
	}
	return 0;
}

int keys_prepare_type(struct keys *keys, struct err *err)
{
	static const struct btf none;
	const struct btf *btf[SIDES];
	size_t both = 0;

	for (unsigned side = OLD; side < SIDES; side++) {
		const struct build *build =
			comparison_build(keys->comparison, side);

		btf[side] = build ? &build->btf : &none;
		both += btf[side]->group_count;
		keys->type[side] = arena_array(&keys->arena,
					       btf[side]->group_count,
					       sizeof(uint32_t));
		if (!keys->type[side])
			return err_oom(err, "grouping by type");
	}
	for (uint32_t i = 0; i < btf[NEW]->group_count; i++)
		keys->type[NEW][i] = i;
	keys->type_count = btf[NEW]->group_count;
	keys->type_label = arena_array(&keys->arena, both,
				       sizeof(*keys->type_label));
	if (!keys->type_label || number_old(keys, btf[OLD], btf[NEW]) ||
	    label_side(keys, NEW, btf[NEW]) || label_side(keys, OLD, btf[OLD]))
		return err_oom(err, "grouping by type");
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * BTF without LTO holds a type once. When units disagree about a member's
 * type, pahole keeps the type again for each opinion, with all that refers to
 * it: a type's number of records is what tells copies from new types.
 */
#include "explain/types.h"

#include <stdlib.h>

#include "base/map.h"
#include "explain/comparison.h"

static int name_groups(struct cells *cells, struct causes *causes,
		       unsigned side)
{
	const struct build *build = comparison_build(cells->comparison, side);
	uint32_t count = build ? build->btf.group_count : 0;

	cells->btf_groups[side] = count;
	cells->btf_copies[side] = calloc((size_t)count + 1, 1);
	cells->btf_name[side] = calloc((size_t)count + 1, sizeof(uint32_t));
	if (!cells->btf_copies[side] || !cells->btf_name[side])
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		const struct btf_group *group = &build->btf.groups[i];
		const char *text = arena_printf(
			&causes->arena, "%s %.*s", btf_kind_name(group->kind),
			(int)min_u64(group->length, INT32_MAX),
			group->length ? group->name : "");

		cells->btf_name[side][i] = text ?
			names_intern_cstr(&causes->names, text) : NAME_ERROR;
		if (cells->btf_name[side][i] == NAME_ERROR)
			return -1;
	}
	return 0;
}

static bool is_type(const struct btf_group *group)
{
	return group->kind < BTF_PART_HEADER;
}

int types_compare(struct cells *cells, struct causes *causes)
{
	const struct build *builds = cells->comparison->builds;
	const struct btf *old = &builds[OLD].btf, *new = &builds[NEW].btf;
	struct map map = { 0 };
	int result = -1;

	if (name_groups(cells, causes, OLD) != 0 ||
	    name_groups(cells, causes, NEW) != 0)
		return -1;
	for (uint32_t i = 0; i < cells->btf_groups[OLD]; i++)
		if (is_type(&old->groups[i]) &&
		    !map_at(&map, cells->btf_name[OLD][i], i))
			goto out;
	for (uint32_t i = 0; i < cells->btf_groups[NEW]; i++) {
		const uint32_t *was = map_find(&map, cells->btf_name[NEW][i]);

		if (!was || !is_type(&new->groups[i]) ||
		    old->groups[*was].count == new->groups[i].count)
			continue;
		cells->btf_copies[OLD][*was] = 1;
		cells->btf_copies[NEW][i] = 1;
	}
	result = 0;
out:
	map_release(&map);
	return result;
}

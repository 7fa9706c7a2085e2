/* SPDX-License-Identifier: MIT */
/* BTF in JSON: by kind, all that is there several times, what came and went. */
#include <stdlib.h>

#include "explain/types.h"
#include "report/btf_section.h"

static void write_count(struct json *json, const char *key, uint64_t number)
{
	json_key(json, key);
	json_number(json, number);
}

static void write_group(struct json *json, const struct btf_group *group)
{
	json_key(json, "kind");
	json_string(json, btf_kind_name(group->kind));
	json_key(json, "name");
	json_text(json, (struct text){ group->name, group->length });
}

static void write_copies(struct json *json, const struct btf *btf)
{
	json_key(json, "repeated");
	json_open(json, '[');
	for (uint32_t i = BTF_PARTS; i < btf->group_count; i++) {
		const struct btf_group *group = &btf->groups[i];
		const struct btf_copies *copies = btf_copies_of(btf, group);

		if (!copies->count)
			continue;
		json_line(json);
		json_open(json, '{');
		write_group(json, group);
		write_count(json, "copies", copies->count);
		write_count(json, "bytes", copies->bytes);
		json_key(json, "reason");
		json_string(json, btf_reason_of(btf, i));
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void write_sums(struct json *json, const struct type_sums *sums)
{
	write_count(json, "types", sums->count);
	write_count(json, "bytes", sums->bytes);
	write_count(json, "strings", sums->name_bytes);
	write_count(json, "copies", sums->copies);
	write_count(json, "copy_bytes", sums->copy_bytes);
}

static void write_kinds(struct json *json, const struct types *types,
			unsigned side)
{
	json_key(json, "kinds");
	json_open(json, '[');
	for (unsigned kind = 0; kind < BTF_PART_END; kind++) {
		const struct type_sums *sums = &types->kinds[kind][side];

		if (!sums->count && !sums->bytes && !sums->name_bytes)
			continue;
		json_line(json);
		json_open(json, '{');
		json_key(json, "kind");
		json_string(json, btf_kind_name(kind));
		write_sums(json, sums);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void write_side(struct json *json, const struct build *build,
		       const struct types *types, unsigned side)
{
	const struct btf *btf = build ? &build->btf : NULL;
	struct btf_load load;

	if (!btf || !btf->present) {
		json_null(json);
		return;
	}
	load = btf_load_of(btf);
	json_open(json, '{');
	write_count(json, "size", btf->size);
	write_count(json, "hole", btf_hole(build));
	json_key(json, "split");
	json_bool(json, btf->split);
	json_key(json, "endian");
	json_string(json, btf->big_endian ? "big" : "little");
	write_sums(json, &types->total[side]);
	write_count(json, "limit_types", BTF_TYPE_LIMIT);
	write_count(json, "limit_strings", BTF_STRING_LIMIT);
	write_count(json, "all_types", load.types);
	write_count(json, "all_strings", load.strings);
	write_kinds(json, types, side);
	write_copies(json, btf);
	json_close(json, '}');
}

static void write_list(struct json *json, const char *key,
		       const struct type_list *list,
		       const struct btf *const btf[SIDES])
{
	json_line(json);
	json_key(json, key);
	json_open(json, '{');
	write_count(json, "types", list->all);
	json_key(json, "bytes");
	json_signed(json, list->bytes);
	json_key(json, "largest");
	json_open(json, '[');
	for (uint32_t i = 0; i < list->count; i++) {
		const struct type_change *change = &list->at[i];
		unsigned side = change->group[NEW] == NONE ? OLD : NEW;

		json_line(json);
		json_open(json, '{');
		write_group(json, &btf[side]->groups[change->group[side]]);
		json_key(json, "bytes");
		json_signed(json, change->delta);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_close(json, '}');
}

static void write_object(struct json *json,
			 const struct comparison *comparison,
			 const struct types *types,
			 const struct btf *const btf[SIDES])
{
	json_line(json);
	json_key(json, "btf");
	json_open(json, '{');
	for (unsigned side = OLD; side < SIDES; side++) {
		json_key(json, side == OLD ? "old" : "new");
		write_side(json, comparison_build(comparison, side), types,
			   side);
	}
	if (!comparison->single) {
		write_list(json, "added", &types->added, btf);
		write_list(json, "gone", &types->gone, btf);
		write_list(json, "changed", &types->changed, btf);
	}
	json_close(json, '}');
}

int btf_section_json(struct json *json, const struct comparison *comparison,
		     struct err *err)
{
	const struct btf *btf[SIDES] = { NULL, NULL };
	struct types *types = calloc(1, sizeof(*types));
	int status;

	if (!types)
		return err_oom(err, "writing about BTF");
	for (unsigned side = OLD; side < SIDES; side++)
		if (comparison_build(comparison, side))
			btf[side] = &comparison->builds[side].btf;
	status = types_diff(types, btf, err);
	if (!status && types->present)
		write_object(json, comparison, types, btf);
	free(types);
	return status;
}

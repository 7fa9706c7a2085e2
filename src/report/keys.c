/* SPDX-License-Identifier: MIT */
/*
 * The tables behind the dimensions: from a section, unit, symbol or inline
 * node of one side to a key that both sides share. Keys are numbers of texts
 * in a table of names of its own, so that a key can index an array: the names
 * of the comparison are millions, the sections, units and files that they
 * fold to are few.
 */
#include "report/dimension.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/class.h"

int keys_init(struct keys *keys, const struct comparison *comparison,
	      bool no_rollup, struct err *err)
{
	memset(keys, 0, sizeof(*keys));
	keys->comparison = comparison;
	keys->no_rollup = no_rollup;
	if (names_init(&keys->names, 1000))
		return err_oom(err, "preparing a report");
	return 0;
}

void keys_release(struct keys *keys)
{
	names_release(&keys->names);
	map_release(&keys->function_of);
	arena_release(&keys->arena);
	memset(keys, 0, sizeof(*keys));
}

static uint32_t *table(struct keys *keys, uint32_t count)
{
	return arena_array(&keys->arena, (size_t)count + 1, sizeof(uint32_t));
}

/* The key of "gap before NAME"; NAME_ERROR when out of memory. */
static uint32_t intern_gap(struct keys *keys, uint32_t name)
{
	size_t length;
	const char *text = names_text(&keys->names, name, &length);
	char *gap;

	if (length > INT32_MAX)
		return NAME_ERROR;
	gap = arena_printf(&keys->arena, "gap before %.*s", (int)length, text);
	return gap ? names_intern_cstr(&keys->names, gap) : NAME_ERROR;
}

/*
 * Fills the table of one side, from `folded` names of the comparison to keys;
 * dense[] and gaps[] remember what was interned already.
 */
static int intern_sections(struct keys *keys, unsigned side, uint32_t *dense,
			   uint32_t *gaps)
{
	const struct comparison *comparison = keys->comparison;
	const struct build *build = comparison_build(comparison, side);
	const uint32_t *folded = comparison->match.section_name[side];
	uint32_t count = build->image.section_count;

	keys->section[side] = table(keys, count);
	keys->section_gap[side] = table(keys, count);
	if (!keys->section[side] || !keys->section_gap[side])
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t name = folded[i];
		size_t length;
		const char *text;

		if (!dense[name]) {
			text = names_text(&comparison->names, name, &length);
			dense[name] = names_intern(&keys->names, text, length);
			gaps[name] = intern_gap(keys, dense[name]);
		}
		if (dense[name] == NAME_ERROR || gaps[name] == NAME_ERROR)
			return -1;
		keys->section[side][i] = dense[name];
		keys->section_gap[side][i] = gaps[name];
	}
	return 0;
}

int keys_prepare_section(struct keys *keys, struct err *err)
{
	uint32_t name_count = keys->comparison->names.count;
	uint32_t *dense = calloc((size_t)name_count + 1, sizeof(*dense));
	uint32_t *gaps = calloc((size_t)name_count + 1, sizeof(*gaps));
	int status = dense && gaps ? 0 : -1;

	for (unsigned side = OLD; side < SIDES && !status; side++)
		if (comparison_build(keys->comparison, side))
			status = intern_sections(keys, side, dense, gaps);
	free(dense);
	free(gaps);
	return status ? err_oom(err, "grouping by section") : 0;
}

int keys_prepare_input_section(struct keys *keys, struct err *err)
{
	for (unsigned side = OLD; side < SIDES; side++) {
		const struct build *build =
			comparison_build(keys->comparison, side);
		uint32_t count = build ? build->image.section_count : 0;
		uint32_t *plain = table(keys, count);
		uint32_t *gap = table(keys, count);

		if (!plain || !gap)
			return err_oom(err, "grouping by input section");
		for (uint32_t i = 0; i < count; i++) {
			plain[i] = names_intern_cstr(&keys->names,
				image_section_name(&build->image, i));
			if (plain[i] != NAME_ERROR)
				gap[i] = intern_gap(keys, plain[i]);
			if (plain[i] == NAME_ERROR || gap[i] == NAME_ERROR)
				return err_oom(err, "grouping by input section");
		}
		keys->input_section[side] = plain;
		keys->input_section_gap[side] = gap;
	}
	return 0;
}

/* By name, remembered for each folded name; else by type and flags. */
static uint8_t class_of(const struct keys *keys, unsigned side, uint32_t index,
			uint8_t *known)
{
	const struct comparison *comparison = keys->comparison;
	const struct section *section =
		&comparison->builds[side].image.sections[index];
	uint32_t name = comparison->match.section_name[side][index];
	size_t length;
	const char *text;

	if (!known[name]) {
		text = names_text(&comparison->names, name, &length);
		known[name] = (uint8_t)(class_of_name(text, length) + 1);
	}
	if (known[name] <= CLASS_COUNT)
		return known[name] - 1;
	return (uint8_t)class_of_kind(section->type, section->flags);
}

int keys_prepare_class(struct keys *keys, struct err *err)
{
	uint8_t *known = calloc((size_t)keys->comparison->names.count + 1, 1);

	for (unsigned side = OLD; side < SIDES && known; side++) {
		const struct build *build =
			comparison_build(keys->comparison, side);
		uint32_t count = build ? build->image.section_count : 0;
		uint8_t *classes = arena_alloc(&keys->arena, (size_t)count + 1);

		keys->section_class[side] = classes;
		if (!classes)
			break;
		for (uint32_t i = 0; i < count; i++)
			classes[i] = class_of(keys, side, i, known);
	}
	free(known);
	if (!keys->section_class[NEW])
		return err_oom(err, "grouping by class");
	return 0;
}

int keys_prepare_file(struct keys *keys, struct err *err)
{
	for (unsigned side = OLD; side < SIDES; side++) {
		const struct build *build =
			comparison_build(keys->comparison, side);
		uint32_t count = build ? build->image.symbol_count : 0;
		uint32_t *files = table(keys, count);

		if (!files)
			return err_oom(err, "grouping by file");
		for (uint32_t i = 0; i < count; i++) {
			if (build->image.symbols[i].type != STT_FILE)
				continue;
			files[i] = names_intern_cstr(&keys->names,
				image_symbol_name(&build->image, i));
			if (files[i] == NAME_ERROR)
				return err_oom(err, "grouping by file");
		}
		keys->file[side] = files;
	}
	return 0;
}

/*
 * The directory of a path, with its slash; "./" where it names none. Cut to
 * DIMENSION_DEPTH components, for paths come from strangers.
 */
static uint32_t intern_dir(struct keys *keys, const char *path)
{
	size_t length = 0;
	unsigned depth = 0;

	for (size_t i = 0; path[i] && depth < DIMENSION_DEPTH; i++) {
		if (path[i] == '/') {
			length = i + 1;
			depth++;
		}
	}
	if (!length)
		return names_intern_cstr(&keys->names, "./");
	return names_intern(&keys->names, path, length);
}

static int prepare_units(struct keys *keys, uint32_t *tables[SIDES],
			 uint32_t (*intern)(struct keys *, const char *),
			 struct err *err)
{
	for (unsigned side = OLD; side < SIDES; side++) {
		const struct build *build =
			comparison_build(keys->comparison, side);
		uint32_t count = build ? build->dwarf.unit_count : 0;

		tables[side] = table(keys, count);
		if (!tables[side])
			return err_oom(err, "grouping by unit");
		for (uint32_t i = 0; i < count; i++) {
			tables[side][i] =
				intern(keys, build->dwarf.units[i].name);
			if (tables[side][i] == NAME_ERROR)
				return err_oom(err, "grouping by unit");
		}
	}
	return 0;
}

static uint32_t intern_unit(struct keys *keys, const char *path)
{
	return names_intern_cstr(&keys->names, path);
}

int keys_prepare_unit(struct keys *keys, struct err *err)
{
	return prepare_units(keys, keys->unit, intern_unit, err);
}

size_t keys_dir_parent(const char *text, size_t length)
{
	if (length)
		length--;
	while (length && text[length - 1] != '/')
		length--;
	return length;
}

int keys_prepare_dir(struct keys *keys, struct err *err)
{
	if (prepare_units(keys, keys->dir, intern_dir, err))
		return -1;
	/* Parents are looked up by text: have them all. */
	for (uint32_t i = 1; i < keys->names.count; i++) {
		size_t length, above;
		const char *text = names_text(&keys->names, i, &length);

		if (text[length - 1] != '/')
			continue;
		above = keys_dir_parent(text, length);
		if (names_intern(&keys->names, text, above) == NAME_ERROR)
			return err_oom(err, "grouping by directory");
	}
	return 0;
}

/* Functions of one name that are declared in different files differ. */
static uint32_t intern_function(struct keys *keys,
				const struct dwarf_function *function)
{
	size_t name = strlen(function->name);
	size_t file = strlen(function->decl_file);
	char *both = arena_alloc(&keys->arena, name + file + 2);

	if (!both)
		return NAME_ERROR;
	memcpy(both, function->name, name + 1);
	memcpy(both + name + 1, function->decl_file, file + 1);
	return names_intern(&keys->names, both, name + 1 + file);
}

static bool is_source(const char *file)
{
	size_t length = strlen(file);

	return length > 2 && !strcmp(file + length - 2, ".c");
}

/* The key of the unit whose function this alone is, 0: a header's. */
static uint32_t intern_home(struct keys *keys, const struct dwarf *dwarf,
			    const struct dwarf_function *function)
{
	const char *unit;

	if (function->unit >= dwarf->unit_count)
		return 0;
	unit = dwarf->units[function->unit].name;
	if (!*unit || (!is_source(function->decl_file) &&
		       strcmp(unit, function->decl_file)))
		return 0;
	return names_intern_cstr(&keys->names, unit);
}

/* Homes of the functions that are inlined on one side. */
static int find_homes(struct keys *keys, unsigned side)
{
	const struct dwarf *dwarf = &keys->comparison->builds[side].dwarf;

	for (uint32_t i = 0; i < dwarf->node_count; i++) {
		uint32_t *home = &keys->home[keys->inlinee[side][i]];

		if (!*home)
			*home = intern_home(keys, dwarf, &dwarf->functions[
						dwarf->nodes[i].function]);
		if (*home == NAME_ERROR)
			return -1;
	}
	return 0;
}

struct inlinee_origin keys_inlinee_origin(const struct keys *keys,
					  uint32_t key)
{
	struct inlinee_origin origin = { { "", 0 }, { "", 0 } };
	size_t length, name;
	const char *text;

	if (key >= keys->names.count)
		return origin;
	text = names_text(&keys->names, key, &length);
	name = strnlen(text, length);
	if (name < length)
		origin.declared = (struct text){ text + name + 1,
						 length - name - 1 };
	if (key < keys->home_count && keys->home[key])
		origin.home.at = names_text(&keys->names, keys->home[key],
					    &origin.home.length);
	return origin;
}

int keys_prepare_inlinee(struct keys *keys, struct err *err)
{
	for (unsigned side = OLD; side < SIDES; side++) {
		const struct build *build =
			comparison_build(keys->comparison, side);
		const struct dwarf *dwarf = build ? &build->dwarf : NULL;
		uint32_t *functions =
			table(keys, dwarf ? dwarf->function_count : 0);
		uint32_t *nodes = table(keys, dwarf ? dwarf->node_count : 0);

		if (!functions || !nodes)
			return err_oom(err, "grouping by inlined function");
		for (uint32_t i = 0; dwarf && i < dwarf->node_count; i++) {
			uint32_t function = dwarf->nodes[i].function;

			if (!functions[function])
				functions[function] = intern_function(keys,
					&dwarf->functions[function]);
			nodes[i] = functions[function];
			if (nodes[i] == NAME_ERROR)
				return err_oom(err,
					       "grouping by inlined function");
		}
		keys->inlinee[side] = nodes;
	}
	keys->home_count = keys->names.count;
	keys->home = table(keys, keys->home_count);
	/* The new build's homes count where the two differ. */
	for (unsigned side = SIDES; side > OLD; side--)
		if (!keys->home || find_homes(keys, side - 1))
			return err_oom(err, "grouping by inlined function");
	return 0;
}

/*
 * Under causes, an inlined function is the one that is responsible, with its
 * own out-of-line code where that went or came: the net of each function.
 */
int keys_prepare_cause(struct keys *keys, struct err *err)
{
	const struct causes *causes = &keys->comparison->causes;

	if (!causes->inlines)
		return 0;
	keys->function = table(keys, causes->function_count);
	for (uint32_t i = 0; keys->function && i < causes->function_count;
	     i++) {
		size_t name, file;
		const char *at = names_text(&causes->names,
					    causes->functions[i].name, &name);
		const char *in = names_text(&causes->names,
					    causes->functions[i].file, &file);
		char *both = arena_printf(&keys->arena, "%.*s%c%.*s",
					  (int)name, at, 0, (int)file, in);

		keys->function[i] = both ? names_intern(&keys->names, both,
							name + 1 + file)
					 : NAME_ERROR;
		if (keys->function[i] == NAME_ERROR ||
		    !map_at(&keys->function_of, keys->function[i], i))
			return err_oom(err, "grouping by cause");
	}
	return keys->function ? 0 : err_oom(err, "grouping by cause");
}

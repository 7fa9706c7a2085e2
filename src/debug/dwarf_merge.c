/* SPDX-License-Identifier: MIT */
/*
 * Walkers number what they find by themselves. Here everything gets its final
 * number, in the order of units and not of threads: first the functions of
 * each unit, then those that a unit referred to in another one and that
 * nobody had met there.
 */
#include "debug/dwarf_merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/radix.h"
#include "debug/dwarf_merging.h"

/* -- units -- */

/* For paths that are asked for later. */
static int keep_root(struct merge *merge)
{
	const struct path_root *root = &merge->root;
	struct dwarf_file *file = merge->readers->file;

	if (root->best >= root->count)
		return 0;
	file->root = arena_strndup(&file->arena, root->votes[root->best].text,
				   root->votes[root->best].length);
	return file->root ? 0 : -1;
}

static int merge_units(struct merge *merge)
{
	struct dwarf *dwarf = merge->dwarf;
	const struct dwarf_file *file = merge->readers->file;

	dwarf->unit_count = file->unit_count;
	dwarf->units = arena_array(&dwarf->arena, file->unit_count,
				   sizeof(*dwarf->units));
	if (file->unit_count > 0 && !dwarf->units)
		return -1;
	for (uint32_t i = 0; i < file->unit_count; i++) {
		const struct unit *unit = &file->units[i];
		const struct walk_unit *walked = &merge->readers->units[i];

		if (path_root_vote(&merge->root, walked->name))
			return -1;
		dwarf->units[i] = (struct dwarf_unit){
			.name = walked->name, .producer = unit->producer,
			.offset = unit->offset,
			.size = unit->end - unit->offset,
			.parts = walked->parts, .home = i,
			.language = unit->language,
			.version = unit->format.version,
			.has_code = walked->has_code,
		};
	}
	path_root_decide(&merge->root);
	return keep_root(merge);
}

/*
 * "lib.rs/@/core.1a2b-cgu.0": Rust splits a crate over several units, and
 * names them by a hash that changes with each build.
 */
static size_t name_length(const char *name)
{
	const char *at = strstr(name, "/@/");

	return at ? (size_t)(at - name) : strlen(name);
}

static int name_units(struct merge *merge)
{
	struct dwarf *dwarf = merge->dwarf;
	struct names names = { 0 };
	uint32_t *first = NULL;
	int result = -1;

	if (names_init(&names, dwarf->unit_count))
		return -1;
	first = malloc(((size_t)dwarf->unit_count + 1) * sizeof(*first));
	if (!first)
		goto out;
	memset(first, 0xff, ((size_t)dwarf->unit_count + 1) * sizeof(*first));
	for (uint32_t i = 0; i < dwarf->unit_count; i++) {
		struct dwarf_unit *unit = &dwarf->units[i];
		const char *name = path_root_strip(&merge->root, unit->name);
		size_t length = name_length(name);
		uint32_t number = names_find(&names, name, length);

		if (length > 0 && number > 0) {
			unit->name = dwarf->units[first[number]].name;
		} else {
			unit->name = arena_strndup(&dwarf->arena, name,
						   length);
			if (!unit->name)
				goto out;
			number = names_intern(&names, unit->name, length);
			if (number == NAME_ERROR)
				goto out;
		}
		unit->home = number;
		/* The first with code is home; until there is one, the first. */
		if (first[number] == NONE ||
		    (unit->has_code && !dwarf->units[first[number]].has_code))
			first[number] = i;
	}
	for (uint32_t i = 0; i < dwarf->unit_count; i++)
		dwarf->units[i].home = *dwarf->units[i].name ?
					       first[dwarf->units[i].home] : i;
	result = 0;
out:
	free(first);
	names_release(&names);
	return result;
}

/* -- files -- */

static int merge_files(struct merge *merge)
{
	struct dwarf *dwarf = merge->dwarf;
	struct names all = { 0 };
	int result = -1;

	if (names_init(&all, 1024))
		return -1;
	for (uint32_t w = 0; w < merge->readers->walker_count; w++) {
		const struct names *names = &merge->readers->walkers[w].names;

		merge->files[w] = calloc((size_t)names->count + 1,
					 sizeof(**merge->files));
		if (!merge->files[w])
			goto out;
		for (uint32_t i = 1; i < names->count; i++) {
			size_t length;
			const char *text = path_root_strip(
				&merge->root, names_text(names, i, &length));
			uint32_t number;

			length = strlen(text);
			number = names_find(&all, text, length);
			if (number == 0) {
				text = arena_strndup(&dwarf->arena, text,
						     length);
				number = text ? names_intern_cstr(&all, text) :
						NAME_ERROR;
			}
			if (number == NAME_ERROR)
				goto out;
			merge->files[w][i] = number;
		}
	}
	dwarf->file_count = all.count;
	dwarf->files = arena_array(&dwarf->arena, (size_t)all.count + 1,
				   sizeof(*dwarf->files));
	if (!dwarf->files)
		goto out;
	for (uint32_t i = 0; i < all.count; i++) {
		size_t length;

		dwarf->files[i] = i ? names_text(&all, i, &length) : "";
	}
	result = 0;
out:
	names_release(&all);
	return result;
}

/* -- functions -- */

static uint32_t add_function(struct merge *merge, uint32_t walker,
			     const struct walk_function *function)
{
	struct dwarf *dwarf = merge->dwarf;

	dwarf->functions[dwarf->function_count] = (struct dwarf_function){
		.name = function->name, .linkage = function->linkage,
		.decl_file = dwarf->files[
			merge->files[walker][function->decl_file]],
		.decl_line = function->decl_line, .unit = function->unit,
	};
	return dwarf->function_count++;
}

/* The number of a function that its own unit met, or NONE. */
static uint32_t find_met(const struct merge *merge, uint64_t die)
{
	const struct readers *readers = merge->readers;
	const struct unit *unit = dwarf_file_unit_at(readers->file, die);
	const uint32_t *known = map_find(&merge->met, die);

	if (!unit || !known)
		return NONE;
	return merge->functions[readers->units[unit - readers->file->units]
					.walker][*known];
}

static int list_met(struct merge *merge, const struct walk_unit *unit)
{
	const struct walker *walker = &merge->readers->walkers[unit->walker];

	for (uint32_t i = 0; i < unit->function_count; i++) {
		uint32_t at = unit->functions + i;

		if (walker->functions[at].unit != NONE &&
		    !map_at(&merge->met, walker->functions[at].die, at))
			return -1;
	}
	return 0;
}

/*
 * Foreign functions that have to be read, by DIE: so each unit's table is
 * compiled once, and numbers do not depend on who met them first.
 */
struct foreign {
	uint64_t die;
	uint32_t walker, function;
};

static int by_die(const void *a_, const void *b_)
{
	const struct foreign *a = a_, *b = b_;

	return a->die < b->die ? -1 : a->die > b->die;
}

/* Reads a DIE of another unit with the first walker's tools. */
static int read_foreign(struct merge *merge, uint64_t die,
			struct walk_function *function)
{
	struct walker *walker = &merge->readers->walkers[0];
	const struct unit *unit =
		dwarf_file_unit_at(merge->readers->file, die);

	*function = (struct walk_function){ .die = die, .name = "",
					    .linkage = "", .unit = NONE };
	if (unit && walker_table(walker, unit))
		walker_function(walker, (uint32_t)(unit -
				merge->readers->file->units), die, function);
	return walker->failed ? -1 : 0;
}

/* All foreign functions, sorted by DIE, in a malloc'ed array. */
static struct foreign *list_foreign(const struct merge *merge, size_t *count)
{
	size_t capacity = 0;
	struct foreign *list;

	*count = 0;
	for (uint32_t w = 0; w < merge->readers->walker_count; w++) {
		const struct walker *walker = &merge->readers->walkers[w];

		for (size_t i = 0; i < walker->function_count; i++)
			capacity += walker->functions[i].unit == NONE;
	}
	list = calloc(capacity + 1, sizeof(*list));
	if (!list)
		return NULL;
	for (uint32_t w = 0; w < merge->readers->walker_count; w++) {
		const struct walker *walker = &merge->readers->walkers[w];

		for (size_t i = 0; i < walker->function_count; i++)
			if (walker->functions[i].unit == NONE)
				list[(*count)++] = (struct foreign){
					walker->functions[i].die, w,
					(uint32_t)i };
	}
	qsort(list, *count, sizeof(*list), by_die);
	return list;
}

/* Lists what those units met that others refer to: none, without LTO. */
static int list_all_met(struct merge *merge, const struct foreign *list,
			size_t count)
{
	const struct dwarf_file *file = merge->readers->file;
	const struct unit *last = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct unit *unit =
			dwarf_file_unit_at(file, list[i].die);

		if (!unit || unit == last)
			continue;
		last = unit;
		if (list_met(merge, &merge->readers->units[unit - file->units]))
			return -1;
	}
	return 0;
}

/* Reads, before files get their numbers, what no unit met of its own. */
static int resolve_foreign(struct merge *merge, const struct foreign *list,
			   size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct walk_function *to = &merge->readers->
			walkers[list[i].walker].functions[list[i].function];
		struct walk_function read;

		if (i > 0 && list[i - 1].die == list[i].die)
			continue;
		if (find_met(merge, list[i].die) != NONE)
			continue;
		if (read_foreign(merge, list[i].die, &read))
			return -1;
		/* Its file is a number of the first walker. */
		*to = read;
		to->unit = NONE;
		to->die = list[i].die;
	}
	return 0;
}

static int number_own(struct merge *merge)
{
	struct readers *readers = merge->readers;

	for (uint32_t i = 0; i < readers->file->unit_count; i++) {
		const struct walk_unit *walked = &readers->units[i];
		const struct walker *walker =
			&readers->walkers[walked->walker];

		for (uint32_t j = 0; j < walked->function_count; j++) {
			uint32_t at = walked->functions + j;

			if (walker->functions[at].unit == NONE)
				continue;
			merge->functions[walked->walker][at] = add_function(
				merge, walked->walker, &walker->functions[at]);
		}
	}
	return 0;
}

static void number_foreign(struct merge *merge, const struct foreign *list,
			   size_t count)
{
	const struct dwarf_file *file = merge->readers->file;
	uint32_t number = NONE;

	for (size_t i = 0; i < count; i++) {
		const struct foreign *at = &list[i];
		struct walk_function function = merge->readers->
			walkers[at->walker].functions[at->function];

		if (i == 0 || at->die != list[i - 1].die) {
			number = find_met(merge, at->die);
			if (number == NONE) {
				const struct unit *unit =
					dwarf_file_unit_at(file, at->die);

				function.unit = unit ?
					(uint32_t)(unit - file->units) : NONE;
				number = add_function(merge, 0, &function);
			}
		}
		merge->functions[at->walker][at->function] = number;
	}
}

static int merge_functions(struct merge *merge)
{
	struct readers *readers = merge->readers;
	struct foreign *foreign;
	size_t total = 0, count;
	int result = -1;

	for (uint32_t w = 0; w < readers->walker_count; w++) {
		size_t size = readers->walkers[w].function_count;

		total += size;
		merge->functions[w] = malloc((size + 1) *
					     sizeof(**merge->functions));
		if (!merge->functions[w])
			return -1;
		memset(merge->functions[w], 0xff,
		       (size + 1) * sizeof(**merge->functions));
	}
	foreign = list_foreign(merge, &count);
	merge->dwarf->functions = arena_array(
		&merge->dwarf->arena, total + 1,
		sizeof(*merge->dwarf->functions));
	if (!foreign || !merge->dwarf->functions || total >= NONE)
		goto out;
	/* find_met() wants numbers: any will do as long as files have none. */
	for (uint32_t w = 0; w < readers->walker_count; w++)
		for (size_t i = 0; i < readers->walkers[w].function_count; i++)
			merge->functions[w][i] = 0;
	if (list_all_met(merge, foreign, count) ||
	    resolve_foreign(merge, foreign, count) || merge_files(merge) ||
	    number_own(merge))
		goto out;
	number_foreign(merge, foreign, count);
	result = 0;
out:
	free(foreign);
	return result;
}

/* -- nodes, extents, variables -- */

static int merge_nodes(struct merge *merge, uint32_t *node_base)
{
	struct readers *readers = merge->readers;
	struct dwarf *dwarf = merge->dwarf;
	uint64_t total = 0;

	for (uint32_t i = 0; i < readers->file->unit_count; i++) {
		node_base[i] = (uint32_t)total;
		total += readers->units[i].node_count;
	}
	if (total >= NONE)
		return -1;
	dwarf->node_count = (uint32_t)total;
	dwarf->nodes = arena_array(&dwarf->arena, total + 1,
				   sizeof(*dwarf->nodes));
	if (!dwarf->nodes)
		return -1;
	for (uint32_t i = 0; i < readers->file->unit_count; i++) {
		const struct walk_unit *unit = &readers->units[i];
		const struct walker *walker = &readers->walkers[unit->walker];
		const uint32_t *functions = merge->functions[unit->walker];
		const uint32_t *files = merge->files[unit->walker];

		for (uint32_t j = 0; j < unit->node_count; j++) {
			struct dwarf_node *to =
				&dwarf->nodes[node_base[i] + j];

			*to = walker->nodes[unit->nodes + j];
			to->function = dwarf_renumber(functions, to->function);
			to->host = dwarf_renumber(functions, to->host);
			if (to->parent != NONE)
				to->parent += node_base[i] - unit->nodes;
			to->call_file = to->call_file ? files[to->call_file] :
							NONE;
		}
	}
	return 0;
}

static int merge_extents(struct merge *merge)
{
	struct readers *readers = merge->readers;
	struct dwarf *dwarf = merge->dwarf;
	uint64_t total = 0;

	for (uint32_t i = 0; i < readers->file->unit_count; i++)
		total += readers->units[i].extent_count;
	dwarf->extents = arena_array(&dwarf->arena, total + 1,
				     sizeof(*dwarf->extents));
	if (!dwarf->extents || total >= NONE)
		return -1;
	for (uint32_t i = 0; i < readers->file->unit_count; i++) {
		const struct walk_unit *unit = &readers->units[i];

		if (unit->extent_count == 0)
			continue;
		memcpy(dwarf->extents + dwarf->extent_count,
		       readers->walkers[unit->walker].extents + unit->extents,
		       unit->extent_count * sizeof(*dwarf->extents));
		dwarf->extent_count += unit->extent_count;
	}
	return 0;
}

static bool same_place(const struct dwarf_variable *a,
		       const struct dwarf_variable *b)
{
	return a->section == b->section && a->offset == b->offset;
}

/*
 * Sorts by section, then by offset; of several at one place the first in the
 * order of units stays. `items` has room for twice as many.
 */
static void take_variables(struct dwarf *dwarf,
			   const struct dwarf_variable *found, uint32_t count,
			   struct radix_item *items)
{
	for (uint32_t i = 0; i < count; i++)
		items[i] = (struct radix_item){ found[i].offset, i };
	radix_sort(items, items + count, count);
	for (uint32_t i = 0; i < count; i++)
		items[i].key = found[items[i].value].section;
	radix_sort(items, items + count, count);
	for (uint32_t i = 0; i < count; i++) {
		const struct dwarf_variable *next = &found[items[i].value];
		struct dwarf_variable *last =
			&dwarf->variables[dwarf->variable_count];

		if (dwarf->variable_count > 0 && same_place(last - 1, next))
			continue;
		*last = *next;
		dwarf->variable_count++;
	}
}

static int merge_variables(struct merge *merge)
{
	struct readers *readers = merge->readers;
	struct dwarf *dwarf = merge->dwarf;
	struct dwarf_variable *found;
	struct radix_item *items;
	uint64_t total = 0;
	uint32_t count = 0;

	for (uint32_t w = 0; w < readers->walker_count; w++)
		total += readers->walkers[w].variable_count;
	if (total >= NONE / 2)
		return -1;
	dwarf->variables = arena_array(&dwarf->arena, total + 1,
				       sizeof(*dwarf->variables));
	found = malloc((total + 1) * sizeof(*found));
	items = malloc((2 * total + 1) * sizeof(*items));
	for (uint32_t i = 0; found && i < readers->file->unit_count; i++) {
		const struct walk_unit *unit = &readers->units[i];

		if (unit->variable_count == 0)
			continue;
		memcpy(found + count, readers->walkers[unit->walker].variables +
					      unit->variables,
		       unit->variable_count * sizeof(*found));
		count += unit->variable_count;
	}
	if (dwarf->variables && found && items)
		take_variables(dwarf, found, count, items);
	else
		total = NONE;
	free(items);
	free(found);
	return total == NONE ? -1 : 0;
}

static int merge_all(struct merge *merge)
{
	uint32_t *node_base;
	int result;

	if (merge_units(merge) || merge_functions(merge) || name_units(merge))
		return -1;
	node_base = calloc((size_t)merge->dwarf->unit_count + 1,
			   sizeof(*node_base));
	if (!node_base)
		return -1;
	result = merge_nodes(merge, node_base) || merge_extents(merge) ||
		 merge_variables(merge) || dwarf_merge_pieces(merge, node_base);
	free(node_base);
	return result ? -1 : 0;
}

int dwarf_merge(struct dwarf *dwarf, struct readers *readers)
{
	struct merge merge = { .dwarf = dwarf, .readers = readers };
	int result = -1;

	merge.functions = calloc(readers->walker_count,
				 sizeof(*merge.functions));
	merge.files = calloc(readers->walker_count, sizeof(*merge.files));
	if (merge.functions && merge.files)
		result = merge_all(&merge);
	for (uint32_t w = 0; w < readers->walker_count; w++) {
		if (merge.functions)
			free(merge.functions[w]);
		if (merge.files)
			free(merge.files[w]);
	}
	free(merge.functions);
	free(merge.files);
	map_release(&merge.met);
	path_root_release(&merge.root);
	return result;
}

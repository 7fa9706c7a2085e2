/* SPDX-License-Identifier: MIT */
#include "explain/example.h"

#include <stdlib.h>
#include <string.h>

#include "base/pages.h"
#include "explain/comparison.h"

/* Causes whose examples are functions; their slots in examples.functions. */
static const uint8_t function_causes[] = {
	CAUSE_INLINED_AWAY, CAUSE_NO_LONGER_INLINED, CAUSE_INLINED_FROM_UNIT,
	CAUSE_INLINED,
};
#define SLOTS ARRAY_SIZE(function_causes)
_Static_assert(SLOTS == INLINE_CAUSES, "a story for each");

static unsigned function_slot(enum cause cause)
{
	unsigned slot = 0;

	while (slot + 1 < SLOTS && function_causes[slot] != cause)
		slot++;
	return slot;
}

static int name_units(struct examples *examples, struct causes *causes,
		      unsigned side)
{
	const struct dwarf *dwarf =
		&examples->cells->comparison->builds[side].dwarf;

	examples->unit_name[side] = malloc(((size_t)dwarf->unit_count + 1) *
					   sizeof(uint32_t));
	examples->live[side] = calloc((size_t)dwarf->node_count + 1,
				      sizeof(uint64_t));
	if (!examples->unit_name[side] || !examples->live[side])
		return -1;
	for (uint32_t i = 0; i < dwarf->unit_count; i++) {
		uint32_t name = names_intern_cstr(&causes->names,
						  dwarf->units[i].name);

		if (name == NAME_ERROR)
			return -1;
		examples->unit_name[side][i] = name;
	}
	return 0;
}

int examples_start(struct examples *examples, const struct cells *cells,
		   struct causes *causes)
{
	size_t pairs = cells->comparison->match.pair_count;
	size_t functions = (size_t)causes->function_count * SLOTS;

	examples->cells = cells;
	examples->last_key = UINT64_MAX;
	examples->pairs = calloc(pairs + 1, sizeof(*examples->pairs));
	examples->pair_causes = malloc(pairs + 1);
	examples->functions = calloc(functions + 1,
				     sizeof(*examples->functions));
	if (!examples->pairs || !examples->pair_causes ||
	    !examples->functions)
		return -1;
	pages_expect(examples->pairs, pairs * sizeof(*examples->pairs));
	pages_expect(examples->pair_causes, pairs);
	memset(examples->pair_causes, CAUSE_COUNT, pairs + 1);
	for (uint32_t i = 0; i < functions; i++) {
		examples->functions[i].key = i / SLOTS;
		examples->functions[i].cause = function_causes[i % SLOTS];
	}
	return name_units(examples, causes, OLD) ||
	       name_units(examples, causes, NEW) ? -1 : 0;
}

/* The slot of a thing that is met seldom, or many times in a row. */
static struct contribution *look_up(struct examples *examples,
				    enum cause cause, uint32_t key)
{
	uint64_t both = (uint64_t)cause << 32 | key;
	struct contribution *room;
	uint32_t *index;

	if (both == examples->last_key)
		return &examples->list[examples->last];
	index = map_at(&examples->map, both, examples->count);
	if (!index)
		return NULL;
	if (*index == examples->count) {
		room = array_grow(examples->list, &examples->capacity,
				  (size_t)examples->count + 1, sizeof(*room));
		if (!room)
			return NULL;
		examples->list = room;
		examples->list[examples->count++] = (struct contribution){
			.key = key, .cause = (uint8_t)cause };
	}
	examples->last_key = both;
	examples->last = *index;
	return &examples->list[*index];
}

static uint32_t function_of(const struct examples *examples,
			    const struct cell *cell, enum cause cause)
{
	const struct causes *causes = examples->cells->causes;

	if (cell->path_cause == cause) {
		examples->live[cell->side][cell->entry->path] +=
			cell->entry->size;
		return causes->function_of_node[cell->side]
					       [cell->entry->path];
	}
	return cell->root == NONE ? NONE :
		causes->function_of_pair[cell->root];
}

/* The thing of `cause` that the cell is a part of, in the table's kind. */
static uint32_t key_of(const struct examples *examples,
		       const struct cell *cell, enum cause cause,
		       enum example_kind kind)
{
	const struct cells *cells = examples->cells;
	const struct entry *entry = cell->entry;

	switch (kind) {
	case EXAMPLE_PAIR:
		return cell->root;
	case EXAMPLE_FUNCTION:
		return function_of(examples, cell, cause);
	case EXAMPLE_UNIT:
		return entry->unit < cell->build->dwarf.unit_count ?
			examples->unit_name[cell->side][entry->unit] : NONE;
	case EXAMPLE_TYPE:
		return entry->detail < cells->btf_groups[cell->side] ?
			cells->btf_name[cell->side][entry->detail] : NONE;
	default:
		return entry->section < cell->build->image.section_count ?
			cells->comparison->match.section_name
				[cell->side][entry->section] : NONE;
	}
}

/* True where the entry went into the pair's own slot. */
static bool add_to_pair(struct examples *examples, enum cause cause,
			uint32_t key, int64_t image, int64_t file)
{
	struct pair_slot *slot = &examples->pairs[key];
	struct pair_slot sum;

	if (examples->pair_causes[key] == CAUSE_COUNT)
		examples->pair_causes[key] = (uint8_t)cause;
	if (examples->pair_causes[key] != cause ||
	    __builtin_add_overflow(slot->image, image, &sum.image) ||
	    __builtin_add_overflow(slot->file, file, &sum.file))
		return false;
	*slot = sum;
	return true;
}

int examples_add(struct examples *examples, const struct cell *cell,
		 enum cause cause)
{
	enum example_kind kind = cause_example_kind(cause);
	uint32_t key = key_of(examples, cell, cause, kind);
	const struct entry *entry = cell->entry;
	int64_t size = cell->side == OLD ? -(int64_t)entry->size :
					   (int64_t)entry->size;
	int64_t image = entry->domains & IN_IMAGE ? size : 0;
	int64_t file = entry->domains & IN_FILE ? size : 0;
	struct contribution *slot;

	if (key == NONE || (kind == EXAMPLE_PAIR &&
			    add_to_pair(examples, cause, key, image, file)))
		return 0;
	slot = kind == EXAMPLE_FUNCTION ?
		&examples->functions[(size_t)key * SLOTS +
				     function_slot(cause)] :
		look_up(examples, cause, key);
	if (!slot)
		return -1;
	slot->image += image;
	slot->file += file;
	return 0;
}

static uint64_t larger(int64_t image, int64_t file)
{
	return max_u64(magnitude(image), magnitude(file));
}

/* Keeps the list of examples sorted, the largest first; ties by key. */
static void offer(struct causes *causes, const struct contribution *from)
{
	struct example *list;
	uint64_t size = larger(from->image, from->file);
	uint32_t *count, at;

	if (from->cause >= CAUSE_COUNT || size == 0)
		return;
	list = causes->examples[from->cause];
	count = &causes->example_count[from->cause];
	causes->changed[from->cause]++;
	for (at = *count; at > 0; at--)
		if (larger(list[at - 1].image, list[at - 1].file) >= size)
			break;
	if (at == EXAMPLES_MAX)
		return;
	if (*count < EXAMPLES_MAX)
		(*count)++;
	memmove(&list[at + 1], &list[at],
		(*count - 1 - at) * sizeof(*list));
	list[at] = (struct example){ .key = from->key,
		.image = from->image, .file = from->file };
}

/* A node that starts a charge: its caller is charged to something else. */
static bool starts_charge(const struct causes *causes,
			  const struct dwarf *dwarf, unsigned side,
			  uint32_t node)
{
	const uint32_t *functions = causes->function_of_node[side];
	uint32_t parent = dwarf->nodes[node].parent;

	return parent >= node || functions[parent] != functions[node] ||
	       causes->cause_of_node[side][parent] !=
		       causes->cause_of_node[side][node];
}

static struct example *example_of(struct causes *causes, enum cause cause,
				  uint32_t key)
{
	for (uint32_t i = 0; i < causes->example_count[cause]; i++)
		if (causes->examples[cause][i].key == key)
			return &causes->examples[cause][i];
	return NULL;
}

const struct inline_story *causes_story(const struct causes *causes,
					enum cause cause, uint32_t function)
{
	unsigned slot = function_slot(cause);

	if (!causes->stories || function >= causes->function_count ||
	    function_causes[slot] != cause)
		return NULL;
	return &causes->stories[function][slot];
}

/* Each copy starts with one node; a host is counted once a function. */
static int count_copies(struct examples *examples, struct causes *causes,
			unsigned side)
{
	const struct dwarf *dwarf =
		&examples->cells->comparison->builds[side].dwarf;
	uint64_t *live = examples->live[side];
	struct map hosts = { 0 };
	int result = 0;

	for (uint32_t i = dwarf->node_count; i-- > 0;)
		if (dwarf->nodes[i].parent < i)
			live[dwarf->nodes[i].parent] += live[i];
	for (uint32_t i = 0; i < dwarf->node_count && result == 0; i++) {
		uint32_t function = causes->function_of_node[side][i];
		uint8_t cause = causes->cause_of_node[side][i];
		uint64_t slot = function_slot(cause);
		struct inline_story *story;
		uint32_t *known;

		if (live[i] == 0 || function == NONE ||
		    !starts_charge(causes, dwarf, side, i))
			continue;
		causes->copies[cause][side]++;
		story = &causes->stories[function][slot];
		story->copies[side]++;
		known = map_at(&hosts, (function * SLOTS + slot) << 32 |
				       dwarf->nodes[i].host, 0);
		if (!known)
			result = -1;
		else if ((*known)++ == 0)
			story->hosts[side]++;
	}
	map_release(&hosts);
	return result;
}

/* Copies of a unit are counted for the files that are examples. */
static void count_units(struct examples *examples, struct causes *causes,
			unsigned side)
{
	const struct dwarf *dwarf =
		&examples->cells->comparison->builds[side].dwarf;

	for (uint32_t i = 0; i < dwarf->unit_count; i++) {
		struct example *example;

		if (!dwarf_unit_repeats(dwarf->units, i))
			continue;
		causes->copies[CAUSE_REPEATED_UNITS][side]++;
		example = example_of(causes, CAUSE_REPEATED_UNITS,
				     examples->unit_name[side][i]);
		if (example)
			example->copies[side]++;
	}
}

int examples_finish(struct examples *examples, struct causes *causes)
{
	size_t functions = (size_t)causes->function_count * SLOTS;

	for (uint32_t i = 0; i < examples->cells->comparison->match.pair_count;
	     i++) {
		struct contribution pair = {
			.image = examples->pairs[i].image,
			.file = examples->pairs[i].file,
			.key = i, .cause = examples->pair_causes[i],
		};

		offer(causes, &pair);
	}
	for (size_t i = 0; i < functions; i++)
		offer(causes, &examples->functions[i]);
	for (uint32_t i = 0; i < examples->count; i++)
		offer(causes, &examples->list[i]);
	causes->stories = calloc((size_t)causes->function_count + 1,
				 sizeof(*causes->stories));
	if (!causes->stories)
		return -1;
	for (unsigned side = OLD; side < SIDES; side++) {
		count_units(examples, causes, side);
		if (causes->inlines &&
		    count_copies(examples, causes, side) != 0)
			return -1;
	}
	return 0;
}

void examples_release(struct examples *examples)
{
	for (unsigned side = OLD; side < SIDES; side++) {
		free(examples->unit_name[side]);
		free(examples->live[side]);
	}
	free(examples->pairs);
	free(examples->pair_causes);
	free(examples->functions);
	free(examples->list);
	map_release(&examples->map);
	memset(examples, 0, sizeof(*examples));
}

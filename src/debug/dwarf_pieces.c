/* SPDX-License-Identifier: MIT */
/*
 * The pieces of all units in the order of code. Those of one function are in
 * order already, as a run; so runs are sorted, not pieces, and copied one
 * after the other. Where runs overlap (two units claim the same bytes), these
 * alone are flattened again.
 */
#include "debug/dwarf_merging.h"

#include <stdlib.h>

#include "base/radix.h"

/* Pieces of one function that are in order: usually all of it. */
struct run {
	uint64_t start, end;
	uint32_t section;
	uint32_t unit;
	uint32_t first, count; /* in its walker's pieces */
};

static bool continues(const struct run *run, const struct dwarf_piece *last,
		      const struct dwarf_piece *piece)
{
	return piece->section == run->section && piece->host == last->host &&
	       piece->offset >= run->end;
}

/* Returns a malloc'ed array of runs, in the order of units. */
static struct run *list_runs(const struct merge *merge, size_t *count)
{
	const struct readers *readers = merge->readers;
	struct run *runs = NULL;
	size_t capacity = 0;

	*count = 0;
	for (uint32_t i = 0; i < readers->file->unit_count; i++) {
		const struct walk_unit *unit = &readers->units[i];
		const struct dwarf_piece *pieces =
			readers->walkers[unit->walker].pieces.list;
		struct run *run = NULL;

		/* NULL where no unit of this walker has code. */
		if (unit->piece_count > 0)
			pieces += unit->pieces;
		for (uint32_t j = 0; j < unit->piece_count; j++) {
			if (run && continues(run, &pieces[j - 1],
					       &pieces[j])) {
				run->count++;
				run->end = pieces[j].offset + pieces[j].size;
				continue;
			}
			run = array_grow(runs, &capacity, *count + 1,
					 sizeof(*run));
			if (!run) {
				free(runs);
				return NULL;
			}
			runs = run;
			run = &runs[(*count)++];
			*run = (struct run){
				pieces[j].offset,
				pieces[j].offset + pieces[j].size,
				pieces[j].section, i, unit->pieces + j, 1 };
		}
	}
	return runs ? runs : calloc(1, sizeof(*runs));
}

/*
 * Sorts by section, then by start, then by unit: runs come in the order of
 * units, and the sort is stable. Frees `runs`; NULL when out of memory.
 */
static struct run *sort_runs(struct run *runs, size_t count)
{
	struct radix_item *items = malloc((2 * count + 1) * sizeof(*items));
	struct run *sorted = malloc((count + 1) * sizeof(*sorted));

	if (items && sorted) {
		for (size_t i = 0; i < count; i++)
			items[i] = (struct radix_item){ runs[i].start,
							(uint32_t)i };
		radix_sort(items, items + count, count);
		for (size_t i = 0; i < count; i++)
			items[i].key = runs[items[i].value].section;
		radix_sort(items, items + count, count);
		for (size_t i = 0; i < count; i++)
			sorted[i] = runs[items[i].value];
	} else {
		free(sorted);
		sorted = NULL;
	}
	free(items);
	free(runs);
	return sorted;
}

static void copy_run(struct merge *merge, const struct run *run,
		     const uint32_t *node_base, struct dwarf_piece *to)
{
	const struct walk_unit *unit = &merge->readers->units[run->unit];
	const struct dwarf_piece *from =
		merge->readers->walkers[unit->walker].pieces.list + run->first;
	const uint32_t *functions = merge->functions[unit->walker];

	for (uint32_t i = 0; i < run->count; i++) {
		to[i] = from[i];
		to[i].host = dwarf_renumber(functions, from[i].host);
		if (from[i].node != NONE)
			to[i].node = from[i].node - unit->nodes +
				     node_base[run->unit];
	}
}

/*
 * Units that claim the same bytes: functions win over mere units. Takes the
 * last `count` pieces of the list, and puts back what they are without
 * overlaps.
 */
static int flatten_again(struct piece_list *list, size_t count,
			 struct flatten_scratch *scratch)
{
	struct code_range *ranges = calloc(count + 1, sizeof(*ranges));
	const struct dwarf_piece *pieces = list->list + list->count - count;
	int result;

	if (!ranges)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct dwarf_piece *piece = &pieces[i];

		/* The first unit keeps its code: later ones win ties. */
		ranges[count - 1 - i] = (struct code_range){
			.start = piece->offset,
			.end = piece->offset + piece->size,
			.section = piece->section,
			.depth = piece->host != NONE,
			.unit = piece->unit, .host = piece->host,
			.node = piece->node,
		};
	}
	list->count -= count;
	result = flatten(ranges, count, list, scratch);
	free(ranges);
	return result;
}

/* Appends runs that overlap, each with the one before it or further ones. */
static int merge_cluster(struct merge *merge, const struct run *runs,
			 size_t count, const uint32_t *node_base,
			 struct piece_list *list,
			 struct flatten_scratch *scratch)
{
	size_t before = list->count;

	for (size_t i = 0; i < count; i++) {
		struct dwarf_piece *grown =
			array_grow(list->list, &list->capacity,
				   list->count + runs[i].count,
				   sizeof(*grown));

		if (!grown)
			return -1;
		list->list = grown;
		copy_run(merge, &runs[i], node_base, grown + list->count);
		list->count += runs[i].count;
	}
	return count > 1 ? flatten_again(list, list->count - before, scratch)
			 : 0;
}

/* How many runs from the first on overlap, directly or through others. */
static size_t cluster_size(const struct run *runs, size_t count)
{
	uint64_t end = runs[0].end;
	size_t size = 1;

	while (size < count && runs[size].section == runs[0].section &&
	       runs[size].start < end)
		end = max_u64(end, runs[size++].end);
	return size;
}

static size_t count_pieces(const struct run *runs, size_t count)
{
	size_t total = 0;

	for (size_t i = 0; i < count; i++)
		total += runs[i].count;
	return total;
}

int dwarf_merge_pieces(struct merge *merge, const uint32_t *node_base)
{
	struct dwarf *dwarf = merge->dwarf;
	struct flatten_scratch scratch = { 0 };
	struct piece_list list = { 0 };
	size_t count, size;
	struct run *runs = list_runs(merge, &count);
	int result = -1;

	if (runs)
		runs = sort_runs(runs, count);
	if (!runs)
		return -1;
	list.list = array_grow(NULL, &list.capacity,
			       count_pieces(runs, count) + 1,
			       sizeof(*list.list));
	result = list.list ? 0 : -1;
	for (size_t i = 0; i < count && !result; i += size) {
		size = cluster_size(runs + i, count - i);
		result = merge_cluster(merge, runs + i, size, node_base, &list,
				       &scratch);
	}
	flatten_scratch_release(&scratch);
	free(runs);
	/* The list is the caller's in any case. */
	dwarf->pieces = list.list;
	dwarf->piece_count = (uint32_t)list.count;
	return result || list.count >= NONE ? -1 : 0;
}

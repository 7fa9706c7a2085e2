/* SPDX-License-Identifier: MIT */
/*
 * A sweep over the ranges by start, with a heap of those that cover the
 * current place: its top is the owner until it ends or a new one starts.
 * Rejected: a stack, which is enough for what compilers write (properly
 * nested) and wrong for what they write sometimes: an inlined function with
 * split ranges that leave its host, functions folded onto each other.
 *
 * Invariant: each step of the sweep moves to a start or to the end of the
 * heap's top, and an ended range leaves the heap for good; so there are at
 * most two steps a range.
 */
#include "debug/dwarf_flatten.h"

#include <stdlib.h>
#include <string.h>

/* True when range a owns what both cover. */
static bool wins(const struct code_range *ranges, uint32_t a, uint32_t b)
{
	if (ranges[a].depth != ranges[b].depth)
		return ranges[a].depth > ranges[b].depth;
	return a > b;
}

static void heap_push(const struct code_range *ranges, uint32_t *heap,
		      size_t count, uint32_t range)
{
	size_t at = count;

	while (at > 0 && wins(ranges, range, heap[(at - 1) / 2])) {
		heap[at] = heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	heap[at] = range;
}

/* Removes the top of a heap of `count`. */
static void heap_pop(const struct code_range *ranges, uint32_t *heap,
		     size_t count)
{
	uint32_t last = heap[count - 1];
	size_t at = 0, child;

	for (child = 1; child < count - 1; child = 2 * at + 1) {
		if (child + 1 < count - 1 &&
		    wins(ranges, heap[child + 1], heap[child]))
			child++;
		if (!wins(ranges, heap[child], last))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = last;
}

static int push_piece(struct piece_list *pieces, const struct code_range *range,
		      uint64_t start, uint64_t end)
{
	struct dwarf_piece *list, *last;

	last = pieces->count ? &pieces->list[pieces->count - 1] : NULL;
	if (last && last->section == range->section &&
	    last->offset + last->size == start && last->unit == range->unit &&
	    last->host == range->host && last->node == range->node) {
		last->size += end - start;
		return 0;
	}
	list = array_grow(pieces->list, &pieces->capacity, pieces->count + 1,
			  sizeof(*list));
	if (!list)
		return -1;
	pieces->list = list;
	list[pieces->count++] = (struct dwarf_piece){
		.offset = start, .size = end - start,
		.section = range->section, .unit = range->unit,
		.host = range->host, .node = range->node,
	};
	return 0;
}

static bool starts_before(const struct flatten_start *a,
			  const struct flatten_start *b)
{
	if (a->section != b->section)
		return a->section < b->section;
	return a->start < b->start;
}

/*
 * Merge sort: stable, and quick on runs that are in order, or that only have
 * to change places (compilers may write functions from the last to the first).
 */
static void sort_starts(struct flatten_start *list,
			struct flatten_start *spare, size_t count)
{
	size_t half = count / 2, left = 0, right = half, at = 0;

	if (count < 12) {
		for (size_t i = 1; i < count; i++) {
			struct flatten_start moving = list[i];
			size_t to = i;

			for (; to > 0 && starts_before(&moving, &list[to - 1]);
			     to--)
				list[to] = list[to - 1];
			list[to] = moving;
		}
		return;
	}
	sort_starts(list, spare, half);
	sort_starts(list + half, spare, count - half);
	if (!starts_before(&list[half], &list[half - 1]))
		return;
	memcpy(spare, list, half * sizeof(*list));
	if (starts_before(&list[count - 1], &list[0])) {
		memmove(list, list + half, (count - half) * sizeof(*list));
		memcpy(list + count - half, spare, half * sizeof(*list));
		return;
	}
	while (left < half)
		list[at++] = right < count &&
			     starts_before(&list[right], &spare[left]) ?
				     list[right++] : spare[left++];
}

static int sweep(const struct code_range *ranges,
		 const struct flatten_start *starts, size_t count,
		 uint32_t *heap, struct piece_list *pieces)
{
	size_t next = 0, covering = 0;
	uint64_t at = 0;
	uint32_t section = 0;

	while (next < count || covering > 0) {
		const struct code_range *top;
		uint64_t end;

		while (covering > 0 && ranges[heap[0]].end <= at)
			heap_pop(ranges, heap, covering--);
		if (covering == 0) {
			if (next == count)
				break;
			section = starts[next].section;
			at = starts[next].start;
		}
		while (next < count && starts[next].section == section &&
		       starts[next].start <= at)
			heap_push(ranges, heap, covering++,
				  starts[next++].range);
		top = &ranges[heap[0]];
		/* Ranges that had ended were below the old top. */
		if (top->end <= at)
			continue;
		end = top->end;
		if (next < count && starts[next].section == section)
			end = min_u64(end, starts[next].start);
		if (push_piece(pieces, top, at, end))
			return -1;
		at = end;
	}
	return 0;
}

static int reserve(struct flatten_scratch *scratch, size_t count)
{
	struct flatten_start *starts;
	uint32_t *heap = array_grow(scratch->heap, &scratch->capacity, count,
				    sizeof(*heap));

	if (!heap)
		return -1;
	scratch->heap = heap;
	starts = array_grow(scratch->starts, &scratch->start_capacity,
			    2 * count, sizeof(*starts));
	if (!starts)
		return -1;
	scratch->starts = starts;
	return 0;
}

int flatten(const struct code_range *ranges, size_t count,
	    struct piece_list *pieces, struct flatten_scratch *scratch)
{
	if (count == 0)
		return 0;
	if (count > UINT32_MAX / 2 || reserve(scratch, count))
		return -1;
	for (size_t i = 0; i < count; i++)
		scratch->starts[i] = (struct flatten_start){
			ranges[i].start, ranges[i].section, (uint32_t)i,
		};
	sort_starts(scratch->starts, scratch->starts + count, count);
	return sweep(ranges, scratch->starts, count, scratch->heap, pieces);
}

void flatten_scratch_release(struct flatten_scratch *scratch)
{
	free(scratch->heap);
	free(scratch->starts);
	*scratch = (struct flatten_scratch){ 0 };
}

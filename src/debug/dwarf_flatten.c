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

static bool starts_before(const struct code_range *a,
			  const struct code_range *b)
{
	if (a->section != b->section)
		return a->section < b->section;
	return a->start < b->start;
}

/* Merge sort of indexes: stable, and quick on runs that are in order. */
static void sort_by_start(const struct code_range *ranges, uint32_t *order,
			  uint32_t *spare, size_t count)
{
	size_t half = count / 2, left = 0, right = half, at = 0;

	if (count < 12) {
		for (size_t i = 1; i < count; i++) {
			uint32_t moving = order[i];
			size_t to = i;

			for (; to > 0 && starts_before(&ranges[moving],
						       &ranges[order[to - 1]]);
			     to--)
				order[to] = order[to - 1];
			order[to] = moving;
		}
		return;
	}
	sort_by_start(ranges, order, spare, half);
	sort_by_start(ranges, order + half, spare, count - half);
	if (!starts_before(&ranges[order[half]], &ranges[order[half - 1]]))
		return;
	for (size_t i = 0; i < half; i++)
		spare[i] = order[i];
	while (left < half)
		order[at++] = right < count &&
			      starts_before(&ranges[order[right]],
					    &ranges[spare[left]]) ?
				      order[right++] : spare[left++];
}

static int sweep(const struct code_range *ranges, const uint32_t *order,
		 size_t count, uint32_t *heap, struct piece_list *pieces)
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
			section = ranges[order[next]].section;
			at = ranges[order[next]].start;
		}
		while (next < count &&
		       ranges[order[next]].section == section &&
		       ranges[order[next]].start <= at)
			heap_push(ranges, heap, covering++, order[next++]);
		top = &ranges[heap[0]];
		/* Ranges that had ended were below the old top. */
		if (top->end <= at)
			continue;
		end = top->end;
		if (next < count && ranges[order[next]].section == section)
			end = min_u64(end, ranges[order[next]].start);
		if (push_piece(pieces, top, at, end))
			return -1;
		at = end;
	}
	return 0;
}

int flatten(const struct code_range *ranges, size_t count,
	    struct piece_list *pieces, struct flatten_scratch *scratch)
{
	uint32_t *grown;

	if (count == 0)
		return 0;
	if (count > UINT32_MAX / 2)
		return -1;
	grown = array_grow(scratch->heap, &scratch->capacity, count,
			   sizeof(*grown));
	if (!grown)
		return -1;
	scratch->heap = grown;
	grown = array_grow(scratch->order, &scratch->order_capacity, count,
			   sizeof(*grown));
	if (!grown)
		return -1;
	scratch->order = grown;
	for (size_t i = 0; i < count; i++)
		scratch->order[i] = (uint32_t)i;
	/* The heap's memory is free until the sweep. */
	sort_by_start(ranges, scratch->order, scratch->heap, count);
	return sweep(ranges, scratch->order, count, scratch->heap, pieces);
}

void flatten_scratch_release(struct flatten_scratch *scratch)
{
	free(scratch->heap);
	free(scratch->order);
	*scratch = (struct flatten_scratch){ 0 };
}

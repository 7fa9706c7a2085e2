/* SPDX-License-Identifier: MIT */
/*
 * Code is looked up among executable sections alone: x86 places per-cpu data
 * at address 0, where linkers also leave the ranges of functions they dropped.
 */
#include "debug/address_map.h"

#include <elf.h>
#include <stdlib.h>

/* Above every tombstone, and within 32 bits. */
#define FIRST_BASE 0x10000u
/* Between sections: an end is not the next one's start. */
#define GUARD 64u
/* The room a section gets at most: only a NOBITS one can claim more. */
#define ROOM_LIMIT ((uint64_t)1 << 32)
/* Overlapping sections are rare: how many are looked at before giving up. */
#define OVERLAP_LIMIT 16u

static int by_start(const void *a_, const void *b_)
{
	const struct mapped_span *a = a_, *b = b_;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->section < b->section ? -1 : a->section > b->section;
}

static void sort_spans(struct mapped_span *spans, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		if (spans[i].start < spans[i - 1].start) {
			qsort(spans, count, sizeof(*spans), by_start);
			return;
		}
	}
}

static void assign_bases(struct address_map *map, const struct image *image)
{
	uint64_t next = FIRST_BASE;

	for (uint32_t i = 0; i < image->section_count; i++) {
		const struct section *section = &image->sections[i];

		if (!(section->flags & SHF_ALLOC))
			continue;
		map->bases[i] = next;
		next += (min_u64(section->size, ROOM_LIMIT) &
			 ~(uint64_t)(GUARD - 1)) + 2 * GUARD;
	}
}

static bool is_loaded(const struct section *section)
{
	return (section->flags & SHF_ALLOC) && section->size != 0 &&
	       !(section->flags & SHF_TLS);
}

int address_map_init(struct address_map *map, const struct image *image)
{
	uint32_t loaded = 0, code = 0;

	*map = (struct address_map){ 0 };
	for (uint32_t i = 0; i < image->section_count; i++) {
		if (!is_loaded(&image->sections[i]))
			continue;
		loaded++;
		code += (image->sections[i].flags & SHF_EXECINSTR) != 0;
	}
	map->all = calloc((size_t)loaded + 1, sizeof(*map->all));
	map->code = calloc((size_t)code + 1, sizeof(*map->code));
	if (image->type == ET_REL)
		map->bases = calloc((size_t)image->section_count + 1,
				    sizeof(*map->bases));
	if (!map->all || !map->code ||
	    (image->type == ET_REL && !map->bases)) {
		address_map_release(map);
		return -1;
	}
	if (map->bases)
		assign_bases(map, image);
	for (uint32_t i = 0; i < image->section_count; i++) {
		const struct section *section = &image->sections[i];
		struct mapped_span span = { 0, 0, i };

		if (!is_loaded(section))
			continue;
		span.start = map->bases ? map->bases[i] : image->more[i].addr;
		if (map->bases)
			span.end = span.start + min_u64(section->size,
							ROOM_LIMIT);
		else if (__builtin_add_overflow(span.start, section->size,
						&span.end))
			span.end = UINT64_MAX;
		map->all[map->all_count++] = span;
		if (section->flags & SHF_EXECINSTR)
			map->code[map->code_count++] = span;
	}
	sort_spans(map->all, map->all_count);
	sort_spans(map->code, map->code_count);
	return 0;
}

void address_map_release(struct address_map *map)
{
	free(map->all);
	free(map->code);
	free(map->bases);
	*map = (struct address_map){ 0 };
}

static const struct mapped_span *find(const struct mapped_span *spans,
				       uint32_t count, uint64_t address)
{
	uint32_t low = 0, high = count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (spans[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	for (uint32_t i = 0; i < OVERLAP_LIMIT && low > 0; i++)
		if (address < spans[--low].end)
			return &spans[low];
	return NULL;
}

const struct mapped_span *address_map_code(const struct address_map *map,
					    uint64_t address)
{
	return find(map->code, map->code_count, address);
}

const struct mapped_span *address_map_any(const struct address_map *map,
					   uint64_t address)
{
	return find(map->all, map->all_count, address);
}

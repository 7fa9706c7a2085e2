/* SPDX-License-Identifier: MIT */
#include "image/address.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

static bool is_addressed(const struct image *image, uint32_t section)
{
	const struct section *s = &image->sections[section];
	uint64_t addr = image->more[section].addr;

	if (!(s->flags & SHF_ALLOC) || s->flags & SHF_TLS || !s->size)
		return false;
	if (addr > UINT64_MAX - s->size)
		return false;
	return addr || !strstr(image_section_name(image, section), "percpu");
}

static int compare_spans(const void *a, const void *b)
{
	const struct address_span *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->section < y->section ? -1 : x->section > y->section;
}

static bool is_code(const struct image *image, const struct address_span *span)
{
	return image->sections[span->section].flags & SHF_EXECINSTR;
}

/*
 * Makes sorted spans disjoint: the later of two is cut off at the front, but
 * data gives way to code. What a cut leaves behind the other is dropped.
 */
static uint32_t separate(const struct image *image, struct address_span *spans,
			 uint32_t count)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct address_span span = spans[i];

		if (kept && span.start < spans[kept - 1].end) {
			struct address_span *last = &spans[kept - 1];

			if (is_code(image, &span) && !is_code(image, last)) {
				last->end = span.start;
				if (last->start == last->end)
					kept--;
			} else {
				span.start = last->end;
			}
		}
		if (span.start < span.end)
			spans[kept++] = span;
	}
	return kept;
}

int address_index_init(struct address_index *index, const struct image *image,
		       struct err *err)
{
	uint32_t count = 0;

	memset(index, 0, sizeof(*index));
	if (image->type == ET_REL)
		return 0;
	for (uint32_t i = 1; i < image->section_count; i++)
		count += is_addressed(image, i);
	if (!count)
		return 0;
	index->spans = calloc(count, sizeof(*index->spans));
	if (!index->spans)
		return err_oom(err, "indexing addresses");
	for (uint32_t i = 1, at = 0; i < image->section_count; i++) {
		uint64_t addr = image->more[i].addr;

		if (is_addressed(image, i))
			index->spans[at++] = (struct address_span){
				addr, addr + image->sections[i].size, i
			};
	}
	qsort(index->spans, count, sizeof(*index->spans), compare_spans);
	index->count = separate(image, index->spans, count);
	return 0;
}

const struct address_span *address_find(const struct address_index *index,
					uint64_t address)
{
	uint32_t low = 0, high = index->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (index->spans[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == index->count || index->spans[low].start > address)
		return NULL;
	return &index->spans[low];
}

void address_index_release(struct address_index *index)
{
	free(index->spans);
	memset(index, 0, sizeof(*index));
}

/* SPDX-License-Identifier: MIT */
/*
 * Counting sort by section, then a sort by value inside each section: with
 * one section a symbol (ThinLTO, -ffunction-sections) that is linear, and a
 * linked kernel's one .text is a single radix sort.
 */
#include "ledger/places.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/pages.h"
#include "base/radix.h"
#include "ledger/marker.h"

static bool can_own(const struct image *image, uint32_t index)
{
	const struct symbol *s = &image->symbols[index];
	const char *name;

	if (s->section == SECTION_UNDEF || s->section >= image->section_count ||
	    s->type == STT_FILE || s->type == STT_SECTION ||
	    (s->flags & SYMBOL_OUTSIDE))
		return false;
	name = image_symbol_name(image, index);
	return *name && !((*name == '.' || *name == '$') &&
			  marker_is_anonymous(name));
}

/* Inside one value the longest first, so that nesting reads outwards. */
static bool comes_after(const struct image *image, uint32_t ia, uint32_t ib)
{
	const struct symbol *a = &image->symbols[ia];
	const struct symbol *b = &image->symbols[ib];

	if (a->value != b->value)
		return a->value > b->value;
	return a->size != b->size ? a->size < b->size : ia > ib;
}

static bool is_sorted(const struct image *image, const uint32_t *order,
		      uint32_t count)
{
	for (uint32_t i = 1; i < count; i++)
		if (comes_after(image, order[i - 1], order[i]))
			return false;
	return true;
}

static int compare_sizes(const void *left, const void *right, void *arg)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	if (a == b)
		return 0;
	return comes_after(arg, a, b) ? 1 : -1;
}

/* Sorts the symbols at each value: nearly always one or two. */
static void sort_ties(const struct image *image, uint32_t *order,
		      uint32_t count)
{
	for (uint32_t i = 0, run; i < count; i += run) {
		uint64_t value = image->symbols[order[i]].value;

		run = 1;
		while (i + run < count &&
		       image->symbols[order[i + run]].value == value)
			run++;
		if (run > 1 && !is_sorted(image, order + i, run))
			qsort_r(order + i, run, sizeof(*order), compare_sizes,
				(void *)(uintptr_t)image);
	}
}

/* Sorts one section's symbols; `items` has room for twice as many. */
static void sort_section(const struct image *image, uint32_t *order,
			 uint32_t count, struct radix_item *items)
{
	for (uint32_t i = 0; i < count; i++)
		items[i] = (struct radix_item){
			image->symbols[order[i]].value, order[i]
		};
	radix_sort(items, items + count, count);
	for (uint32_t i = 0; i < count; i++)
		order[i] = items[i].value;
	sort_ties(image, order, count);
}

/* Below this a comparison sort beats the passes of a radix sort. */
#define RADIX_MIN 256

static int sort_sections(struct places *places, const struct image *image)
{
	struct radix_item *items = NULL;
	size_t room = 0;

	for (uint32_t s = 1; s < image->section_count; s++) {
		uint32_t *order = places->order + places->first[s];
		uint32_t count = places->first[s + 1] - places->first[s];

		if (count < 2 || is_sorted(image, order, count))
			continue;
		if (count < RADIX_MIN) {
			qsort_r(order, count, sizeof(*order), compare_sizes,
				(void *)(uintptr_t)image);
			continue;
		}
		if (!items || room < 2 * (size_t)count) {
			free(items);
			room = 2 * (size_t)count;
			items = malloc(room * sizeof(*items));
			if (!items)
				return -1;
		}
		sort_section(image, order, count, items);
	}
	free(items);
	return 0;
}

/* Fills order[] by section; `owns` has a byte for each symbol, all 0. */
static void sort_by_section(struct places *places, const struct image *image,
			    uint8_t *owns)
{
	const struct symbol *symbols = image->symbols;
	uint32_t *next = places->first + 1;
	uint32_t total = 0;

	/* next[s] counts, then points to where the next one goes. */
	for (uint32_t i = 1; i < image->symbol_count; i++) {
		owns[i] = can_own(image, i);
		if (owns[i])
			next[symbols[i].section]++;
	}
	for (uint32_t s = 0; s <= image->section_count; s++) {
		uint32_t count = next[s];

		next[s] = total;
		total += count;
	}
	for (uint32_t i = 1; i < image->symbol_count; i++)
		if (owns[i])
			places->order[next[symbols[i].section]++] = i;
}

int places_init(struct places *places, const struct image *image,
		struct err *err)
{
	uint8_t *owns = calloc(image->symbol_count, 1);
	int result = -1;

	memset(places, 0, sizeof(*places));
	places->first = calloc((size_t)image->section_count + 2,
			       sizeof(uint32_t));
	places->order = malloc(sizeof(uint32_t) * image->symbol_count);
	if (owns && places->first && places->order) {
		pages_expect(places->first,
			     image->section_count * sizeof(uint32_t));
		pages_expect(places->order,
			     image->symbol_count * sizeof(uint32_t));
		sort_by_section(places, image, owns);
		result = sort_sections(places, image);
	}
	free(owns);
	return result ? err_oom(err, "sorting symbols") : 0;
}

void places_release(struct places *places)
{
	free(places->order);
	free(places->first);
	memset(places, 0, sizeof(*places));
}

/*
 * Binding proves nothing, LTO makes globals local. What a compiler appended
 * comes behind a dot; of two plain names the shorter, then the lesser one is
 * at least the same choice in every build.
 */
bool places_prefer(const struct image *image, uint32_t a, uint32_t b)
{
	const struct symbol *sa = &image->symbols[a], *sb = &image->symbols[b];
	const char *na = image_symbol_name(image, a);
	const char *nb = image_symbol_name(image, b);
	bool ta = sa->type == STT_FUNC || sa->type == STT_OBJECT;
	bool tb = sb->type == STT_FUNC || sb->type == STT_OBJECT;
	size_t la, lb;

	if (!sa->size != !sb->size)
		return sa->size != 0;
	if (ta != tb)
		return ta;
	if (!strchr(na, '.') != !strchr(nb, '.'))
		return !strchr(na, '.');
	la = strlen(na);
	lb = strlen(nb);
	if (la != lb)
		return la < lb;
	return strcmp(na, nb) < 0;
}

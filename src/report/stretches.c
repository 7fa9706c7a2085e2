/* SPDX-License-Identifier: MIT */
#include "report/stretches.h"

#include <stdlib.h>
#include <string.h>

/* Shorter sections cost more to find than their groups. */
#define ENTRIES_A_SECTION 64u

bool stretches_pay(const struct comparison *comparison,
		   const struct dimension_list *list)
{
	if (list->count < 2 || !list->at[0]->of_section)
		return false;
	for (unsigned side = OLD; side < SIDES; side++) {
		const struct build *build = comparison_build(comparison, side);

		if (build && build->ledger.count / ENTRIES_A_SECTION <
				     build->image.section_count)
			return false;
	}
	return true;
}

static int add_stretch(struct stretches *stretches, uint32_t side, uint64_t at,
		       uint64_t end, struct err *err)
{
	struct stretch *list = array_grow(stretches->list,
					  &stretches->capacity,
					  stretches->count + 1, sizeof(*list));

	if (!list)
		return err_oom(err, "grouping");
	stretches->list = list;
	list[stretches->count++] = (struct stretch){ at, end, NONE, side };
	return 0;
}

static int by_place(const void *a_, const void *b_)
{
	const struct stretch *a = a_, *b = b_;

	return a->at < b->at ? -1 : a->at > b->at;
}

static int by_key(const void *a_, const void *b_)
{
	const struct stretch *a = a_, *b = b_;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->side != b->side)
		return a->side < b->side ? -1 : 1;
	return by_place(a, b);
}

/* Entries of no section's run, as gaps are: a stretch each. */
static int add_single(struct stretches *stretches, uint32_t side, uint64_t at,
		      uint64_t end, struct err *err)
{
	for (; at < end; at++)
		if (add_stretch(stretches, side, at, at + 1, err))
			return -1;
	return 0;
}

/* A stretch for the run of each section, and those between. */
static int divide_entries(struct stretches *stretches, uint32_t side,
			  const struct build *build, struct err *err)
{
	const struct ledger *ledger = &build->ledger;
	size_t start = stretches->count, end;
	uint64_t at = 0;

	for (uint32_t i = 1; i < build->image.section_count; i++)
		if (ledger->run[i] &&
		    add_stretch(stretches, side, ledger->first[i],
				ledger->first[i] + ledger->run[i], err))
			return -1;
	end = stretches->count;
	if (end > start)
		qsort(stretches->list + start, end - start,
		      sizeof(*stretches->list), by_place);
	for (size_t i = start; i < end; i++) {
		const struct stretch run = stretches->list[i];

		if (add_single(stretches, side, at, run.at, err))
			return -1;
		at = run.end;
	}
	return add_single(stretches, side, at, ledger->count, err);
}

static int divide_columns(struct stretches *stretches, uint32_t side,
			  const struct ledger *ledger, struct err *err)
{
	for (uint32_t i = 0; i < ledger->column_count; i++) {
		uint64_t at = ledger->count +
			      (uint64_t)i * ledger->symbol_count;

		if (add_stretch(stretches, side, at,
				at + ledger->symbol_count, err))
			return -1;
	}
	return 0;
}

static void find_key(struct stretch *stretch, const struct keys *keys,
		     const struct dimension *first)
{
	const struct build *build = comparison_build(keys->comparison,
						     stretch->side);
	const struct entry *block;
	struct entry buffer;
	uint64_t at = stretch->at;

	if (ledger_read(&build->ledger, &at, &buffer, 1, &block))
		first->fill(keys, stretch->side, block, 1, &stretch->key);
}

int stretches_make(struct stretches *stretches, const struct keys *keys,
		   const struct dimension *first, struct err *err)
{
	memset(stretches, 0, sizeof(*stretches));
	for (unsigned side = OLD; side < SIDES; side++) {
		const struct build *build =
			comparison_build(keys->comparison, side);

		if (build &&
		    (divide_entries(stretches, side, build, err) ||
		     divide_columns(stretches, side, &build->ledger, err)))
			return -1;
	}
	for (size_t i = 0; i < stretches->count; i++)
		find_key(&stretches->list[i], keys, first);
	if (stretches->count)
		qsort(stretches->list, stretches->count,
		      sizeof(*stretches->list), by_key);
	return 0;
}

void stretches_release(struct stretches *stretches)
{
	free(stretches->list);
	memset(stretches, 0, sizeof(*stretches));
}

/* SPDX-License-Identifier: MIT */
#include "report/flat.h"

#include <stdlib.h>
#include <string.h>

#include "report/formats.h"

/* Where a dimension stands in the list, or SIZE_MAX. */
static size_t find_dimension(const struct dimension_list *list,
			     const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->at[i]->name, name))
			return i;
	return SIZE_MAX;
}

int flat_init(struct flat *flat, const struct comparison *comparison,
	      const struct vmd_options *options, struct err *err)
{
	struct report *report = &flat->report;
	uint32_t *leaves;
	size_t count;
	int status;

	memset(flat, 0, sizeof(*flat));
	if (report_init(report, comparison, options,
			options->by ? options->by : DEFAULT_BY, false, err))
		return -1;
	flat->symbol_at = find_dimension(&report->groups.dimensions, "symbol");
	flat->inlinee_at = find_dimension(&report->groups.dimensions,
					  "inlinee");
	flat->has_symbol = flat->symbol_at != SIZE_MAX;
	leaves = groups_leaves(&report->groups, GROUP_FILTERED,
			       &flat->filtered_rows);
	free(leaves);
	leaves = groups_leaves(&report->groups, GROUP_ROOT, &count);
	if (!leaves)
		return err_oom(err, "listing rows");
	status = selection_make(&flat->selection, &report->order,
				&report->groups, leaves, count, report->limit,
				err);
	free(leaves);
	return status;
}

void flat_release(struct flat *flat)
{
	selection_release(&flat->selection);
	report_release(&flat->report);
}

/* The pair's names and place, and its label: each look costs a cache miss. */
static struct text fill_symbol(const struct keys *keys, struct flat_row *row)
{
	unsigned side = row->pair->symbol[NEW] != NONE ? NEW : OLD;

	for (unsigned i = OLD; i < SIDES; i++)
		row->names[i] = keys_pair_name(keys, row->pair, i);
	row->place = keys_symbol_place(keys, side, row->pair->symbol[side]);
	return row->names[side];
}

static void fill_keys(const struct flat *flat, struct flat_row *row)
{
	const struct groups *groups = &flat->report.groups;
	size_t at = groups->dimensions.count;
	uint32_t group = row->group;

	for (; groups->list[group].parent != NONE;
	     group = groups->list[group].parent) {
		if (groups_is_inner(groups, group))
			continue;
		at--;
		if (at == flat->symbol_at)
			row->pair = keys_pair(groups->keys,
					      groups->list[group].key);
		if (at == flat->symbol_at && row->pair)
			row->keys[at] = fill_symbol(groups->keys, row);
		else
			row->keys[at] = groups_label(groups, group,
						     &row->nulls[at]);
		if (at == flat->inlinee_at && !row->nulls[at]) {
			row->inlined = true;
			row->origin = keys_inlinee_origin(groups->keys,
				groups->list[group].key);
		}
	}
}

void flat_row(struct flat *flat, size_t index, struct flat_row *row)
{
	const struct groups *groups = &flat->report.groups;

	selection_prefetch(&flat->selection, groups, index);
	memset(row, 0, sizeof(*row));
	row->group = flat->selection.groups[index];
	fill_keys(flat, row);
	for (unsigned side = OLD; side < SIDES; side++) {
		row->sums[side] = groups_sums(groups, row->group, side);
		sums_add(&flat->shown[side], &row->sums[side]);
	}
}

struct sums flat_filtered(const struct flat *flat, unsigned side)
{
	return groups_sums(&flat->report.groups, GROUP_FILTERED, side);
}

int flat_finish(struct flat *flat, struct err *err)
{
	struct sums shown[SIDES];

	for (unsigned side = OLD; side < SIDES; side++) {
		struct sums filtered = flat_filtered(flat, side);

		shown[side] = flat->shown[side];
		sums_add(&shown[side], &flat->selection.rest[side]);
		sums_add(&shown[side], &filtered);
	}
	return report_check_shown(&flat->report, shown, err);
}

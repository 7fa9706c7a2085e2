/* SPDX-License-Identifier: MIT */
#include "report/html_rows.h"

#include <stdlib.h>
#include <string.h>

static struct text literal(const char *text)
{
	return (struct text){ text, strlen(text) };
}

static struct html_row *add_row(struct html_rows *rows, struct err *err)
{
	struct html_row *list = array_grow(rows->list, &rows->capacity,
					   rows->count + 1, sizeof(*list));

	if (!list) {
		err_oom(err, "making the HTML report");
		return NULL;
	}
	rows->list = list;
	list[rows->count] = (struct html_row){ .pair = NONE };
	return &list[rows->count++];
}

static uint32_t intern(struct names *names, struct text text)
{
	return names_intern(names, text.at, text.length);
}

/* The row of a pair, new at its first bytes. */
static struct html_row *row_of_pair(struct html_rows *rows,
				    const struct pair *pair, struct err *err)
{
	const struct match *match = &rows->report.comparison->match;
	const struct keys *keys = &rows->report.keys;
	uint32_t index = (uint32_t)(pair - match->pairs);
	unsigned side = pair->symbol[NEW] != NONE ? NEW : OLD;
	struct symbol_place place;
	struct html_row *row;
	struct text old;

	if (rows->row_of_pair[index] != NONE)
		return &rows->list[rows->row_of_pair[index]];
	row = add_row(rows, err);
	if (!row)
		return NULL;
	rows->row_of_pair[index] = (uint32_t)rows->count - 1;
	place = keys_symbol_place(keys, side, pair->symbol[side]);
	row->pair = index;
	row->name = keys_pair_name(keys, pair, side);
	old = keys_pair_name(keys, pair, OLD);
	if (side == NEW && old.length &&
	    (old.length != row->name.length ||
	     memcmp(old.at, row->name.at, old.length)))
		row->old_name = old;
	row->section = intern(&rows->sections, place.section);
	row->unit = intern(&rows->units, place.unit.length ? place.unit
							   : place.file);
	return row;
}

/* The text of a group's ancestor `above` steps up, empty for no value. */
static struct text label_above(const struct groups *groups, uint32_t group,
			       int above)
{
	struct text text;
	bool null;

	while (above--)
		group = groups->list[group].parent;
	text = groups_label(groups, group, &null);
	return null ? (struct text){ "", 0 } : text;
}

static int take_leaf(struct html_rows *rows, uint32_t group, struct err *err)
{
	const struct groups *groups = &rows->report.groups;
	const struct pair *pair = keys_pair(&rows->report.keys,
					    groups->list[group].key);
	struct html_row *row = pair ? row_of_pair(rows, pair, err)
				    : add_row(rows, err);

	if (!row)
		return -1;
	if (!pair) {
		row->section = intern(&rows->sections,
				      label_above(groups, group, 2));
		row->unit = intern(&rows->units,
				   label_above(groups, group, 1));
		row->name = literal(row->unit ? "no symbol"
					      : "no symbol, no unit");
	}
	for (unsigned side = OLD; side < SIDES; side++) {
		struct sums sums = groups_sums(groups, group, side);

		sums_add(&row->sums[side], &sums);
	}
	return 0;
}

static int take_leaves(struct html_rows *rows, struct err *err)
{
	size_t count;
	uint32_t *leaves = groups_leaves(&rows->report.groups, GROUP_ROOT,
					 &count);
	int result = 0;

	if (!leaves)
		return err_oom(err, "making the HTML report");
	for (size_t i = 0; i < count && !result; i++)
		result = take_leaf(rows, leaves[i], err);
	free(leaves);
	return result;
}

/* What --filter and --exclude set aside is one row, so that sums hold. */
static int take_filtered(struct html_rows *rows, struct err *err)
{
	const struct groups *groups = &rows->report.groups;
	struct html_row *row;

	if (filters_empty(&rows->report.filters))
		return 0;
	row = add_row(rows, err);
	if (!row)
		return -1;
	row->name = literal("set aside by filters");
	for (unsigned side = OLD; side < SIDES; side++)
		row->sums[side] = groups_sums(groups, GROUP_FILTERED, side);
	return 0;
}

int html_rows_init(struct html_rows *rows, const struct comparison *comparison,
		   const struct vmd_options *options, struct err *err)
{
	const struct match *match = &comparison->match;
	struct sums shown[SIDES] = { 0 };

	memset(rows, 0, sizeof(*rows));
	rows->row_of_pair = malloc(((size_t)match->pair_count + 1) *
				   sizeof(*rows->row_of_pair));
	if (!rows->row_of_pair || names_init(&rows->sections, 64) ||
	    names_init(&rows->units, 4096))
		return err_oom(err, "making the HTML report");
	memset(rows->row_of_pair, 0xff,
	       match->pair_count * sizeof(*rows->row_of_pair));
	if (report_init(&rows->report, comparison, options,
			"section,unit,symbol", false, err) ||
	    take_leaves(rows, err) || take_filtered(rows, err))
		return -1;
	for (size_t i = 0; i < rows->count; i++)
		for (unsigned side = OLD; side < SIDES; side++)
			sums_add(&shown[side], &rows->list[i].sums[side]);
	return report_check_shown(&rows->report, shown, err);
}

void html_rows_release(struct html_rows *rows)
{
	report_release(&rows->report);
	names_release(&rows->sections);
	names_release(&rows->units);
	free(rows->list);
	free(rows->row_of_pair);
	memset(rows, 0, sizeof(*rows));
}

bool html_row_changed(const struct html_row *row)
{
	const struct sums *old = &row->sums[OLD], *new = &row->sums[NEW];

	return old->file != new->file || old->image != new->image ||
	       old->content != new->content;
}

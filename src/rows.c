/* SPDX-License-Identifier: MIT */
/*
 * The rows of a report for programs: a depth-first walk over the groups that a
 * printed report would show, in its order.
 */
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "report/report.h"
#include "report/tree.h"

struct vmd_report {
	struct report report;
	struct tree tree; /* which rows are within the limit */
	struct arena texts;
	struct vmd_row *rows;
	size_t count, capacity;
};

static struct vmd_bytes bytes_of(const struct groups *groups, uint32_t group,
				 unsigned side)
{
	struct sums sums = groups_sums(groups, group, side);

	return (struct vmd_bytes){ sums.file, sums.image, sums.content,
				   sums.count };
}

static const char *keep_text(struct vmd_report *report, struct text text)
{
	if (!text.length)
		return NULL;
	return arena_strndup(&report->texts, text.at, text.length);
}

/* The names and the evidence that a row of symbols has besides its keys. */
static void fill_pair(struct vmd_report *report, uint32_t group,
		      struct vmd_row *row)
{
	const struct groups *groups = &report->report.groups;
	const struct pair *pair;

	if (strcmp(groups_dimension(groups, group)->name, "symbol") != 0)
		return;
	pair = keys_pair(&report->report.keys, groups->list[group].key);
	if (!pair)
		return;
	row->old_name = keep_text(report, keys_pair_name(&report->report.keys,
							 pair, OLD));
	row->new_name = keep_text(report, keys_pair_name(&report->report.keys,
							 pair, NEW));
	row->level = level_name((enum level)pair->level);
}

static int add_row(struct vmd_report *report, uint32_t group,
		   const char *const *above, size_t depth, struct err *err)
{
	const struct groups *groups = &report->report.groups;
	const char **keys = arena_array(&report->texts, depth + 1,
					sizeof(*keys));
	struct vmd_row *rows = array_grow(report->rows, &report->capacity,
					  report->count + 1, sizeof(*rows));
	struct text label;
	bool null = false;

	if (rows)
		report->rows = rows;
	if (!keys || !rows)
		return err_oom(err, "making rows");
	if (depth)
		memcpy(keys, above, depth * sizeof(*keys));
	label = groups_label(groups, group, &null);
	keys[depth] = null ? NULL : arena_strndup(&report->texts, label.at,
						  label.length);
	rows[report->count] = (struct vmd_row){
		.depth = depth,
		.keys = keys,
		.old_bytes = bytes_of(groups, group, OLD),
		.new_bytes = bytes_of(groups, group, NEW),
	};
	fill_pair(report, group, &rows[report->count++]);
	return 0;
}

static int add_children(struct vmd_report *report, uint32_t group,
			const char *const *above, size_t depth,
			struct err *err)
{
	struct selection selection = { 0 };
	int result;

	if (groups_is_leaf(&report->report.groups, group))
		return 0;
	result = tree_below(&report->tree, group, &selection, err);
	for (size_t i = 0; i < selection.count && !result; i++) {
		result = add_row(report, selection.groups[i], above, depth,
				 err);
		if (!result)
			result = add_children(
				report, selection.groups[i],
				report->rows[report->count - 1].keys,
				depth + 1, err);
	}
	selection_release(&selection);
	return result;
}

vmd_report *vmd_group(vmd_diff *diff, const struct vmd_options *options,
		      char **error)
{
	struct err err = { 0 };
	struct vmd_report *report = calloc(1, sizeof(*report));

	if (!report)
		err_oom(&err, "making rows");
	else if (!report_init(&report->report, &diff->comparison, options,
			      options->by ? options->by : "symbol", false,
			      &err) &&
		 !tree_choose(&report->tree, &report->report, &err) &&
		 !add_children(report, GROUP_ROOT, NULL, 0, &err))
		return report;
	vmd_report_free(report);
	diff_fail(&err, error);
	return NULL;
}

size_t vmd_report_rows(const vmd_report *report)
{
	return report->count;
}

void vmd_report_row(const vmd_report *report, size_t index,
		    struct vmd_row *row)
{
	*row = report->rows[index];
}

void vmd_report_free(vmd_report *report)
{
	if (!report)
		return;
	tree_release(&report->tree);
	report_release(&report->report);
	arena_release(&report->texts);
	free(report->rows);
	free(report);
}

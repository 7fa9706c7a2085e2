/* SPDX-License-Identifier: MIT */
/*
 * The text report over given dimensions: a tree with one line a group, then
 * what was left out and the totals. Lines are written as the tree is walked;
 * only the length of the longest name is looked for first.
 */
#include <string.h>

#include "report/formats.h"
#include "report/story.h"
#include "report/uses.h"
#include "report/table.h"
#include "report/totals.h"
#include "report/tree.h"

#define DEPTH_MAX 200 /* dimensions times nested keys is less */

struct text_report {
	struct report report;
	struct tree tree;
	struct table table;
	struct arena row; /* texts of the row being written */
	const struct vmd_options *options;
};

/* Follows nested keys that hold just one more: "arch/" to "arch/x86/". */
static uint32_t collapse(struct groups *groups, uint32_t group)
{
	uint32_t only;

	while ((only = tree_only_child(groups, group)) != NONE)
		group = only;
	return group;
}

/* A group's name below `above`: a nested key without what is said there. */
static struct text name_below(const struct groups *groups, uint32_t above,
			      uint32_t group, bool *null)
{
	struct text name = groups_label(groups, group, null);
	struct text outer;
	bool ignored;

	if (*null || above <= GROUP_FILTERED ||
	    !groups_is_inner(groups, above))
		return name;
	outer = groups_label(groups, above, &ignored);
	if (outer.length == name.length)
		return (struct text){ "./", 2 };
	name.at += outer.length;
	name.length -= outer.length;
	return name;
}

static int64_t alignment_delta(const struct groups *groups, uint32_t group)
{
	struct sums a = groups_sums(groups, group, OLD);
	struct sums b = groups_sums(groups, group, NEW);

	if (!a.content && !b.content)
		return 0; /* the figure itself is alignment */
	return size_delta(b.image - b.content, a.image - a.content);
}

#define REST_MAX (2 * NUMBER_MAX + 32)

static struct text rest_label(const struct text_report *text,
			      const struct selection *selection,
			      char label[REST_MAX])
{
	size_t unchanged = selection->rest_count - selection->rest_changed;
	char more[NUMBER_MAX], same[NUMBER_MAX];
	int length;

	if (text->report.comparison->single)
		unchanged = 0;
	format_size(more, selection->rest_count - unchanged);
	format_size(same, unchanged);
	if (!unchanged)
		length = snprintf(label, REST_MAX, "%s more", more);
	else if (unchanged == selection->rest_count)
		length = snprintf(label, REST_MAX, "%s unchanged", same);
	else
		length = snprintf(label, REST_MAX, "%s more, %s unchanged",
				  more, same);
	return (struct text){ label, (size_t)length };
}

/* What the layout has to make room for. */
#define SURVEYED 10000 /* rows whose names are measured */

struct survey {
	unsigned name;          /* columns, with indentation */
	uint64_t largest_delta;
	bool alignment;
	uint64_t rows;
};

static void survey_name(struct survey *survey, size_t length, unsigned depth)
{
	length = min_u64(length + 2 * depth, 10000);
	if (length > survey->name)
		survey->name = (unsigned)length;
}

static int survey_below(struct text_report *text, uint32_t group,
			unsigned depth, struct survey *survey,
			struct err *err);

static int survey_row(struct text_report *text, uint32_t above, uint32_t row,
		      unsigned depth, struct survey *survey, struct err *err)
{
	struct groups *groups = &text->report.groups;
	int64_t delta = figure_delta(order_figure(&text->report.order, groups,
						  row));
	uint64_t size = magnitude(delta);
	struct text name;
	bool null;

	survey->largest_delta = max_u64(survey->largest_delta, size);
	row = collapse(groups, row);
	survey->alignment |= text->report.order.domain == VMD_DOMAIN_IMAGE &&
			     alignment_delta(groups, row);
	if (survey->rows++ < SURVEYED) {
		name = name_below(groups, above, row, &null);
		survey_name(survey, name_length(text->table.out, name) +
				    (null ? 2 : 0), depth);
	}
	if (!tree_has_below(groups, row) || depth >= DEPTH_MAX)
		return 0;
	return survey_below(text, row, depth + 1, survey, err);
}

static int survey_rows(struct text_report *text, uint32_t group,
		       const struct selection *selection, unsigned depth,
		       struct survey *survey, struct err *err)
{
	char label[REST_MAX];
	int status = 0;

	if (selection->rest_count)
		survey_name(survey, rest_label(text, selection, label).length,
			    depth);
	for (size_t i = 0; i < selection->count && !status; i++)
		status = survey_row(text, group, selection->groups[i], depth,
				    survey, err);
	return status;
}

/* Where all rows are shown, their order does not matter here. */
static int survey_all(struct text_report *text, uint32_t group, unsigned depth,
		      struct survey *survey, struct err *err)
{
	struct groups *groups = &text->report.groups;
	struct selection skipped = { .rest_count = 0 };
	const uint32_t *list;
	int64_t count = groups_children(groups, group, &list);
	int status = 0;

	if (count < 0)
		return err_oom(err, "listing rows");
	for (int64_t i = 0; i < count && !status; i++) {
		if (!order_skips(&text->report.order, groups, list[i])) {
			status = survey_row(text, group, list[i], depth,
					    survey, err);
			continue;
		}
		skipped.rest_count++;
		skipped.rest_changed += group_changed(groups, list[i]);
	}
	return status ? -1 : survey_rows(text, group, &skipped, depth, survey,
					 err);
}

static int survey_below(struct text_report *text, uint32_t group,
			unsigned depth, struct survey *survey,
			struct err *err)
{
	struct selection selection = { 0 };
	int status;

	if (text->report.limit == SIZE_MAX)
		return survey_all(text, group, depth, survey, err);
	status = tree_below(&text->tree, group, &selection, err);
	if (!status)
		status = survey_rows(text, group, &selection, depth, survey,
				     err);
	selection_release(&selection);
	return status;
}

static void write_story(struct text_report *text, uint32_t group)
{
	struct story story = story_of(&text->report.groups, group);
	const struct inline_use *use = use_of(&text->report.groups, group);
	struct text origin = story_origin(&text->row, &text->report.groups,
					  group);
	struct text more = { "", 0 };
	const char *both;

	if (story.inlined)
		more = story_text(&text->row, &story);
	else if (use)
		more = use_text(&text->row, use, text->report.order.domain,
				text->report.comparison->single);
	if (!more.length && !origin.length)
		return;
	both = arena_printf(&text->row, "%.*s%s%.*s", (int)more.length,
			    more.at, more.length && origin.length ? ", " : "",
			    (int)origin.length, origin.at);
	if (both)
		table_follow(&text->table,
			     (struct text){ both, strlen(both) });
	arena_reset(&text->row);
}

static void write_group(struct text_report *text, uint32_t above,
			uint32_t group, unsigned depth)
{
	const struct groups *groups = &text->report.groups;
	bool null;
	struct text name = name_below(groups, above, group, &null);
	struct cells cells = {
		.figure = order_figure(&text->report.order, groups, group),
		.second = alignment_delta(groups, group),
	};
	char bracketed[64];

	if (null) {
		name.length = (size_t)snprintf(bracketed, sizeof(bracketed),
					       "[%.*s]", (int)name.length,
					       name.at);
		name.at = bracketed;
	}
	table_row(&text->table, 2 * depth, name, cells);
	write_story(text, group);
	table_end(&text->table);
}

static struct cells cells_of(const struct text_report *text,
			     const struct sums sums[SIDES])
{
	bool file = text->report.order.domain == VMD_DOMAIN_FILE;
	struct cells cells = { 0 };
	uint64_t alignment[SIDES];

	for (unsigned side = OLD; side < SIDES; side++) {
		cells.figure.bytes[side] = file ? sums[side].file
						: sums[side].content;
		alignment[side] = sums[side].image - sums[side].content;
	}
	if (!file)
		cells.second = size_delta(alignment[NEW], alignment[OLD]);
	return cells;
}

static void write_rest(struct text_report *text,
		       const struct selection *selection, unsigned depth)
{
	char label[REST_MAX];

	table_row(&text->table, 2 * depth, rest_label(text, selection, label),
		  cells_of(text, selection->rest));
	table_end(&text->table);
}

static int write_below(struct text_report *text, uint32_t group,
		       unsigned depth, struct err *err);

static int write_rows(struct text_report *text, uint32_t group,
		      const struct selection *selection, unsigned depth,
		      struct err *err)
{
	struct groups *groups = &text->report.groups;
	int status = 0;

	for (size_t i = 0; i < selection->count && !status; i++) {
		uint32_t row = collapse(groups, selection->groups[i]);

		selection_prefetch(selection, groups, i);
		write_group(text, group, row, depth);
		if (tree_has_below(groups, row) && depth < DEPTH_MAX)
			status = write_below(text, row, depth + 1, err);
	}
	/* Below a row that is shown alone, nothing more is worth a line. */
	if (!status && selection->rest_count &&
	    (!depth || (selection->count && selection->rest_changed)))
		write_rest(text, selection, depth);
	return status;
}

static int write_below(struct text_report *text, uint32_t group,
		       unsigned depth, struct err *err)
{
	struct selection selection = { 0 };
	int status = tree_below(&text->tree, group, &selection, err);

	if (!status)
		status = write_rows(text, group, &selection, depth, err);
	selection_release(&selection);
	return status;
}

static void write_filtered(struct text_report *text)
{
	static const char name[] = "set aside by filters";
	const struct groups *groups = &text->report.groups;
	struct sums sums[SIDES];

	if (filters_empty(&text->report.filters))
		return;
	for (unsigned side = OLD; side < SIDES; side++)
		sums[side] = groups_sums(groups, GROUP_FILTERED, side);
	table_row(&text->table, 0, (struct text){ name, sizeof(name) - 1 },
		  cells_of(text, sums));
	table_end(&text->table);
}

static void write_title(struct text_report *text)
{
	const struct dimension_list *by = &text->report.groups.dimensions;
	bool file = text->report.order.domain == VMD_DOMAIN_FILE;
	char title[128];
	size_t used = 0;

	for (size_t i = 0; i < by->count && used < sizeof(title); i++)
		used += (size_t)snprintf(title + used, sizeof(title) - used,
					 "%s%s", i ? " > " : "",
					 by->at[i]->name);
	if (used < sizeof(title))
		snprintf(title + used, sizeof(title) - used, " (%s)",
			 file ? "file" : "image");
	table_header(&text->table, title, "alignment");
}

static int layout(struct text_report *text, struct err *err)
{
	const struct sums *total = text->report.groups.total;
	struct survey survey = { .name = 24 };
	struct figure largest = { {
		max_u64(total[OLD].file, total[OLD].image),
		max_u64(total[NEW].file, total[NEW].image),
	} };

	if (survey_below(text, GROUP_ROOT, 0, &survey, err))
		return -1;
	text->table.has_second = survey.alignment;
	text->table.largest_delta = survey.largest_delta;
	text->table.single = text->report.comparison->single;
	text->table.whole = text->report.order.domain == VMD_DOMAIN_FILE
		? total[NEW].file : total[NEW].image;
	table_layout(&text->table, largest, survey.name, 0);
	return 0;
}

static bool has_symbol(const struct dimension_list *by)
{
	for (size_t i = 0; i < by->count; i++)
		if (!strcmp(by->at[i]->name, "symbol"))
			return true;
	return false;
}

static int write_report(struct text_report *text, struct err *err)
{
	struct report *report = &text->report;
	struct out *out = text->table.out;

	if (tree_choose(&text->tree, report, err) || layout(text, err))
		return -1;
	write_title(text);
	if (write_below(text, GROUP_ROOT, 0, err))
		return -1;
	write_filtered(text);
	out_char(out, '\n');
	totals_write(&text->table, report->comparison, report->groups.total);
	if (has_symbol(&report->groups.dimensions))
		totals_write_levels(out, report->comparison);
	totals_write_warnings(out, report->comparison, report->options);
	return 0;
}

int text_render(const struct comparison *comparison,
		const struct vmd_options *options, FILE *stream,
		struct err *err)
{
	struct out out;
	struct text_report text = {
		.options = options,
		.table = { .out = &out, .options = options },
	};
	int status = -1;

	if (!report_init(&text.report, comparison, options, options->by, true,
			 err) &&
	    !out_begin(&out, stream, err)) {
		out.demangle = !options->no_demangle;
		text.report.order.nonzero = !options->verbose;
		text.report.order.changed_only =
			!comparison->single && !options->verbose &&
			(options->sort == VMD_SORT_DELTA ||
			 options->sort == VMD_SORT_GROWTH ||
			 options->sort == VMD_SORT_SHRINK ||
			 options->sort == VMD_SORT_PERCENT);
		status = write_report(&text, err);
		if (!status && text.row.failed)
			status = err_oom(err, "writing rows");
		if (out_finish(&out, err))
			status = -1;
	}
	arena_release(&text.row);
	tree_release(&text.tree);
	report_release(&text.report);
	return status;
}

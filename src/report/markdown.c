/* SPDX-License-Identifier: MIT */
/*
 * Markdown for a review: a sentence, a table of totals, and folded tables of
 * details. It fits a GitHub comment (65,536 characters) whatever the input:
 * rows are written while there is room, and a line says what was cut.
 */
#include <stdlib.h>
#include <string.h>

#include "report/demangle.h"
#include "report/flat.h"
#include "report/format.h"
#include "report/formats.h"

#define MOST 58000u     /* bytes, before the last lines */
#define NAME_COLUMNS 80u

struct markdown {
	struct out *out;
	const struct comparison *comparison;
	struct vmd_options options;
	uint64_t cut; /* rows that there was no room for */
};

static struct text text_of(const char *string)
{
	return (struct text){ string, strlen(string) };
}

/*
 * As code, so that no name is taken for markup. A backtick would end it and a
 * bar would end the table's cell: both are replaced.
 */
static void write_plain(struct markdown *markdown, struct text name)
{
	struct out *out = markdown->out;
	size_t before, after;

	if (!name.length)
		return;
	if (name.length > 2 * NAME_COLUMNS) {
		/* Cut bytes here: the glyphs below are then few. */
		struct text head = { name.at, NAME_COLUMNS };
		struct text tail = { name.at + name.length - NAME_COLUMNS,
				     NAME_COLUMNS };

		write_plain(markdown, head);
		out_text(out, "\u2026");
		write_plain(markdown, tail);
		return;
	}
	out_char(out, '`');
	for (before = 0; before < name.length; before = after + 1) {
		for (after = before; after < name.length &&
		     name.at[after] != '`' && name.at[after] != '|'; after++)
			;
		out_name(out, (struct text){ name.at + before,
					     after - before }, 0, true);
		if (after < name.length)
			out_text(out, name.at[after] == '|' ? "\\|" : "'");
	}
	out_char(out, '`');
}

/* A name as a reader knows it. */
static void write_code(struct markdown *markdown, struct text name)
{
	char *plain = markdown->options.no_demangle
		? NULL : demangle_name(name.at, name.length);

	if (plain)
		name = (struct text){ plain, strlen(plain) };
	write_plain(markdown, name);
	free(plain);
}

static void write_size(struct out *out, uint64_t size)
{
	char text[NUMBER_MAX];

	format_size(text, size);
	out_format(out, " %s |", text);
}

static void write_change(struct out *out, uint64_t old_size, uint64_t new_size)
{
	char text[NUMBER_MAX];

	format_delta(text, size_delta(new_size, old_size));
	out_format(out, " %s |", text);
	format_percent(text, old_size, new_size);
	out_format(out, " %s |", text);
}

static void write_total(struct markdown *markdown, const char *name,
			uint64_t old_size, uint64_t new_size)
{
	struct out *out = markdown->out;

	out_format(out, "| %s |", name);
	if (!markdown->comparison->single)
		write_size(out, old_size);
	write_size(out, new_size);
	if (!markdown->comparison->single)
		write_change(out, old_size, new_size);
	out_char(out, '\n');
}

static void write_sentence(struct markdown *markdown,
			   const struct sums total[SIDES])
{
	const struct build *builds = markdown->comparison->builds;
	struct out *out = markdown->out;
	char text[NUMBER_MAX];

	if (!markdown->comparison->single) {
		write_code(markdown, text_of(builds[OLD].image.path));
		out_text(out, " \u2192 ");
	}
	write_code(markdown, text_of(builds[NEW].image.path));
	if (!markdown->comparison->single) {
		format_delta(text, size_delta(total[NEW].content,
					      total[OLD].content));
		out_format(out, ": content **%s**", text);
		format_delta(text, size_delta(total[NEW].file,
					      total[OLD].file));
		out_format(out, ", file **%s** bytes", text);
	}
	out_text(out, "\n\n");
}

static void write_totals(struct markdown *markdown,
			 const struct sums total[SIDES])
{
	const struct sums *a = &total[OLD], *b = &total[NEW];
	bool single = markdown->comparison->single;

	write_sentence(markdown, total);
	out_text(markdown->out, single ? "| | size |\n|---|---:|\n"
				       : "| | old | new | delta | % |\n"
					 "|---|---:|---:|---:|---:|\n");
	write_total(markdown, "content", a->content, b->content);
	write_total(markdown, "alignment and gaps", a->image - a->content,
		    b->image - b->content);
	write_total(markdown, "image", a->image, b->image);
	write_total(markdown, "file", a->file, b->file);
}

/* Tables of the image say beside it what the file has: debug information. */
static bool has_file_column(const struct flat *flat)
{
	return !flat->has_symbol && !flat->report.comparison->single &&
	       flat->report.order.domain == VMD_DOMAIN_IMAGE;
}

static void write_file(struct out *out, const struct sums sums[SIDES])
{
	char text[NUMBER_MAX];

	format_delta(text, size_delta(sums[NEW].file, sums[OLD].file));
	out_format(out, " %s |", text);
}

static void write_head(struct markdown *markdown, const struct flat *flat,
		       const char *title)
{
	const struct dimension_list *by = &flat->report.groups.dimensions;
	struct out *out = markdown->out;
	bool single = markdown->comparison->single;

	out_format(out, "\n<details><summary>%s</summary>\n\n|", title);
	for (size_t i = 0; i < by->count; i++)
		out_format(out, " %s |", by->at[i]->name);
	out_text(out, single ? " size |" : " old | new | delta | % |");
	out_text(out, flat->has_symbol ? " where |\n|" :
		      has_file_column(flat) ? " in the file |\n|" : "\n|");
	for (size_t i = 0; i < by->count; i++)
		out_text(out, "---|");
	out_text(out, single ? "---:|" : "---:|---:|---:|---:|");
	out_text(out, flat->has_symbol ? "---|\n" :
		      has_file_column(flat) ? "---:|\n" : "\n");
}

static void write_place(struct markdown *markdown,
			const struct symbol_place *place)
{
	struct text file = place->unit.length ? place->unit : place->file;

	out_char(markdown->out, ' ');
	write_code(markdown, place->section);
	if (file.length)
		out_char(markdown->out, ' ');
	write_code(markdown, file);
	out_text(markdown->out, " |");
}

static void write_row(struct markdown *markdown, const struct flat *flat,
		      const struct flat_row *row)
{
	struct figure figure = order_figure(&flat->report.order,
					    &flat->report.groups, row->group);
	struct out *out = markdown->out;

	out_char(out, '|');
	for (size_t i = 0; i < flat->report.groups.dimensions.count; i++) {
		out_char(out, ' ');
		if (row->nulls[i])
			out_format(out, "_no %s_",
				   flat->report.groups.dimensions.at[i]->name);
		write_code(markdown, row->keys[i]);
		out_text(out, " |");
	}
	if (!markdown->comparison->single)
		write_size(out, figure.bytes[OLD]);
	write_size(out, figure.bytes[NEW]);
	if (!markdown->comparison->single)
		write_change(out, figure.bytes[OLD], figure.bytes[NEW]);
	if (flat->has_symbol)
		write_place(markdown, &row->place);
	else if (has_file_column(flat))
		write_file(out, row->sums);
	out_char(out, '\n');
}

/* True for rows of the kind that the order is about. */
static bool belongs(const struct flat *flat, uint32_t group)
{
	int64_t delta = figure_delta(order_figure(&flat->report.order,
						  &flat->report.groups,
						  group));

	if (flat->report.order.sort == VMD_SORT_GROWTH)
		return delta > 0;
	return flat->report.order.sort != VMD_SORT_SHRINK || delta < 0;
}

/*
 * The best row comes first, so it mostly says at once; but rows without
 * content, which are equal to the order, show what they have beside it.
 */
static bool has_rows(const struct flat *flat, const char *by)
{
	bool found = !by;

	for (size_t i = 0; i < flat->selection.count && !found; i++)
		found = belongs(flat, flat->selection.groups[i]);
	return found;
}

static void write_rest(struct markdown *markdown, const struct flat *flat,
		       uint64_t left)
{
	char text[NUMBER_MAX];

	out_text(markdown->out, "\n");
	if (left) {
		format_size(text, left);
		out_format(markdown->out, "%s more row%s changed.\n\n", text,
			   left == 1 ? "" : "s");
	}
	if (flat->filtered_rows) {
		format_size(text, flat->filtered_rows);
		out_format(markdown->out, "%s rows set aside by filters.\n\n",
			   text);
	}
	out_text(markdown->out, "</details>\n");
}

/* One folded table; `by` NULL: what the options say. */
static int write_table(struct markdown *markdown, const char *title,
		       const char *by, enum vmd_sort sort, struct err *err)
{
	struct vmd_options options = markdown->options;
	struct flat_row row;
	struct flat flat;
	uint64_t left;
	bool any;
	int status;

	options.sort = sort;
	if (by)
		options.by = by;
	status = flat_init(&flat, markdown->comparison, &options, err);
	left = flat.selection.rest_changed;
	any = !status && has_rows(&flat, by);
	if (any)
		write_head(markdown, &flat, title);
	for (size_t i = 0; i < flat.selection.count && !status; i++) {
		flat_row(&flat, i, &row);
		if (!belongs(&flat, row.group))
			continue;
		/* A row is below 2 KiB: its names are cut. */
		if (markdown->out->written < MOST) {
			write_row(markdown, &flat, &row);
		} else {
			markdown->cut++;
			left++;
		}
	}
	if (any)
		write_rest(markdown, &flat, left);
	if (!status)
		status = flat_finish(&flat, err);
	flat_release(&flat);
	return status;
}

static int write_details(struct markdown *markdown, struct err *err)
{
	const struct vmd_options *options = &markdown->options;
	bool single = markdown->comparison->single;

	if (options->by)
		return write_table(markdown, "Rows", NULL, options->sort, err);
	if (write_table(markdown, "By kind of section", "class", options->sort,
			err))
		return -1;
	if (single)
		return write_table(markdown, "Largest symbols", "symbol",
				   VMD_SORT_NEW, err);
	if (markdown->comparison->causes.of_entry[NEW] &&
	    write_table(markdown, "Why", "cause", VMD_SORT_DELTA, err))
		return -1;
	if (write_table(markdown, "Growers", "symbol", VMD_SORT_GROWTH, err))
		return -1;
	return write_table(markdown, "Shrinkers", "symbol", VMD_SORT_SHRINK,
			   err);
}

static void count_total(const struct comparison *comparison,
			struct sums total[SIDES])
{
	for (unsigned side = OLD; side < SIDES; side++) {
		const struct build *build = comparison_build(comparison, side);
		struct entry buffer[64];
		const struct entry *block;
		uint64_t at = 0;
		size_t count;

		total[side] = (struct sums){ 0 };
		while (build && (count = ledger_read(&build->ledger, &at,
						     buffer, 64, &block)))
			for (size_t i = 0; i < count; i++) {
				struct sums sums = sums_of_entry(&block[i]);

				sums_add(&total[side], &sums);
			}
	}
}

static int write_report(struct markdown *markdown, struct err *err)
{
	struct sums total[SIDES];
	char text[NUMBER_MAX];

	count_total(markdown->comparison, total);
	write_totals(markdown, total);
	if (write_details(markdown, err))
		return -1;
	if (markdown->cut) {
		format_size(text, markdown->cut);
		out_format(markdown->out, "\n%s rows did not fit: `-f csv` "
			   "has them all.\n", text);
	}
	return 0;
}

int markdown_render(const struct comparison *comparison,
		    const struct vmd_options *options, FILE *stream,
		    struct err *err)
{
	struct out out;
	struct markdown markdown = { &out, comparison, *options, 0 };
	int status;

	if (out_begin(&out, stream, err))
		return -1;
	status = write_report(&markdown, err);
	if (out_finish(&out, err))
		status = -1;
	return status;
}

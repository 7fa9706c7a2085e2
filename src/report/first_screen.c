/* SPDX-License-Identifier: MIT */
/*
 * The first screen: the answer, when nothing else is asked. Who is compared,
 * the totals, what kinds of sections they are in, which symbols grew and
 * shrank, and one line that says what was left out. It fits 80 by 50 when the
 * answer is simple; what did not change is not in it.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "explain/types.h"
#include "report/btf_section.h"
#include "report/classes.h"
#include "report/formats.h"
#include "report/table.h"
#include "report/totals.h"
#include "report/why.h"

#define GROWERS 5
#define SHRINKERS 3
#define BTF_ROWS 5
#define BTF_ROWS_FEW 2
#define PLACE_BOTH 60u /* columns from which all remarks are shown */
#define WHY_COLUMNS 36

struct screen {
	const struct comparison *comparison;
	const struct vmd_options *options;
	struct out *out;
	enum vmd_domain domain;
	struct arena arena; /* texts of the lines */
};

static struct text text_of(const char *string)
{
	return (struct text){ string, strlen(string) };
}

static struct figure largest_of(const struct sums total[SIDES])
{
	return (struct figure){ {
		max_u64(total[OLD].file, total[OLD].image),
		max_u64(total[NEW].file, total[NEW].image),
	} };
}

static struct table table_begin(const struct screen *screen)
{
	return (struct table){
		.out = screen->out,
		.options = screen->options,
		.single = screen->comparison->single,
	};
}

static void write_totals(const struct screen *screen,
			 const struct sums total[SIDES])
{
	struct table table = table_begin(screen);

	table_layout(&table, largest_of(total), 24, 0);
	table.bar_width = 0;
	if (table.single) /* of what? the image is not a part of the file */
		table.percent_width = 0;
	out_char(screen->out, '\n');
	table_header(&table, "", "");
	totals_write(&table, screen->comparison, total);
}

static int write_head(struct screen *screen, const struct why *why,
		      struct err *err)
{
	struct vmd_options options = *screen->options;
	struct report report;
	int status;

	options.filters = options.excludes = NULL;
	status = report_init(&report, screen->comparison, &options, "class",
			     true, err);
	if (!status) {
		write_totals(screen, report.groups.total);
		why_write_limit(why);
		why_write_load_line(why);
		status = classes_write(screen->out, &report, screen->options,
				       err);
	}
	report_release(&report);
	return status;
}

/* "mm/slab.c  .text": where a symbol is, in as much room as there is. */
static struct text place_of(struct screen *screen, const struct keys *keys,
			    const struct pair *pair, unsigned room)
{
	unsigned side = pair->symbol[NEW] != NONE ? NEW : OLD;
	struct symbol_place place =
		keys_symbol_place(keys, side, pair->symbol[side]);
	struct text file = place.unit.length ? place.unit : place.file;
	char *text;

	if (!file.length || room < PLACE_BOTH)
		return file.length ? file : place.section;
	text = arena_printf(&screen->arena, "%.*s  %.*s",
			    (int)file.length, file.at,
			    (int)place.section.length, place.section.at);
	return text ? text_of(text) : file;
}

/* "inlined foo" for "inlined away: foo": the function says more. */
static struct text shorten(struct screen *screen, struct text why)
{
	const char *colon = memchr(why.at, ':', why.length);
	char *text;

	if (!colon)
		return why;
	text = arena_printf(&screen->arena, "inlined%.*s",
			    (int)(why.at + why.length - colon - 1), colon + 1);
	return text ? text_of(text) : why;
}

/*
 * What stands behind a symbol's figures: why it changed, and where it is. In
 * little room the reason goes first, unless it says no more than the figures.
 */
static struct text remark(struct screen *screen, const struct report *report,
			  const struct pair *pair,
			  const struct pair_cause *cause, unsigned room)
{
	struct text place = place_of(screen, &report->keys, pair, room);
	struct text name = keys_pair_name(&report->keys, pair,
					  pair->symbol[NEW] != NONE);
	struct text why = { "", 0 };
	char *text;

	if (cause && cause->cause != CAUSE_DATA)
		why = why_of_pair(&screen->arena,
				  &screen->comparison->causes, cause);
	/* "inlined away: foo" of foo itself says it twice. */
	if (why.length > name.length + 2 &&
	    !memcmp(why.at + why.length - name.length, name.at, name.length) &&
	    why.at[why.length - name.length - 1] == ' ')
		why.length -= name.length + 2;
	if (!why.length)
		return place;
	if (why.length > room && cause->cause == CAUSE_INLINED_AWAY)
		why = shorten(screen, why);
	if (room < PLACE_BOTH)
		return cause->cause == CAUSE_OWN_CODE && place.length ? place
								      : why;
	text = arena_printf(&screen->arena, "%-*.*s  %.*s", WHY_COLUMNS,
			    (int)why.length, why.at, (int)place.length,
			    place.at);
	return text ? text_of(text) : why;
}

static int write_symbol(struct screen *screen, struct table *table,
			const struct report *report, uint32_t group,
			const struct pair_cause *cause, struct err *err)
{
	const struct groups *groups = &report->groups;
	const struct pair *pair =
		keys_pair(&report->keys, groups->list[group].key);
	struct cells cells = {
		.figure = order_figure(&report->order, groups, group),
	};
	struct text behind = remark(screen, report, pair, cause,
				    table->rest_width ? table->rest_width - 1
						      : UINT_MAX);
	bool ignored;

	if (screen->arena.failed)
		return err_oom(err, "listing symbols");
	table_row(table, 2, groups_label(groups, group, &ignored), cells);
	table_follow(table, behind);
	table_end(table);
	return 0;
}

/* One of the lists of symbols: its rows, and why each of them changed. */
struct list {
	const char *title;
	enum vmd_sort sort;
	size_t limit;
	uint32_t *groups;          /* all that belong under the title */
	size_t count;
	struct selection shown;
	struct pair_cause *causes; /* of those shown, or NULL: not known */
};

#define LISTS_MAX 2

struct lists {
	struct list list[LISTS_MAX];
	size_t count;
};

/* The list that a symbol belongs to: growth, shrinkage; LISTS_MAX: neither. */
static size_t list_of(const struct report *report, uint32_t group)
{
	int64_t delta;

	/* What has no symbol is in the classes. */
	if (report->groups.list[group].key == NONE)
		return LISTS_MAX;
	if (report->comparison->single)
		return 0;
	delta = figure_delta(order_figure(&report->order, &report->groups,
					  group));
	return delta > 0 ? 0 : delta < 0 ? 1 : LISTS_MAX;
}

/* Fills both lists from one array, which is to be freed; NULL: no memory. */
static uint32_t *divide(const struct report *report, struct lists *lists)
{
	size_t count, kept[LISTS_MAX] = { 0 };
	uint32_t *leaves = groups_leaves(&report->groups, GROUP_ROOT, &count);
	uint32_t *groups = malloc((count + 1) * LISTS_MAX * sizeof(*groups));

	if (!leaves || !groups) {
		free(leaves);
		free(groups);
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		size_t list = list_of(report, leaves[i]);

		if (list < LISTS_MAX)
			groups[list * count + kept[list]++] = leaves[i];
	}
	free(leaves);
	for (size_t i = 0; i < lists->count; i++) {
		lists->list[i].groups = groups + i * count;
		lists->list[i].count = kept[i];
	}
	return groups;
}

static struct figure widest(const struct report *report,
			    const struct selection *selection)
{
	struct figure widest = { { 0, 0 } };

	for (size_t i = 0; i < selection->count; i++) {
		struct figure figure = order_figure(&report->order,
			&report->groups, selection->groups[i]);

		for (unsigned side = OLD; side < SIDES; side++)
			widest.bytes[side] = max_u64(widest.bytes[side],
						     figure.bytes[side]);
	}
	return widest;
}

static unsigned longest(const struct screen *screen,
			const struct report *report,
			const struct selection *selection)
{
	size_t longest = 0;
	bool ignored;

	for (size_t i = 0; i < selection->count; i++) {
		size_t length = name_length(screen->out,
			groups_label(&report->groups, selection->groups[i],
				     &ignored)) + 2;

		longest = length > longest ? length : longest;
	}
	return (unsigned)longest;
}

/*
 * Finds the main cause of each symbol shown, where causes are known: of its
 * loaded bytes, in a file too. What stands there about a function, relocations
 * and debug information, follows its code.
 */
static int find_causes(const struct report *report, struct lists *lists,
		       struct pair_cause **causes, struct err *err)
{
	const struct comparison *comparison = report->comparison;
	size_t total = 0, at = 0;
	uint32_t *pairs;
	int result = 0;

	if (comparison->single || !comparison->causes.of_entry[NEW])
		return 0;
	for (size_t i = 0; i < lists->count; i++)
		total += lists->list[i].shown.count;
	pairs = calloc(total + 1, sizeof(*pairs));
	*causes = calloc(total + 1, sizeof(**causes));
	if (!pairs || !*causes) {
		free(pairs);
		return err_oom(err, "listing symbols");
	}
	for (size_t i = 0; i < lists->count; i++) {
		struct list *list = &lists->list[i];

		list->causes = *causes + at;
		for (size_t k = 0; k < list->shown.count; k++)
			pairs[at++] = report->groups.list[
				list->shown.groups[k]].key;
	}
	result = causes_of_pairs(&comparison->causes, comparison, pairs, total,
				 *causes, err);
	free(pairs);
	return result;
}

static void write_title(struct screen *screen, const struct report *report,
			const struct list *list, struct table *table)
{
	table->whole = screen->domain == VMD_DOMAIN_FILE
		? report->groups.total[NEW].file
		: report->groups.total[NEW].image;
	table_layout(table, widest(report, &list->shown),
		     longest(screen, report, &list->shown), 26);
	table->bar_width = 0;
	out_char(screen->out, '\n');
	table_header(table, list->title, "");
}

static int write_list(struct screen *screen, struct report *report,
		      const struct list *list, struct err *err)
{
	struct table table = table_begin(screen);
	int status = 0;

	if (list->shown.count)
		write_title(screen, report, list, &table);
	for (size_t i = 0; i < list->shown.count && !status; i++)
		status = write_symbol(screen, &table, report,
				      list->shown.groups[i],
				      list->causes ? &list->causes[i] : NULL,
				      err);
	return status;
}

/* What the lists have left out, for the last line. */
struct left_out {
	size_t rows;
	int64_t delta;
};

static void add_left_out(const struct screen *screen,
			 const struct selection *shown,
			 struct left_out *left_out)
{
	const struct sums *rest = shown->rest;

	left_out->rows += shown->rest_count;
	if (screen->domain == VMD_DOMAIN_FILE)
		left_out->delta += size_delta(rest[NEW].file, rest[OLD].file);
	else
		left_out->delta += size_delta(rest[NEW].content,
					      rest[OLD].content);
}

static void write_left_out(const struct screen *screen,
			   const struct left_out *left_out)
{
	struct out *out = screen->out;
	char text[NUMBER_MAX];

	if (left_out->rows) {
		format_size(text, left_out->rows);
		out_format(out, "%s more symbols", text);
		if (!screen->comparison->single) {
			format_delta(text, left_out->delta);
			out_format(out, ", %s", text);
		}
		out_text(out, ": -n 0.  ");
	}
	out_text(out, "By directory: -b dir.  More: --explain\n");
}

static size_t limit_of(const struct vmd_options *options, size_t standard)
{
	if (options->all_rows)
		return SIZE_MAX;
	return options->rows ? options->rows : standard;
}

static int select_all(struct report *report, struct lists *lists,
		      struct err *err)
{
	for (size_t i = 0; i < lists->count; i++) {
		struct list *list = &lists->list[i];

		report->order.sort = list->sort;
		if (selection_make(&list->shown, &report->order,
				   &report->groups, list->groups, list->count,
				   list->limit, err))
			return -1;
	}
	return 0;
}

static int write_lists(struct screen *screen, struct report *report,
		       struct lists *lists, struct err *err)
{
	struct left_out left_out = { 0, 0 };
	uint32_t *groups = divide(report, lists);
	struct pair_cause *causes = NULL;
	int status = groups ? 0 : err_oom(err, "listing symbols");

	status = status || select_all(report, lists, err) ||
		 find_causes(report, lists, &causes, err) ? -1 : 0;
	for (size_t i = 0; i < lists->count && !status; i++) {
		status = write_list(screen, report, &lists->list[i], err);
		add_left_out(screen, &lists->list[i].shown, &left_out);
	}
	if (!status)
		write_left_out(screen, &left_out);
	for (size_t i = 0; i < lists->count; i++)
		selection_release(&lists->list[i].shown);
	free(groups);
	free(causes);
	return status;
}

static int write_symbols(struct screen *screen, struct err *err)
{
	const struct vmd_options *options = screen->options;
	struct lists lists = { .count = LISTS_MAX, .list = {
		{ .title = "Growers", .sort = VMD_SORT_GROWTH,
		  .limit = limit_of(options, GROWERS) },
		{ .title = "Shrinkers", .sort = VMD_SORT_SHRINK,
		  .limit = limit_of(options, SHRINKERS) },
	} };
	struct report report;
	int status = report_init(&report, screen->comparison, options,
				 "symbol", false, err);

	if (screen->comparison->single)
		lists = (struct lists){ .count = 1, .list = { {
			.title = "Largest symbols",
			.sort = report.order.sort,
			.limit = limit_of(options, 20) } } };
	if (!status)
		status = write_lists(screen, &report, &lists, err);
	if (!status)
		totals_write_levels(screen->out, screen->comparison);
	report_release(&report);
	return status;
}

static void write_equal(const struct screen *screen)
{
	const struct build *builds = screen->comparison->builds;
	char image[NUMBER_MAX], file[NUMBER_MAX];

	format_size(image, builds[NEW].ledger.image_size);
	format_size(file, builds[NEW].ledger.file_size);
	out_name(screen->out, text_of(builds[OLD].image.path), 0,
		 screen->options->unicode);
	out_text(screen->out, " and ");
	out_name(screen->out, text_of(builds[NEW].image.path), 0,
		 screen->options->unicode);
	out_format(screen->out, " do not differ in size: %s bytes in memory, "
		   "%s in the file\n", image, file);
}

/* Fewer lines about BTF where other things changed more. */
static int write_btf(const struct screen *screen, struct err *err)
{
	const struct comparison *comparison = screen->comparison;
	uint64_t file[SIDES] = { 0 }, btf[SIDES] = { 0 };
	size_t rows = BTF_ROWS;

	for (unsigned side = OLD; side < SIDES; side++) {
		file[side] = comparison->builds[side].ledger.file_size;
		btf[side] = comparison->builds[side].btf.size;
	}
	if (magnitude(size_delta(btf[NEW], btf[OLD])) <
	    magnitude(size_delta(file[NEW], file[OLD])) / 10)
		rows = BTF_ROWS_FEW;
	if (screen->options->explain)
		rows = limit_of(screen->options, TYPES_MAX);
	return btf_section_write(screen->out, comparison, screen->options,
				 rows, err);
}

static int write_screen(struct screen *screen, struct err *err)
{
	struct why why = { screen->comparison, screen->options, screen->out,
			   screen->domain };

	if (!screen->comparison->single && report_equal(screen->comparison)) {
		write_equal(screen);
		return 0;
	}
	why_write_over_limit(&why);
	totals_write_builds(screen->out, screen->comparison, screen->options);
	why_write_differences(&why);
	if (write_head(screen, &why, err))
		return -1;
	if (!screen->options->explain)
		why_write_causes(&why);
	else if (why_write_long(&why, err))
		return -1;
	if (write_btf(screen, err))
		return -1;
	/* At length, causes tell of symbols already. */
	if ((!screen->options->explain || screen->comparison->single) &&
	    write_symbols(screen, err))
		return -1;
	totals_write_warnings(screen->out, screen->comparison,
			      screen->options);
	return 0;
}

int first_screen_render(const struct comparison *comparison,
			const struct vmd_options *options, FILE *stream,
			struct err *err)
{
	struct out out;
	struct screen screen = {
		.comparison = comparison,
		.options = options,
		.out = &out,
		.domain = report_domain(comparison, options),
	};
	int status;

	if (out_begin(&out, stream, err))
		return -1;
	out.demangle = !options->no_demangle;
	status = write_screen(&screen, err);
	if (out_finish(&out, err))
		status = -1;
	arena_release(&screen.arena);
	return status;
}

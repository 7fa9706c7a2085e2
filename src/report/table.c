/* SPDX-License-Identifier: MIT */
#include "report/table.h"

#include <string.h>

#define NUMBER_LEAST 9u  /* columns of a number */
#define NAME_LEAST 16u
#define NAME_MOST 60u    /* where the width is not limited */
#define BAR 10u

static unsigned size_width(uint64_t size)
{
	char text[NUMBER_MAX];

	return (unsigned)format_size(text, size);
}

static unsigned at_least(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

/* Columns of everything between the name and what follows. */
static unsigned middle(const struct table *table)
{
	unsigned numbers = table->single ? 1 : 3;
	unsigned width = numbers * (table->number_width + 1);

	if (table->has_second)
		width += table->second_width + 1;
	if (table->percent_width)
		width += table->percent_width + 1;
	if (table->bar_width)
		width += table->bar_width + 2;
	return width;
}

void table_layout(struct table *table, struct figure largest, unsigned names,
		  unsigned follows)
{
	unsigned width = table->options->width;
	uint64_t most = max_u64(largest.bytes[OLD], largest.bytes[NEW]);

	table->number_width = at_least(size_width(most) + 1, NUMBER_LEAST);
	table->second_width = table->number_width;
	table->percent_width = 8;
	table->bar_width = BAR;
	names = at_least(names, NAME_LEAST);
	if (!width) {
		table->name_width = names < NAME_MOST ? names : NAME_MOST;
		table->rest_width = 0;
		return;
	}
	/* Bars go first, then shares: a name needs its room. */
	if (names + middle(table) + follows > width)
		table->bar_width = 0;
	if (NAME_LEAST + 8 + middle(table) + follows > width)
		table->percent_width = 0;
	if (middle(table) + follows + NAME_LEAST > width)
		follows = 0;
	table->name_width = at_least(NAME_LEAST, width - follows > middle(table)
				     ? width - follows - middle(table) : 0);
	if (table->name_width > names)
		table->name_width = names;
	if (width > table->name_width + middle(table) + 2)
		table->rest_width = width - table->name_width -
				    middle(table) - 2;
	else
		table->rest_width = 1;
}

void out_coloured(struct table *table, const char *sgr, const char *text,
		  size_t length)
{
	if (table->options->colour && *sgr)
		out_format(table->out, "\033[%sm", sgr);
	out_bytes(table->out, text, length);
	if (table->options->colour && *sgr)
		out_text(table->out, "\033[0m");
}

/* Spaces wait for something to stand behind them: no line ends in any. */
static void spaces(struct table *table, size_t count)
{
	table->pending += (unsigned)count;
}

static void flush_spaces(struct table *table)
{
	out_repeat(table->out, ' ', table->pending);
	table->pending = 0;
}

static void column(struct table *table, const char *text, unsigned width,
		   const char *sgr)
{
	size_t length = strlen(text);

	spaces(table, 1 + (length < width ? width - length : 0));
	if (!length)
		return;
	flush_spaces(table);
	out_coloured(table, sgr, text, length);
}

void table_header(struct table *table, const char *title, const char *second)
{
	struct text name = { title, strlen(title) };
	unsigned columns;

	if (table->options->colour)
		out_text(table->out, "\033[1m");
	columns = out_name(table->out, name, table->name_width, true);
	if (table->options->colour)
		out_text(table->out, "\033[0m");
	table->pending = table->name_width - columns;
	if (table->single) {
		column(table, "size", table->number_width, "");
	} else {
		column(table, "old", table->number_width, "");
		column(table, "new", table->number_width, "");
		column(table, "delta", table->number_width, "");
	}
	if (table->percent_width)
		column(table, table->single ? "share" : "%",
		       table->percent_width, "");
	if (table->has_second)
		column(table, second, table->second_width, "");
	out_char(table->out, '\n');
}

/* Growth is red and shrinkage green; the signs say it without colour. */
static void delta_column(struct table *table, int64_t delta, unsigned width)
{
	char text[NUMBER_MAX];

	format_delta(text, delta);
	column(table, text, width, delta > 0 ? "31" : delta < 0 ? "32" : "");
}

static void share_column(struct table *table, struct figure figure)
{
	char text[NUMBER_MAX];

	if (!table->single)
		format_percent(text, figure.bytes[OLD], figure.bytes[NEW]);
	else
		snprintf(text, sizeof(text), "%.1f%%", table->whole
			 ? 100.0 * (double)figure.bytes[NEW] /
				   (double)table->whole
			 : 0.0);
	column(table, text, table->percent_width, "");
}

static void bar_column(struct table *table, struct figure figure)
{
	int64_t delta = figure_delta(figure);
	uint64_t part = magnitude(delta);
	uint64_t whole = table->largest_delta;
	unsigned columns;

	if (table->single) {
		part = figure.bytes[NEW];
		whole = table->whole;
	}
	spaces(table, 2);
	if (part)
		flush_spaces(table);
	columns = out_bar(table->out, part, whole, table->bar_width,
			  table->options->unicode);
	spaces(table, table->bar_width - columns);
}

void table_row(struct table *table, unsigned indent, struct text name,
	       struct cells cells)
{
	unsigned room = table->name_width > indent + 4
		? table->name_width - indent : 4;
	char text[NUMBER_MAX];
	unsigned columns;

	table->pending = 0;
	out_repeat(table->out, ' ', indent);
	columns = out_name(table->out, name,
			   table->options->width ? room : 0,
			   table->options->unicode);
	if (columns < room)
		spaces(table, room - columns);
	if (!table->single) {
		format_size(text, cells.figure.bytes[OLD]);
		column(table, text, table->number_width, "");
	}
	format_size(text, cells.figure.bytes[NEW]);
	column(table, text, table->number_width, "");
	if (!table->single)
		delta_column(table, figure_delta(cells.figure),
			     table->number_width);
	if (table->percent_width)
		share_column(table, cells.figure);
	if (table->has_second && table->single) {
		format_size(text, (uint64_t)cells.second);
		column(table, text, table->second_width, "");
	} else if (table->has_second) {
		delta_column(table, cells.second, table->second_width);
	}
	if (table->bar_width)
		bar_column(table, cells.figure);
}

void table_follow(struct table *table, struct text text)
{
	if (!text.length || table->rest_width == 1)
		return;
	spaces(table, 2);
	flush_spaces(table);
	out_name(table->out, text, table->rest_width,
		 table->options->unicode);
}

void table_end(struct table *table)
{
	out_char(table->out, '\n');
}

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_TABLE_H
#define VMDELTA_REPORT_TABLE_H

/*
 * Lines of a text report: name, old, new, delta, and what may follow. One
 * build alone has size and share instead. The widths are fixed before the
 * first line, from the largest figures, so that lines can be written as they
 * come.
 */

#include "report/format.h"
#include "report/sort.h"
#include "vmdelta.h"

struct table {
	struct out *out;
	const struct vmd_options *options;
	bool single;            /* one build: size and share */
	bool has_second;        /* a further delta: see table_row() */
	unsigned name_width;    /* columns, indentation included */
	unsigned number_width;
	unsigned second_width;
	unsigned percent_width; /* 0: no such column */
	unsigned bar_width;     /* 0: no bars */
	unsigned rest_width;    /* for what follows a line; 0: any */
	uint64_t whole;         /* that shares and bars of one build are of */
	uint64_t largest_delta; /* that bars are of */
	unsigned pending;       /* spaces not written yet */
};

/* What goes into a line besides its name. */
struct cells {
	struct figure figure;
	int64_t second; /* where the table has that column: a delta, or the
			   size of one build alone */
};

/*
 * Chooses the widths: `largest` is the biggest figure, `names` the columns of
 * the longest name with its indentation, `follows` the columns wanted behind
 * the numbers.
 */
void table_layout(struct table *table, struct figure largest, unsigned names,
		  unsigned follows);

void table_header(struct table *table, const char *title, const char *second);

/* A whole line but for its end, so that more may follow. */
void table_row(struct table *table, unsigned indent, struct text name,
	       struct cells cells);
/* What follows the numbers, cut to the room that is left. */
void table_follow(struct table *table, struct text text);
void table_end(struct table *table);

/* `text` in an SGR colour where the options allow it: "1", "31", "32". */
void out_coloured(struct table *table, const char *sgr, const char *text,
		  size_t length);

#endif

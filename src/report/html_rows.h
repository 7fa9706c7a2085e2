/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_HTML_ROWS_H
#define VMDELTA_REPORT_HTML_ROWS_H

/*
 * The rows of the HTML report: one a symbol, with all its bytes wherever they
 * lie, and one for each section and unit whose bytes have no symbol.
 */

#include "base/map.h"
#include "report/report.h"

struct html_row {
	struct text name;        /* new name, else old; else what it is */
	struct text old_name;    /* of a renamed symbol, else empty */
	uint32_t pair;           /* index in match.pairs, or NONE */
	uint32_t section, unit;  /* in html_rows.sections, .units; 0: none */
	struct sums sums[SIDES];
};

struct html_rows {
	struct report report;    /* by section,unit,symbol */
	struct html_row *list;
	size_t count, capacity;
	uint32_t *row_of_pair;   /* NONE: no bytes */
	struct names sections, units; /* those that rows name, in order */
};

/* Returns 0, or -1 with *err; html_rows_release() may follow in both cases. */
int html_rows_init(struct html_rows *rows, const struct comparison *comparison,
		   const struct vmd_options *options, struct err *err);
void html_rows_release(struct html_rows *rows);

/* True where a row's bytes differ in some domain. */
bool html_row_changed(const struct html_row *row);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_FORMATS_H
#define VMDELTA_REPORT_FORMATS_H

/*
 * One function a format; each writes a whole report to `out` and returns 0,
 * or -1 with *err filled: bad options, out of memory, a failed write, or sums
 * that do not hold.
 */

#include <stdio.h>

#include "report/report.h"

/* The dimensions of flat formats where none are given. */
#define DEFAULT_BY "section,symbol"

int json_render(const struct comparison *comparison,
		const struct vmd_options *options, FILE *out, struct err *err);
int csv_render(const struct comparison *comparison,
	       const struct vmd_options *options, FILE *out, struct err *err);
int markdown_render(const struct comparison *comparison,
		    const struct vmd_options *options, FILE *out,
		    struct err *err);
int text_render(const struct comparison *comparison,
		const struct vmd_options *options, FILE *out, struct err *err);
int first_screen_render(const struct comparison *comparison,
			const struct vmd_options *options, FILE *out,
			struct err *err);

#endif

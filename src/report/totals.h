/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_TOTALS_H
#define VMDELTA_REPORT_TOTALS_H

/* Who is compared, and the three figures that always stand together. */

#include "report/table.h"

/* "OLD -> NEW   x86-64, Linux 6.1.192, clang 14.0.6": one to three lines. */
void totals_write_builds(struct out *out, const struct comparison *comparison,
			 const struct vmd_options *options);

/* Content, alignment and gaps, image, file; `table` has its layout. */
void totals_write(struct table *table, const struct comparison *comparison,
		  const struct sums total[SIDES]);

/*
 * "paired by: exact 18,123,456, canonical 1,234,567, ...": the bytes of
 * symbols that each kind of evidence paired. Nothing for a single build.
 */
void totals_write_levels(struct out *out, const struct comparison *comparison);

/* The warnings of both builds, one a line; quiet options leave them out. */
void totals_write_warnings(struct out *out,
			   const struct comparison *comparison,
			   const struct vmd_options *options);

#endif

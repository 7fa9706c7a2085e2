/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_REPORT_H
#define VMDELTA_REPORT_REPORT_H

/*
 * Reports: what include/vmdelta.h promises, over a comparison. Formats are
 * one file each; all take a struct report (grouped and resolved options).
 */

#include <stdio.h>

#include "base/err.h"
#include "explain/comparison.h"
#include "report/group.h"
#include "report/sort.h"
#include "vmdelta.h"

/* Writes the report that the options ask for. Returns 0, or -1 with *err. */
int report_render(const struct comparison *comparison,
		  const struct vmd_options *options, FILE *out,
		  struct err *err);

/* True where no byte of either domain differs in any section or symbol. */
bool report_equal(const struct comparison *comparison);

/* A comparison, grouped by options->by, and how to show it. */
struct report {
	const struct comparison *comparison;
	const struct vmd_options *options;
	struct keys keys;
	struct filters filters;
	struct groups groups;
	struct order order;  /* what to sort by, in which domain */
	size_t limit;        /* rows a level, SIZE_MAX: all */
};

/*
 * Groups by options->by, or by `by` where that is NULL. Returns 0, or -1 with
 * *err; report_release() may follow in both cases.
 */
int report_init(struct report *report, const struct comparison *comparison,
		const struct vmd_options *options, const char *by,
		bool name_nulls, struct err *err);
void report_release(struct report *report);

/* Returns 0 where `shown` is the whole of both builds, else -1 with *err. */
int report_check_shown(const struct report *report,
		       const struct sums shown[SIDES], struct err *err);

/* VMD_DOMAIN_AUTO resolved: image for linked kernels, else file. */
enum vmd_domain report_domain(const struct comparison *comparison,
			      const struct vmd_options *options);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_THRESHOLD_H
#define VMDELTA_REPORT_THRESHOLD_H

/*
 * One rule of --fail-if: METRIC OP VALUE.
 *
 *	METRIC  image, image-total, file, btf, image-end, or DIM:KEY
 *	        (class:text, dir:net/, ...), and what of it: .old, .new or
 *	        .delta, which is the default
 *	OP      > >= < <= == !=
 *	VALUE   a number with a unit (K, M, G: powers of 1024) or with %,
 *	        which compares the delta as a share of the old size
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "report/dimension.h"

enum metric {
	METRIC_IMAGE,       /* content: what alignment cannot hide */
	METRIC_IMAGE_TOTAL, /* with padding, alignment and gaps */
	METRIC_FILE,
	METRIC_BTF,
	METRIC_IMAGE_END,   /* _end, from where the image begins */
	METRIC_KEY          /* one value of a dimension */
};

enum metric_part { PART_DELTA, PART_OLD, PART_NEW, PART_PERCENT };
enum comparing { ABOVE, AT_LEAST, BELOW, AT_MOST, EQUAL, NOT_EQUAL };

struct threshold {
	enum metric metric;
	enum metric_part part;
	enum comparing comparing;
	const struct dimension *dimension; /* of METRIC_KEY */
	struct text key;                   /* in the rule's text */
	double value;
	const char *rule;                  /* as given */
};

/* Reads one rule, whose text must stay. Returns 0, or -1 with *err. */
int threshold_parse(struct threshold *threshold, const char *rule,
		    struct err *err);

/* What the builds have to be loaded with: enum need, or-ed. */
unsigned threshold_needs(const struct threshold *threshold);

/* True where the figures break the rule. */
bool threshold_broken(const struct threshold *threshold, uint64_t old_size,
		      uint64_t new_size);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_EXPLAIN_REPEATED_H
#define VMDELTA_EXPLAIN_REPEATED_H

/*
 * Debug information that is there several times: units without code that
 * repeat another unit of the same source file. What it costs, relocations
 * included, by file, by directory and by section.
 */

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "match/match.h"

struct comparison;

struct repeated_row {
	const char *name;       /* file, directory or section */
	size_t length;          /* of the name */
	uint32_t units[SIDES];  /* copies; 0 for sections */
	uint64_t bytes[SIDES];  /* in the file */
};

struct repeated_rows {
	struct repeated_row *list; /* the most bytes on either side first */
	uint32_t count;
	size_t capacity;
};

struct repeated {
	struct repeated_rows files, dirs, sections;
	uint32_t units[SIDES];  /* code-less copies */
	uint32_t sources[SIDES]; /* of so many source files */
	uint64_t bytes[SIDES];
};

/*
 * Sums up what comparison->causes calls repeated units. Returns 0, or -1 when
 * out of memory. repeated_release() may follow in both cases.
 */
int repeated_find(struct repeated *repeated,
		  const struct comparison *comparison, struct err *err);
void repeated_release(struct repeated *repeated);

#endif

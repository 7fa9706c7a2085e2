/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_EXPLAIN_FLAGS_H
#define VMDELTA_EXPLAIN_FLAGS_H

/*
 * The compiler's command line, as far as DWARF keeps it (DW_AT_producer): the
 * producer of most units, and the flags that only one build has.
 */

#include "base/arena.h"
#include "base/err.h"
#include "match/match.h"

struct comparison;

#define FLAGS_MAX 32 /* that are told of each side */

struct flags {
	const char *producer[SIDES];  /* of most units, or NULL */
	const char *only[SIDES][FLAGS_MAX]; /* flags of one side alone */
	uint32_t count[SIDES];
	struct arena arena;
};

/* Returns 0, or -1 when out of memory; flags_release() may follow. */
int flags_compare(struct flags *flags, const struct comparison *comparison,
		  struct err *err);
void flags_release(struct flags *flags);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_EXPLAIN_COMPARISON_H
#define VMDELTA_EXPLAIN_COMPARISON_H

/* Two builds, booked and paired: what reports are made from. */

#include "base/names.h"
#include "explain/cause.h"
#include "explain/limit.h"
#include "ledger/build.h"
#include "match/match.h"

struct comparison {
	struct build builds[SIDES];
	bool single;        /* `show`: builds[OLD] is empty */
	struct names names; /* shared by both sides */
	struct match match;
	struct kconfig_diff config; /* options that differ */
	struct causes causes;       /* empty where nothing asks for them */
	struct limit limits[SIDES]; /* likewise */
};

/* builds[side], or NULL for the empty side of a single build. */
static inline const struct build *
comparison_build(const struct comparison *comparison, unsigned side)
{
	if (comparison->single && side == OLD)
		return NULL;
	return &comparison->builds[side];
}

#endif

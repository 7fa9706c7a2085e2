/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_USES_H
#define VMDELTA_REPORT_USES_H

/*
 * How much an inlined function costs in all: a row of -b inlinee has the
 * bytes of which it is the innermost function; here are those anywhere on the
 * way, with what is inlined into it in turn, and how often it was copied.
 */

#include "base/err.h"
#include "match/match.h"
#include "report/group.h"
#include "vmdelta.h"

struct inline_use {
	uint64_t image[SIDES];  /* bytes that it is on the way to, */
	uint64_t file[SIDES];   /* records about its code included */
	uint32_t copies[SIDES]; /* inlined copies that have such bytes */
};

/* True where the rows below the root are inlined functions. */
bool uses_wanted(const struct dimension_list *list);

/* Fills keys->uses, by key of inlinee. Returns 0, or -1 with *err. */
int uses_find(struct keys *keys, struct err *err);

/* Of a group that is an inlined function; NULL: it is none. */
const struct inline_use *use_of(const struct groups *groups, uint32_t group);

/* "12 -> 213 copies, 1,024 -> 45,120 bytes through it", in `arena`. */
struct text use_text(struct arena *arena, const struct inline_use *use,
		     enum vmd_domain domain, bool single);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_STORY_H
#define VMDELTA_REPORT_STORY_H

/*
 * What the rows of -b cause,inlinee tell beyond bytes: how often a function
 * is inlined, in how many others, and what code of its own went or came.
 */

#include "report/group.h"

struct story {
	const struct inline_story *inlined; /* NULL: the group is no such row */
	const struct cause_function *function;
};

struct story story_of(const struct groups *groups, uint32_t group);

/*
 * Where the inlined function of a group comes from: "include/linux/slab.h",
 * or "kernel/sched/wait.c of kernel/sched/build_utility.c" where its unit is
 * another file; empty for other groups.
 */
struct text story_origin(struct arena *arena, const struct groups *groups,
			 uint32_t group);

/* "copies 0 -> 213 in 145 functions, out of line 16 -> 17", in `arena`. */
struct text story_text(struct arena *arena, const struct story *story);

#endif

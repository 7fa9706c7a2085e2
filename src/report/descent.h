/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_DESCENT_H
#define VMDELTA_REPORT_DESCENT_H

/*
 * The way of entries down the tree of groups, a step a dimension: from the
 * group that an entry has come to and the key of the next dimension to the
 * group below, which is made where it is not there yet.
 */

#include "report/filter.h"
#include "report/grouping.h"

#define DESCENT_BLOCK FILTER_BLOCK /* entries that go down together */

struct descent {
	struct groups *groups;           /* borrowed */
	uint32_t *direct[2];             /* first step from each root, by key */
	size_t slots;                    /* in each; the last is for NONE */
	bool flat;                       /* groups->list is such an array */
	uint32_t *recent;                /* second step: the last group of each
					    key; NULL: it is hashed */
	size_t recent_slots;             /* keys; the last is for NONE */
	uint64_t expected;               /* groups */
	uint32_t *heads;                 /* further steps: a group by hash, 0: */
	size_t head_count;               /* none; their count, a power of two,
					    or 0: nothing is hashed so far */
	uint32_t *next;                  /* by group: the next of its hash, or 0 */
	size_t next_capacity;
	uint32_t head[DESCENT_BLOCK];    /* where an entry's step is hashed */
};

/*
 * Makes the first `roots` of both roots, in groups that have none, with room
 * for `expected` groups and more. `ordered` says that entries will come in an
 * order in which those of one first key follow each other. `descent` is
 * zeroed. Returns 0, or -1; descent_release() may follow in both cases.
 */
int descent_init(struct descent *descent, struct groups *groups, size_t roots,
		 uint64_t expected, bool ordered, struct err *err);
void descent_release(struct descent *descent);

/*
 * Takes `count` entries, at most a block, down by one level: group[] is where
 * each has come to. Returns 0, or -1 when out of memory.
 */
int descent_all(struct descent *descent, uint8_t level, const uint32_t *keys,
		uint32_t *group, size_t count, struct err *err);

/*
 * The group that stands for group `group` of `from`, below `parent`, which
 * stands for the one above; NONE when out of memory. Below the second level
 * it is made anew: parts of a group-by have none of those in common.
 */
uint32_t descent_copy(struct descent *descent, const struct groups *from,
		      uint32_t group, uint32_t parent, struct err *err);

#endif

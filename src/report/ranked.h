/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_RANKED_H
#define VMDELTA_REPORT_RANKED_H

#include "report/group.h"

/* A group and the number that it is sorted by, the smallest first. */
struct ranked {
	uint64_t rank;
	uint32_t group;
	uint32_t name; /* ranked_sort()'s own */
};

/*
 * Sorts by rank, equal ranks by name, equal names as they stood; the ranks
 * are lost. Linear in the rows and the bytes of name that tell them apart.
 * Returns 0, or -1 when out of memory.
 */
int ranked_sort(const struct groups *groups, struct ranked *items,
		size_t count);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_BASE_RADIX_H
#define VMDELTA_BASE_RADIX_H

/* Sorting of numbers that stand for something, by a key: linear and stable. */

#include <stddef.h>
#include <stdint.h>

struct radix_item {
	uint64_t key;
	uint32_t value;
};

/*
 * Sorts by key; equal keys keep their order. `scratch` has room for `count`
 * too. Costs one pass for each 12 bits in which keys differ, so small keys are
 * cheap and a sorted list costs one look.
 */
void radix_sort(struct radix_item *items, struct radix_item *scratch,
		size_t count);

#endif

/* SPDX-License-Identifier: MIT */
#include "base/radix.h"

#include <stdbool.h>
#include <string.h>

#define BITS 12
#define BUCKETS (1u << BITS)

static bool is_sorted(const struct radix_item *items, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (items[i].key < items[i - 1].key)
			return false;
	return true;
}

static void sort_pass(const struct radix_item *from, struct radix_item *to,
		      size_t count, unsigned shift)
{
	size_t start[BUCKETS] = { 0 }, sum = 0;

	for (size_t i = 0; i < count; i++)
		start[(from[i].key >> shift) & (BUCKETS - 1)]++;
	for (unsigned b = 0; b < BUCKETS; b++) {
		size_t size = start[b];

		start[b] = sum;
		sum += size;
	}
	for (size_t i = 0; i < count; i++)
		to[start[(from[i].key >> shift) & (BUCKETS - 1)]++] = from[i];
}

void radix_sort(struct radix_item *items, struct radix_item *scratch,
		size_t count)
{
	struct radix_item *from = items, *to = scratch;
	uint64_t differ = 0;

	if (is_sorted(items, count))
		return;
	for (size_t i = 1; i < count; i++)
		differ |= items[i].key ^ items[0].key;
	for (unsigned shift = 0; shift < 64 && differ >> shift;
	     shift += BITS) {
		struct radix_item *swap = from;

		if (!((differ >> shift) & (BUCKETS - 1)))
			continue;
		sort_pass(from, to, count, shift);
		from = to;
		to = swap;
	}
	if (from != items)
		memcpy(items, from, count * sizeof(*items));
}

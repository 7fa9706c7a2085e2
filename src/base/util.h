/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_BASE_UTIL_H
#define VMDELTA_BASE_UTIL_H

/* What every stage may use; nothing here knows what an image is. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For loops that are made anew where some of what they ask is constant. */
#define INLINE static inline __attribute__((always_inline))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* The field's word for "no index": no symbol, no unit, no path, ... */
#define NONE UINT32_MAX

static inline uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* True for the `size` numbers from `start` on. */
static inline bool lies_in(uint64_t at, uint64_t start, uint64_t size)
{
	return at >= start && at - start < size;
}

/* Where a sorted list has `value`; `count` where it has not. */
static inline size_t sorted_find(const uint32_t *list, size_t count,
				 uint32_t value)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list[middle] < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && list[low] == value ? low : count;
}

/* How much larger the new one is; wraps on the way. */
static inline int64_t size_delta(uint64_t new_size, uint64_t old_size)
{
	return (int64_t)(new_size - old_size);
}

/* Without its sign; the least number has one, too. */
static inline uint64_t magnitude(int64_t delta)
{
	return delta < 0 ? ~(uint64_t)delta + 1 : (uint64_t)delta;
}

#endif

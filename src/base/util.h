/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_BASE_UTIL_H
#define VMDELTA_BASE_UTIL_H

/* What every stage may use; nothing here knows what an image is. */

#include <stddef.h>
#include <stdint.h>

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

#endif

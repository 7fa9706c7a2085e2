/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_BASE_TAILS_H
#define VMDELTA_BASE_TAILS_H

/*
 * Names in a string table may share their tails, so that a megabyte of "n"
 * gives a million records a million names of a megabyte: whoever reads them
 * all never ends. Compilers write long names, too, but few. So a name of up to
 * TAIL_FREE bytes costs nothing, and all longer ones together may have
 * TAIL_SHARE times the bytes of their table; who comes later has no name.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define TAIL_FREE 1024u
#define TAIL_SHARE 16u

/*
 * False where no name can have TAIL_FREE bytes. Looks at each block alone, up
 * to its first NUL: a run of that length has a whole block in it.
 */
static inline bool tails_may_be_long(const char *strings, uint64_t size)
{
	const size_t block = TAIL_FREE / 2;

	for (uint64_t at = 0; size - at > block; at += block)
		if (!memchr(strings + at, 0, block))
			return true;
	return false;
}

#endif

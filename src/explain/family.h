/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_EXPLAIN_FAMILY_H
#define VMDELTA_EXPLAIN_FAMILY_H

/*
 * Families: a function with what was split off it (.cold, .part, prefix,
 * stub), as match.pairs[].parent joins them. Code that moves between the
 * members of a family is no growth.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "match/match.h"

struct comparison;

#define FAMILY_HAS_OLD 0x01u
#define FAMILY_HAS_NEW 0x02u
#define FAMILY_SPLIT 0x04u      /* the net is movement to or from a part */
#define FAMILY_LANDING_PAD 0x08u /* the net is a landing pad, come or gone */
#define FAMILY_KALLSYMS 0x10u   /* the loaded symbol table */
#define FAMILY_STUB 0x20u       /* a stub took the place of the function */

struct families {
	uint32_t *root;         /* pair -> the family's first pair */
	uint8_t *flags;         /* by root: FAMILY_* */
	uint32_t (*code)[SIDES]; /* by root: bytes of all members' code, at
				    most UINT32_MAX; may be NULL */
};

/*
 * `code` is only sure to be there with `with_code`. Returns 0, or -1 when out
 * of memory; families_release() may follow in both cases.
 */
int families_find(struct families *families,
		  const struct comparison *comparison, bool with_code,
		  struct err *err);
void families_release(struct families *families);

/* The pair of an entry's symbol, or NONE. */
static inline uint32_t pair_of_symbol(const struct match *match, unsigned side,
				      uint32_t symbol)
{
	return symbol == NONE ? NONE : match->pair_of[side][symbol];
}

static inline bool family_is_gone(const struct families *families,
				  uint32_t root)
{
	return !(families->flags[root] & FAMILY_HAS_NEW);
}

static inline bool family_is_new(const struct families *families,
				 uint32_t root)
{
	return !(families->flags[root] & FAMILY_HAS_OLD);
}

#endif

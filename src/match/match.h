/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_MATCH_MATCH_H
#define VMDELTA_MATCH_MATCH_H

/*
 * Pairing: which symbol of the new build is which symbol of the old one. Only
 * owners are paired (ledger.owner[s] == s); an alias is evidence for its
 * owner's pair. Section names fold to the section that the kernel's linker
 * script would put them in.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/names.h"
#include "ledger/build.h"

enum { OLD, NEW, SIDES };

/* The evidence for a pair; rows of levels[] in match.c, the surest first. */
enum level {
	LEVEL_NONE,      /* one-sided: added, removed, or a single build */
	LEVEL_EXACT,     /* name, file, kind and class */
	LEVEL_CANONICAL, /* canonical name, file, kind and class */
	LEVEL_NAME,      /* canonical name, kind and class */
	LEVEL_FILE,      /* of several: by source file */
	LEVEL_MODULE,    /* of several: by .llvm. module key */
	LEVEL_SIZE,      /* of several: by section and size */
	LEVEL_CONTENT,   /* of several: by bytes */
	LEVEL_ORDER,     /* of several: by order inside one unit */
	LEVEL_RENAMED,   /* other name, same content or declaration */
	LEVEL_CHILD,     /* follows its parent's pair */
	LEVEL_COUNT
};
const char *level_name(enum level level);

struct pair {
	uint32_t symbol[SIDES]; /* owners, or NONE */
	uint32_t parent;        /* pair that a child rolls up into, or itself */
	uint8_t level;          /* enum level */
	uint8_t symbol_class;   /* enum symbol_class, symname.h */
};

struct match {
	struct pair *pairs;
	uint32_t pair_count;
	uint32_t *pair_of[SIDES];  /* symbol -> pair; NONE if it owns nothing */
	uint32_t *section_name[SIDES]; /* section -> interned folded name */
	uint64_t level_bytes[LEVEL_COUNT]; /* sizes of the pairs' symbols, the
					      new one's where there is one */
	struct arena arena;
};

struct match_options {
	bool exact_names; /* --exact-names: canonical names off */
};

/*
 * Pairs builds[OLD] with builds[NEW]; a NULL side is an empty build. `names`
 * receives every name that is compared. Returns 0, or -1 with *err filled.
 */
int match_run(struct match *match, struct names *names,
	      const struct build *const builds[SIDES],
	      const struct match_options *options, struct err *err);

/*
 * The name to show for one side of a pair: of an owner's aliases the one that
 * the other build has too, then a sized one, a function or an object, one
 * without a compiler's suffix. NONE where the side has no symbol.
 */
uint32_t match_display(const struct build builds[SIDES],
		       const struct pair *pair, unsigned side);

void match_release(struct match *match);

#endif

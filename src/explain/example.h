/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_EXPLAIN_EXAMPLE_H
#define VMDELTA_EXPLAIN_EXAMPLE_H

/*
 * The largest examples of each cause, gathered while causes are found. For
 * the millions of symbols of a vmlinux.o there is one dense slot each; only a
 * symbol with several causes needs a look-up.
 */

#include "base/map.h"
#include "explain/cell.h"

/* Deltas of one thing under one cause. */
struct contribution {
	int64_t image, file;
	uint32_t key;
	uint8_t cause;
};

/* The same for a pair, where the deltas are small and one cause is enough. */
struct pair_slot {
	int32_t image, file;
};

struct examples {
	const struct cells *cells;
	struct pair_slot *pairs;        /* by root */
	uint8_t *pair_causes;           /* by root; CAUSE_COUNT: none yet */
	struct contribution *functions; /* by function, four causes each */
	struct map map;                 /* cause and key -> index in list */
	struct contribution *list;      /* all others */
	uint32_t count;
	size_t capacity;
	uint64_t last_key;              /* of the last look-up, and where */
	uint32_t last;
	uint32_t *unit_name[SIDES];     /* unit -> name in causes->names */
	uint64_t *live[SIDES];          /* node -> bytes with its own cause */
};

/* All return 0, or -1 when out of memory. */
int examples_start(struct examples *examples, const struct cells *cells,
		   struct causes *causes);
int examples_add(struct examples *examples, const struct cell *cell,
		 enum cause cause);
/* Sorts out the largest into causes->examples. */
int examples_finish(struct examples *examples, struct causes *causes);
void examples_release(struct examples *examples);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_EXPLAIN_CAUSE_H
#define VMDELTA_EXPLAIN_CAUSE_H

/*
 * Why bytes differ. Every entry of both ledgers has exactly one cause, so
 * causes sum to the whole difference in every domain. What did not change has
 * one too: its old and new bytes carry the same cause and cancel.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/names.h"
#include "ledger/sums.h"
#include "match/match.h"

struct comparison;
struct entry;

/* In the order of the table in cause.c: the first that fits an entry wins. */
enum cause {
	CAUSE_REPEATED_UNITS,
	CAUSE_DEBUG_CODE,
	CAUSE_DEBUG_TYPES,
	CAUSE_DEBUG_LINES,
	CAUSE_DEBUG_LOCATIONS,
	CAUSE_DEBUG_STRINGS,
	CAUSE_DEBUG_OTHER,
	CAUSE_DEBUG_RELOCATIONS,
	CAUSE_RELOCATIONS,
	CAUSE_SYMBOL_NAMES,
	CAUSE_HEADERS,
	CAUSE_ZERO_FILL,
	CAUSE_PADDING,
	CAUSE_ALIGNMENT,
	CAUSE_BTF_COPIES,
	CAUSE_BTF_NEW,
	CAUSE_SIDE_TABLES,
	CAUSE_STRINGS,
	CAUSE_DATA,
	CAUSE_CFI,
	CAUSE_INLINED_AWAY,
	CAUSE_NO_LONGER_INLINED,
	CAUSE_STUB,
	CAUSE_CLONE,
	CAUSE_COLD_SPLIT,
	CAUSE_ADDED,
	CAUSE_REMOVED,
	CAUSE_INLINED_FROM_UNIT,
	CAUSE_INLINED,
	CAUSE_OWN_CODE,
	CAUSE_COUNT
};

/* What the largest examples of a cause are. */
enum example_kind {
	EXAMPLE_PAIR,     /* index of match.pairs: a family's root */
	EXAMPLE_FUNCTION, /* index of causes.functions */
	EXAMPLE_UNIT,     /* interned name of a source file, causes.names */
	EXAMPLE_SECTION,  /* interned folded name, comparison.names */
	EXAMPLE_TYPE      /* interned "STRUCT page", causes.names */
};

/* "inlined away", "own code", ...; static texts. */
const char *cause_name(enum cause cause);
/* One sentence, capital and full stop, that says what the cause is. */
const char *cause_sentence(enum cause cause);
enum example_kind cause_example_kind(enum cause cause);
/* The dimensions of -b that show everything behind the cause. */
const char *cause_dimensions(enum cause cause);

/* What happened to a function: decided once, from all of its code. */
enum fate {
	FATE_KEPT,
	FATE_INLINED_AWAY,      /* code of its own gone, inlined copies grew */
	FATE_NO_LONGER_INLINED, /* the reverse */
	FATE_REMOVED,           /* gone, and not because it was inlined */
	FATE_ADDED
};

/*
 * A function of the source, in both builds: all functions of DWARF with one
 * name that are declared in one file.
 */
struct cause_function {
	uint32_t name;            /* in causes.names */
	uint32_t file;            /* likewise: where it is declared */
	uint8_t fate;             /* enum fate */
	uint64_t outside[SIDES];  /* bytes of its own, out-of-line code */
	uint64_t through[SIDES];  /* bytes with it anywhere in their path */
};

/* How often a function is inlined for one cause, and in how many others. */
struct inline_story {
	uint32_t copies[SIDES];
	uint32_t hosts[SIDES];
};

/* Causes that tell of inlined functions. */
#define INLINE_CAUSES 4

/* What one thing (see enum example_kind) contributes to a cause. */
struct example {
	uint32_t key;
	uint32_t copies[SIDES]; /* of a file: its repeated units */
	int64_t image, file;    /* deltas, bytes */
};

/* Examples that are kept of a cause. */
#define EXAMPLES_MAX 32

struct causes {
	uint8_t *of_entry[SIDES]; /* by index in the ledger: enum cause */
	struct sums sums[CAUSE_COUNT][SIDES];
	bool inlines;             /* DWARF on both sides: inlining is known */
	struct names names;       /* of functions, files and types */

	struct cause_function *functions;
	uint32_t function_count;
	struct inline_story (*stories)[INLINE_CAUSES]; /* by function */
	uint32_t *function_of_node[SIDES]; /* responsible for its cause */
	uint8_t *cause_of_node[SIDES];     /* where the host was kept */
	uint32_t *function_of_pair;        /* of a family's root, or NONE */
	uint32_t *root;           /* pair -> the family's first pair */

	struct example examples[CAUSE_COUNT][EXAMPLES_MAX]; /* largest first */
	uint32_t example_count[CAUSE_COUNT];
	uint32_t changed[CAUSE_COUNT]; /* things that differ at all */
	uint64_t copies[CAUSE_COUNT][SIDES]; /* inlined copies of all of them */
	struct arena arena;
};

/*
 * Finds the cause of every entry of both ledgers. Returns 0, or -1 when out
 * of memory. causes_release() may follow in both cases.
 */
int causes_run(struct causes *causes, const struct comparison *comparison,
	       struct err *err);
void causes_release(struct causes *causes);

/* The cause of an entry of one side's ledger, or of a row of its columns. */
enum cause causes_of(const struct causes *causes,
		     const struct comparison *comparison, unsigned side,
		     const struct entry *entry);

/*
 * The inlined function that an entry is about: for code of an inlining cause
 * the function responsible, else NONE. An index of causes.functions.
 */
uint32_t causes_function(const struct causes *causes,
			 const struct comparison *comparison, unsigned side,
			 const struct entry *entry);

/* The story of a function under a cause, or NULL where there is none. */
const struct inline_story *causes_story(const struct causes *causes,
					enum cause cause, uint32_t function);

/* The main reason for the change of a family of symbols. */
struct pair_cause {
	uint8_t cause;     /* enum cause */
	uint32_t function; /* index of causes.functions, or NONE */
	int64_t delta;     /* bytes of it, content */
};

/*
 * Finds the main causes of `count` pairs (roots of their families), in one
 * pass over the ledgers. Returns 0, or -1 when out of memory.
 */
int causes_of_pairs(const struct causes *causes,
		    const struct comparison *comparison,
		    const uint32_t *pairs, size_t count,
		    struct pair_cause *result, struct err *err);

#endif

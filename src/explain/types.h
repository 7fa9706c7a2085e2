/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_EXPLAIN_TYPES_H
#define VMDELTA_EXPLAIN_TYPES_H

/*
 * The BTF of two builds, side by side: what each kind costs, what copies
 * waste, which types are new and which are gone. Types of one kind and name
 * are one type here; unnamed ones of a kind are together.
 */

#include "ledger/build.h"
#include "match/match.h"

struct causes;
struct cells;

/* One kind, or a part (enum btf_part), on one side. */
struct type_sums {
	uint64_t count;      /* records */
	uint64_t bytes;      /* of the records */
	uint64_t name_bytes; /* of strings that only they use */
	uint64_t copies;     /* records that repeat an earlier one's shape */
	uint64_t copy_bytes;
};

struct type_change {
	uint32_t group[SIDES]; /* in btf.groups, or NONE */
	int64_t delta;         /* bytes, strings included; of copies: theirs */
	uint64_t weight;       /* by which lists are sorted */
};

/* Types that are kept of each list. */
#define TYPES_MAX 20

struct type_list {
	struct type_change at[TYPES_MAX]; /* the largest first */
	uint32_t count;
	uint32_t all;  /* that there are in both builds */
	int64_t bytes; /* delta of all of them */
};

struct types {
	bool present;   /* at least one side has BTF that was read */
	bool differ;    /* the two are not the same */
	struct type_sums kinds[BTF_PART_END][SIDES];
	struct type_sums total[SIDES]; /* of all types, without parts */
	struct type_list added, gone, changed;
	struct type_list copies; /* that are there several times */
};

/*
 * Compares the BTF of two builds, NULL: none. Returns 0, or -1 with *err when
 * out of memory. Nothing in *types needs to be released.
 */
int types_diff(struct types *types, const struct btf *const btf[SIDES],
	       struct err *err);

/*
 * Fills cells->btf_name and btf_groups: the label of each group as a number
 * in causes->names. Returns 0, or -1: out of memory.
 */
int types_compare(struct cells *cells, struct causes *causes);

#endif

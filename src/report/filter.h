/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_FILTER_H
#define VMDELTA_REPORT_FILTER_H

/*
 * --filter and --exclude: "[DIM:]REGEX", POSIX extended. An entry stays in
 * the rows when every filter matches it and no exclude does. Without DIM the
 * expression is tried on each dimension of the grouping. A symbol matches by
 * its name in either build.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "report/dimension.h"

struct filter; /* one expression, see filter.c */

struct filters {
	struct filter *list;
	size_t count;
};

/*
 * Compiles both lists (NULL-ended, or NULL). Returns 0, or -1 with *err:
 * a bad expression. filters_release() may follow in both cases.
 */
int filters_init(struct filters *filters, struct keys *keys,
		 const struct dimension_list *by, const char *const *keep,
		 const char *const *exclude, struct err *err);
void filters_release(struct filters *filters);

/*
 * Reads one expression as filters_init() will, and adds to *needs what its
 * dimension needs. Returns 0, or -1 with *err.
 */
int filter_check(const char *text, unsigned *needs, struct err *err);
/* The length of "DIM:" in front of an expression; 0: it has none. */
size_t filter_dimension_length(const char *text);

/*
 * Sets aside[i] to 1 for each of `count` entries (at most FILTER_BLOCK) that
 * the filters put aside, else to 0. What it learns about each key is kept.
 */
void filters_test(const struct filters *filters, unsigned side,
		  const struct entry *entries, size_t count, uint8_t *aside);
#define FILTER_BLOCK 1024

/* True where nothing can be set aside. */
static inline bool filters_empty(const struct filters *filters)
{
	return !filters || !filters->count;
}

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_STRETCHES_H
#define VMDELTA_REPORT_STRETCHES_H

/*
 * An order in which the entries of both ledgers can be taken: what both builds
 * have of one section follows each other. The groups of a section are then
 * made by one build and met again by the other before those of the next
 * section come, so a group-by that begins with the section need not search for
 * them. It is only an order: any other gives the same sums.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/dimension.h"

/* Entries [at, end) of one ledger, as ledger_read() counts them. */
struct stretch {
	uint64_t at, end;
	uint32_t key;  /* of the first dimension, for the first entry */
	uint32_t side;
};

struct stretches {
	struct stretch *list;
	size_t count, capacity;
};

/*
 * True where sections are few and large enough for it to pay, and the first
 * dimension is one of sections.
 */
bool stretches_pay(const struct comparison *comparison,
		   const struct dimension_list *list);

/* Returns 0, or -1 when out of memory. stretches_release() may follow. */
int stretches_make(struct stretches *stretches, const struct keys *keys,
		   const struct dimension *first, struct err *err);
void stretches_release(struct stretches *stretches);

#endif

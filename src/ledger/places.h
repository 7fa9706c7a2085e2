/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_LEDGER_PLACES_H
#define VMDELTA_LEDGER_PLACES_H

/*
 * The symbols of a build in the order of the places that they name, and who
 * stands for each place: names at one place with one extent are one owner.
 */

#include "base/err.h"
#include "image/image.h"
#include "ledger/ledger.h"

struct places {
	uint32_t *order; /* symbols by section, value, size (largest first) */
	uint32_t *first; /* section -> its first place in order; count + 1 */
};

/*
 * Sorts the symbols that can own bytes: named, defined in a section, not
 * anonymous. Near-linear: bucketed by section first. Returns 0, or -1 when out
 * of memory; places_release() may follow in both cases.
 */
int places_init(struct places *places, const struct image *image,
		struct err *err);
void places_release(struct places *places);

/* True where `a` is the better name of one place than `b`. */
bool places_prefer(const struct image *image, uint32_t a, uint32_t b);

#endif

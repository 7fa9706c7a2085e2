/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_EXPLAIN_FATE_H
#define VMDELTA_EXPLAIN_FATE_H

/*
 * Fates: what became of each function of the source, and what that makes of
 * the inlined copies of it.
 */

#include "explain/cause.h"
#include "explain/family.h"

struct comparison;

/*
 * Fills causes->functions with their fates, function_of_pair, and for both
 * sides function_of_node and cause_of_node. Without DWARF on both sides there
 * are no functions and everything is NONE. Returns 0, or -1: out of memory.
 */
int fates_decide(struct causes *causes, const struct families *families,
		 const struct comparison *comparison, struct err *err);

#endif

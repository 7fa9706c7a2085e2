/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_EXPLAIN_TYPES_H
#define VMDELTA_EXPLAIN_TYPES_H

/* Types of BTF that are there more or fewer times than before. */

#include "explain/cell.h"

/*
 * Fills cells->btf_copies, btf_name and btf_groups: a group (kind and name)
 * of one build is looked up in the other. Returns 0, or -1: out of memory.
 */
int types_compare(struct cells *cells, struct causes *causes);

#endif

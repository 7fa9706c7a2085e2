/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_TREE_H
#define VMDELTA_REPORT_TREE_H

/*
 * Which groups of a tree are shown. A row limit is spent where it matters:
 * the groups are opened best first, so that -n 20 gives the twenty largest
 * groups of all levels, each below those that hold it.
 */

#include "report/report.h"

struct tree {
	struct report *report;
	uint8_t *shown;         /* by group; NULL: all that changed */
	struct map kept_of;     /* by group: an index in kept */
	struct selection *kept; /* of groups that tree_below() was asked for */
	size_t capacity;
};

/* Chooses. Returns 0, or -1 when out of memory. */
int tree_choose(struct tree *tree, struct report *report, struct err *err);
void tree_release(struct tree *tree);

/* The one group below an inner group of a nesting dimension, or NONE. */
uint32_t tree_only_child(struct groups *groups, uint32_t group);

/* True where the groups below one say more than it does. */
bool tree_has_below(struct groups *groups, uint32_t group);

/*
 * The shown groups right below `group`, in order, and the sum of the others.
 * Returns 0, or -1 when out of memory. A limited tree knows what it was asked
 * before: text is measured first and then written, and a group may have a
 * hundred thousand below it of which none is shown.
 */
int tree_below(struct tree *tree, uint32_t group, struct selection *selection,
	       struct err *err);

#endif

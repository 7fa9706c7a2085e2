/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_SORT_H
#define VMDELTA_REPORT_SORT_H

/* The order of rows, the choice of the first of them, and what is left. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/ranked.h"
#include "vmdelta.h"

struct order {
	enum vmd_domain domain; /* resolved: image or file */
	enum vmd_sort sort;
	bool changed_only;      /* leave rows out that did not change */
	bool nonzero;           /* leave rows out whose figures are 0 */
};

/*
 * The figure that a row is sorted by and shown with: file bytes, or in the
 * image domain content; what is nothing but alignment shows that.
 */
struct figure {
	uint64_t bytes[SIDES];
};
struct figure order_figure(const struct order *order,
			   const struct groups *groups, uint32_t group);
int64_t figure_delta(struct figure figure);

/* True where `a` comes first; names decide between equal ranks. */
bool ranked_before(const struct groups *groups, const struct ranked *a,
		   const struct ranked *b);

/*
 * The best *limit groups of a list, in no order, without what the order leaves
 * out; *limit becomes their count. malloc'ed; NULL when out of memory.
 */
struct ranked *order_best(const struct order *order,
			  const struct groups *groups, const uint32_t *list,
			  size_t count, size_t *limit);

/* True for rows that the order leaves out. */
bool order_skips(const struct order *order, const struct groups *groups,
		 uint32_t group);

/* True where a figure of either domain differs. */
static inline bool group_changed(const struct groups *groups, uint32_t index)
{
	const struct group *group = &groups->list[index];
	const struct narrow_sums *old = &group->sums[OLD];
	const struct narrow_sums *new = &group->sums[NEW];
	const struct sums *wide;

	if (!group_is_wide(group))
		return old->file != new->file || old->image != new->image ||
		       old->fill != new->fill;
	wide = groups->wide[old->file];
	return wide[OLD].file != wide[NEW].file ||
	       wide[OLD].image != wide[NEW].image ||
	       wide[OLD].content != wide[NEW].content;
}

/* Rows that were chosen, in order, and the sum of the others. */
struct selection {
	uint32_t *groups;      /* malloc'ed */
	size_t count;
	size_t rest_count;     /* rows left out, unchanged ones included */
	size_t rest_changed;   /* of them, those that changed */
	struct sums rest[SIDES];
};

/*
 * Sorts `count` groups and keeps the first `limit`. Ties go by name, then by
 * the order in which groups were made. `list` is not kept. Returns 0, or -1
 * when out of memory.
 */
int selection_make(struct selection *selection, const struct order *order,
		   const struct groups *groups, const uint32_t *list,
		   size_t count, size_t limit, struct err *err);
/* The same of those groups alone that have a 1 in `chosen`, by group. */
int selection_of_chosen(struct selection *selection, const struct order *order,
			const struct groups *groups, const uint32_t *list,
			size_t count, const uint8_t *chosen, struct err *err);
/* Returns 0, or -1 when out of memory. */
int selection_copy(struct selection *copy, const struct selection *selection,
		   struct err *err);
void selection_release(struct selection *selection);

/* Before row `at` is looked at, in a walk over all of them. */
static inline void selection_prefetch(const struct selection *selection,
				      const struct groups *groups, size_t at)
{
	for (unsigned step = 0; step < PREFETCH_STEPS; step++)
		if (at + PREFETCH_AHEAD(step) < selection->count)
			groups_prefetch(groups, selection->groups[
				at + PREFETCH_AHEAD(step)], step);
}

#endif

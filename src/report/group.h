/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_GROUP_H
#define VMDELTA_REPORT_GROUP_H

/*
 * Group-by of both ledgers over a list of dimensions. Groups form a tree: the
 * root is everything, below it the values of the first dimension, and so on;
 * `leaf` groups are the rows of flat formats. What filters set aside is
 * grouped in the same way below a root of its own, so that
 *
 *	kept + filtered = the ledger's sums
 *
 * in every domain; groups_build() checks it and fails where it does not hold.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/pages.h"
#include "ledger/sums.h"
#include "report/dimension.h"
#include "report/filter.h"

void sums_subtract(struct sums *sums, const struct sums *less);
bool sums_equal(const struct sums *a, const struct sums *b);

/* The sums of nearly all groups. */
struct narrow_sums {
	uint32_t file;
	uint32_t image;
	uint16_t fill;  /* what of `image` is not content */
	uint16_t count; /* below GROUP_WIDE */
};

/* One group; compact, for a vmlinux.o makes millions. */
struct group {
	uint32_t parent;     /* group above; roots have NONE */
	uint32_t key;        /* of its dimension */
	struct narrow_sums sums[SIDES]; /* or wide ones, see group_is_wide() */
};
_Static_assert(sizeof(struct group) == 32, "millions exist");

#define GROUP_ROOT 0u     /* everything that filters keep */
#define GROUP_FILTERED 1u /* everything that they set aside */
#define GROUP_FIRST 2u    /* below one of these */

struct groups {
	struct keys *keys;           /* borrowed */
	struct dimension_list dimensions;
	bool name_nulls;
	uint32_t limit[DIMENSIONS_MAX]; /* keys of each dimension are below */
	struct group *list;          /* [0] and [1] are the roots; what counts
					no entries on either side is a hole */
	uint32_t count;
	struct pages_room room;      /* of list */
	uint8_t *level;              /* by group: index of its dimension; NULL
					where there is one flat dimension */
	struct sums (*wide)[SIDES];  /* of groups too big for narrow sums */
	uint32_t wide_count;
	size_t wide_capacity;
	struct sums total[SIDES];    /* of the ledgers */

	uint32_t *children;          /* groups by parent, see groups_children */
	uint32_t *first_child;       /* by group, and one more */
};

struct group_options {
	struct dimension_list dimensions;
	const struct filters *filters; /* may be NULL */
	bool name_nulls; /* split what has no value by nature, and name it */
	uint64_t large;  /* ledgers of so many entries are grouped in two
			    parts; 0: from where on it pays */
};

/*
 * Groups both ledgers of keys->comparison. Returns 0, or -1 with *err: out of
 * memory, or sums that do not hold. groups_release() may follow in both cases.
 */
int groups_build(struct groups *groups, struct keys *keys,
		 const struct group_options *options, struct err *err);
void groups_release(struct groups *groups);

/* In sums[OLD].count of a group that keeps its sums in groups.wide. */
#define GROUP_WIDE UINT16_MAX

/* True where sums[OLD].file is an index in groups.wide, and the sums there. */
static inline bool group_is_wide(const struct group *group)
{
	return group->sums[OLD].count == GROUP_WIDE;
}

static inline struct sums narrow_sums(const struct narrow_sums *narrow)
{
	return (struct sums){ narrow->file, narrow->image,
			      narrow->image - narrow->fill, narrow->count };
}

/* The bytes of a group and all below it. Asked for every row, several times. */
static inline struct sums groups_sums(const struct groups *groups,
				      uint32_t index, unsigned side)
{
	const struct group *group = &groups->list[index];

	if (group_is_wide(group))
		return groups->wide[group->sums[OLD].file][side];
	return narrow_sums(&group->sums[side]);
}

/* Adds the bytes of a group to sums of many. */
static inline void groups_add_to(struct sums sums[SIDES],
				 const struct groups *groups, uint32_t index)
{
	struct sums more = groups_sums(groups, index, NEW);

	sums_add(&sums[NEW], &more);
	if (!groups->total[OLD].count) /* there is no old build */
		return;
	more = groups_sums(groups, index, OLD);
	sums_add(&sums[OLD], &more);
}

/* The text of a group; *null where its dimension has no value there. */
struct text groups_label(const struct groups *groups, uint32_t group,
			 bool *null);
/*
 * Asks the processor for what groups_label() and groups_sums() will read: each
 * step for what the step before brought, so call it for a row at step
 * PREFETCH_STEPS - 1, for a later row at the step before, and so on. Rows in
 * sorted order lie all over memory, and waiting was most of printing them.
 */
void groups_prefetch(const struct groups *groups, uint32_t group,
		     unsigned step);
#define PREFETCH_STEPS 4u
#define PREFETCH_AHEAD(step) (8u * (PREFETCH_STEPS - (step)))

/* True for a group that nothing was booked to: walks leave it out. */
bool groups_is_hole(const struct groups *groups, uint32_t group);
/* True for "net/" as all of net/, false for the files right in it. */
bool groups_is_inner(const struct groups *groups, uint32_t group);
/* True for the groups that entries are booked to: none is below them. */
bool groups_is_leaf(const struct groups *groups, uint32_t group);
/* The dimension that the group is a value of. */
const struct dimension *groups_dimension(const struct groups *groups,
					 uint32_t group);

/*
 * The groups right below one, in no order. The first call sorts all groups by
 * parent. Returns the count, *list points into `groups`; -1 when out of
 * memory.
 */
int64_t groups_children(struct groups *groups, uint32_t group,
			const uint32_t **list);

/*
 * The rows of flat formats below a root (GROUP_ROOT or GROUP_FILTERED): the
 * groups of the last dimension that hold entries. malloc'ed; NULL when out of
 * memory.
 */
uint32_t *groups_leaves(const struct groups *groups, uint32_t root,
			size_t *count);

#endif

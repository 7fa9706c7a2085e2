/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_GROUPING_H
#define VMDELTA_REPORT_GROUPING_H

/* How groups come to be; for group.c, which keeps them, and grouping.c. */

#include "report/group.h"

#define INNER 0x80u      /* in level[]: a nested key above the leaf */
#define LEVEL_ROOT 0xffu

/* One dimension without nested keys: level[] is not kept. */
bool groups_are_flat(const struct groups *groups);

/* The roots, and `count` groups without a key or bytes. Returns 0 or -1. */
int groups_init_flat(struct groups *groups, size_t count, struct err *err);

/* A first allocation, for `expected` groups and more. Returns 0 or -1. */
int groups_reserve(struct groups *groups, uint64_t expected, struct err *err);

/* Makes room for one more group. Returns 0 or -1. */
int groups_make_room(struct groups *groups, struct err *err);

/*
 * Adds a group without bytes. Returns its index, NONE on failure. Asked for
 * every group: to be inlined.
 */
static inline uint32_t group_new(struct groups *groups, uint32_t parent,
				 uint32_t key, uint8_t level, struct err *err)
{
	if (groups->count >= groups->room.ready &&
	    groups_make_room(groups, err))
		return NONE;
	groups->list[groups->count] = (struct group){
		.parent = parent,
		.key = key,
	};
	groups->level[groups->count] = level;
	return groups->count++;
}

/* Adds to narrow sums. False where they would be too small: nothing is done. */
static inline bool narrow_add(struct narrow_sums *narrow,
			      const struct sums *more)
{
	uint64_t file = narrow->file + more->file;
	uint64_t image = narrow->image + more->image;
	uint64_t fill = narrow->fill + (more->image - more->content);
	uint64_t count = narrow->count + more->count;

	/* A sum that wraps has a large part. */
	if ((file | image | more->file | more->image) >> 32 ||
	    (fill | count | more->count) >= GROUP_WIDE)
		return false;
	narrow->file = (uint32_t)file;
	narrow->image = (uint32_t)image;
	narrow->fill = (uint16_t)fill;
	narrow->count = (uint16_t)count;
	return true;
}

/* Gives a group wide sums. */
int group_widen(struct groups *groups, uint32_t index, struct err *err);

/*
 * Adds bytes of one side to a group, not to those above it. Asked for every
 * entry: to be inlined.
 */
static inline int group_add(struct groups *groups, uint32_t index,
			    unsigned side, const struct sums *more,
			    struct err *err)
{
	struct group *group = &groups->list[index];

	if (!group_is_wide(group)) {
		if (narrow_add(&group->sums[side], more))
			return 0;
		if (group_widen(groups, index, err))
			return -1;
	}
	sums_add(&groups->wide[group->sums[OLD].file][side], more);
	return 0;
}

#endif

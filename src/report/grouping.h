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

/* Adds a group without bytes. Returns its index, NONE on failure. */
uint32_t group_new(struct groups *groups, uint32_t parent, uint32_t key,
		   uint8_t level, struct err *err);

/* Adds bytes of one side to a group, not to those above it. */
int group_add(struct groups *groups, uint32_t index, unsigned side,
	      const struct sums *more, struct err *err);

/* The same for few bytes, as nearly all entries are: to be inlined. */
static inline int group_add_few(struct groups *groups, uint32_t index,
				unsigned side, const struct sums *more,
				struct err *err)
{
	struct group *group = &groups->list[index];
	uint32_t *narrow = group->sums[side];
	uint64_t file = narrow[GROUP_FILE] + more->file;
	uint64_t image = narrow[GROUP_IMAGE] + more->image;

	/* A sum that wraps has a large part. */
	if (group_is_wide(group) ||
	    (file | image | more->file | more->image) >> 32 ||
	    narrow[GROUP_COUNT] + more->count >= GROUP_WIDE)
		return group_add(groups, index, side, more, err);
	narrow[GROUP_FILE] = (uint32_t)file;
	narrow[GROUP_IMAGE] = (uint32_t)image;
	narrow[GROUP_CONTENT] += (uint32_t)more->content;
	narrow[GROUP_COUNT] += (uint32_t)more->count;
	return 0;
}

#endif

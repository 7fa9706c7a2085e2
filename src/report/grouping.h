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

/* The same for one entry: the usual case is here, to be inlined. */
static inline int group_add_entry(struct groups *groups, uint32_t index,
				  unsigned side, const struct entry *entry,
				  struct err *err)
{
	struct group *group = &groups->list[index];
	uint32_t *narrow = group->sums[side];
	struct sums sums = { narrow[GROUP_FILE], narrow[GROUP_IMAGE],
			     narrow[GROUP_CONTENT], narrow[GROUP_COUNT] };
	struct sums more = { 0 };

	sums_add_entry(&sums, entry);
	if (!group_is_wide(group) &&
	    !((sums.file | sums.image | (sums.count + 1)) >> 32)) {
		narrow[GROUP_FILE] = (uint32_t)sums.file;
		narrow[GROUP_IMAGE] = (uint32_t)sums.image;
		narrow[GROUP_CONTENT] = (uint32_t)sums.content;
		narrow[GROUP_COUNT] = (uint32_t)sums.count;
		return 0;
	}
	sums_add_entry(&more, entry);
	return group_add(groups, index, side, &more, err);
}

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_LEDGER_SUMS_H
#define VMDELTA_LEDGER_SUMS_H

/* Sums of entries: of a ledger, a group of a report, a cause. */

#include "ledger/ledger.h"

/* Bytes of one side. */
struct sums {
	uint64_t file;    /* on disk */
	uint64_t image;   /* in memory */
	uint64_t content; /* in memory, without padding, alignment, gaps */
	uint64_t count;   /* entries */
};

static inline void sums_add(struct sums *sums, const struct sums *more)
{
	sums->file += more->file;
	sums->image += more->image;
	sums->content += more->content;
	sums->count += more->count;
}

/* The bytes of one entry. */
static inline struct sums sums_of_entry(const struct entry *entry)
{
	uint64_t image = entry->domains & IN_IMAGE ? entry->size : 0;

	return (struct sums){
		.file = entry->domains & IN_FILE ? entry->size : 0,
		.image = image,
		.content = nature_is_alignment(entry->nature) ? 0 : image,
		.count = 1,
	};
}

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_LEDGER_REFERENCES_H
#define VMDELTA_LEDGER_REFERENCES_H

/*
 * Who refers to bytes that no symbol names. The bytes are the open entries of
 * a ledger: unnamed ones, and what follows a label of size 0, in loaded
 * sections.
 */

#include "ledger/build.h"

/* Bytes of one open entry. */
struct open_range {
	uint64_t start, end; /* in the section */
	uint32_t entry;      /* index in the ledger */
};

/* One reference to a byte of an open entry, with its owner. */
struct reference {
	uint32_t entry;  /* that it leads to */
	uint32_t offset; /* in it */
	uint32_t symbol; /* of the place that refers */
	uint32_t unit;
};
_Static_assert(sizeof(struct reference) == 16, "millions exist");

struct references {
	struct build *build;
	struct open_range *open; /* by section and start */
	uint32_t *first;         /* section -> its first in open; count + 1 */
	uint32_t open_count;
	bool scanned;            /* from instructions: some may be missing */
	struct reference *list;  /* sorted by entry and offset when collected */
	size_t count, capacity;
};

/*
 * Finds the open entries and everything that refers to them. Returns 0, or -1
 * when out of memory; references_release() may follow in both cases.
 */
int references_collect(struct references *references, struct build *build,
		       struct err *err);
void references_release(struct references *references);

/* The open entry of a byte, or NULL. */
const struct entry *references_open_at(const struct references *references,
				       uint32_t section, uint64_t offset);

/* True for loaded code and data that is not a side table or type data. */
bool references_may_come_from(const struct references *references,
			      uint32_t section);

/* Collects from instructions and stored pointers of a linked kernel. */
int references_scan(struct references *references, struct err *err);

/* Notes that what `entry` owns refers to a byte; for the collectors. */
int references_add(struct references *references, uint32_t section,
		   uint64_t offset, const struct entry *from, struct err *err);

#endif

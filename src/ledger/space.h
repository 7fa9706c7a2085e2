/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_LEDGER_SPACE_H
#define VMDELTA_LEDGER_SPACE_H

/*
 * The two spaces that a ledger sums to, the file and the memory image, and
 * which section has which part of them. What no section has is booked here:
 * headers, gaps, and the file bytes that only stand for NOBITS.
 */

#include "ledger/build.h"

/* Bytes that a section has in one domain when others overlap it there. */
struct leftover {
	uint64_t size; /* less than the section's, may be 0 */
	uint32_t section;
	uint8_t domain;
};

struct space {
	uint8_t *domains; /* section -> domains in which it has all its bytes */
	struct leftover *leftovers;
	size_t leftover_count, leftover_capacity;
};

/*
 * Divides both spaces among the sections, books the rest and sets the
 * ledger's file_size, image_size and image_estimated. Returns 0, or -1 when
 * out of memory or when sizes overflow 64 bits. space_release() may follow in
 * both cases.
 */
int space_divide(struct space *space, struct build *build, struct err *err);
void space_release(struct space *space);

#endif

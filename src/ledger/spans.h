/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_LEDGER_SPANS_H
#define VMDELTA_LEDGER_SPANS_H

#include "ledger/booking.h"

/* A stretch of a section that one symbol owns. */
struct span {
	uint64_t start, end; /* offsets in the section, bytes */
	uint32_t symbol;
	uint32_t flags; /* ENTRY_DERIVED or 0 */
};

/* Growing scratch that is kept from section to section. */
struct symbol_spans {
	struct span *list; /* by start, never overlapping */
	size_t count, capacity;
	uint32_t *stack; /* open symbols, innermost last */
	size_t depth, stack_capacity;
};

/*
 * Fills booking->spans for booking->section, and owner and next_alias of the
 * ledger for its symbols. Returns 0, or -1 when out of memory.
 */
int spans_collect(struct booking *booking, struct err *err);

/*
 * The only symbol of booking->section, made its own owner, where that fills
 * the section: most of a vmlinux.o needs no sweep. NONE otherwise.
 */
uint32_t spans_sole(const struct booking *booking);

void symbol_spans_release(struct symbol_spans *spans);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_BTF_WAITING_H
#define VMDELTA_DEBUG_BTF_WAITING_H

/* The types that the first pass has left without a class. */

#include "debug/btf_reader.h"

/* Own types that wait for others. */
struct btf_stack {
	uint32_t *at;
	size_t count, capacity;
};

/* Returns 0, or -1 when out of memory. */
int btf_push(struct btf_stack *stack, uint32_t index);

/*
 * The second pass: gives each type on the stack its class, when all have been
 * read. Returns 0, or -1 when out of memory.
 */
int btf_resolve_waiting(struct btf_reader *reader,
			const struct btf_stack *waiting);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_EXPLAIN_LIMIT_H
#define VMDELTA_EXPLAIN_LIMIT_H

/*
 * How large the kernel may be, and how far it is from that.
 *
 * x86-64 maps KERNEL_IMAGE_SIZE bytes at __START_KERNEL_map; the linker
 * script refuses a kernel whose _end lies beyond ("kernel image bigger than
 * KERNEL_IMAGE_SIZE"). Sources: arch/x86/kernel/vmlinux.lds.S, head_64.S
 * (level2_kernel_pgt), include/asm/page_64_types.h of Linux 6.1.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ledger/build.h"

/* Room that alignment leaves: growth there costs nothing until it is full. */
struct slack {
	uint32_t section; /* index: the section that may grow */
	uint64_t bytes;
};

#define SLACKS_MAX 4

struct slacks {
	struct slack list[SLACKS_MAX]; /* the largest first */
	uint32_t count;
};

struct limit {
	bool known;         /* `used` is */
	bool estimated;     /* from an unlinked file: the layout is a guess */
	uint64_t used;      /* bytes, from where the limit counts to _end */
	uint64_t limit;     /* bytes, 0: none is known */
	const char *source; /* where the limit comes from; static text */
	uint64_t kallsyms;  /* of an estimate: bytes that were predicted */
	uint64_t added;     /* of an estimate: loaded bytes of --add files */
};

/*
 * Finds the limit of a build and how much of it is used. `own` is
 * --image-limit, or 0; `add` names further files of a set (NULL-ended, or
 * NULL). Returns 0, or -1 with *err where a file of the set cannot be read.
 */
int limit_find(struct limit *limit, const struct build *build, uint64_t own,
	       const char *const *add, struct err *err);

/*
 * The room in a linked build whose limit is known. Goes through all of its
 * ledger: for who shows it.
 */
struct slacks limit_slacks(const struct limit *limit,
			   const struct build *build);

/*
 * Estimates where _end of an unlinked x86-64 kernel will be, from section
 * sizes and the kernel's linker script; layout.c. Adds to limit->used.
 */
int layout_estimate(struct limit *limit, const struct build *build,
		    const char *const *add, struct err *err);

#endif

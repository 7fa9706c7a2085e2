/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_EXPLAIN_LOAD_H
#define VMDELTA_EXPLAIN_LOAD_H

/*
 * What the build's own tools have to carry: objtool reads every symbol and
 * loaded relocation of vmlinux.o into structures of its own, pahole every
 * unit, the linker all sections and relocations.
 */

#include <stdint.h>

#include "ledger/build.h"

struct load {
	uint64_t sections;
	uint64_t symbols;
	uint64_t relocations;       /* of code and data: objtool's */
	uint64_t debug_relocations; /* the linker's */
	uint64_t code;              /* bytes of executable sections */
	uint64_t debug_info;        /* bytes of .debug_info: pahole's */
	uint64_t units;             /* 0 where DWARF was not read */
	uint64_t repeated_units;    /* of them: copies without code */
};

/* Counts; touches no section's data. */
struct load load_of(const struct build *build);

#endif

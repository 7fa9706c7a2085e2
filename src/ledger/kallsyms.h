/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_LEDGER_KALLSYMS_H
#define VMDELTA_LEDGER_KALLSYMS_H

#include "image/image.h"

/* The labels that scripts/kallsyms.c writes; 0 where there is none. */
enum kallsyms_label {
	KALLSYMS_NUM_SYMS,
	KALLSYMS_RELATIVE_BASE,
	KALLSYMS_OFFSETS,
	KALLSYMS_ADDRESSES,
	KALLSYMS_NAMES,
	KALLSYMS_MARKERS,
	KALLSYMS_TOKEN_TABLE,
	KALLSYMS_TOKEN_INDEX,
	KALLSYMS_SEQS_OF_NAMES,
	KALLSYMS_LABELS
};

struct kallsyms_tables {
	uint32_t symbols[KALLSYMS_LABELS];
	uint64_t sizes[KALLSYMS_LABELS]; /* bytes, 0: unknown */
};

/* Notes a symbol whose name begins with "kallsyms_". */
void kallsyms_note(struct kallsyms_tables *kallsyms, const char *name,
		   uint32_t symbol);

/* Fills the sizes once all labels are noted. */
void kallsyms_measure(struct kallsyms_tables *kallsyms,
		      const struct image *image);

/* The bytes that a label of size 0 begins, or UINT64_MAX if unknown. */
uint64_t kallsyms_size(const struct kallsyms_tables *kallsyms, uint32_t symbol);

#endif

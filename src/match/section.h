/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_MATCH_SECTION_H
#define VMDELTA_MATCH_SECTION_H

/*
 * Where the kernel's linker script puts an input section, so that a vmlinux.o
 * with one section a function compares with one that has few.
 *
 * Source: include/asm-generic/vmlinux.lds.h and arch/x86/kernel/vmlinux.lds.S
 * of Linux 6.1 to 6.12, scripts/module.lds.S.
 */

#include <stdbool.h>

/* section_fold() found no row: the section keeps its name. */
#define SECTION_KEEPS (-1)

/* How many rows there are, for callers that keep something per row. */
int section_fold_rows(void);

/*
 * The row of the table for an input section's name. *relocations says that
 * the name was ".rela" or ".rel" and that of such a section: 'a' for .rela,
 * 'l' for .rel, 0 for neither.
 */
int section_fold(const char *name, char *relocations);

/* The output section of a row; static text. */
const char *section_fold_output(int row);

#endif

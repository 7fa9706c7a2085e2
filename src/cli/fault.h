/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_CLI_FAULT_H
#define VMDELTA_CLI_FAULT_H

/*
 * What happens to us from outside: a signal that ends the program, or an
 * input file that shrinks (SIGBUS) or changes (SIGSEGV, where a text lost its
 * end) while it is mapped. Either way no half-written file is left behind and
 * no half-drawn line on the screen.
 */

#include <stdbool.h>
#include <stddef.h>

/*
 * Installs the handlers. `inputs` are the files that are about to be mapped;
 * the texts must live until the program ends.
 */
void fault_install(const char *const *inputs, size_t count);

#define FAULT_CHANGED "the file changed while it was read; wait until the " \
		      "build is done, then run again"

/* The input that is not what it was at fault_install(), or NULL. */
const char *fault_changed_input(void);

/* The file to remove when the program is stopped, or NULL. */
void fault_remove_file(const char *path);

/* Whether a progress line is on standard error. */
void fault_line_shown(bool shown);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_CLI_HELP_H
#define VMDELTA_CLI_HELP_H

/* What is printed from the option table alone. */

#include <stdio.h>

void help_print(FILE *out);

/* The option list of man/vmdelta.1. */
void help_print_mdoc(FILE *out);

/* Writes completion for a shell. Returns 0, or -1 after complaining. */
int completion_print(const char *shell, FILE *out);

#endif

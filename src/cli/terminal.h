/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_CLI_TERMINAL_H
#define VMDELTA_CLI_TERMINAL_H

/* What the place where output goes can show. */

#include <stdbool.h>

#include "cli/options.h"

/* Columns of the terminal behind a descriptor, or 0. */
unsigned terminal_width(int fd);

/* True for a terminal that understands cursor and colour sequences. */
bool terminal_is_smart(int fd);

/* Fills colour, unicode and width for the command's output. */
void terminal_setup(struct command_line *line);

#endif

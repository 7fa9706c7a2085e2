/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_CLI_PAGER_H
#define VMDELTA_CLI_PAGER_H

/* A pager behind a pipe, as git does it. */

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct pager {
	FILE *stream; /* what is written here is shown */
	pid_t child;
};

/*
 * The user's pager command: $VMDELTA_PAGER, $PAGER, "less"; NULL where there
 * is to be none ("" or "cat", or standard output is no terminal).
 */
const char *pager_command(void);

/* Starts it. Returns 0, or -1 where that was not possible (errno). */
int pager_start(struct pager *pager, const char *command);

/*
 * Closes the pipe and waits. Returns true where the pager ended well: then
 * the user saw what they wanted, even if they left before the end. False
 * where it was missing or failed, and the report has to be shown again.
 */
bool pager_finish(struct pager *pager);

#endif

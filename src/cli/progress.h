/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_CLI_PROGRESS_H
#define VMDELTA_CLI_PROGRESS_H

/*
 * A line on standard error that says how far a long step is: only on a
 * terminal, and only when more than a second has passed.
 */

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool enabled;
	bool shown;       /* the line is on the screen */
	bool unicode;
	uint64_t started; /* milliseconds */
	uint64_t drawn;
};

void progress_start(struct progress *progress, bool wanted, bool unicode);

/* For vmd_options.progress; `arg` is a struct progress. */
void progress_report(void *arg, const char *what, double fraction);

/* Wipes the line. */
void progress_finish(struct progress *progress);

#endif

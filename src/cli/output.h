/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_CLI_OUTPUT_H
#define VMDELTA_CLI_OUTPUT_H

/*
 * Where a report goes: standard output, a pager, or a file that appears
 * under its name only when it is complete.
 */

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct output {
	FILE *stream;
	const char *name; /* for messages */
	char *final;      /* a file's real name; NULL: no renaming */
	char *temporary;  /* what is written until then */
	bool owned;       /* the stream is ours to close */
};

/*
 * Opens `path`, or standard output where it is NULL or "-". A file is
 * written beside its name; what is no regular file (/dev/null, a FIFO) is
 * written directly. `inputs` (`count` names, NULL allowed) are refused.
 * Returns 0, or -1 after complaining.
 */
int output_open(struct output *output, const char *path,
		const char *const *inputs, size_t count);

/*
 * Flushes, closes and renames. Returns 0, or -1 after complaining; then
 * nothing is left behind.
 */
int output_commit(struct output *output);

/* Closes, and removes what was written. */
void output_discard(struct output *output);

#endif

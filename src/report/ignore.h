/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_IGNORE_H
#define VMDELTA_REPORT_IGNORE_H

/*
 * Growth that was accepted: --ignore=FILE. One rule a line,
 *
 *	[DIM:]REGEX until YYYY-MM-DD REASON...
 *
 * What a rule matches is set aside from the thresholds up to and with that
 * day. Without DIM it is about symbols, whatever a threshold is about. The
 * expression holds no spaces; "#" begins a comment line.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct ignore_rule {
	const char *what; /* [DIM:]REGEX */
	const char *until;
	const char *reason;
	unsigned line;
};

struct ignore {
	struct ignore_rule *rules; /* those that still hold */
	size_t count, capacity;
	struct ignore_rule *expired;
	size_t expired_count, expired_capacity;
	const char **excludes;     /* of all rules, with DIM, NULL-ended */
	unsigned needs;            /* of their dimensions, see enum need */
	struct arena arena;
};

/*
 * Reads `path` (NULL: no rules); `today` is "YYYY-MM-DD". Returns 0, or -1
 * with *err: unreadable, a bad expression, or a line without date or reason.
 * ignore_release() may follow in both cases.
 */
int ignore_read(struct ignore *ignore, const char *path, const char *today,
		struct err *err);
void ignore_release(struct ignore *ignore);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_BASE_ERR_H
#define VMDELTA_BASE_ERR_H

/*
 * The one failure channel of the library. A function that can fail returns
 * -1 (or NULL) after filling the caller's struct err where it failed; nothing
 * in the library prints or exits. A zeroed struct err is empty and valid.
 */

#include <stdarg.h>
#include <stddef.h>

struct err {
	char *text; /* NULL while nothing failed; owned */
};

/*
 * Records what failed, unless something is recorded already: the first cause
 * is the one worth reading. Always returns -1, so that a caller can write
 * "return err_set(...)". Messages are lower case, have no full stop, and read
 * "FILE: what, where, what to do".
 */
int err_set(struct err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* As err_set(), for "out of memory" while doing `what`. */
int err_oom(struct err *err, const char *what);

/* The message; never NULL. */
const char *err_text(const struct err *err);

/* Frees the message and leaves an empty struct err. */
void err_release(struct err *err);

#endif

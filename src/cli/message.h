/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_CLI_MESSAGE_H
#define VMDELTA_CLI_MESSAGE_H

/* Exit codes, and the one way to talk on standard error. */

enum {
	EXIT_MADE = 0,   /* the report was made */
	EXIT_DIFFERS = 1, /* a threshold is exceeded; --exit-code: differs;
			     whose: a place is not there */
	EXIT_ERROR = 2,  /* usage, input, output or internal error */
};

/* Prints "vmdelta: ..." as one line. Always returns -1. */
int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_OUT_H
#define VMDELTA_REPORT_OUT_H

/*
 * Where reports are written: a buffer in front of a stream. Failures are kept
 * until out_finish(), so that a writer need not look at each byte.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

#define OUT_BUFFER ((size_t)1 << 16)

struct out {
	FILE *stream;
	char *buffer;
	size_t used;
	uint64_t written;  /* bytes, the buffered ones included */
	int failure;       /* errno of the first failed write */
	bool demangle;     /* out_name() shows C++ and Rust names plainly */
};

/* Returns 0, or -1 when out of memory. out_finish() must follow a 0. */
int out_begin(struct out *out, FILE *stream, struct err *err);

/* Writes what is left. Returns 0, or -1 where any write failed. */
int out_finish(struct out *out, struct err *err);

/* For what the buffer has no room for. */
void out_long(struct out *out, const void *bytes, size_t length);

static inline void out_bytes(struct out *out, const void *bytes, size_t length)
{
	if (length > OUT_BUFFER - out->used) {
		out_long(out, bytes, length);
		return;
	}
	if (length) /* bytes may be NULL else */
		memcpy(out->buffer + out->used, bytes, length);
	out->used += length;
	out->written += length;
}

static inline void out_char(struct out *out, char c)
{
	out_bytes(out, &c, 1);
}

/* Inline, so that the length of a literal costs nothing. */
static inline void out_text(struct out *out, const char *text)
{
	out_bytes(out, text, strlen(text));
}

void out_repeat(struct out *out, char c, size_t count);
void out_number(struct out *out, uint64_t number);
void out_format(struct out *out, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif

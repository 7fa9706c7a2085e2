/* SPDX-License-Identifier: MIT */
#include "report/out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int out_begin(struct out *out, FILE *stream, struct err *err)
{
	memset(out, 0, sizeof(*out));
	out->stream = stream;
	out->buffer = malloc(OUT_BUFFER);
	if (!out->buffer)
		return err_oom(err, "writing a report");
	return 0;
}

static void flush(struct out *out)
{
	if (!out->failure && out->used &&
	    fwrite(out->buffer, 1, out->used, out->stream) != out->used)
		out->failure = errno ? errno : EIO;
	out->used = 0;
}

int out_finish(struct out *out, struct err *err)
{
	flush(out);
	free(out->buffer);
	out->buffer = NULL;
	if (!out->failure && fflush(out->stream))
		out->failure = errno ? errno : EIO;
	if (out->failure)
		return err_set(err, "cannot write the report: %s",
			       strerror(out->failure));
	return 0;
}

void out_long(struct out *out, const void *bytes, size_t length)
{
	const char *from = bytes;

	out->written += length;
	while (length > OUT_BUFFER - out->used) {
		size_t part = OUT_BUFFER - out->used;

		memcpy(out->buffer + out->used, from, part);
		out->used = OUT_BUFFER;
		from += part;
		length -= part;
		flush(out);
	}
	memcpy(out->buffer + out->used, from, length);
	out->used += length;
}

void out_repeat(struct out *out, char c, size_t count)
{
	if (count <= OUT_BUFFER - out->used) {
		memset(out->buffer + out->used, c, count);
		out->used += count;
		out->written += count;
		return;
	}
	for (; count; count--)
		out_char(out, c);
}

void out_number(struct out *out, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	out_bytes(out, digits + at, sizeof(digits) - at);
}

void out_format(struct out *out, const char *format, ...)
{
	char small[256];
	char *large = NULL;
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(small, sizeof(small), format, args);
	va_end(args);
	if (length >= 0 && (size_t)length < sizeof(small)) {
		out_bytes(out, small, (size_t)length);
		return;
	}
	va_start(args, format);
	length = vasprintf(&large, format, args);
	va_end(args);
	if (length < 0) {
		out->failure = ENOMEM;
		return;
	}
	out_bytes(out, large, (size_t)length);
	free(large);
}

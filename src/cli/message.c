/* SPDX-License-Identifier: MIT */
/*
 * Messages quote file names and arguments, so control characters are shown
 * and not sent to the terminal.
 */
#include "cli/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void print_visibly(const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c == 0x7f)
			fprintf(stderr, "\\x%02x", c);
		else
			putc(c, stderr);
	}
}

int complain(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	fputs("vmdelta: ", stderr);
	print_visibly(length < 0 ? "out of memory" : text);
	putc('\n', stderr);
	if (length >= 0)
		free(text);
	return -1;
}

/* SPDX-License-Identifier: MIT */
/*
 * Messages quote file names and arguments, so control characters are shown
 * and not sent to the terminal.
 */
#include "cli/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Characters beyond ASCII that are not shown as they are, in UTF-8: the other
 * control characters, and what turns the reading direction or has no width.
 */
static const struct {
	unsigned char first[3], length, last; /* of the last byte */
} hidden[] = {
	{ { 0xc2, 0x80 }, 2, 0x9f },
	{ { 0xd8, 0x9c }, 2, 0x9c },
	{ { 0xe2, 0x80, 0x8b }, 3, 0x8f },
	{ { 0xe2, 0x80, 0xa8 }, 3, 0xae },
	{ { 0xe2, 0x81, 0xa0 }, 3, 0xaf },
	{ { 0xef, 0xbb, 0xbf }, 3, 0xbf },
};

/* How many bytes from here on are to be spelt. */
static unsigned hidden_length(const unsigned char *text)
{
	if (*text < 0x20 || *text == 0x7f)
		return 1;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(*hidden); i++) {
		unsigned length = hidden[i].length;

		if (!strncmp((const char *)text,
			     (const char *)hidden[i].first, length - 1) &&
		    text[length - 1] >= hidden[i].first[length - 1] &&
		    text[length - 1] <= hidden[i].last)
			return length;
	}
	return 0;
}

static void print_visibly(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	while (*at) {
		unsigned spelt = hidden_length(at);

		if (!spelt)
			putc(*at++, stderr);
		for (; spelt; spelt--)
			fprintf(stderr, "\\x%02x", *at++);
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

/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <stdio.h>
#include <stdlib.h>

/* Shown when even the message could not be allocated; never freed. */
static char no_memory[] = "out of memory";

int err_set(struct err *err, const char *format, ...)
{
	va_list args;

	if (err->text)
		return -1;
	va_start(args, format);
	if (vasprintf(&err->text, format, args) < 0)
		err->text = no_memory;
	va_end(args);
	return -1;
}

int err_oom(struct err *err, const char *what)
{
	return err_set(err, "out of memory while %s", what);
}

const char *err_text(const struct err *err)
{
	return err->text ? err->text : "unknown error";
}

void err_release(struct err *err)
{
	if (err->text != no_memory)
		free(err->text);
	err->text = NULL;
}

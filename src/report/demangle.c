/* SPDX-License-Identifier: MIT */
/*
 * libiberty does the work, where it was there at build time (HAVE_DEMANGLE).
 * Its functions that return a string are not used: back references make a
 * name of 100 bytes stand for gigabytes. The callback forms write to the stack
 * as they go, so we can leave by longjmp() when there is more than anyone
 * would read.
 */
#include "report/demangle.h"

#ifdef HAVE_DEMANGLE

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LENGTH 4096
#define PLAIN_MAX_LENGTH 1024

struct plain {
	jmp_buf too_long;
	size_t used;
	char text[PLAIN_MAX_LENGTH + 1];
};

static void add(const char *text, size_t length, void *arg)
{
	struct plain *plain = arg;

	if (length > PLAIN_MAX_LENGTH - plain->used)
		longjmp(plain->too_long, 1);
	if (!length) /* with it comes no text */
		return;
	memcpy(plain->text + plain->used, text, length);
	plain->used += length;
}

/* Kernel names are C; nothing else may look like one of ours. */
static bool looks_mangled(const char *name, size_t length)
{
	return length > 3 && length < NAME_MAX_LENGTH && name[0] == '_' &&
	       (name[1] == 'Z' || name[1] == 'R');
}

/* Returns whether `name` was one; the text is then in *plain. */
static bool demangle(const char *name, struct plain *plain)
{
	const int options = DMGL_PARAMS | DMGL_ANSI;

	if (setjmp(plain->too_long))
		return false;
	plain->used = 0;
	/* Rust first: its older names are also valid C++. */
	if (rust_demangle_callback(name, options, add, plain))
		return true;
	plain->used = 0;
	return cplus_demangle_v3_callback(name, options, add, plain);
}

char *demangle_name(const char *name, size_t length)
{
	char *copy, *result = NULL;
	struct plain plain;

	if (!looks_mangled(name, length))
		return NULL;
	copy = strndup(name, length);
	if (copy && demangle(copy, &plain) && plain.used)
		result = strndup(plain.text, plain.used);
	free(copy);
	return result;
}

bool demangle_available(void)
{
	return true;
}

#else

char *demangle_name(const char *name, size_t length)
{
	(void)name, (void)length;
	return NULL;
}

bool demangle_available(void)
{
	return false;
}

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_IMAGE_KCONFIG_H
#define VMDELTA_IMAGE_KCONFIG_H

/*
 * The configuration that a kernel was built with, where it can be had: given
 * by the user, embedded by CONFIG_IKCONFIG, or lying beside the file; and the
 * options that differ between two, those that matter for size first.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "image/ident.h"

struct kconfig_option {
	const char *name;  /* "CONFIG_SMP" */
	const char *value; /* "y", "m", "n" ("is not set"), "64", "\"text\"" */
};

struct kconfig {
	const char *origin; /* a path, or "embedded"; NULL: none was found */
	bool given;         /* --config named it */
	struct kconfig_option *options; /* by name, each once */
	uint32_t count;
	struct arena arena;
};

/*
 * Finds and reads the configuration of `image`: `given` (a path, or NULL),
 * else the embedded one, else one beside the file. None is no error. Returns
 * 0; -1 when out of memory or when `given` cannot be read. What cannot be
 * read otherwise is a warning on the image.
 */
int kconfig_read(struct kconfig *kconfig, struct image *image,
		 const struct ident *ident, const char *given,
		 struct err *err);

/* Reads a text that must outlive nothing: it is copied. */
int kconfig_parse(struct kconfig *kconfig, const char *text, size_t length,
		  struct err *err);

/* The option's value, or NULL; "n" also where it says "is not set". */
const char *kconfig_value(const struct kconfig *kconfig, const char *name);

void kconfig_release(struct kconfig *kconfig);

/* One difference. A choice (LTO, debug information, ...) is one change. */
struct kconfig_change {
	const char *name[2];  /* the option on each side: two of a choice */
	const char *value[2]; /* "n" where it is off or not there */
	const char *why;      /* what it does to the size, or NULL */
	uint16_t rank;        /* row of the table of what matters */
};

struct kconfig_diff {
	bool known;           /* both configurations are, and two files */
	struct kconfig_change *changes; /* those that matter first */
	uint32_t count;
	uint32_t from_tools;  /* the last ones: only say what the tools can */
};

/* Compares; borrows the names and values. Returns 0, or -1: out of memory. */
int kconfig_compare(struct kconfig_diff *diff, const struct kconfig *old,
		    const struct kconfig *new, struct err *err);

void kconfig_diff_release(struct kconfig_diff *diff);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_DWARF_PATH_H
#define VMDELTA_DEBUG_DWARF_PATH_H

/*
 * Source paths that compare between build trees: "kernel/fork.c", wherever
 * the tree lay and wherever it was built.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PATH_LIMIT 4096u /* longer paths are no paths */

/*
 * Joins folder (may be "") and name, removes ".", ".." and double slashes,
 * and the build directory in front. A relative path that leaves the build
 * directory ("../../kernel/fork.c") is resolved against it. Returns false
 * (and "") when the result does not fit.
 */
bool path_make(char *path, size_t size, const char *build_directory,
	       const char *folder, const char *name);

/* Votes on where the source tree lies, by the kernel's top-level folders. */
struct path_root {
	struct path_vote {
		const char *text; /* in a name that voted */
		size_t length;
		uint32_t votes;
	} *votes;
	size_t count, capacity;
	size_t best; /* index in votes, or count */
};

/* Returns -1 when out of memory. Names must outlive the root. */
int path_root_vote(struct path_root *root, const char *name);
void path_root_decide(struct path_root *root);
/* The path behind the root, or as it is. */
const char *path_root_strip(const struct path_root *root, const char *path);
void path_root_release(struct path_root *root);

#endif

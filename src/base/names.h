/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_BASE_NAMES_H
#define VMDELTA_BASE_NAMES_H

/*
 * Interned names: each distinct string is hashed once (XXH3), stored once and
 * compared by its number from then on. Numbers are dense and start at 1; 0 is
 * the empty name. The text is not copied: it must outlive the table (it lies
 * in a mapped file, in an arena or in a literal) and need not end in NUL.
 */

#include <stddef.h>
#include <stdint.h>

struct name; /* 16 bytes, see names.c */

struct names {
	struct name *list;   /* by number */
	uint32_t count;      /* numbers in use; names are 1..count-1 */
	size_t capacity;
	uint64_t *slots;     /* open addressing, power of two */
	uint32_t slot_count;
};

/* Prepares for about `expected` names. Returns 0, or -1 when out of memory. */
int names_init(struct names *names, size_t expected);

/*
 * The number of `text`, new or known. Returns NAME_ERROR when out of memory,
 * beyond 2^31 names, or for a name of 4 GiB and more.
 */
uint32_t names_intern(struct names *names, const char *text, size_t length);

/* A text to intern among many; `name` is the answer. */
struct name_request {
	const char *text;
	size_t length;
	uint32_t name;
	uint32_t hash; /* in between */
};

/*
 * As names_intern() for `count` texts. Millions of names are found in memory
 * that no cache holds: many are looked for at a time, so that the processor
 * fetches the next ones while it compares the first. Returns 0, or -1 as
 * names_intern() returns NAME_ERROR.
 */
int names_intern_many(struct names *names, struct name_request *requests,
		      size_t count);

/* As names_intern() for a NUL-terminated string that lives long enough. */
uint32_t names_intern_cstr(struct names *names, const char *text);

/* The hash that names are found by, all 64 bits. */
uint64_t names_hash(const char *text, size_t length);

/* The number of `text` if it is known, else 0. */
uint32_t names_find(const struct names *names, const char *text,
		    size_t length);

/* The text of a name, not NUL-terminated; its length goes to *length. */
const char *names_text(const struct names *names, uint32_t name,
		       size_t *length);

/* Frees what finding needs: only names_text() may follow. */
void names_close(struct names *names);

void names_release(struct names *names);

#define NAME_ERROR UINT32_MAX

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_BTF_STRINGS_H
#define VMDELTA_DEBUG_BTF_STRINGS_H

/*
 * The strings of BTF, numbered, so that what is known of a name is found from
 * its offset without hashing: where each starts, and the number of strings that
 * start before each 32 bytes. 4 bytes per 32 bytes of strings and 12 bytes per
 * string; a table by offset would take 4 bytes for each byte, a hash table a
 * cache miss for each name that a record mentions.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "base/util.h"
#include "debug/btf_kind.h"

struct btf_string {
	uint32_t at;    /* where it starts in data */
	uint32_t owner; /* group that its bytes are booked to, 0: none yet */
	uint32_t group; /* first group of that name, 0: none */
};
_Static_assert(sizeof(struct btf_string) == 12, "millions exist");

#define BTF_BLOCK 32u /* bytes that a number in `before` is about */

struct btf_strings {
	const char *data;
	uint32_t size;   /* bytes */
	uint32_t start;  /* offset of data[0]: the size of the base's */
	uint32_t count;
	bool repeated;   /* some text is there twice; nobody writes that */
	bool ended;      /* the last one, if any, has its NUL */
	struct btf_string *list; /* behind the last: some that start where its
				    NUL ends, or would, BTF_KINDS of them for
				    what has no name */
	size_t room;      /* of the list */
	uint32_t *before; /* by block: strings that start in earlier ones */
	struct map texts; /* hash -> offset in data of the first such text;
			     empty until btf_strings_index() */
};

static inline uint32_t btf_block_count(uint32_t size)
{
	return size / BTF_BLOCK + 1;
}

/* Returns 0, or -1 when out of memory. btf_strings_release() may follow. */
int btf_strings_init(struct btf_strings *strings, const char *data,
		     uint32_t size, uint32_t start);

/* Finds out whether a text is there twice, for btf_strings_init(). 0 or -1. */
int btf_strings_compare(struct btf_strings *strings);

/* Makes `texts`, once; done already where a text is repeated. 0 or -1. */
int btf_strings_index(struct btf_strings *strings);

void btf_strings_release(struct btf_strings *strings);

/* What texts are compared by; never 0. */
uint64_t btf_text_hash(const char *text, uint32_t length);

/* Strings that start in a block, without asking whether there are more. */
#define BTF_USUAL_STARTS 4u

/*
 * The string of the list that byte `at` lies in; at is below size. How many
 * of a block's strings start before it is not to be foreseen, so all that are
 * usual are asked.
 */
static inline struct btf_string *btf_strings_at(
	const struct btf_strings *strings, uint32_t at)
{
	struct btf_string *first =
		&strings->list[strings->before[at / BTF_BLOCK]];
	uint32_t later = 0;

#pragma GCC unroll 4
	for (unsigned i = 0; i < BTF_USUAL_STARTS; i++)
		later += at < first[i].at;
	if (__builtin_expect(!later, false))
		while (first[BTF_USUAL_STARTS].at <= at)
			first++;
	return first + (BTF_USUAL_STARTS - 1) - later;
}

/* The string of what has no name, which is of that kind. */
static inline struct btf_string *btf_strings_unnamed(
	const struct btf_strings *strings, unsigned kind)
{
	return &strings->list[strings->count + kind];
}

/* Bytes of a string of the list, without its NUL, which the last may lack. */
static inline uint32_t btf_string_length(const struct btf_string *string)
{
	return string[1].at - 1 - string->at;
}

#endif

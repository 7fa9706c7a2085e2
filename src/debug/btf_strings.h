/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_BTF_STRINGS_H
#define VMDELTA_DEBUG_BTF_STRINGS_H

/*
 * The strings of BTF, numbered, so that what is known of a name is found from
 * its offset without hashing: a bit for each offset where a string starts and
 * the number of strings before each 32 bytes. 8 bytes per 32 bytes of strings
 * and 8 bytes per string; a table by offset would take 4 bytes for each byte,
 * a hash table a cache miss for each name that a record mentions.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "base/util.h"

struct btf_string {
	uint32_t owner; /* group that alone uses it, 0: none, NONE: several */
	uint32_t group; /* first group of that name, 0: none */
};
_Static_assert(sizeof(struct btf_string) == 8, "millions exist");

#define BTF_BLOCK 32u /* bytes that one btf_rank is about */

struct btf_rank {
	uint32_t starts; /* bit i: a string starts at byte i */
	uint32_t before; /* strings that start in earlier blocks */
};

struct btf_strings {
	const char *data;
	uint32_t size;   /* bytes */
	uint32_t start;  /* offset of data[0]: the size of the base's */
	uint32_t count;
	bool repeated;   /* some text is there twice; nobody writes that */
	struct btf_string *list;
	struct btf_rank *ranks; /* by block */
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

/* Makes `texts`, once; done already where a text is repeated. 0 or -1. */
int btf_strings_index(struct btf_strings *strings);

void btf_strings_release(struct btf_strings *strings);

/* Bytes up to the NUL or the end; never more than `limit`. */
uint32_t btf_strings_length(const struct btf_strings *strings, uint32_t at,
			    uint32_t limit);

/* What texts are compared by; never 0. */
uint64_t btf_text_hash(const char *text, uint32_t length);

/* __builtin_popcount() is a call on x86-64 without -mpopcnt. */
static inline uint32_t btf_bits(uint32_t word)
{
	word -= word >> 1 & 0x55555555;
	word = (word & 0x33333333) + (word >> 2 & 0x33333333);
	return ((word + (word >> 4)) & 0x0f0f0f0f) * 0x01010101 >> 24;
}

/*
 * The number of the string that byte `at` lies in; at is below size. *tail is
 * set where the string starts before it.
 */
static inline uint32_t btf_strings_number(const struct btf_strings *strings,
					  uint32_t at, bool *tail)
{
	const struct btf_rank *rank = &strings->ranks[at / BTF_BLOCK];
	uint32_t up_to = rank->starts << (BTF_BLOCK - 1 - at % BTF_BLOCK);

	*tail = !(up_to >> (BTF_BLOCK - 1));
	return rank->before + btf_bits(up_to) - 1;
}

/*
 * Calls a function for each string with its number, offset in data and size
 * with its NUL, until one returns other than 0, which is returned.
 */
static inline int btf_strings_each(const struct btf_strings *strings,
				   int (*each)(void *arg, uint32_t number,
					       uint32_t at, uint32_t size),
				   void *arg)
{
	uint32_t number = 0, from = 0;
	int result = 0;

	for (uint32_t at = 0; at < btf_block_count(strings->size); at++) {
		uint32_t starts = strings->ranks[at].starts;

		for (; starts && !result; starts &= starts - 1) {
			uint32_t to = at * BTF_BLOCK +
				      (uint32_t)__builtin_ctz(starts);

			if (to)
				result = each(arg, number++, from, to - from);
			from = to;
		}
	}
	if (!result && strings->size)
		result = each(arg, number, from, strings->size - from);
	return result;
}

#endif

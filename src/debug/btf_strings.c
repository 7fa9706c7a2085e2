/* SPDX-License-Identifier: MIT */
#include "debug/btf_strings.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/pages.h"

/* A bit for each of eight bytes that is zero, the first byte's lowest. */
static uint64_t zero_bytes(const char *at)
{
	const uint64_t low = 0x7f7f7f7f7f7f7f7fu;
	uint64_t word, zero;

	memcpy(&word, at, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	zero = ~(((word & low) + low) | word | low);
	/* Gathers bits 7, 15, ... 63 in the highest byte. */
	return (zero >> 7) * 0x0102040810204080u >> 56;
}

/* Bit i: byte i of the block, or what is there of it, ends a string. */
static uint64_t block_ends(const char *at, uint32_t length)
{
	uint64_t ends = 0;
	uint32_t i = 0;

	for (; i + 8 <= length; i += 8)
		ends |= zero_bytes(at + i) << i;
	for (; i < length; i++)
		ends |= (uint64_t)!at[i] << i;
	return ends;
}

/* Numbers the strings: where each starts. */
static void rank(struct btf_strings *strings)
{
	uint32_t blocks = strings->size / 64 + 1;
	uint64_t carry = 1; /* the first byte starts a string */

	for (uint32_t i = 0; i < blocks; i++) {
		uint32_t length = (uint32_t)min_u64(64, strings->size -
							i * 64);
		uint64_t ends = block_ends(strings->data + (uint64_t)i * 64,
					   length);
		uint64_t starts = ends << 1 | carry;

		if (length < 64)
			starts &= ((uint64_t)1 << length) - 1;
		strings->ranks[i] = (struct btf_rank){ starts, strings->count,
						       0 };
		strings->count += (uint32_t)__builtin_popcountll(starts);
		carry = ends >> 63;
	}
}

int btf_strings_each(const struct btf_strings *strings,
		     int (*each)(void *arg, uint32_t number, uint32_t at,
				 uint32_t size), void *arg)
{
	uint32_t number = 0, from = 0;
	int result = 0;

	for (uint32_t at = 0; at <= strings->size / 64; at++) {
		uint64_t starts = strings->ranks[at].starts;

		for (; starts && !result; starts &= starts - 1) {
			uint32_t to = at * 64 +
				      (uint32_t)__builtin_ctzll(starts);

			if (to)
				result = each(arg, number++, from, to - from);
			from = to;
		}
	}
	if (!result && strings->size)
		result = each(arg, number, from, strings->size - from);
	return result;
}

uint64_t btf_text_hash(const char *text, uint32_t length)
{
	uint64_t hash = XXH3_64bits(text, length);

	return hash | !hash;
}

static int index_text(void *arg, uint32_t number, uint32_t at, uint32_t size)
{
	struct btf_strings *strings = arg;
	uint32_t length = size - !strings->data[at + size - 1];
	uint32_t *first = map_at(&strings->texts,
				 btf_text_hash(strings->data + at, length),
				 at);

	(void)number;
	if (!first)
		return -1;
	strings->repeated |= *first != at;
	return 0;
}

int btf_strings_index(struct btf_strings *strings)
{
	if (strings->texts.count || !strings->count)
		return 0;
	if (map_reserve(&strings->texts, strings->count))
		return -1;
	return btf_strings_each(strings, index_text, strings);
}

/* A set of hashes, of which 32 bits are kept. */
struct seen {
	const struct btf_strings *strings;
	uint32_t *tags; /* 0: empty */
	size_t mask;
};

static int see_text(void *arg, uint32_t number, uint32_t at, uint32_t size)
{
	struct seen *seen = arg;
	const char *text = seen->strings->data + at;
	uint64_t hash = btf_text_hash(text, size - !text[size - 1]);
	uint32_t tag = (uint32_t)(hash >> 32) | 1;
	size_t slot = hash & seen->mask;

	(void)number;
	for (; seen->tags[slot]; slot = (slot + 1) & seen->mask)
		if (seen->tags[slot] == tag)
			return 1;
	seen->tags[slot] = tag;
	return 0;
}

/*
 * Whether some text may be there twice: it hardly ever is, and to be sure of
 * that takes a quarter of the memory, and of the time, of an index.
 */
static int may_repeat(const struct btf_strings *strings)
{
	struct seen seen = { .strings = strings, .mask = 1023 };
	int result;

	while (seen.mask / 3 * 2 < strings->count)
		seen.mask = seen.mask * 2 + 1;
	seen.tags = pages_alloc((seen.mask + 1) * sizeof(*seen.tags));
	if (!seen.tags)
		return -1;
	result = btf_strings_each(strings, see_text, &seen);
	pages_free(seen.tags, (seen.mask + 1) * sizeof(*seen.tags));
	return result;
}

int btf_strings_init(struct btf_strings *strings, const char *data,
		     uint32_t size, uint32_t start)
{
	int repeat;

	memset(strings, 0, sizeof(*strings));
	strings->data = data;
	strings->size = size;
	strings->start = start;
	strings->ranks = malloc((size / 64 + 1) * sizeof(*strings->ranks));
	if (!strings->ranks)
		return -1;
	rank(strings);
	strings->list = calloc((size_t)strings->count + 1,
			       sizeof(*strings->list));
	if (!strings->list)
		return -1;
	repeat = may_repeat(strings);
	return repeat > 0 ? btf_strings_index(strings) : repeat;
}

void btf_strings_release(struct btf_strings *strings)
{
	free(strings->ranks);
	free(strings->list);
	map_release(&strings->texts);
	memset(strings, 0, sizeof(*strings));
}

uint32_t btf_strings_length(const struct btf_strings *strings, uint32_t at,
			    uint32_t limit)
{
	if (at >= strings->size)
		return 0;
	limit = (uint32_t)min_u64(limit, strings->size - at);
	return (uint32_t)strnlen(strings->data + at, limit);
}

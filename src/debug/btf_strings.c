/* SPDX-License-Identifier: MIT */
#include "debug/btf_strings.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/pages.h"

/* Bit i: byte i of a whole block ends a string. */
#ifdef __SSE2__
static uint32_t whole_block_ends(const char *at)
{
	const __m128i zero = _mm_setzero_si128();
	uint32_t ends[2];

	for (unsigned i = 0; i < 2; i++) {
		__m128i half = _mm_loadu_si128((const void *)(at + i * 16));

		ends[i] = (uint32_t)_mm_movemask_epi8(
			_mm_cmpeq_epi8(half, zero));
	}
	return ends[0] | ends[1] << 16;
}
#else
/* A bit for each of eight bytes that is zero, the first byte's lowest. */
static uint32_t zero_bytes(const char *at)
{
	const uint64_t low = 0x7f7f7f7f7f7f7f7fu;
	uint64_t word, zero;

	memcpy(&word, at, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	zero = ~(((word & low) + low) | word | low);
	/* Gathers bits 7, 15, ... 63 in the highest byte. */
	return (uint32_t)((zero >> 7) * 0x0102040810204080u >> 56);
}

static uint32_t whole_block_ends(const char *at)
{
	return zero_bytes(at) | zero_bytes(at + 8) << 8 |
	       zero_bytes(at + 16) << 16 | zero_bytes(at + 24) << 24;
}
#endif

/* The same of what is there of the last block. */
static uint32_t block_ends(const char *at, uint32_t length)
{
	uint32_t ends = 0;

	if (length == BTF_BLOCK)
		return whole_block_ends(at);
	for (uint32_t i = 0; i < length; i++)
		ends |= (uint32_t)!at[i] << i;
	return ends;
}

/* Where strings start in block `number`, when the one before ended in `carry`. */
static uint32_t block_starts(const struct btf_strings *strings,
			     uint32_t number, uint32_t *carry)
{
	uint32_t at = number * BTF_BLOCK;
	uint32_t length = (uint32_t)min_u64(BTF_BLOCK, strings->size - at);
	uint32_t ends = block_ends(strings->data + at, length);
	uint32_t starts = ends << 1 | *carry;

	if (length < BTF_BLOCK)
		starts &= (UINT32_C(1) << length) - 1;
	*carry = ends >> (BTF_BLOCK - 1);
	return starts;
}

/* Numbers the strings: where each starts. Returns how many there are. */
static uint32_t rank(const struct btf_strings *strings)
{
	uint32_t before = 0, carry = 1; /* the first byte starts a string */

	for (uint32_t i = 0; i < btf_block_count(strings->size); i++) {
		uint32_t starts = block_starts(strings, i, &carry);

		strings->ranks[i] = (struct btf_rank){ starts, before };
		before += btf_bits(starts);
	}
	return before;
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

#define SEEN_AHEAD 16u /* a power of two */

/*
 * A set of hashes, of which 32 bits are kept. Where one belongs is somewhere in
 * a megabyte: it is asked for when a text is met, and looked at when SEEN_AHEAD
 * more texts were.
 */
struct seen {
	const struct btf_strings *strings;
	uint32_t *tags; /* 0: empty */
	size_t mask;
	uint64_t hashes[SEEN_AHEAD]; /* by number of text; 0: none yet */
};

/* True for a hash that was there before. */
static inline int see_hash(struct seen *seen, uint64_t hash)
{
	uint32_t tag = (uint32_t)(hash >> 32) | 1;
	size_t slot = hash & seen->mask;

	for (; seen->tags[slot]; slot = (slot + 1) & seen->mask)
		if (seen->tags[slot] == tag)
			return 1;
	seen->tags[slot] = tag;
	return 0;
}

static inline int see_text(void *arg, uint32_t number, uint32_t at,
			   uint32_t size)
{
	struct seen *seen = arg;
	const char *text = seen->strings->data + at;
	uint64_t *place = &seen->hashes[number % SEEN_AHEAD];
	uint64_t before = *place;

	*place = btf_text_hash(text, size - !text[size - 1]);
	__builtin_prefetch(&seen->tags[*place & seen->mask], 1);
	return before ? see_hash(seen, before) : 0;
}

static int see_all(struct seen *seen)
{
	int result = btf_strings_each(seen->strings, see_text, seen);

	for (unsigned i = 0; i < SEEN_AHEAD && !result; i++)
		if (seen->hashes[i])
			result = see_hash(seen, seen->hashes[i]);
	return result;
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
	result = see_all(&seen);
	pages_free(seen.tags, (seen.mask + 1) * sizeof(*seen.tags));
	return result;
}

static size_t ranks_size(uint32_t size)
{
	return btf_block_count(size) * sizeof(struct btf_rank);
}

static size_t list_size(const struct btf_strings *strings)
{
	return ((size_t)strings->count + 1) * sizeof(*strings->list);
}

int btf_strings_init(struct btf_strings *strings, const char *data,
		     uint32_t size, uint32_t start)
{
	int repeat;

	memset(strings, 0, sizeof(*strings));
	strings->data = data;
	strings->size = size;
	strings->start = start;
	strings->ranks = pages_alloc_unset(ranks_size(size));
	if (!strings->ranks)
		return -1;
	strings->count = rank(strings);
	strings->list = pages_alloc(list_size(strings));
	if (!strings->list)
		return -1;
	repeat = may_repeat(strings);
	return repeat > 0 ? btf_strings_index(strings) : repeat;
}

void btf_strings_release(struct btf_strings *strings)
{
	pages_free(strings->ranks, ranks_size(strings->size));
	pages_free(strings->list, list_size(strings));
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

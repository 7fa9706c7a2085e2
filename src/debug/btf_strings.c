/* SPDX-License-Identifier: MIT */
#include "debug/btf_strings.h"

#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/arena.h"
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
static uint32_t last_block_ends(const char *at, uint32_t length)
{
	uint32_t ends = 0;

	for (uint32_t i = 0; i < length; i++)
		ends |= (uint32_t)!at[i] << i;
	return ends;
}

/* Room in the list behind the strings. */
#define BEHIND (BTF_KINDS + 1)
_Static_assert(BTF_USUAL_STARTS < BEHIND, "they are read there, too");

/* An estimate: bytes of the usual string. */
#define USUAL_SIZE 16u

/* __builtin_popcount() is a call on x86-64 without -mpopcnt. */
static inline uint32_t count_bits(uint32_t word)
{
	word -= word >> 1 & 0x55555555;
	word = (word & 0x33333333) + (word >> 2 & 0x33333333);
	return ((word + (word >> 4)) & 0x0f0f0f0f) * 0x01010101 >> 24;
}

/*
 * Writes the strings that start in a block at `at`, from its bits. How many
 * they are is not to be foreseen: the usual number is written always, and what
 * is too many is overwritten.
 */
static inline void write_starts(struct btf_string *out, uint32_t at,
				uint32_t starts)
{
	const uint32_t some = UINT32_C(1) << (BTF_BLOCK - 1);

#pragma GCC unroll 4
	for (unsigned i = 0; i < BTF_USUAL_STARTS; i++) {
		*out++ = (struct btf_string){
			.at = at + (uint32_t)__builtin_ctz(starts | some),
		};
		starts &= starts - 1;
	}
	for (; starts; starts &= starts - 1)
		*out++ = (struct btf_string){
			.at = at + (uint32_t)__builtin_ctz(starts),
		};
}

/* Numbers the strings that start in a block. */
static int number_block(struct btf_strings *strings, uint32_t block,
			uint32_t starts)
{
	size_t needed = (size_t)strings->count + BTF_BLOCK + BEHIND;
	struct btf_string *list = array_grow(strings->list, &strings->room,
					     needed, sizeof(*list));

	if (!list)
		return -1;
	strings->list = list;
	write_starts(list + strings->count, block * BTF_BLOCK, starts);
	strings->before[block] = strings->count;
	strings->count += count_bits(starts);
	return 0;
}

/* Numbers all strings: where each starts. 0 or -1. */
static int number_all(struct btf_strings *strings)
{
	uint32_t blocks = btf_block_count(strings->size);
	uint32_t rest = strings->size % BTF_BLOCK; /* of the last block */
	const struct btf_string behind = {
		.at = strings->size + !strings->ended,
	};
	uint32_t carry = 1; /* the first byte starts a string */

	for (uint32_t i = 0; i < blocks; i++) {
		const char *at = strings->data + (size_t)i * BTF_BLOCK;
		uint32_t ends = i + 1 < blocks ? whole_block_ends(at)
					       : last_block_ends(at, rest);
		uint32_t starts = ends << 1 | carry;

		if (i + 1 == blocks)
			starts &= (UINT32_C(1) << rest) - 1;
		if (number_block(strings, i, starts))
			return -1;
		carry = ends >> (BTF_BLOCK - 1);
	}
	for (unsigned i = 0; i < BEHIND; i++)
		strings->list[strings->count + i] = behind;
	return 0;
}

static size_t before_size(uint32_t size)
{
	return btf_block_count(size) * sizeof(uint32_t);
}

int btf_strings_init(struct btf_strings *strings, const char *data,
		     uint32_t size, uint32_t start)
{
	memset(strings, 0, sizeof(*strings));
	strings->data = data;
	strings->size = size;
	strings->start = start;
	strings->ended = !size || !data[size - 1];
	strings->before = pages_alloc_unset(before_size(size));
	strings->list = array_grow(NULL, &strings->room,
				   size / USUAL_SIZE + BTF_BLOCK + BEHIND,
				   sizeof(*strings->list));
	if (!strings->before || !strings->list || number_all(strings))
		return -1;
	return btf_strings_compare(strings);
}

void btf_strings_release(struct btf_strings *strings)
{
	pages_free(strings->before, before_size(strings->size));
	free(strings->list);
	map_release(&strings->texts);
	memset(strings, 0, sizeof(*strings));
}

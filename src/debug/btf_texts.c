/* SPDX-License-Identifier: MIT */
/*
 * The texts of BTF's strings: whether some text is there twice, and an index of
 * all for when one is. It hardly ever is, for libbpf writes each text once; but
 * names are compared by their offsets, so it has to be known. To find that out
 * takes a quarter of the memory, and of the time, of an index.
 */
#include <string.h>
#include <xxhash.h>

#include "base/pages.h"
#include "debug/btf_strings.h"

uint64_t btf_text_hash(const char *text, uint32_t length)
{
	uint64_t hash = XXH3_64bits(text, length);

	return hash | !hash;
}

int btf_strings_index(struct btf_strings *strings)
{
	if (strings->texts.count)
		return 0;
	if (map_reserve(&strings->texts, strings->count))
		return -1;
	for (uint32_t i = 0; i < strings->count; i++) {
		const struct btf_string *string = &strings->list[i];
		uint64_t hash = btf_text_hash(strings->data + string->at,
					      btf_string_length(string));
		uint32_t *first = map_at(&strings->texts, hash, string->at);

		if (!first)
			return -1;
		strings->repeated |= *first != string->at;
	}
	return 0;
}

#define SHORT 32u /* bytes: few names of C are longer */

/* From SHORT - n on: a mask for the first n of SHORT bytes. */
static const uint8_t masks[2 * SHORT] = { [0 ... SHORT - 1] = 0xff };

static inline uint64_t masked(const char *text, const uint8_t *mask,
			      unsigned word)
{
	uint64_t value, bits;

	memcpy(&value, text + word * sizeof(value), sizeof(value));
	memcpy(&bits, mask + word * sizeof(bits), sizeof(bits));
	return value & bits;
}

static inline uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/*
 * A hash that goes one way for each length up to SHORT: how long the next name
 * is cannot be foreseen. SHORT bytes can be read at `text`.
 */
static inline uint64_t short_hash(const char *text, uint32_t length)
{
	const uint8_t *mask = masks + SHORT - length;

	return fold(masked(text, mask, 0) ^ 0x9e3779b97f4a7c15u,
		    masked(text, mask, 1) ^ 0xbf58476d1ce4e5b9u) ^
	       fold(masked(text, mask, 2) ^ 0x94d049bb133111ebu,
		    masked(text, mask, 3) ^ (0xd6e8feb86659fd93u + length));
}

/* The same for a text behind which there may be nothing. */
static uint64_t last_hash(const char *text, uint32_t length)
{
	char copy[SHORT] = { 0 };

	memcpy(copy, text, length);
	return short_hash(copy, length);
}

static inline uint64_t hash_of(const struct btf_strings *strings,
			       const struct btf_string *string)
{
	const char *text = strings->data + string->at;
	uint32_t length = btf_string_length(string);

	if (length > SHORT)
		return XXH3_64bits(text, length);
	return strings->size - string->at >= SHORT ? short_hash(text, length)
						   : last_hash(text, length);
}

/* A set of hashes, of which 32 bits are kept. */
struct seen {
	uint32_t *tags; /* 0: empty */
	size_t mask;
};

#define PROBES 64 /* more of them are a reason to look closer, too */

/* True for a hash that was there before. */
static inline bool see(struct seen *seen, uint64_t hash)
{
	uint32_t tag = (uint32_t)(hash >> 32) | 1;
	size_t slot = hash & seen->mask;
	unsigned probes = 0;

	for (; seen->tags[slot]; slot = (slot + 1) & seen->mask)
		if (seen->tags[slot] == tag || ++probes == PROBES)
			return true;
	seen->tags[slot] = tag;
	return false;
}

#define BLOCK 32u

/*
 * Sees all strings, a block at a time: where a hash belongs is somewhere in a
 * megabyte, which is asked for when the hash is known, and looked at when those
 * of the whole block are.
 */
static bool see_all(struct seen *seen, const struct btf_strings *strings)
{
	uint64_t hashes[BLOCK];
	uint32_t count;

	for (uint32_t first = 0; first < strings->count; first += count) {
		count = (uint32_t)min_u64(BLOCK, strings->count - first);
		for (uint32_t i = 0; i < count; i++) {
			hashes[i] = hash_of(strings, &strings->list[first + i]);
			__builtin_prefetch(&seen->tags[hashes[i] & seen->mask],
					   1);
		}
		for (uint32_t i = 0; i < count; i++)
			if (see(seen, hashes[i]))
				return true;
	}
	return false;
}

int btf_strings_compare(struct btf_strings *strings)
{
	struct seen seen = { .mask = 1023 };
	bool repeated;

	while (seen.mask / 3 * 2 < strings->count)
		seen.mask = seen.mask * 2 + 1;
	seen.tags = pages_alloc((seen.mask + 1) * sizeof(*seen.tags));
	if (!seen.tags)
		return -1;
	repeated = see_all(&seen, strings);
	pages_free(seen.tags, (seen.mask + 1) * sizeof(*seen.tags));
	return repeated ? btf_strings_index(strings) : 0;
}

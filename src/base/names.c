/* SPDX-License-Identifier: MIT */
/*
 * Linear probing over an array of hashes and numbers. uthash was measured
 * first: its 56-byte handle on 2.6 million names is 146 MB, and each growth
 * walks them all; here a name costs 16 bytes and 10 to 20 bytes of slots. 32
 * bits of the hash stand in the slot itself: a probe that does not fit is
 * passed over without a look at the name, which is in no cache.
 */
#include "base/names.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/pages.h"
#include "base/util.h"

struct name {
	const char *text;
	uint32_t length;
	uint32_t hash; /* fills the struct; a slot has it too */
};
_Static_assert(sizeof(struct name) == 16, "one exists per distinct name");

uint64_t names_hash(const char *text, size_t length)
{
	return XXH3_64bits(text, length);
}

static uint32_t hash_of(const char *text, size_t length)
{
	return (uint32_t)names_hash(text, length);
}

static uint64_t slot_make(uint32_t hash, uint32_t name)
{
	return (uint64_t)hash << 32 | name;
}

static int slots_resize(struct names *names, uint32_t slot_count)
{
	uint64_t *slots = calloc(slot_count, sizeof(*slots));

	if (!slots)
		return -1;
	pages_expect(slots, slot_count * sizeof(*slots));
	for (uint32_t i = 1; i < names->count; i++) {
		uint32_t at = names->list[i].hash & (slot_count - 1);

		while (slots[at])
			at = (at + 1) & (slot_count - 1);
		slots[at] = slot_make(names->list[i].hash, i);
	}
	free(names->slots);
	names->slots = slots;
	names->slot_count = slot_count;
	return 0;
}

int names_init(struct names *names, size_t expected)
{
	uint32_t slot_count = 1024;

	memset(names, 0, sizeof(*names));
	while (slot_count < expected + expected / 4 && slot_count < 1u << 31)
		slot_count *= 2;
	names->capacity = expected + 16;
	names->list = calloc(names->capacity, sizeof(*names->list));
	if (!names->list || slots_resize(names, slot_count)) {
		names_release(names);
		return -1;
	}
	pages_expect(names->list, expected * sizeof(*names->list));
	names->list[0].text = "";
	names->count = 1;
	return 0;
}

/* The slot where `text` is, or the empty one where it belongs. */
static uint32_t slot_of(const struct names *names, uint32_t hash,
			const char *text, size_t length)
{
	uint32_t mask = names->slot_count - 1;
	uint32_t at = hash & mask;

	for (; names->slots[at]; at = (at + 1) & mask) {
		const struct name *name;

		if (names->slots[at] >> 32 != hash)
			continue;
		name = &names->list[(uint32_t)names->slots[at]];
		if (name->length == length &&
		    !memcmp(name->text, text, length))
			break;
	}
	return at;
}

/* The name in the first slot that has this hash, or 0: for prefetching. */
static uint32_t guess(const struct names *names, uint32_t hash)
{
	uint32_t mask = names->slot_count - 1;

	for (uint32_t at = hash & mask; names->slots[at]; at = (at + 1) & mask)
		if (names->slots[at] >> 32 == hash)
			return (uint32_t)names->slots[at];
	return 0;
}

/* Makes room for `more` names. */
static int make_room(struct names *names, size_t more)
{
	size_t needed = names->count + more;
	uint32_t slot_count = names->slot_count;

	if (needed >= 1u << 31)
		return -1;
	if (needed > names->capacity) {
		size_t capacity = max_u64(names->capacity * 2, needed);
		struct name *list = realloc(names->list,
					    capacity * sizeof(*list));

		if (!list)
			return -1;
		names->list = list;
		names->capacity = capacity;
	}
	while (needed >= slot_count / 5 * 4)
		slot_count *= 2;
	return slot_count > names->slot_count ?
		slots_resize(names, slot_count) : 0;
}

/* The number of a text whose hash is known; there is room for it. */
static uint32_t intern_hashed(struct names *names, uint32_t hash,
			      const char *text, size_t length)
{
	uint32_t at = slot_of(names, hash, text, length);

	if (!names->slots[at]) {
		names->list[names->count] = (struct name){
			.text = text,
			.length = (uint32_t)length,
			.hash = hash,
		};
		names->slots[at] = slot_make(hash, names->count++);
	}
	return (uint32_t)names->slots[at];
}

uint32_t names_intern(struct names *names, const char *text, size_t length)
{
	if (!length)
		return 0;
	if (length > UINT32_MAX || make_room(names, 1))
		return NAME_ERROR;
	return intern_hashed(names, hash_of(text, length), text, length);
}

int names_intern_many(struct names *names, struct name_request *requests,
		      size_t count)
{
	uint32_t mask;

	if (make_room(names, count))
		return -1;
	mask = names->slot_count - 1;
	for (size_t i = 0; i < count; i++) {
		struct name_request *request = &requests[i];

		if (request->length > UINT32_MAX)
			return -1;
		request->hash = hash_of(request->text, request->length);
		__builtin_prefetch(&names->slots[request->hash & mask]);
	}
	for (size_t i = 0; i < count; i++) {
		requests[i].name = guess(names, requests[i].hash);
		__builtin_prefetch(&names->list[requests[i].name]);
	}
	for (size_t i = 0; i < count; i++) {
		const char *text = names->list[requests[i].name].text;

		/* 64 bytes is a line; names of the kernel begin anywhere. */
		__builtin_prefetch(text);
		__builtin_prefetch(text + requests[i].length);
	}
	for (size_t i = 0; i < count; i++) {
		struct name_request *request = &requests[i];

		request->name = request->length ?
			intern_hashed(names, request->hash, request->text,
				      request->length) : 0;
	}
	return 0;
}

uint32_t names_intern_cstr(struct names *names, const char *text)
{
	return names_intern(names, text, strlen(text));
}

uint32_t names_find(const struct names *names, const char *text, size_t length)
{
	if (!length || length > UINT32_MAX)
		return 0;
	return (uint32_t)names->slots[slot_of(names, hash_of(text, length),
					      text, length)];
}

const char *names_text(const struct names *names, uint32_t name,
		       size_t *length)
{
	*length = names->list[name].length;
	return names->list[name].text;
}

void names_close(struct names *names)
{
	free(names->slots);
	names->slots = NULL;
	names->slot_count = 0;
}

void names_release(struct names *names)
{
	free(names->list);
	free(names->slots);
	memset(names, 0, sizeof(*names));
}

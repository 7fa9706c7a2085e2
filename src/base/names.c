/* SPDX-License-Identifier: MIT */
/*
 * Linear probing over an array of numbers. uthash was measured first: its
 * 56-byte handle on 2.6 million names is 146 MB, and each growth walks them
 * all; here a name costs 16 bytes and 8 to 16 bytes of slots, and 32 bits of
 * the hash beside the text decide nearly every probe without touching it.
 */
#include "base/names.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/util.h"

struct name {
	const char *text;
	uint32_t length;
	uint32_t hash;
};
_Static_assert(sizeof(struct name) == 16, "one exists per distinct name");

static uint32_t hash_of(const char *text, size_t length)
{
	return (uint32_t)XXH3_64bits(text, length);
}

static int slots_resize(struct names *names, uint32_t slot_count)
{
	uint32_t *slots = calloc(slot_count, sizeof(*slots));

	if (!slots)
		return -1;
	for (uint32_t i = 1; i < names->count; i++) {
		uint32_t at = names->list[i].hash & (slot_count - 1);

		while (slots[at])
			at = (at + 1) & (slot_count - 1);
		slots[at] = i;
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
	while (slot_count < expected + expected / 2 && slot_count < 1u << 31)
		slot_count *= 2;
	names->capacity = expected + 16;
	names->list = calloc(names->capacity, sizeof(*names->list));
	if (!names->list || slots_resize(names, slot_count)) {
		names_release(names);
		return -1;
	}
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
		const struct name *name = &names->list[names->slots[at]];

		if (name->hash == hash && name->length == length &&
		    !memcmp(name->text, text, length))
			break;
	}
	return at;
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
	while (needed >= slot_count / 4 * 3)
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
		names->slots[at] = names->count++;
	}
	return names->slots[at];
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
	const uint32_t *slots;
	uint32_t mask;

	if (make_room(names, count))
		return -1;
	slots = names->slots;
	mask = names->slot_count - 1;
	for (size_t i = 0; i < count; i++) {
		struct name_request *request = &requests[i];

		if (request->length > UINT32_MAX)
			return -1;
		request->hash = hash_of(request->text, request->length);
		__builtin_prefetch(&slots[request->hash & mask]);
	}
	for (size_t i = 0; i < count; i++)
		__builtin_prefetch(
			&names->list[slots[requests[i].hash & mask]]);
	for (size_t i = 0; i < count; i++) {
		uint32_t name = slots[requests[i].hash & mask];

		if (names->list[name].hash == requests[i].hash)
			__builtin_prefetch(names->list[name].text);
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
	return names->slots[slot_of(names, hash_of(text, length), text,
				    length)];
}

const char *names_text(const struct names *names, uint32_t name,
		       size_t *length)
{
	*length = names->list[name].length;
	return names->list[name].text;
}

void names_release(struct names *names)
{
	free(names->list);
	free(names->slots);
	memset(names, 0, sizeof(*names));
}

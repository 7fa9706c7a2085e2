/* SPDX-License-Identifier: MIT */
#include "debug/btf_shapes.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/pages.h"
#include "base/util.h"

#define FIRST_SLOTS 4096 /* at least */
#define FIRST_ROOM 100000 /* shapes; a kernel has as many types */
#define LAST_SLOTS ((size_t)1 << 18) /* that are made before they are needed */

/* Seven bits that are not those of the slot; never 0. */
static uint8_t tag_of(uint64_t hash)
{
	return (uint8_t)(hash >> 57 | 0x80);
}

/* The tags of eight slots, the first one's in the lowest byte. */
static inline uint64_t load_tags(const uint8_t *tags)
{
	uint64_t word;

	memcpy(&word, tags, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	return word;
}

#define LOW 0x0101010101010101u /* in each byte */
#define HIGH (LOW << 7)

/* The highest bit of each byte of `tags` that is `tag`. */
static inline uint64_t equal_tags(uint64_t tags, uint8_t tag)
{
	uint64_t different = tags ^ LOW * tag;

	return ~(((different & ~HIGH) + ~HIGH) | different) & HIGH;
}

/* The byte that has the lowest bit which is set. */
static inline size_t byte_of(uint64_t bits)
{
	return (size_t)__builtin_ctzll(bits) / 8;
}

/*
 * Where a hash is, or would be. Eight slots are looked at in one step: to guess
 * which of them is free costs more.
 */
INLINE size_t slot_of(const struct btf_shapes *shapes, uint64_t hash)
{
	size_t mask = shapes->slot_count - 1;
	size_t at = btf_shapes_slots(shapes, hash);

	for (;; at = (at + BTF_SLOTS) & mask) {
		uint64_t tags = load_tags(&shapes->tags[at]);
		uint64_t equal = equal_tags(tags, tag_of(hash));
		uint64_t empty = ~tags & HIGH;

		for (; equal; equal &= equal - 1) {
			size_t slot = at + byte_of(equal);

			if (shapes->list[shapes->slots[slot]].hash == hash)
				return slot;
		}
		if (empty)
			return at + byte_of(empty);
	}
}

static void fill_slot(struct btf_shapes *shapes, size_t at, uint32_t number)
{
	shapes->tags[at] = tag_of(shapes->list[number].hash);
	shapes->slots[at] = number;
}

static void free_slots(struct btf_shapes *shapes)
{
	pages_free(shapes->tags, shapes->slot_count);
	pages_free(shapes->slots,
		   shapes->slot_count * sizeof(*shapes->slots));
}

static int make_slots(struct btf_shapes *shapes, size_t count)
{
	uint8_t *tags = pages_alloc(count);
	uint32_t *slots = pages_alloc_unset(count * sizeof(*slots));

	if (!slots || !tags) {
		pages_free(tags, count);
		pages_free(slots, count * sizeof(*slots));
		return -1;
	}
	free_slots(shapes);
	shapes->tags = tags;
	shapes->slots = slots;
	shapes->slot_count = count;
	shapes->limit = (uint32_t)min_u64(count / 8 * 7, UINT32_MAX);
	for (uint32_t i = 0; i < shapes->count; i++)
		fill_slot(shapes, slot_of(shapes, shapes->list[i].hash), i);
	return 0;
}

int btf_shapes_init(struct btf_shapes *shapes, const struct btf_shapes *base,
		    size_t more)
{
	size_t slots = FIRST_SLOTS, known = base ? base->count : 0;

	memset(shapes, 0, sizeof(*shapes));
	shapes->list = array_grow(NULL, &shapes->room,
				  known + min_u64(more, FIRST_ROOM),
				  sizeof(*shapes->list));
	if (!shapes->list)
		return -1;
	if (known)
		memcpy(shapes->list, base->list,
		       known * sizeof(*shapes->list));
	shapes->count = (uint32_t)known;
	while (slots < known * 2 ||
	       (slots < more / 2 && slots < LAST_SLOTS))
		slots *= 2;
	return make_slots(shapes, slots);
}

void btf_shapes_release(struct btf_shapes *shapes)
{
	free_slots(shapes);
	free(shapes->list);
	memset(shapes, 0, sizeof(*shapes));
}

/* Makes room for one more, in the list and in the slots. 0 or -1. */
static int make_room(struct btf_shapes *shapes)
{
	struct btf_shape *list = array_grow(shapes->list, &shapes->room,
					    (size_t)shapes->count + 1,
					    sizeof(*list));

	shapes->failed |= !list;
	if (!list)
		return -1;
	shapes->list = list;
	if (shapes->count >= shapes->limit &&
	    make_slots(shapes, shapes->slot_count * 2))
		shapes->failed = true;
	return shapes->failed ? -1 : 0;
}

/* Apart, for the rest to need few registers. */
static __attribute__((noinline)) uint32_t
look_up_with_room(struct btf_shapes *shapes, struct btf_shape shape)
{
	return make_room(shapes) ? 0 : btf_shapes_look_up(shapes, shape);
}

uint32_t btf_shapes_look_up(struct btf_shapes *shapes, struct btf_shape shape)
{
	size_t slot = slot_of(shapes, shape.hash);
	uint32_t number = shapes->count;

	if (shapes->tags[slot])
		return shapes->slots[slot];
	if (number >= shapes->limit || number >= shapes->room)
		return look_up_with_room(shapes, shape);
	shapes->list[number] = shape;
	shapes->count++;
	fill_slot(shapes, slot, number);
	return number;
}

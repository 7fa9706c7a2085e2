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

/* Where a hash is, or would be. */
static size_t slot_of(const struct btf_shapes *shapes, uint64_t hash)
{
	size_t mask = shapes->slot_count - 1, at = hash & mask;
	uint8_t tag = tag_of(hash);

	while (shapes->tags[at] &&
	       (shapes->tags[at] != tag ||
		shapes->list[shapes->slots[at]].hash != hash))
		at = (at + 1) & mask;
	return at;
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
	while (slots < known * 2 || (slots < more && slots < LAST_SLOTS))
		slots *= 2;
	return make_slots(shapes, slots);
}

void btf_shapes_release(struct btf_shapes *shapes)
{
	free_slots(shapes);
	free(shapes->list);
	memset(shapes, 0, sizeof(*shapes));
}

static uint32_t add_shape(struct btf_shapes *shapes, size_t slot,
			  struct btf_shape shape)
{
	struct btf_shape *list = array_grow(shapes->list, &shapes->room,
					    shapes->count + 1, sizeof(*list));

	if (!list) {
		shapes->failed = true;
		return 0;
	}
	shapes->list = list;
	list[shapes->count] = shape;
	fill_slot(shapes, slot, shapes->count);
	return shapes->count++;
}

uint32_t btf_shapes_look_up(struct btf_shapes *shapes, uint64_t hash,
			    uint32_t place, uint32_t id)
{
	size_t slot = slot_of(shapes, hash);

	if (shapes->tags[slot])
		return shapes->slots[slot];
	if (shapes->count >= shapes->slot_count / 2) {
		if (make_slots(shapes, shapes->slot_count * 2)) {
			shapes->failed = true;
			return 0;
		}
		slot = slot_of(shapes, hash);
	}
	return add_shape(shapes, slot, (struct btf_shape){ hash, place, id });
}

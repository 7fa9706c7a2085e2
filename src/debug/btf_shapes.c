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

/* Where a hash is, or would be. */
static uint32_t *slot_of(const struct btf_shapes *shapes, uint64_t hash)
{
	size_t mask = shapes->slot_count - 1, at = hash & mask;

	while (shapes->slots[at] &&
	       shapes->list[shapes->slots[at] - 1].hash != hash)
		at = (at + 1) & mask;
	return &shapes->slots[at];
}

static void free_slots(struct btf_shapes *shapes)
{
	pages_free(shapes->slots,
		   shapes->slot_count * sizeof(*shapes->slots));
}

static int make_slots(struct btf_shapes *shapes, size_t count)
{
	uint32_t *slots = pages_alloc(count * sizeof(*slots));

	if (!slots)
		return -1;
	free_slots(shapes);
	shapes->slots = slots;
	shapes->slot_count = count;
	for (uint32_t i = 0; i < shapes->count; i++)
		*slot_of(shapes, shapes->list[i].hash) = i + 1;
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

static uint32_t add_shape(struct btf_shapes *shapes, uint32_t *slot,
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
	*slot = ++shapes->count;
	return shapes->count - 1;
}

uint32_t btf_shapes_look_up(struct btf_shapes *shapes, uint64_t hash,
			    uint32_t place, uint32_t id)
{
	uint32_t *slot = slot_of(shapes, hash);

	if (*slot)
		return *slot - 1;
	if (shapes->count >= shapes->slot_count / 2) {
		if (make_slots(shapes, shapes->slot_count * 2)) {
			shapes->failed = true;
			return 0;
		}
		slot = slot_of(shapes, hash);
	}
	return add_shape(shapes, slot, (struct btf_shape){ hash, place, id });
}

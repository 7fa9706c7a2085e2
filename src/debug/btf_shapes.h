/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_BTF_SHAPES_H
#define VMDELTA_DEBUG_BTF_SHAPES_H

/*
 * The shapes that types have, each once, numbered in the order in which they
 * are met. Where deduplication fails, whole units are there again, in the same
 * order: behind a copy of shape n mostly comes one of shape n + 1. So that one
 * is looked at before the hash table is, and its neighbours are in the
 * processor's cache already.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btf_shape {
	uint64_t hash;
	uint32_t place; /* of one of its records, btf_place_of() */
	uint32_t id;    /* the first type that was met; once records are
			   counted, the first of all */
};
_Static_assert(sizeof(struct btf_shape) == 16, "millions can exist");

struct btf_shapes {
	struct btf_shape *list;
	size_t room;       /* of the list */
	uint32_t count;
	uint32_t last;     /* number of the one that was met last */
	uint8_t *tags;     /* by hash: some bits of it, 0: empty. What is new
			      is found to be so here, in the cache. */
	uint32_t *slots;   /* by hash: number */
	size_t slot_count; /* a power of two */
	uint32_t limit;    /* of shapes, for so many slots */
	bool failed;       /* out of memory; numbers are wrong from then on */
};

/*
 * Makes room for `more` shapes behind those of a base (or NULL), which keep
 * their numbers. Returns 0, or -1 when out of memory; btf_shapes_release() may
 * follow.
 */
int btf_shapes_init(struct btf_shapes *shapes, const struct btf_shapes *base,
		    size_t more);
void btf_shapes_release(struct btf_shapes *shapes);

/* Adds a shape, or finds it; use btf_shapes_number(). */
uint32_t btf_shapes_look_up(struct btf_shapes *shapes, struct btf_shape shape);

#define BTF_SLOTS 8u /* that are looked at together */

/* The first of the slots where a hash belongs. */
static inline size_t btf_shapes_slots(const struct btf_shapes *shapes,
				      uint64_t hash)
{
	return hash & (shapes->slot_count - BTF_SLOTS);
}

/* Asks for the memory that btf_shapes_number() will read, where it will. */
static inline void btf_shapes_fetch(const struct btf_shapes *shapes,
				    uint64_t hash)
{
	size_t at = btf_shapes_slots(shapes, hash);

	__builtin_prefetch(&shapes->tags[at], 1);
	__builtin_prefetch(&shapes->slots[at], 1);
}

/* The number of the shape of that hash; a new one where there is none. */
static inline uint32_t btf_shapes_number(struct btf_shapes *shapes,
					 struct btf_shape shape)
{
	uint32_t next = shapes->last + 1;

	if (next >= shapes->count || shapes->list[next].hash != shape.hash)
		next = btf_shapes_look_up(shapes, shape);
	shapes->last = next;
	return next;
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Counts records by class, and by kind and name. Only the first record of a
 * class is looked at for its name and strings: its copies have the same. So
 * a copy costs one look into a table of all classes, and what it needs of the
 * table is fetched while earlier records are counted.
 */
#include <stdlib.h>

#include "base/pages.h"
#include "debug/btf_reader.h"

#define AHEAD 24         /* records between fetching and counting */
#define FIRST_SLOTS 4096 /* at least */
#define LAST_SLOTS ((size_t)1 << 18) /* that are made before they are needed */

/* A class, its first type and how many more there are. */
struct shape {
	uint64_t class; /* 0: an empty slot */
	uint32_t id;
	uint32_t copies;
};
_Static_assert(sizeof(struct shape) == 16, "a million can exist");

/* By class, with linear probing: a class is a hash already. */
struct shapes {
	struct shape *slots;
	size_t slot_count; /* a power of two */
	size_t used;
};

static inline struct shape *slot_of(const struct shapes *shapes,
				    uint64_t class)
{
	size_t at = class & (shapes->slot_count - 1);

	while (shapes->slots[at].class && shapes->slots[at].class != class)
		at = (at + 1) & (shapes->slot_count - 1);
	return &shapes->slots[at];
}

static int resize(struct shapes *shapes, size_t slot_count)
{
	struct shapes larger = { .slot_count = slot_count,
				 .used = shapes->used };

	larger.slots = pages_alloc(slot_count * sizeof(struct shape));
	if (!larger.slots)
		return -1;
	for (size_t i = 0; i < shapes->slot_count; i++)
		if (shapes->slots[i].class)
			*slot_of(&larger, shapes->slots[i].class) =
				shapes->slots[i];
	pages_free(shapes->slots, shapes->slot_count * sizeof(struct shape));
	*shapes = larger;
	return 0;
}

static void shapes_release(struct shapes *shapes)
{
	pages_free(shapes->slots, shapes->slot_count * sizeof(struct shape));
}

static int shapes_init(struct shapes *shapes, uint32_t types)
{
	size_t slot_count = FIRST_SLOTS;

	*shapes = (struct shapes){ 0 };
	while (slot_count / 4 * 3 < types && slot_count < LAST_SLOTS)
		slot_count *= 2;
	return resize(shapes, slot_count);
}

/* The shape of a class; a new one is `id`'s. NULL when out of memory. */
static inline struct shape *shape_of(struct shapes *shapes, uint64_t class,
				     uint32_t id)
{
	struct shape *shape;

	if (shapes->used >= shapes->slot_count / 4 * 3 &&
	    resize(shapes, shapes->slot_count * 2))
		return NULL;
	shape = slot_of(shapes, class);
	if (!shape->class) {
		*shape = (struct shape){ class, id, 0 };
		shapes->used++;
	}
	return shape;
}

/* What a split BTF repeats of its base is a copy, too. */
static int know_base(struct shapes *shapes, const struct btf *base)
{
	if (!base || !base->classes)
		return 0;
	for (uint32_t i = 0; i < base->type_count; i++)
		if (!shape_of(shapes, base->classes[i], base->first_id + i))
			return -1;
	return 0;
}

/*
 * Counts a record `times` times in its group, which is made where there is
 * none yet; as copies of `original` unless that is 0.
 */
static int count_record(struct btf_reader *reader, uint32_t id,
			uint32_t times, uint32_t original)
{
	struct btf *btf = reader->btf;
	struct btf_record record;
	struct btf_group *group;
	uint32_t number;

	btf_record_at(&record, btf->types, reader->types_size,
		      btf_offset_of(btf, id - btf->first_id), btf_swaps(btf));
	number = btf_group_of(reader, &record, id);
	if (!number)
		return -1;
	group = &btf->groups[number];
	group->count += times;
	group->bytes += (uint64_t)times * record.size;
	if (!original)
		return 0;
	group->copies += times;
	group->copy_bytes += (uint64_t)times * record.size;
	if (!group->original) {
		group->original = original;
		group->copy = id;
	}
	return 0;
}

/* The first copy of a shape: later ones are counted with it. */
static int count_first_copy(struct btf_reader *reader, struct shape *shape,
			    uint32_t id)
{
	uint32_t original = shape->id;

	if (original < reader->btf->first_id)
		shape->id = id; /* it is the base's type */
	return count_record(reader, id, 1, original);
}

static int count_one(struct btf_reader *reader, struct shapes *shapes,
		     uint64_t class, uint32_t id, bool each)
{
	struct shape *shape = shape_of(shapes, class, id);

	if (!shape)
		return -1;
	if (shape->id == id)
		return count_record(reader, id, 1, 0);
	if (!shape->copies++)
		return count_first_copy(reader, shape, id);
	return each ? count_record(reader, id, 1, shape->id) : 0;
}

static int count_all(struct btf_reader *reader, struct shapes *shapes)
{
	const struct btf *btf = reader->btf;
	const uint64_t *classes = btf->classes;
	bool each = btf->strings->repeated; /* names may lie elsewhere */
	uint32_t count = btf->type_count, ahead = count > AHEAD ? count - AHEAD : 0;
	int result = 0;

	for (uint32_t i = 0; i < count && !result; i++) {
		if (i < ahead)
			__builtin_prefetch(&shapes->slots[
				classes[i + AHEAD] &
				(shapes->slot_count - 1)]);
		result = count_one(reader, shapes, classes[i],
				   btf->first_id + i, each);
	}
	return result;
}

/* The copies behind the first of each shape. */
static int count_others(struct btf_reader *reader,
			const struct shapes *shapes)
{
	int result = 0;

	if (reader->btf->strings->repeated)
		return 0;
	for (size_t i = 0; i < shapes->slot_count && !result; i++) {
		const struct shape *shape = &shapes->slots[i];

		if (shape->copies > 1)
			result = count_record(reader, shape->id,
					      shape->copies - 1, shape->id);
	}
	return result;
}

int btf_count_copies(struct btf_reader *reader)
{
	struct shapes shapes;
	int result;

	if (shapes_init(&shapes, reader->btf->type_count))
		return -1;
	result = know_base(&shapes, reader->btf->base);
	if (!result)
		result = count_all(reader, &shapes);
	if (!result)
		result = count_others(reader, &shapes);
	shapes_release(&shapes);
	return result;
}

/* SPDX-License-Identifier: MIT */
/*
 * Counts records by class, and by kind and name. Only the first record of a
 * class is looked at for its name and strings: its copies have the same. So
 * counting a copy reads nothing but its class.
 */
#include "base/pages.h"
#include "debug/btf_reader.h"

/*
 * Counts the record at `place` `times` times in its group, which is made where
 * there is none yet: as type `id`, as copies of `original` unless that is 0.
 */
static int count_record(struct btf_reader *reader, uint32_t place, uint32_t id,
			uint32_t times, uint32_t original)
{
	struct btf *btf = reader->btf;
	struct btf_record record;
	struct btf_group *group;
	uint32_t number;

	btf_load_record(&record, btf->types + btf_offset_at(place),
			btf_swaps(btf));
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

/* Where the names of a type are, which its copies have, too: see count_all(). */
static uint32_t place_of(const struct btf *btf, const struct btf_shape *shape,
			 uint32_t id, bool each)
{
	if (!each && shape->id >= btf->first_id)
		return shape->place;
	return btf_place_of(btf_offset_of(btf, id - btf->first_id));
}

/* The first copy of a shape: later ones are counted with it. */
static int count_first_copy(struct btf_reader *reader, struct btf_shape *shape,
			    uint32_t id, uint32_t place)
{
	uint32_t original = shape->id;

	if (original < reader->btf->first_id) { /* it is the base's type */
		shape->id = id;
		shape->place = place;
	}
	return count_record(reader, place, id, 1, original);
}

/* Counts a record that is the first of its shape, or not: a copy. */
static int count_one(struct btf_reader *reader, uint32_t id,
		     struct btf_shape *shape, uint32_t before, bool each)
{
	uint32_t place;

	if (!before)
		shape->id = id;
	place = place_of(reader->btf, shape, id, each);
	if (!before)
		return count_record(reader, place, id, 1, 0);
	if (before == 1)
		return count_first_copy(reader, shape, id, place);
	return count_record(reader, place, id, 1, shape->id);
}

/*
 * All records in order, by their shapes. Where texts are repeated, the names
 * of a copy may lie elsewhere than its model's, and `each` is looked at.
 */
static int count_all(struct btf_reader *reader, uint32_t *uses, bool each)
{
	const struct btf *btf = reader->btf;
	const uint32_t *classes = btf->classes;
	uint32_t count = btf->type_count;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t number = classes[i] & BTF_CLASS_NUMBER;
		uint32_t before = uses[number]++;

		if ((before < 2 || each) &&
		    count_one(reader, btf->first_id + i,
			      &btf->shapes->list[number], before, each))
			return -1;
	}
	return 0;
}

/* The copies behind the first of each shape. */
static int count_others(struct btf_reader *reader, const uint32_t *uses)
{
	const struct btf_shapes *shapes = reader->btf->shapes;
	int result = 0;

	for (uint32_t i = 0; i < shapes->count && !result; i++) {
		const struct btf_shape *shape = &shapes->list[i];

		if (uses[i] > 2)
			result = count_record(reader, shape->place, shape->id,
					      uses[i] - 2, shape->id);
	}
	return result;
}

/* What a split BTF repeats of its base is a copy. */
static void use_base(struct btf_reader *reader, uint32_t *uses)
{
	const struct btf *base = reader->btf->base;
	uint32_t count = base && base->shapes ? base->shapes->count : 0;

	for (uint32_t i = 0; i < count; i++)
		uses[i] = 1;
}

int btf_count_copies(struct btf_reader *reader)
{
	bool each = reader->btf->strings->repeated;
	size_t size = reader->btf->shapes->count * sizeof(uint32_t);
	uint32_t *uses = pages_alloc_written(size); /* by shape */
	int result;

	if (!uses)
		return -1;
	use_base(reader, uses);
	result = count_all(reader, uses, each);
	if (!result && !each)
		result = count_others(reader, uses);
	pages_free(uses, size);
	return result;
}

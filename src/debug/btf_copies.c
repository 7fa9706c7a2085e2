/* SPDX-License-Identifier: MIT */
/*
 * Counts records by class, and by kind and name. Only the first record of a
 * class is looked at for its name and strings: its copies have the same. So
 * counting a copy reads nothing but its class.
 */
#include "base/pages.h"
#include "debug/btf_reader.h"

/*
 * Counts the record at `place`, of type `id`, `times` times in its group: as
 * copies of `original`.
 */
static int add_copies(struct btf_reader *reader, uint32_t place, uint32_t id,
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
	group->copies += times;
	group->copy_bytes += (uint64_t)times * record.size;
	if (!group->original) {
		group->original = original;
		group->copy = id;
	}
	return 0;
}

/* Counts the first record of a shape. */
static inline int count_first(struct btf_reader *reader,
			      struct btf_shape *shape, uint32_t id, bool each)
{
	struct btf *btf = reader->btf;
	uint32_t offset = each ? btf_offset_of(btf, id - btf->first_id)
			       : btf_offset_at(shape->place);
	struct btf_record record;
	uint32_t number;

	shape->id = id;
	btf_load_record(&record, btf->types + offset, btf_swaps(btf));
	number = btf_group_of(reader, &record, id);
	if (!number)
		return -1;
	btf->groups[number].count++;
	btf->groups[number].bytes += record.size;
	return 0;
}

/*
 * Counts a copy. Its names are where its model's are, see count_all(); but the
 * model may be a base's type.
 */
static int count_copy(struct btf_reader *reader, struct btf_shape *shape,
		      uint32_t id, bool each)
{
	const struct btf *btf = reader->btf;
	uint32_t place = shape->place, original = shape->id;

	if (each || original < btf->first_id)
		place = btf_place_of(btf_offset_of(btf, id - btf->first_id));
	if (original < btf->first_id) {
		shape->id = id;
		shape->place = place;
	}
	return add_copies(reader, place, id, 1, original);
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
		uint32_t before = uses[number]++, id = btf->first_id + i;
		struct btf_shape *shape = &btf->shapes->list[number];
		int result;

		if (before >= 2 && !each)
			continue;
		result = before ? count_copy(reader, shape, id, each)
				: count_first(reader, shape, id, each);
		if (result)
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
			result = add_copies(reader, shape->place, shape->id,
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
	uint32_t *uses = pages_alloc(size); /* by shape */
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

/* SPDX-License-Identifier: MIT */
/*
 * Counts records by class, and by kind and name. Only the first record of a
 * class is looked at for its name and strings: its copies have the same. So
 * counting a copy reads nothing but its class.
 */
#include "base/pages.h"
#include "debug/btf_look.h"
#include "debug/btf_reader.h"

/* Bytes of records that are asked for before they are needed. */
#define AHEAD 1024u

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
	struct btf_copies *copies;
	uint32_t number;

	btf_load_record(&record, btf->types + btf_offset_at(place),
			btf_swaps(btf));
	number = btf_group_of(reader, &record, id);
	if (!number)
		return -1;
	group = &btf->groups[number];
	copies = group->copied ? &btf->copies[group->copied]
			       : btf_add_copies(btf, group);
	if (!copies)
		return -1;
	group->count += times;
	group->bytes += (uint64_t)times * record.size;
	copies->count += times;
	copies->bytes += (uint64_t)times * record.size;
	if (!copies->original) {
		copies->original = original;
		copies->copy = id;
	}
	return 0;
}

/* Counts the first record of a shape. */
static int count_first(struct btf_reader *reader, struct btf_shape *shape,
		       uint32_t id, bool each)
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
 * The group of a record where each text is one string, and all are own ones;
 * its elements are left alone. 0: this name is not as usual, btf_group_of()
 * knows.
 */
static inline uint32_t usual_group(struct btf *btf,
				   const struct btf_record *record)
{
	const struct btf_strings *strings = btf->strings;
	struct btf_string *string;

	if (!record->name)
		return btf_strings_unnamed(strings, record->kind)->group;
	if (record->name >= strings->size)
		return 0;
	string = btf_strings_at(strings, record->name);
	if (string->at != record->name)
		return 0;
	if (!string->group)
		string->group = btf_add_group(btf, record->kind,
					      strings->data + record->name,
					      btf_string_length(string));
	else if (btf->groups[string->group].kind != record->kind)
		return 0;
	btf_use_string(string, string->group);
	return string->group;
}

/* The names of a record's elements, where nearly all are own strings. */
static inline void use_elements(struct btf_reader *reader,
				const struct btf_record *record,
				uint32_t group, uint32_t id)
{
	const struct btf_strings *strings = reader->btf->strings;
	const uint8_t *at = record->at + sizeof(struct btf_type);
	const uint8_t *end = record->at + record->size;

	for (; at < end; at += record->layout->element) {
		uint32_t offset = btf_load(at, false);

		if (offset < strings->size)
			btf_use_string(btf_strings_at(strings, offset), group);
		else
			btf_use_name(reader, offset, group, id);
	}
}

/* Counts the first record of a shape where all is as usual. */
static inline int count_usual(struct btf_reader *reader,
			      struct btf_shape *shape, uint32_t id)
{
	struct btf *btf = reader->btf;
	uint32_t offset = btf_offset_at(shape->place);
	struct btf_record record;
	uint32_t group;

	__builtin_prefetch(btf->types + offset + AHEAD);
	btf_load_record(&record, btf->types + offset, false);
	group = usual_group(btf, &record);
	if (!group)
		return count_first(reader, shape, id, false);
	shape->id = id;
	btf->groups[group].count++;
	btf->groups[group].bytes += record.size;
	if (btf_names_elements(&record))
		use_elements(reader, &record, group, id);
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
INLINE int count_all(struct btf_reader *reader, uint32_t *uses, bool each,
		     bool usual)
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
		if (before)
			result = count_copy(reader, shape, id, each);
		else
			result = usual ? count_usual(reader, shape, id)
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

	for (uint32_t i = 0; i < shapes->count; i++) {
		const struct btf_shape *shape = &shapes->list[i];

		if (uses[i] > 2 &&
		    add_copies(reader, shape->place, shape->id, uses[i] - 2,
			       shape->id))
			return -1;
	}
	return 0;
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
	struct btf *btf = reader->btf;
	struct mode mode = btf_mode(btf);
	size_t size = btf->shapes->count * sizeof(uint32_t);
	uint32_t *uses = pages_alloc(size); /* by shape */
	int result;

	if (!uses)
		return -1;
	use_base(reader, uses);
	if (btf->strings->count && !btf->strings->start)
		btf->strings->list[0].owner = BTF_SHARED; /* of all unnamed */
	result = mode.swap || mode.renamed || btf->strings->start
		? count_all(reader, uses, mode.renamed, false)
		: count_all(reader, uses, false, true);
	if (!result && !mode.renamed)
		result = count_others(reader, uses);
	pages_free(uses, size);
	btf_give_strings(btf);
	return result;
}

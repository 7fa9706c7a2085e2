/* SPDX-License-Identifier: MIT */
/*
 * Why types are there again: for the costliest ones, a copy is compared with
 * the type it repeats, member by member. Where a member refers to a type of
 * another shape (or to one that is only declared), that is what kept the two
 * apart; where it refers to another copy of the same, the cause is there. The
 * costliest types are mostly of that second sort, so those of the first, at
 * which the copies begin, are a list of their own.
 */
#include <string.h>

#include "debug/btf_reader.h"

#define DEPTH 8       /* of PTR CONST PTR ... in a text */
#define NAME_SHOWN 64 /* bytes of a name in a text */

bool btf_record_of(struct btf_record *record, const struct btf **owner,
		   const struct btf *btf, uint32_t id)
{
	while (btf && id < btf->first_id)
		btf = btf->base;
	if (!btf || !btf->samples || id - btf->first_id >= btf->type_count)
		return false;
	*owner = btf;
	return !btf_record_at(record, btf->types, UINT32_MAX,
			      btf_offset_of(btf, id - btf->first_id),
			      btf_swaps(btf));
}

static uint32_t class_at(const struct btf *btf, uint32_t id)
{
	while (btf && id < btf->first_id)
		btf = btf->base;
	if (!btf || !btf->classes || id - btf->first_id >= btf->type_count)
		return 0;
	return btf->classes[id - btf->first_id];
}

static const char *describe(struct btf *btf, uint32_t id, unsigned depth);

/* Puts words around what a record refers to. */
static const char *around(struct btf *btf, const char *before, uint32_t id,
			  const char *behind, unsigned depth)
{
	return arena_printf(&btf->arena, "%s%s%s", before,
			    describe(btf, id, depth + 1), behind);
}

static const char *named(struct btf *btf, const char *word,
			 const struct btf_record *record)
{
	uint32_t length;
	const char *name = btf_name_at(btf, record->name, NAME_SHOWN, &length);

	if (!length)
		return arena_printf(&btf->arena, "%s(unnamed)", word);
	return arena_printf(&btf->arena, "%s%.*s", word, (int)length, name);
}

static const char *describe_array(struct btf *btf, const struct btf *owner,
				  const struct btf_record *record,
				  unsigned depth)
{
	const uint8_t *array = record->at + sizeof(struct btf_type);
	bool swap = btf_swaps(owner);

	return arena_printf(&btf->arena, "%s[%u]",
			    describe(btf, btf_load(array, swap), depth + 1),
			    btf_load(array + 8, swap));
}

/* A type as C would write it, about; NULL when out of memory. */
static const char *describe(struct btf *btf, uint32_t id, unsigned depth)
{
	const struct btf *owner;
	struct btf_record record;

	if (!id)
		return "void";
	if (depth > DEPTH)
		return "...";
	if (!btf_record_of(&record, &owner, btf, id))
		return "(no such type)";
	switch (record.kind) {
	case BTF_KIND_PTR:
		return around(btf, "", record.word, " *", depth);
	case BTF_KIND_CONST:
		return around(btf, "const ", record.word, "", depth);
	case BTF_KIND_VOLATILE:
		return around(btf, "volatile ", record.word, "", depth);
	case BTF_KIND_RESTRICT:
	case BTF_NUMBER_TYPE_TAG:
		return around(btf, "", record.word, "", depth);
	case BTF_KIND_ARRAY:
		return describe_array(btf, owner, &record, depth);
	case BTF_KIND_STRUCT:
		return named(btf, "struct ", &record);
	case BTF_KIND_UNION:
		return named(btf, "union ", &record);
	case BTF_KIND_ENUM:
	case BTF_NUMBER_ENUM64:
		return named(btf, "enum ", &record);
	case BTF_KIND_FWD:
		return named(btf, "declared-only ", &record);
	case BTF_KIND_FUNC_PROTO:
		return "function";
	default:
		return named(btf, "", &record);
	}
}

/* Which word of an element is a type; 3: none. */
static unsigned type_word(const struct btf_record *record)
{
	switch (record->layout->layout) {
	case BTF_LAYOUT_TYPE_TYPE_VALUE:
	case BTF_LAYOUT_TYPE_VALUE_VALUE:
		return 0;
	case BTF_LAYOUT_NAME_TYPE:
	case BTF_LAYOUT_NAME_TYPE_VALUE:
		return 1;
	default:
		return 3;
	}
}

struct btf_text {
	const char *at;
	uint32_t length;
};

/* Two records, side by side. */
struct twins {
	const struct btf *owner[2];
	struct btf_record record[2];
};

static uint32_t word_of(const struct twins *twins, unsigned side,
			uint32_t element, unsigned word)
{
	const struct btf_record *record = &twins->record[side];
	uint32_t step = record->layout->element;

	return btf_load(record->at + sizeof(struct btf_type) +
				(uint64_t)element * step + word * 4,
			btf_swaps(twins->owner[side]));
}

/* The first element that differs, in class or else in id; NONE if none. */
static uint32_t first_difference(const struct btf *btf,
				 const struct twins *twins, bool by_class)
{
	unsigned word = type_word(&twins->record[0]);
	uint32_t count = btf_elements(&twins->record[0]);

	if (word > 2 || btf_elements(&twins->record[1]) != count)
		return NONE;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t a = word_of(twins, 0, i, word);
		uint32_t b = word_of(twins, 1, i, word);

		if (a != b && (!by_class ||
			       class_at(btf, a) != class_at(btf, b)))
			return i;
	}
	return NONE;
}

static const char *difference(struct btf *btf, const char *where,
			      uint32_t first, uint32_t second, unsigned depth);

static struct btf_text name_of(const struct btf *btf,
			       const struct twins *twins, unsigned side,
			       uint32_t element)
{
	struct btf_text name;

	name.at = btf_name_at(btf, word_of(twins, side, element, 0),
			      NAME_SHOWN, &name.length);
	return name;
}

/* "member 3 `next'" */
static const char *numbered(struct btf *btf, const char *before,
			    const char *what, uint32_t element,
			    struct btf_text name)
{
	bool unnamed = !name.length;

	return arena_printf(&btf->arena, "%s%s %u%s%.*s%s", before, what,
			    element + 1, unnamed ? "" : " `", (int)name.length,
			    name.at, unnamed ? "" : "'");
}

/* Functions that some pointers lead to: true where both are. */
static bool find_functions(struct twins *twins, const struct btf *btf,
			   const uint32_t ids[2])
{
	for (unsigned side = 0; side < 2; side++) {
		uint32_t id = ids[side];

		for (unsigned depth = 0; depth < DEPTH; depth++) {
			if (!btf_record_of(&twins->record[side],
					   &twins->owner[side], btf, id))
				return false;
			if (twins->record[side].kind != BTF_KIND_PTR &&
			    twins->record[side].kind != BTF_KIND_CONST)
				break;
			id = twins->record[side].word;
		}
		if (twins->record[side].kind != BTF_KIND_FUNC_PROTO)
			return false;
	}
	return true;
}

/* Parameters that have other names, or NULL: the same, or out of memory. */
static const char *renamed_parameter(struct btf *btf, const char *where,
				     const struct twins *twins)
{
	for (uint32_t i = 0; i < btf_elements(&twins->record[0]); i++) {
		struct btf_text one = name_of(btf, twins, 0, i);
		struct btf_text other = name_of(btf, twins, 1, i);

		if (one.length != other.length ||
		    memcmp(one.at, other.at, one.length))
			return arena_printf(&btf->arena, "%s differs: its "
				"parameter %u is called `%.*s', `%.*s'",
				where, i + 1, (int)one.length, one.at,
				(int)other.length, other.at);
	}
	return arena_printf(&btf->arena, "%s differs: two shapes of function",
			    where);
}

/* What tells two functions apart: parameters, what they return, names. */
static const char *function_difference(struct btf *btf, const char *where,
				       const struct twins *twins,
				       unsigned depth)
{
	uint32_t counts[2] = { btf_elements(&twins->record[0]),
			       btf_elements(&twins->record[1]) };
	uint32_t element = first_difference(btf, twins, true);
	struct btf_text name;

	if (counts[0] != counts[1])
		return arena_printf(&btf->arena, "%s differs: functions of %u "
				    "and %u parameters", where, counts[0],
				    counts[1]);
	if (element != NONE) {
		name = name_of(btf, twins, 0, element);
		where = arena_printf(&btf->arena, "%s, ", where);
		where = where ? numbered(btf, where, "parameter", element,
					 name) : NULL;
		return where ? difference(btf, where,
					  word_of(twins, 0, element, 1),
					  word_of(twins, 1, element, 1),
					  depth + 1) : NULL;
	}
	if (class_at(btf, twins->record[0].word) ==
	    class_at(btf, twins->record[1].word))
		return renamed_parameter(btf, where, twins);
	where = arena_printf(&btf->arena, "what %s returns", where);
	return where ? difference(btf, where, twins->record[0].word,
				  twins->record[1].word, depth + 1) : NULL;
}

static const char *difference(struct btf *btf, const char *where,
			      uint32_t first, uint32_t second, unsigned depth)
{
	const char *one = describe(btf, first, 0);
	const char *other = describe(btf, second, 0);
	const uint32_t ids[2] = { first, second };
	struct twins functions;

	if (!one || !other)
		return NULL;
	if (class_at(btf, first) == class_at(btf, second))
		return arena_printf(&btf->arena, "%s refers to another copy "
				    "of %s", where, one);
	if (depth < DEPTH && find_functions(&functions, btf, ids))
		return function_difference(btf, where, &functions, depth);
	if (!strcmp(one, other))
		return arena_printf(&btf->arena, "%s differs: two shapes of "
				    "%s", where, one);
	return arena_printf(&btf->arena, "%s differs: %s, %s", where, one,
			    other);
}

static const char *element_difference(struct btf *btf,
				      const struct twins *twins,
				      uint32_t element)
{
	unsigned word = type_word(&twins->record[0]);
	const char *where = twins->record[0].kind == BTF_KIND_ARRAY
				    ? "its element" : "a variable";
	const char *what = twins->record[0].kind == BTF_KIND_FUNC_PROTO
				   ? "parameter" : "member";
	struct btf_text name;

	if (word == 1) {
		name = name_of(btf, twins, 0, element);
		where = numbered(btf, "", what, element, name);
		if (!where)
			return NULL;
	}
	return difference(btf, where, word_of(twins, 0, element, word),
			  word_of(twins, 1, element, word), 0);
}

/* False where a split BTF's base is gone. */
static bool find_twins(struct twins *twins, const struct btf *btf,
		       const struct btf_group *group)
{
	const struct btf_copies *copies = btf_copies_of(btf, group);

	return btf_record_of(&twins->record[0], &twins->owner[0], btf,
			     copies->original) &&
	       btf_record_of(&twins->record[1], &twins->owner[1], btf,
			     copies->copy);
}

static const char *explain(struct btf *btf, const struct btf_group *group)
{
	struct twins twins;
	uint32_t element;

	if (!find_twins(&twins, btf, group))
		return "";
	element = first_difference(btf, &twins, true);
	if (element == NONE)
		element = first_difference(btf, &twins, false);
	if (element != NONE)
		return element_difference(btf, &twins, element);
	if (twins.record[0].layout->word == BTF_WORD_TYPE &&
	    twins.record[0].word != twins.record[1].word)
		return difference(btf, "it", twins.record[0].word,
				  twins.record[1].word, 0);
	return "the same in every member";
}

/* True for a copy that is not there only because it refers to others. */
static bool is_root(const struct btf *btf, const struct btf_group *group)
{
	struct twins twins;

	return find_twins(&twins, btf, group) &&
	       first_difference(btf, &twins, true) != NONE;
}

static uint64_t cost_of(const struct btf *btf, uint32_t group)
{
	return btf_copies_of(btf, &btf->groups[group])->bytes;
}

/* Keeps the list sorted, the costliest first, and short. */
static void insert(const struct btf *btf, struct btf_reasons *reasons,
		   uint32_t group)
{
	struct btf_reason *list = reasons->at;
	uint64_t bytes = cost_of(btf, group);
	uint32_t at = reasons->count;

	reasons->all++;
	if (at == BTF_REASONS) {
		if (cost_of(btf, list[at - 1].group) >= bytes)
			return;
		at--;
	} else {
		reasons->count++;
	}
	for (; at && cost_of(btf, list[at - 1].group) < bytes; at--)
		list[at] = list[at - 1];
	list[at].group = group;
}

static int explain_all(struct btf *btf, struct btf_reasons *reasons)
{
	for (uint32_t i = 0; i < reasons->count; i++) {
		struct btf_reason *reason = &reasons->at[i];

		reason->text = explain(btf, &btf->groups[reason->group]);
		if (!reason->text)
			return -1;
	}
	return 0;
}

int btf_find_reasons(struct btf *btf)
{
	for (uint32_t i = BTF_PARTS; i < btf->group_count; i++) {
		if (!btf->groups[i].copied)
			continue;
		insert(btf, &btf->costliest, i);
		if (is_root(btf, &btf->groups[i]))
			insert(btf, &btf->roots, i);
	}
	return explain_all(btf, &btf->costliest) ||
	       explain_all(btf, &btf->roots) ? -1 : 0;
}

const char *btf_reason_of(const struct btf *btf, uint32_t group)
{
	const struct btf_reasons *lists[] = { &btf->costliest, &btf->roots };

	for (unsigned list = 0; list < ARRAY_SIZE(lists); list++)
		for (uint32_t i = 0; i < lists[list]->count; i++)
			if (lists[list]->at[i].group == group)
				return lists[list]->at[i].text;
	return NULL;
}

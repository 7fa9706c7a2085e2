/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_BTF_REPEAT_H
#define VMDELTA_DEBUG_BTF_REPEAT_H

/*
 * Where deduplication fails, units are there again as a whole: behind a copy of
 * type n mostly comes one of type n + 1. So behind what was there before, the
 * next record is compared with the one that it is expected to repeat, its
 * model. That takes a third of the work of a hash, and nothing has to be
 * looked up for it: both records are in the processor's cache.
 *
 * What is alike here has equal hashes. What is not alike may still have.
 */

#include "debug/btf_look.h"

enum alike { ALIKE, PENDING /* a class is not known yet */, DIFFERENT };

/* The types from some place on are expected to be those from another on. */
struct repeat {
	uint32_t distance; /* from a model to its type, 0: nothing expected */
	uint32_t offset;   /* of the next model */
	uint32_t patience; /* types that may differ until it ends */
};

#define PATIENCE 32u

/*
 * Takes it that a type that was not read yet will repeat its model, too.
 * Where all that was promised in a window comes true, the classes are right: no
 * shape needs its own class, so types cannot owe theirs to each other in a
 * circle.
 */
INLINE bool promise(struct look look, uint32_t index)
{
	uint8_t *made = &look.promises->made[index - look.promises->first];

	look.promises->open += !*made;
	*made = 1;
	return true;
}

/* Both refer to one type, or to types of one class. */
INLINE enum alike compare_types(struct look look, uint32_t ref, uint32_t model)
{
	uint32_t index = ref - look.first_id, other = model - look.first_id;
	uint32_t class;

	if (ref == model)
		return ALIKE;
	if (other >= look.known)
		return DIFFERENT;
	if (index >= look.known)
		return ref < look.first_id ? DIFFERENT : PENDING;
	class = look.classes[index];
	if (class & KNOWN)
		return class == look.classes[other] ? ALIKE : DIFFERENT;
	return !class && look.promises && index - other == look.distance &&
	       promise(look, index) ? ALIKE : PENDING;
}

INLINE enum alike compare_words(struct look look, const uint8_t *at,
				ptrdiff_t model, enum role role,
				uint32_t *largest)
{
	uint32_t word;

	if (role == ROLE_NONE)
		return ALIKE;
	word = btf_load(at, look.mode.swap);
	if (role == ROLE_TYPE && look.follow)
		return compare_types(look, word,
				     btf_load(at + model, look.mode.swap));
	if (role != ROLE_TYPE)
		return word == btf_load(at + model, look.mode.swap)
			? ALIKE : DIFFERENT;
	*largest = word > *largest ? word : *largest;
	return ALIKE;
}

INLINE enum alike compare_element(struct look look, const uint8_t *at,
				  ptrdiff_t model, enum role first,
				  enum role second, enum role third,
				  uint32_t *largest)
{
	enum alike alike = compare_words(look, at, model, first, largest);

	if (alike == ALIKE)
		alike = compare_words(look, at + 4, model, second, largest);
	if (alike == ALIKE)
		alike = compare_words(look, at + 8, model, third, largest);
	return alike;
}

/* `room` bytes may be read behind the record. */
#define COMPARE_ELEMENTS(number, words, first, second, third) \
	if ((number) * 4 * (words) > room) \
		return DIFFERENT; \
	for (*end = at + (number) * 4 * (words); at != *end; \
	     at += 4 * (words)) { \
		enum alike alike = compare_element(look, at, model, first, \
						   second, third, largest); \
		if (alike != ALIKE) \
			return alike; \
	}

INLINE enum alike compare_elements(struct look look, uint8_t layout,
				   uint32_t vlen, const uint8_t *at,
				   const uint8_t **end, size_t room,
				   ptrdiff_t model, uint32_t *largest)
{
	*end = at;
	EACH_ELEMENT(layout, vlen, COMPARE_ELEMENTS)
	return ALIKE;
}

/*
 * Compares a record with one of the same head, `model` bytes on, whose class is
 * known, and which needed no circle to be cut for it. Sets where it ends, unless
 * they are different. Where that is must not depend on a table, for the next
 * record has to wait for it.
 */
INLINE enum alike compare_records(struct look look, const uint8_t *at,
				  const struct btf_kind *kind, uint32_t info,
				  const uint8_t **end, size_t room,
				  ptrdiff_t model)
{
	bool refers = look.follow && kind->word == BTF_WORD_TYPE;
	uint32_t largest = 0;
	enum alike alike = compare_words(look, at + 8, model,
					 refers ? ROLE_TYPE : ROLE_VALUE,
					 &largest);
	enum alike rest;

	if (alike == DIFFERENT)
		return alike;
	rest = compare_elements(look, kind->layout, BTF_INFO_VLEN(info),
				at + sizeof(struct btf_type), end,
				room - sizeof(struct btf_type), model,
				&largest);
	if (!look.follow && rest == ALIKE &&
	    largest >= look.reader->largest_ref)
		keep_largest(look.reader, look.id, largest);
	return rest == DIFFERENT ? rest : alike | rest;
}

/* The same where `follow` is a constant: for the compiler to know it, too. */
INLINE enum alike compare_as(struct look look, bool follow, const uint8_t *at,
			     const struct btf_kind *kind, uint32_t info,
			     const uint8_t **end, size_t room, ptrdiff_t model)
{
	look.follow = follow;
	return compare_records(look, at, kind, info, end, room, model);
}

/* True where two records have one name, kind and number of elements. */
INLINE bool alike_heads(const uint8_t *at, const uint8_t *model)
{
	uint64_t heads[2];

	__builtin_memcpy(&heads[0], at, sizeof(heads[0]));
	__builtin_memcpy(&heads[1], model, sizeof(heads[1]));
	return heads[0] == heads[1];
}

#endif

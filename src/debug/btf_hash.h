/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_BTF_HASH_H
#define VMDELTA_DEBUG_BTF_HASH_H

/* What the shape of a record is found by. */

#include "debug/btf_look.h"

/*
 * A different value always makes a different hash. Turned by half: what differs
 * in the highest bits alone must not stay there, and a hash's lowest bits say
 * where it is kept.
 */
INLINE uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
	return hash << 32 | hash >> 32;
}

/* The class of what is no own type, or of an own one that is not there. */
static inline uint32_t other_class(struct btf_reader *reader, uint32_t ref,
				   uint32_t id)
{
	const struct btf *base = reader->btf->base;

	if (!ref)
		return CLASS_VOID;
	if (ref >= reader->btf->first_id) {
		btf_fault(reader, BTF_FAULT_TYPE, id, ref);
		return CLASS_BROKEN;
	}
	while (base && ref < base->first_id)
		base = base->base;
	if (base && base->classes && ref - base->first_id < base->type_count)
		return base->classes[ref - base->first_id];
	return CLASS_FOREIGN(ref);
}

/* The class of type `ref`, or something without KNOWN. */
INLINE uint32_t class_of(struct look look, uint32_t ref)
{
	uint32_t index = ref - look.first_id; /* of void and of a base's: huge */

	if (__builtin_expect(index < look.known, true))
		return look.classes[index];
	if (look.reading && ref >= look.first_id)
		return 0;
	return other_class(look.reader, ref, look.id);
}

/* What was met in a record that its class does not say. */
struct met {
	bool pending;     /* a type whose class is not known */
	uint32_t largest; /* id of what was not followed */
};

INLINE uint32_t type_word(struct look look, uint32_t word, struct met *met)
{
	uint32_t class;

	if (!look.follow) {
		met->largest = word > met->largest ? word : met->largest;
		return 0;
	}
	class = class_of(look, word);
	if (class & KNOWN)
		return class;
	if (look.cut)
		btf_fault(look.reader, BTF_FAULT_CYCLE, look.id, word);
	else
		met->pending = true;
	return CLASS_BROKEN;
}

/* A name as what a class depends on. */
INLINE uint32_t name_word(struct look look, uint32_t name)
{
	return look.mode.renamed ? btf_same_name(look.reader->btf, name) : name;
}

INLINE uint64_t word_at(struct look look, const uint8_t *at, enum role role,
			struct met *met)
{
	uint32_t word;

	if (role == ROLE_NONE)
		return 0;
	word = btf_load(at, look.mode.swap);
	if (role == ROLE_TYPE)
		return type_word(look, word, met);
	return role == ROLE_NAME ? name_word(look, word) : word;
}

/* An odd number that keeps a third word apart from two. */
#define WEIGHT 0x94d049bb133111ebu

INLINE uint64_t three_words(uint64_t first, uint64_t second, uint64_t third)
{
	return (first | second << 32) + third * WEIGHT;
}

INLINE uint64_t element_hash(struct look look, const uint8_t *at,
			     enum role first, enum role second,
			     enum role third, struct met *met)
{
	uint64_t words[3] = { word_at(look, at, first, met),
			      word_at(look, at + 4, second, met),
			      word_at(look, at + 8, third, met) };

	return three_words(words[0], words[1], words[2]);
}

#define HASH_ELEMENTS(number, words, first, second, third) \
	for (uint32_t i = number; i && !met.pending; i--) { \
		hash = mix(hash, element_hash(look, at, first, second, third, \
					      &met)); \
		at += 4 * (words); \
	}

/* The hash of a record's shape. False while a class that it needs is not known. */
INLINE bool hash_record(uint64_t *result, const struct btf_record *record,
			enum btf_layout layout, struct look look)
{
	const uint8_t *at = record->at + sizeof(struct btf_type);
	uint32_t vlen = BTF_INFO_VLEN(record->info), word = record->word;
	struct met met = { 0 };
	uint64_t hash;

	if (look.follow && record->layout->word == BTF_WORD_TYPE)
		word = type_word(look, word, &met);
	hash = mix(0, three_words(name_word(look, record->name), record->info,
				  word));
	EACH_ELEMENT(layout, vlen, HASH_ELEMENTS)
	keep_largest(look.reader, look.id, met.largest);
	*result = hash;
	return !met.pending;
}

/* The record of a type that has no class yet. */
INLINE void load_type(struct btf_record *record, struct look look,
		      const struct btf *btf, uint32_t index)
{
	uint32_t place = btf->classes[index] & ~ACTIVE;

	btf_load_record(record, btf->types + btf_offset_at(place),
			look.mode.swap);
}

/*
 * Gives a type its class. Returns how many types before it the first one of
 * that class is, 0: it is the first, or a base has it.
 */
INLINE uint32_t number_type(struct btf *btf, uint32_t index, uint64_t hash)
{
	uint32_t place = btf->classes[index] & ~ACTIVE;
	uint32_t id = btf->first_id + index;
	uint32_t number = btf_shapes_number(
		btf->shapes, (struct btf_shape){ hash, place, id });
	uint32_t first = btf->shapes->list[number].id;

	btf->classes[index] = KNOWN | number;
	/* One behind it may have got its class before. */
	return first < btf->first_id || first > id ? 0 : id - first;
}

/* Finds the class of a type. False where it waits for another's. */
INLINE bool try_type(struct look look, struct btf *btf, uint32_t index,
		     struct btf_record *record)
{
	uint64_t hash;

	look.id = look.first_id + index;
	load_type(record, look, btf, index);
	if (!hash_record(&hash, record, record->layout->layout, look))
		return false;
	number_type(btf, index, hash);
	return true;
}

#endif

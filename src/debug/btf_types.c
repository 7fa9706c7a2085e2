/* SPDX-License-Identifier: MIT */
/*
 * Reads the records of BTF: where each is, and which are of one shape.
 *
 * A record's class is a hash of its shape. Named structs, unions and enums
 * are told by size and by their members' names and places, and not by what
 * the members refer to: where deduplication fails, whole graphs of types are
 * there again that differ in nothing but the ids of each other. All others
 * (pointers, arrays, prototypes, functions, unnamed structs, ...) are told by
 * their shape and by the classes of what they refer to. By shape alone every
 * pointer would be a copy of every other. A record whose class was there
 * before is a copy.
 *
 * 1.1 GB of BTF is 20 million records, so a record may cost 30 ns. Names are
 * compared by offset, for libbpf writes each text once (btf_same_name() where
 * someone did not). The first pass gives a class to what refers to nothing or
 * is told by its shape alone. What the second meets then ends there, unless
 * it is a circle, which no C source has: it goes depth first, with a stack of
 * its own, and cuts the circles of hostile input where they close. What is a
 * copy is counted when all classes are known (btf_copies.c).
 *
 * Rejected: comparing graphs as libbpf's deduplication does (that is what has
 * failed when there is something to find), and dense numbers of classes in
 * place of hashes (a further cache miss a record; a split BTF could not use
 * those of its base).
 */
#include <stdlib.h>
#include <string.h>

#include "base/pages.h"
#include "debug/btf_reader.h"

#define INLINE static inline __attribute__((always_inline))

/*
 * Until its class is known, btf->classes holds the offset of a record that
 * waits, twice that, plus one while it is on the stack.
 */
#define CLASS ((uint64_t)1 << 63) /* set in every class */

static inline uint64_t waiting(uint32_t offset)
{
	return (uint64_t)offset * 2;
}

static inline bool is_active(uint64_t class)
{
	return !(class & CLASS) && (class & 1);
}

/* Classes of what is no record. */
#define CLASS_VOID (CLASS | 0x766f6964u)
#define CLASS_BROKEN (CLASS | 0x62726f6bu)

/* A different value always makes a different hash; two may cancel out. */
INLINE uint64_t mix(uint64_t hash, uint64_t value)
{
	return (hash ^ value) * 0x9e3779b97f4a7c15u;
}

INLINE uint64_t mix_end(uint64_t hash)
{
	hash = (hash ^ hash >> 32) * 0xd6e8feb86659fd93u;
	return hash ^ hash >> 32;
}

/* Reads a record whose three words are there and whose kind is known. */
INLINE void load_record(struct btf_record *record, const uint8_t *at,
			bool swap)
{
	record->at = at;
	record->name = btf_load(at, swap);
	record->info = btf_load(at + 4, swap);
	record->word = btf_load(at + 8, swap);
	record->kind = BTF_INFO_KIND(record->info);
	record->layout = &btf_kinds[record->kind];
	record->size = (uint32_t)sizeof(struct btf_type) +
		       record->layout->fixed +
		       BTF_INFO_VLEN(record->info) * record->layout->element;
}

INLINE const char *record_at(struct btf_record *record, const uint8_t *types,
			     uint32_t types_size, uint32_t offset, bool swap)
{
	uint32_t left = types_size - offset;

	record->kind = BTF_KIND_UNKN;
	if (left < sizeof(struct btf_type))
		return "the record is cut off";
	load_record(record, types + offset, swap);
	if (!record->layout->name)
		return "its kind is not known";
	return record->size > left ? "the record is cut off" : NULL;
}

const char *btf_record_at(struct btf_record *record, const uint8_t *types,
			  uint32_t types_size, uint32_t offset, bool swap)
{
	return record_at(record, types, types_size, offset, swap);
}

static uint64_t base_class(const struct btf_reader *reader, uint32_t id)
{
	const struct btf *base = reader->btf->base;

	while (base && id < base->first_id)
		base = base->base;
	if (base && base->classes && id - base->first_id < base->type_count)
		return base->classes[id - base->first_id];
	return CLASS | mix_end(mix(CLASS_BROKEN, id));
}

/* The class of type `ref`, or where it is while that is not known. */
INLINE uint64_t class_of(struct btf_reader *reader, uint32_t ref, uint32_t id)
{
	const struct btf *btf = reader->btf;
	uint32_t index = ref - btf->first_id;

	if (ref >= btf->first_id && index < btf->type_count)
		return btf->classes[index];
	if (!ref)
		return CLASS_VOID;
	if (ref < btf->first_id)
		return base_class(reader, ref);
	btf_fault(reader, BTF_FAULT_TYPE, id, ref);
	return CLASS_BROKEN;
}

uint32_t btf_offset_of(const struct btf *btf, uint32_t index)
{
	uint32_t offset = btf->samples[index / BTF_SAMPLE];
	bool swap = btf_swaps(btf);
	struct btf_record record;

	for (uint32_t i = 0; i < index % BTF_SAMPLE; i++) {
		load_record(&record, btf->types + offset, swap);
		offset += record.size;
	}
	return offset;
}

/*
 * What the whole BTF is like. The loops are made twice: for what is usual,
 * where the compiler knows that both are false, and for the rest.
 */
struct mode {
	bool swap;    /* the other byte order */
	bool renamed; /* one text may be several strings */
};

/* How a record is looked at. */
struct look {
	struct btf_reader *reader;
	uint32_t id;
	bool follow; /* what it refers to is part of its class */
	bool cut;    /* what is not known now never will be */
	struct mode mode;
};

enum role { ROLE_NAME, ROLE_TYPE, ROLE_VALUE };

/* One word of a record, as a number that its class depends on. */
INLINE uint64_t word_hash(struct look look, uint32_t word, enum role role,
			  bool *pending, uint32_t *largest)
{
	uint64_t class;

	if (role == ROLE_NAME)
		return look.mode.renamed ? btf_same_name(look.reader->btf, word)
				    : word;
	if (role == ROLE_VALUE)
		return word;
	if (!look.follow) {
		*largest = word > *largest ? word : *largest;
		return 0;
	}
	class = class_of(look.reader, word, look.id);
	if (!(class & CLASS)) {
		if (look.cut)
			btf_fault(look.reader, BTF_FAULT_CYCLE, look.id, word);
		else
			*pending = true;
		class = CLASS_BROKEN;
	}
	return class;
}

/* Odd numbers that keep the words of an element apart. */
#define WEIGHT_FIRST 0xbf58476d1ce4e5b9u
#define WEIGHT_SECOND 0x94d049bb133111ebu
#define WEIGHT_THIRD 0xd6e8feb86659fd93u

INLINE uint64_t element_hash(struct look look, const uint8_t *at,
			     enum role first, enum role second,
			     enum role third, unsigned words, bool *pending,
			     uint32_t *largest)
{
	uint64_t hash = WEIGHT_FIRST *
			word_hash(look, btf_load(at, look.mode.swap), first,
				  pending, largest);

	if (words > 1)
		hash += WEIGHT_SECOND *
			word_hash(look, btf_load(at + 4, look.mode.swap), second,
				  pending, largest);
	if (words > 2)
		hash += WEIGHT_THIRD *
			word_hash(look, btf_load(at + 8, look.mode.swap), third,
				  pending, largest);
	return hash;
}

#define ELEMENTS(words, first, second, third) \
	do { \
		for (; count && !pending; count--, at += 4 * (words)) \
			hash = mix(hash, element_hash(look, at, first, \
						      second, third, words, \
						      &pending, &largest)); \
	} while (0)

/* The class of a record, or 0 while it is not known. */
INLINE uint64_t record_class(const struct btf_record *record,
			     struct look look)
{
	const uint8_t *at = record->at + sizeof(struct btf_type);
	uint32_t count = btf_elements(record);
	uint32_t largest = 0;
	bool pending = false;
	uint64_t hash = mix(record->info,
			    word_hash(look, record->name, ROLE_NAME, &pending,
				      &largest));

	if (record->layout->word == BTF_WORD_TYPE)
		hash = mix(hash, word_hash(look, record->word, ROLE_TYPE,
					   &pending, &largest));
	else
		hash = mix(hash, record->word);
	switch (record->layout->layout) {
	case BTF_LAYOUT_NONE:
		break;
	case BTF_LAYOUT_VALUE:
		ELEMENTS(1, ROLE_VALUE, 0, 0);
		break;
	case BTF_LAYOUT_NAME_VALUE:
		ELEMENTS(2, ROLE_NAME, ROLE_VALUE, 0);
		break;
	case BTF_LAYOUT_NAME_TYPE:
		ELEMENTS(2, ROLE_NAME, ROLE_TYPE, 0);
		break;
	case BTF_LAYOUT_NAME_TYPE_VALUE:
		ELEMENTS(3, ROLE_NAME, ROLE_TYPE, ROLE_VALUE);
		break;
	case BTF_LAYOUT_NAME_VALUE_VALUE:
		ELEMENTS(3, ROLE_NAME, ROLE_VALUE, ROLE_VALUE);
		break;
	case BTF_LAYOUT_TYPE_TYPE_VALUE:
		ELEMENTS(3, ROLE_TYPE, ROLE_TYPE, ROLE_VALUE);
		break;
	case BTF_LAYOUT_TYPE_VALUE_VALUE:
		ELEMENTS(3, ROLE_TYPE, ROLE_VALUE, ROLE_VALUE);
		break;
	}
	if (largest > look.reader->largest_ref) {
		look.reader->largest_ref = largest;
		look.reader->largest_from = look.id;
	}
	if (pending)
		return 0;
	return mix_end(hash) | CLASS;
}

/* Bits that the kernel rejects; the record's size is still certain. */
INLINE bool has_reserved_bits(const struct btf_record *record)
{
	uint32_t allowed = 0x9f00ffffu;

	if (!record->layout->element && record->kind != BTF_KIND_FUNC)
		allowed = 0x9f000000u;
	return record->info & ~allowed;
}

/* True where the class depends on no other record. */
INLINE bool stands_alone(const struct btf_record *record)
{
	unsigned refers = record->layout->refers;

	return refers == BTF_REFERS_NEVER ||
	       (refers == BTF_REFERS_UNNAMED && record->name);
}

INLINE void read_record(struct btf_reader *reader,
			const struct btf_record *record, uint32_t offset,
			struct mode mode)
{
	struct btf *btf = reader->btf;
	uint32_t index = btf->type_count++;
	struct look look = { .reader = reader, .id = btf->first_id + index,
			     .mode = mode };

	if (has_reserved_bits(record))
		btf_fault(reader, BTF_FAULT_RESERVED, look.id, record->info);
	if (index % BTF_SAMPLE == 0)
		btf->samples[index / BTF_SAMPLE] = offset;
	btf->classes[index] = stands_alone(record)
		? record_class(record, look) : waiting(offset);
}

static void warn_stop(const struct btf_reader *reader,
		      const struct btf_record *record, uint32_t offset,
		      const char *why)
{
	const struct btf *btf = reader->btf;

	image_warn(reader->image, "%s: type %u at offset %u of the types, "
		   "kind %u: %s, reading stopped there", reader->where,
		   btf->first_id + btf->type_count, offset,
		   record->kind, why);
}

/* The first pass: every record once, from front to end. */
INLINE void read_records(struct btf_reader *reader, struct mode mode)
{
	struct btf *btf = reader->btf;
	struct btf_record record;
	uint32_t offset = 0;
	const char *why;

	while (offset < reader->types_size) {
		why = record_at(&record, btf->types, reader->types_size,
				offset, mode.swap);
		if (why) {
			warn_stop(reader, &record, offset, why);
			break;
		}
		read_record(reader, &record, offset, mode);
		offset += record.size;
	}
	reader->read_size = offset;
}

/* Own types that wait for others, the innermost last. */
struct stack {
	uint32_t *at;
	size_t count, capacity;
};

static int push(struct stack *stack, uint32_t index)
{
	uint32_t *at = array_grow(stack->at, &stack->capacity,
				  stack->count + 1, sizeof(*at));

	if (!at)
		return -1;
	stack->at = at;
	stack->at[stack->count++] = index;
	return 0;
}

INLINE int push_pending(struct btf_reader *reader, struct stack *stack,
			uint32_t ref)
{
	struct btf *btf = reader->btf;
	uint32_t index = ref - btf->first_id;

	if (ref < btf->first_id || index >= btf->type_count ||
	    (btf->classes[index] & (CLASS | 1)) ||
	    stack->at[stack->count - 1] == index)
		return 0;
	return push(stack, index);
}

/* Pushes what the record refers to and is not known yet. */
INLINE int push_refs(struct btf_reader *reader, struct stack *stack,
		     const struct btf_record *record, struct mode mode)
{
	const uint8_t *at = record->at + sizeof(struct btf_type);
	unsigned layout = record->layout->layout;
	unsigned first = layout == BTF_LAYOUT_NAME_TYPE ||
			 layout == BTF_LAYOUT_NAME_TYPE_VALUE;
	uint32_t step = record->layout->element;
	uint32_t count = btf_elements(record);

	if (record->layout->word == BTF_WORD_TYPE &&
	    push_pending(reader, stack, record->word))
		return -1;
	if (layout == BTF_LAYOUT_TYPE_TYPE_VALUE)
		return push_pending(reader, stack, btf_load(at, mode.swap)) ||
		       push_pending(reader, stack, btf_load(at + 4, mode.swap));
	if (!first && layout != BTF_LAYOUT_TYPE_VALUE_VALUE)
		return 0;
	for (uint32_t i = 0; i < count; i++, at += step)
		if (push_pending(reader, stack, btf_load(at + first * 4,
							 mode.swap)))
			return -1;
	return 0;
}

/* Finds the class of a type. False where it waits for another's. */
INLINE bool try_type(struct btf_reader *reader, uint32_t index, bool cut,
		     struct mode mode, struct btf_record *record)
{
	struct btf *btf = reader->btf;
	struct look look = { .reader = reader, .id = btf->first_id + index,
			     .follow = true, .cut = cut, .mode = mode };
	uint64_t class;

	load_record(record, btf->types + btf->classes[index] / 2,
		    mode.swap);
	class = record_class(record, look);
	if (!class)
		return false;
	btf->classes[index] = class;
	return true;
}

/* Puts a type that waits on the stack, and above it what it waits for. */
INLINE int wait_for_refs(struct btf_reader *reader, struct stack *stack,
			 uint32_t index, const struct btf_record *record,
			 struct mode mode)
{
	reader->btf->classes[index] |= 1;
	if (push(stack, index))
		return -1;
	return push_refs(reader, stack, record, mode);
}

/* Settles what is on top of the stack, or lets it wait for what it needs. */
INLINE int resolve_top(struct btf_reader *reader, struct stack *stack,
		       struct mode mode)
{
	uint32_t index = stack->at[--stack->count];
	uint64_t class = reader->btf->classes[index];
	struct btf_record record;

	if ((class & CLASS) ||
	    try_type(reader, index, is_active(class), mode, &record))
		return 0;
	return wait_for_refs(reader, stack, index, &record, mode);
}

/*
 * The second pass: what refers to others. Each record is looked at three times
 * at most, whatever refers to it.
 */
INLINE int resolve_pending(struct btf_reader *reader, struct mode mode)
{
	const struct btf *btf = reader->btf;
	struct stack stack = { 0 };
	struct btf_record record;
	int result = 0;

	for (uint32_t i = 0; i < btf->type_count && !result; i++) {
		if ((btf->classes[i] & CLASS) ||
		    try_type(reader, i, false, mode, &record))
			continue;
		result = wait_for_refs(reader, &stack, i, &record, mode);
		while (stack.count && !result)
			result = resolve_top(reader, &stack, mode);
	}
	free(stack.at);
	return result;
}

INLINE int read_all(struct btf_reader *reader, struct mode mode)
{
	const struct btf *btf = reader->btf;

	read_records(reader, mode);
	if (!reader->base_unknown && reader->largest_ref >= btf->first_id &&
	    reader->largest_ref - btf->first_id >= btf->type_count)
		btf_fault(reader, BTF_FAULT_TYPE, reader->largest_from,
			  reader->largest_ref);
	return resolve_pending(reader, mode);
}

static int read_usual(struct btf_reader *reader)
{
	return read_all(reader, (struct mode){ false, false });
}

static int read_unusual(struct btf_reader *reader, struct mode mode)
{
	return read_all(reader, mode);
}

int btf_read_types(struct btf_reader *reader)
{
	struct btf *btf = reader->btf;
	struct mode mode = { btf_swaps(btf), btf->strings->repeated };

	btf->type_room = reader->types_size / sizeof(struct btf_type);
	btf->classes = pages_alloc(btf->type_room * sizeof(*btf->classes));
	btf->samples = pages_alloc(btf_samples_size(btf));
	if (!btf->samples || !btf->classes)
		return -1;
	return mode.swap || mode.renamed ? read_unusual(reader, mode)
					 : read_usual(reader);
}

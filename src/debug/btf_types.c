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
 * someone did not). The first pass gives a class to what refers to nothing, is
 * told by its shape alone, or refers to earlier types that have one, and looks
 * back at what waits before it has left the cache. What the second meets then
 * ends there, unless it is a circle, which no C source has: it goes depth
 * first, with a stack of its own, and cuts the circles of hostile input where
 * they close. What is a copy is counted when all classes are known
 * (btf_copies.c).
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

/* Types after which the first pass looks back: 200 KB of records or so. */
#define WINDOW 4096u

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

/*
 * How a record is looked at; what the loops need of the reader is here, for
 * the compiler to keep it in registers.
 */
struct look {
	struct btf_reader *reader;
	const uint64_t *classes;
	uint32_t first_id;
	uint32_t known; /* types whose class, or place, is in classes[] */
	uint32_t id;
	bool reading;   /* there may be more types behind those */
	bool follow;    /* what it refers to is part of its class */
	bool cut;       /* what is not known now never will be */
	struct mode mode;
};

INLINE struct look look_at(struct btf_reader *reader, uint32_t known,
			   struct mode mode)
{
	return (struct look){
		.reader = reader, .classes = reader->btf->classes,
		.first_id = reader->btf->first_id, .known = known,
		.mode = mode,
	};
}

/* The class of what is no own type, or of an own one that is not there. */
static uint64_t other_class(struct btf_reader *reader, uint32_t ref,
			    uint32_t id)
{
	if (!ref)
		return CLASS_VOID;
	if (ref < reader->btf->first_id)
		return base_class(reader, ref);
	btf_fault(reader, BTF_FAULT_TYPE, id, ref);
	return CLASS_BROKEN;
}

/* The class of type `ref`, or where it is while that is not known. */
INLINE uint64_t class_of(struct look look, uint32_t ref)
{
	uint32_t index = ref - look.first_id; /* of void and of a base's: huge */

	if (index < look.known)
		return look.classes[index];
	if (look.reading && ref >= look.first_id)
		return 0;
	return other_class(look.reader, ref, look.id);
}

enum role { ROLE_NONE, ROLE_NAME, ROLE_TYPE, ROLE_VALUE };

/* What was met in a record that its class does not say. */
struct met {
	bool pending;     /* a type whose class is not known */
	uint32_t largest; /* id of what was not followed */
};

INLINE uint64_t type_hash(struct look look, uint32_t word, struct met *met)
{
	uint64_t class;

	if (!look.follow) {
		met->largest = word > met->largest ? word : met->largest;
		return 0;
	}
	class = class_of(look, word);
	if (class & CLASS)
		return class;
	if (look.cut)
		btf_fault(look.reader, BTF_FAULT_CYCLE, look.id, word);
	else
		met->pending = true;
	return CLASS_BROKEN;
}

/* A name, or a number, as what a class depends on. */
INLINE uint64_t word_hash(struct look look, uint32_t word, enum role role)
{
	if (role == ROLE_NAME && look.mode.renamed)
		return btf_same_name(look.reader->btf, word);
	return word;
}

/* An odd number that keeps the types of an element apart. */
#define WEIGHT_TYPE 0x94d049bb133111ebu

/* Names and numbers, side by side, and classes, which are hashes. */
struct element {
	uint64_t words, classes;
	unsigned shift;
};

INLINE void add_word(struct element *element, struct look look,
		     const uint8_t *at, enum role role, struct met *met)
{
	uint32_t word;

	if (role == ROLE_NONE)
		return;
	word = btf_load(at, look.mode.swap);
	if (role == ROLE_TYPE) {
		element->classes = (element->classes +
				    type_hash(look, word, met)) * WEIGHT_TYPE;
	} else if (element->shift < 64) {
		element->words += word_hash(look, word, role)
				  << element->shift;
		element->shift += 32;
	} else {
		element->classes += word * WEIGHT_TYPE; /* ENUM64's third */
	}
}

INLINE uint64_t element_hash(struct look look, const uint8_t *at,
			     enum role first, enum role second,
			     enum role third, struct met *met)
{
	struct element element = { 0 };

	add_word(&element, look, at, first, met);
	add_word(&element, look, at + 4, second, met);
	add_word(&element, look, at + 8, third, met);
	return element.words ^ element.classes;
}

#define ELEMENTS(words, first, second, third) \
	do { \
		for (; count && !met.pending; count--, at += 4 * (words)) \
			hash = mix(hash, element_hash(look, at, first, \
						      second, third, &met)); \
	} while (0)

/* The class of a record, or 0 while it is not known. */
INLINE uint64_t record_class(const struct btf_record *record,
			     struct look look)
{
	const uint8_t *at = record->at + sizeof(struct btf_type);
	uint32_t count = btf_elements(record);
	struct met met = { 0 };
	uint64_t hash = mix(0, record->info |
			       word_hash(look, record->name, ROLE_NAME) << 32);

	if (record->layout->word == BTF_WORD_TYPE)
		hash = mix(hash, type_hash(look, record->word, &met));
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
	if (met.largest > look.reader->largest_ref) {
		look.reader->largest_ref = met.largest;
		look.reader->largest_from = look.id;
	}
	if (met.pending)
		return 0;
	return mix_end(hash) | CLASS;
}

/* Bits that the kernel rejects; the record's size is still certain. */
INLINE bool has_reserved_bits(const struct btf_record *record)
{
	return (record->info & 0x60ff0000) ||
	       ((record->info & 0xffff) && !record->layout->element &&
		record->kind != BTF_KIND_FUNC);
}

/* True where the class depends on no other record. */
INLINE bool stands_alone(const struct btf_record *record)
{
	unsigned refers = record->layout->refers;

	return refers == BTF_REFERS_NEVER ||
	       (refers == BTF_REFERS_UNNAMED && record->name);
}

/* Most records refer to earlier ones alone; others wait. */
INLINE void read_record(struct look look, struct btf *btf,
			const struct btf_record *record, uint32_t offset)
{
	uint32_t index = look.known;
	uint64_t class;

	if (has_reserved_bits(record))
		btf_fault(look.reader, BTF_FAULT_RESERVED, look.id,
			  record->info);
	if (index % BTF_SAMPLE == 0)
		btf->samples[index / BTF_SAMPLE] = offset;
	if (stands_alone(record)) {
		look.follow = false;
		class = record_class(record, look);
	} else {
		look.follow = true;
		class = record_class(record, look);
	}
	btf->classes[index] = class ? class : waiting(offset);
}

static void warn_stop(const struct btf_reader *reader, uint32_t offset,
		      const char *why)
{
	const struct btf *btf = reader->btf;
	struct btf_record record;

	btf_record_at(&record, btf->types, reader->types_size, offset,
		      btf_swaps(btf));
	image_warn(reader->image, "%s: type %u at offset %u of the types, "
		   "kind %u: %s, reading stopped there", reader->where,
		   btf->first_id + btf->type_count, offset,
		   record.kind, why);
}

/* Finds the class of a type. False where it waits for another's. */
INLINE bool try_type(struct look look, struct btf *btf, uint32_t index,
		     bool cut, struct btf_record *record)
{
	uint64_t class;

	look.id = look.first_id + index;
	look.follow = true;
	look.cut = cut;
	load_record(record, btf->types + btf->classes[index] / 2,
		    look.mode.swap);
	class = record_class(record, look);
	if (!class)
		return false;
	btf->classes[index] = class;
	return true;
}

/* Looks again at what waits while it is in the processor's cache. */
INLINE void look_back(struct look look, struct btf *btf)
{
	struct btf_record record;

	for (uint32_t i = look.known - WINDOW; i < look.known; i++)
		if (!(btf->classes[i] & CLASS))
			try_type(look, btf, i, false, &record);
}

/* The first pass: every record from front to end. */
INLINE void read_records(struct btf_reader *reader, struct mode mode)
{
	struct btf *btf = reader->btf;
	struct look look = look_at(reader, 0, mode);
	struct btf_record record;
	uint32_t offset = 0;
	const char *why = NULL;

	look.reading = true;
	for (; offset < reader->types_size; offset += record.size) {
		why = record_at(&record, btf->types, reader->types_size,
				offset, mode.swap);
		if (why)
			break;
		look.id = look.first_id + look.known;
		read_record(look, btf, &record, offset);
		if (++look.known % WINDOW == 0)
			look_back(look, btf);
	}
	btf->type_count = look.known;
	reader->read_size = offset;
	if (why)
		warn_stop(reader, offset, why);
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
	uint32_t index;

	if (ref < btf->first_id || ref - btf->first_id >= btf->type_count)
		return 0;
	index = ref - btf->first_id;
	if ((btf->classes[index] & (CLASS | 1)) ||
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
static int resolve_top(struct look look, struct stack *stack)
{
	struct btf *btf = look.reader->btf;
	uint32_t index = stack->at[--stack->count];
	uint64_t class = btf->classes[index];
	struct btf_record record;

	if ((class & CLASS) ||
	    try_type(look, btf, index, is_active(class), &record))
		return 0;
	return wait_for_refs(look.reader, stack, index, &record, look.mode);
}

/*
 * The second pass: what refers to later types. Each record is looked at three
 * times at most here, whatever refers to it, and twice before.
 */
INLINE int resolve_pending(struct btf_reader *reader, struct mode mode)
{
	struct btf *btf = reader->btf;
	uint32_t count = btf->type_count;
	struct look look = look_at(reader, count, mode);
	struct stack stack = { 0 };
	struct btf_record record;
	int result = 0;

	for (uint32_t i = 0; i < count && !result; i++) {
		if ((btf->classes[i] & CLASS) ||
		    try_type(look, btf, i, false, &record))
			continue;
		result = wait_for_refs(reader, &stack, i, &record, mode);
		while (stack.count && !result)
			result = resolve_top(look, &stack);
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

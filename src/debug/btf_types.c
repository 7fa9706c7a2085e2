/* SPDX-License-Identifier: MIT */
/*
 * Reads the records of BTF: where each is, and which are of one shape.
 *
 * A record's class is the number of its shape. Named structs, unions and enums
 * are told by size and by their members' names and places, and not by what
 * the members refer to: where deduplication fails, whole graphs of types are
 * there again that differ in nothing but the ids of each other. All others
 * (pointers, arrays, prototypes, functions, unnamed structs, ...) are told by
 * their shape and by the classes of what they refer to. By shape alone every
 * pointer would be a copy of every other. A record whose class was there
 * before is a copy.
 *
 * 1.1 GB of BTF is 20 million records, so a record may cost 20 ns. Names are
 * compared by offset, for libbpf writes each text once (btf_same_name() where
 * someone did not). The first pass takes the records in windows that fit into
 * the processor's cache: first it finds where they are, then it gives a class to
 * those that are told by their own shape alone, then to those that refer to
 * types that have one by now, and looks once more at what is left. What the
 * second pass meets then ends there, unless it is a circle, which no C source
 * has: it goes depth first, with a stack of its own, and cuts the circles of
 * hostile input where they close. What is a copy is counted when all classes
 * are known (btf_copies.c).
 *
 * Rejected: comparing graphs as libbpf's deduplication does (that is what has
 * failed when there is something to find), and hashes as classes: twice the
 * memory, and to take memory from the system was a third of all time.
 */
#include <stdlib.h>
#include <string.h>

#include "base/pages.h"
#include "debug/btf_reader.h"

#define INLINE static inline __attribute__((always_inline))

/*
 * What btf->classes holds of a type: its class; until that is known, the place
 * of the record, with ACTIVE while it is on the stack.
 */
#define KNOWN BTF_CLASS_KNOWN /* set in every class */
#define ACTIVE 0x40000000u

/* What a record refers to that has no shape: nothing, a type of a base that
   we do not have, or one that is not there. */
#define CLASS_VOID (KNOWN | ACTIVE)
#define CLASS_FOREIGN(id) (KNOWN | ACTIVE | (id))
#define CLASS_BROKEN UINT32_MAX

static inline bool is_active(uint32_t class)
{
	return !(class & KNOWN) && (class & ACTIVE);
}

/* Types that the first pass takes together: 50 KB of records or so. */
#define WINDOW 1024u

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

INLINE const char *record_at(struct btf_record *record, const uint8_t *types,
			     uint32_t types_size, uint32_t offset, bool swap)
{
	uint32_t left = types_size - offset;

	record->kind = BTF_KIND_UNKN;
	if (left < sizeof(struct btf_type))
		return "the record is cut off";
	btf_load_record(record, types + offset, swap);
	if (!record->layout->name)
		return "its kind is not known";
	return record->size > left ? "the record is cut off" : NULL;
}

const char *btf_record_at(struct btf_record *record, const uint8_t *types,
			  uint32_t types_size, uint32_t offset, bool swap)
{
	return record_at(record, types, types_size, offset, swap);
}

static uint32_t base_class(const struct btf_reader *reader, uint32_t id)
{
	const struct btf *base = reader->btf->base;

	while (base && id < base->first_id)
		base = base->base;
	if (base && base->classes && id - base->first_id < base->type_count)
		return base->classes[id - base->first_id];
	return CLASS_FOREIGN(id);
}

uint32_t btf_offset_of(const struct btf *btf, uint32_t index)
{
	uint32_t offset = btf_offset_at(btf->samples[index / BTF_SAMPLE]);
	bool swap = btf_swaps(btf);
	struct btf_record record;

	for (uint32_t i = 0; i < index % BTF_SAMPLE; i++) {
		btf_load_record(&record, btf->types + offset, swap);
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
	const uint32_t *classes;
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
static uint32_t other_class(struct btf_reader *reader, uint32_t ref,
			    uint32_t id)
{
	if (!ref)
		return CLASS_VOID;
	if (ref < reader->btf->first_id)
		return base_class(reader, ref);
	btf_fault(reader, BTF_FAULT_TYPE, id, ref);
	return CLASS_BROKEN;
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

enum role { ROLE_NONE, ROLE_NAME, ROLE_TYPE, ROLE_VALUE };

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

#define ELEMENTS(number, words, first, second, third) \
	do { \
		for (uint32_t i = number; i && !met.pending; i--) { \
			hash = mix(hash, element_hash(look, at, first, \
						      second, third, &met)); \
			at += 4 * (words); \
		} \
	} while (0)

/* The hash of a record's shape. False while a class that it needs is not known. */
INLINE bool hash_record(uint64_t *result, const struct btf_record *record,
			struct look look)
{
	const uint8_t *at = record->at + sizeof(struct btf_type);
	uint32_t vlen = BTF_INFO_VLEN(record->info), word = record->word;
	struct met met = { 0 };
	uint64_t hash;

	if (look.follow && record->layout->word == BTF_WORD_TYPE)
		word = type_word(look, word, &met);
	hash = mix(0, three_words(name_word(look, record->name), record->info,
				  word));
	switch (record->layout->layout) {
	case BTF_LAYOUT_NONE:
		break;
	case BTF_LAYOUT_VALUE:
		ELEMENTS(1, 1, ROLE_VALUE, 0, 0);
		break;
	case BTF_LAYOUT_NAME_VALUE:
		ELEMENTS(vlen, 2, ROLE_NAME, ROLE_VALUE, 0);
		break;
	case BTF_LAYOUT_NAME_TYPE:
		ELEMENTS(vlen, 2, ROLE_NAME, ROLE_TYPE, 0);
		break;
	case BTF_LAYOUT_NAME_TYPE_VALUE:
		ELEMENTS(vlen, 3, ROLE_NAME, ROLE_TYPE, ROLE_VALUE);
		break;
	case BTF_LAYOUT_NAME_VALUE_VALUE:
		ELEMENTS(vlen, 3, ROLE_NAME, ROLE_VALUE, ROLE_VALUE);
		break;
	case BTF_LAYOUT_TYPE_TYPE_VALUE:
		ELEMENTS(1, 3, ROLE_TYPE, ROLE_TYPE, ROLE_VALUE);
		break;
	case BTF_LAYOUT_TYPE_VALUE_VALUE:
		ELEMENTS(vlen, 3, ROLE_TYPE, ROLE_VALUE, ROLE_VALUE);
		break;
	}
	if (met.largest > look.reader->largest_ref) {
		look.reader->largest_ref = met.largest;
		look.reader->largest_from = look.id;
	}
	*result = hash;
	return !met.pending;
}

/* True where the class depends on no other record: see enum btf_refers. */
INLINE bool stands_alone(const struct btf_record *record)
{
	return record->layout->refers > (record->name == 0);
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

/* Hashes a type that has no class yet. False where it waits for another's. */
INLINE bool hash_type(struct look look, const struct btf *btf, uint32_t index,
		      uint64_t *hash, struct btf_record *record)
{
	uint32_t place = btf->classes[index] & ~ACTIVE;

	look.id = look.first_id + index;
	btf_load_record(record, btf->types + btf_offset_at(place),
			look.mode.swap);
	return hash_record(hash, record, look);
}

INLINE void number_type(struct btf *btf, uint32_t index, uint64_t hash)
{
	uint32_t place = btf->classes[index] & ~ACTIVE;

	btf->classes[index] =
		KNOWN | btf_shapes_number(btf->shapes, hash, place);
}

/* Finds the class of a type. False where it waits for another's. */
INLINE bool try_type(struct look look, struct btf *btf, uint32_t index,
		     struct btf_record *record)
{
	uint64_t hash;

	if (!hash_type(look, btf, index, &hash, record))
		return false;
	number_type(btf, index, hash);
	return true;
}

/* Own types that wait for others. */
struct stack {
	uint32_t *at;
	size_t count, capacity;
};

static int push(struct stack *stack, uint32_t index)
{
	uint32_t *at = stack->at;

	if (stack->count == stack->capacity)
		at = array_grow(at, &stack->capacity, stack->count + 1,
				sizeof(*at));
	if (!at)
		return -1;
	stack->at = at;
	stack->at[stack->count++] = index;
	return 0;
}

/* Own types, by index, in the order of the file. */
struct list {
	uint32_t at[WINDOW];
	uint32_t count;
};

struct window {
	struct list alone; /* those whose class depends on no other */
	struct list others;
};

/*
 * Bytes that are asked for before they are needed: where a record is depends on
 * the one before, so each wait for memory was one of its own, half of all time.
 */
#define AHEAD 2048u

/* Bits of the second word that the kernel rejects, whatever the kind. */
#define RESERVED 0x60ff0000u

/*
 * Finds the next records, up to a window full of them, and keeps their places
 * in btf->classes. Returns NULL, or why reading stopped.
 */
INLINE const char *find_records(struct btf_reader *reader,
				struct window *window, struct mode mode)
{
	struct btf *btf = reader->btf;
	const uint8_t *types = btf->types;
	uint32_t *classes = btf->classes, index = btf->type_count;
	uint32_t offset = reader->read_size, size = reader->types_size;
	uint32_t alone = 0, others = 0;
	const char *why = NULL;

	for (uint32_t i = 0; i < WINDOW && offset < size; i++, index++) {
		struct btf_record record;

		__builtin_prefetch(types + offset + AHEAD);
		why = record_at(&record, types, size, offset, mode.swap);
		if (why)
			break;
		if (record.info & (RESERVED | record.layout->reserved))
			btf_fault(reader, BTF_FAULT_RESERVED,
				  btf->first_id + index, record.info);
		if (index % BTF_SAMPLE == 0)
			btf->samples[index / BTF_SAMPLE] = btf_place_of(offset);
		/* Into both lists, for it stays in one: nothing to predict. */
		window->alone.at[alone] = window->others.at[others] = index;
		alone += stands_alone(&record);
		others += !stands_alone(&record);
		classes[index] = btf_place_of(offset);
		offset += record.size;
	}
	window->alone.count = alone;
	window->others.count = others;
	btf->type_count = index;
	reader->read_size = offset;
	return why;
}

/* Types whose hash is known, but not their class. */
struct hashed {
	uint64_t hashes[WINDOW];
	struct list list;
};

/*
 * True for a type that hardly any other needs to get its class: it need not
 * have its own at once.
 */
INLINE bool can_be_late(const struct btf_record *record, bool follow)
{
	return !follow || record->kind == BTF_KIND_FUNC;
}

/*
 * Gives classes to a list, and leaves those in it that wait for others. What
 * can be late is when the rest is done: what it needs of the table of shapes
 * has come by then, and waiting for that was a tenth of all time.
 */
INLINE void settle_list(struct btf_reader *reader, struct list *list,
			bool follow, struct mode mode)
{
	struct btf *btf = reader->btf;
	struct look look = look_at(reader, btf->type_count, mode);
	struct btf_record record;
	struct hashed late;
	uint32_t left = 0, count = 0;

	look.reading = true;
	look.follow = follow;
	for (uint32_t i = 0; i < list->count; i++) {
		uint32_t index = list->at[i];
		uint64_t hash;

		if (!hash_type(look, btf, index, &hash, &record)) {
			list->at[left++] = index;
		} else if (can_be_late(&record, follow)) {
			btf_shapes_fetch(btf->shapes, hash);
			late.hashes[count] = hash;
			late.list.at[count++] = index;
		} else {
			number_type(btf, index, hash);
		}
	}
	for (uint32_t i = 0; i < count; i++)
		number_type(btf, late.list.at[i], late.hashes[i]);
	list->count = left;
}

static int push_list(struct stack *stack, const struct list *list)
{
	for (uint32_t i = 0; i < list->count; i++)
		if (push(stack, list->at[i]))
			return -1;
	return 0;
}

/* The first pass: every record from front to end. */
INLINE int read_records(struct btf_reader *reader, struct stack *waiting,
			struct mode mode)
{
	struct window window;
	const char *why;

	do {
		why = find_records(reader, &window, mode);
		settle_list(reader, &window.alone, false, mode);
		for (unsigned look = 0; look < 2; look++)
			settle_list(reader, &window.others, true, mode);
		if (push_list(waiting, &window.others))
			return -1;
	} while (!why && reader->read_size < reader->types_size);
	if (why)
		warn_stop(reader, reader->read_size, why);
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
	if ((btf->classes[index] & (KNOWN | ACTIVE)) ||
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
	reader->btf->classes[index] |= ACTIVE;
	if (push(stack, index))
		return -1;
	return push_refs(reader, stack, record, mode);
}

/* Settles what is on top of the stack, or lets it wait for what it needs. */
static int resolve_top(struct look look, struct stack *stack)
{
	struct btf *btf = look.reader->btf;
	uint32_t index = stack->at[--stack->count];
	uint32_t class = btf->classes[index];
	struct btf_record record;

	look.cut = is_active(class);
	if ((class & KNOWN) || try_type(look, btf, index, &record))
		return 0;
	return wait_for_refs(look.reader, stack, index, &record, look.mode);
}

/*
 * The second pass: what refers to later types. Each record is looked at three
 * times at most here, whatever refers to it, and twice before.
 */
INLINE int resolve_waiting(struct btf_reader *reader,
			   const struct stack *waiting, struct mode mode)
{
	struct btf *btf = reader->btf;
	struct look look = look_at(reader, btf->type_count, mode);
	struct stack stack = { 0 };
	struct btf_record record;
	int result = 0;

	look.follow = true;
	for (size_t i = 0; i < waiting->count && !result; i++) {
		uint32_t index = waiting->at[i];

		if ((btf->classes[index] & KNOWN) ||
		    try_type(look, btf, index, &record))
			continue;
		result = wait_for_refs(reader, &stack, index, &record, mode);
		while (stack.count && !result)
			result = resolve_top(look, &stack);
	}
	free(stack.at);
	return result;
}

INLINE int read_all(struct btf_reader *reader, struct mode mode)
{
	const struct btf *btf = reader->btf;
	struct stack waiting = { 0 };
	int result = read_records(reader, &waiting, mode);

	if (!reader->base_unknown && reader->largest_ref >= btf->first_id &&
	    reader->largest_ref - btf->first_id >= btf->type_count)
		btf_fault(reader, BTF_FAULT_TYPE, reader->largest_from,
			  reader->largest_ref);
	if (!result)
		result = resolve_waiting(reader, &waiting, mode);
	free(waiting.at);
	return result;
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
	btf->classes = pages_alloc_written(btf->type_room * sizeof(*btf->classes));
	btf->samples = pages_alloc(btf_samples_size(btf));
	btf->shapes = calloc(1, sizeof(*btf->shapes));
	if (!btf->samples || !btf->classes || !btf->shapes ||
	    btf_shapes_init(btf->shapes, btf->base ? btf->base->shapes : NULL,
			    btf->type_room) ||
	    (mode.swap || mode.renamed ? read_unusual(reader, mode)
				       : read_usual(reader)))
		return -1;
	return btf->shapes->failed ? -1 : 0;
}

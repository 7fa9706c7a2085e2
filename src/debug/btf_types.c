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
 * the processor's cache. What repeats the record that was expected gets its
 * class at once (btf_repeat.h). Of the others it finds where they are, then it
 * gives a class to those that are told by their own shape alone (btf_hash.h),
 * then to those that refer to types that have one by now, looks once more at
 * what is left, and takes functions last. The second pass (btf_waiting.c) meets
 * what waits then. What is a copy is counted when all classes are known
 * (btf_copies.c).
 *
 * Rejected: comparing graphs as libbpf's deduplication does (that is what has
 * failed when there is something to find), and hashes as classes: twice the
 * memory, and to take memory from the system was a third of all time.
 */
#include <stdlib.h>
#include <string.h>

#include "base/pages.h"
#include "debug/btf_hash.h"
#include "debug/btf_reader.h"
#include "debug/btf_repeat.h"
#include "debug/btf_waiting.h"

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

/* Own types, by index, in the order of the file. */
struct list {
	uint32_t at[WINDOW];
	uint32_t count;
};

/* How types of a window get their class; each way has a loop of its own. */
enum way {
	ALONE,      /* it depends on no other */
	OTHERS,     /* it does */
	FUNCTIONS,  /* it does, and no other's on it: FUNC */
	WAYS
};

struct window {
	struct list lists[WAYS];
	uint32_t first;    /* index of the first type */
	uint32_t models[WINDOW]; /* offset of what a type is expected to
				    repeat, NONE: nothing */
	uint32_t distance; /* from those models to their types */
	uint32_t again;    /* the same of a type that was there before */
	struct promises promises;
};

static inline void add_to_list(struct list *list, uint32_t index)
{
	list->at[list->count++] = index;
}

/* Without a branch, for none could be foreseen. */
static inline enum way way_of(const struct btf_record *record)
{
	return (enum way)(!stands_alone(record) +
			  (record->kind == BTF_KIND_FUNC));
}

/* What was not read yet has no class: 0. */
static void begin_window(struct window *window, const struct btf *btf,
			 const struct repeat *repeat)
{
	size_t left = btf->type_room - btf->type_count;

	memset(btf->classes + btf->type_count, 0,
	       min_u64(left, WINDOW) * sizeof(*btf->classes));
	memset(&window->promises, 0, sizeof(window->promises));
	window->promises.first = btf->type_count;
	for (unsigned i = 0; i < WAYS; i++)
		window->lists[i].count = 0;
	window->first = btf->type_count;
	window->distance = repeat->distance;
	window->again = 0;
}

static bool is_full(const struct window *window, const struct btf *btf)
{
	return btf->type_count - window->first == WINDOW;
}

/*
 * Bytes that are asked for before they are needed: where a record is depends on
 * the one before, so each wait for memory was one of its own, half of all time.
 */
#define AHEAD 2048u

/* Bits of the second word that the kernel rejects, whatever the kind. */
#define RESERVED 0x60ff0000u

/*
 * Finds up to `limit` records as long as they fit into the window, and keeps
 * their places in btf->classes. Returns NULL, or why reading stopped.
 */
INLINE const char *find_records(struct btf_reader *reader,
				struct window *window, uint32_t limit,
				struct mode mode)
{
	struct btf *btf = reader->btf;
	const uint8_t *types = btf->types;
	uint32_t *classes = btf->classes, index = btf->type_count;
	uint32_t offset = reader->read_size, size = reader->types_size;
	uint32_t end = window->first + WINDOW;
	const char *why = NULL;

	end = limit < end - index ? index + limit : end;
	for (; index < end && offset < size; index++) {
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
		add_to_list(&window->lists[way_of(&record)], index);
		window->models[index - window->first] = NONE;
		classes[index] = btf_place_of(offset);
		offset += record.size;
	}
	btf->type_count = index;
	reader->read_size = offset;
	return why;
}

static void begin_repeat(struct repeat *repeat, const struct btf *btf,
			 uint32_t distance)
{
	repeat->distance = distance;
	repeat->offset = btf_offset_of(btf, btf->type_count - distance);
	repeat->patience = PATIENCE;
}

/* Steps over a model that the type at its distance is not like. */
static void skip_model(struct repeat *repeat, const struct btf *btf)
{
	struct btf_record model;

	btf_load_record(&model, btf->types + repeat->offset, btf_swaps(btf));
	repeat->offset += model.size;
	if (!--repeat->patience)
		repeat->distance = 0;
}

/* A type that may repeat its model, once more classes are known. */
static inline void wait_for_model(struct window *window, struct btf *btf,
				  uint32_t index, const uint8_t *at,
				  ptrdiff_t model)
{
	btf->classes[index] = btf_place_of((uint32_t)(at - btf->types));
	window->models[index - window->first] =
		(uint32_t)(at + model - btf->types);
	add_to_list(&window->lists[OTHERS], index);
}

/*
 * Finds records as long as each repeats its model and fits into the window.
 * They get their models' classes, but for those that refer to types without
 * one: these join the others.
 */
INLINE void follow_repeat(struct btf_reader *reader, struct window *window,
			  struct repeat *repeat, bool trust, struct mode mode)
{
	struct btf *btf = reader->btf;
	uint32_t *classes = btf->classes, index = btf->type_count;
	uint32_t distance = repeat->distance;
	const uint8_t *at = btf->types + reader->read_size;
	const uint8_t *end = btf->types + reader->types_size, *next;
	ptrdiff_t model = (ptrdiff_t)repeat->offset - reader->read_size;
	uint32_t last = (uint32_t)min_u64(window->first + WINDOW,
					  btf->type_room);
	struct look look = look_at(reader, last, mode);
	uint32_t kept = 0;

	look.distance = distance;
	look.promises = trust ? &window->promises : NULL;
	for (; index < last; index++, at = next) {
		uint32_t class = classes[index - distance];
		size_t room = (size_t)(end - at);
		const struct btf_kind *kind;
		enum alike alike;
		uint32_t info;

		__builtin_prefetch(at + AHEAD);
		if (room < sizeof(struct btf_type) ||
		    !alike_heads(at, at + model) || !(class & KNOWN))
			break;
		info = btf_load(at + 4, mode.swap);
		kind = &btf_kinds[BTF_INFO_KIND(info)];
		look.id = look.first_id + index;
		alike = kind->refers <= !btf_load(at, false) ?
			compare_as(look, true, at, kind, info, &next, room,
				   model) :
			compare_as(look, false, at, kind, info, &next, room,
				   model);
		if (alike == DIFFERENT)
			break;
		if (index % BTF_SAMPLE == 0)
			btf->samples[index / BTF_SAMPLE] =
				btf_place_of((uint32_t)(at - btf->types));
		classes[index] = class;
		if (alike == PENDING)
			wait_for_model(window, btf, index, at, model);
		else
			kept += window->promises.made[index - window->first];
	}
	window->promises.open -= kept;
	if (index != btf->type_count)
		repeat->patience = PATIENCE;
	btf->type_count = index;
	reader->read_size = (uint32_t)(at - btf->types);
	repeat->offset = (uint32_t)(at + model - btf->types);
}

/* A function of its own, for its loop needs every register. */
static __attribute__((noinline)) void
follow_usual(struct btf_reader *reader, struct window *window,
	     struct repeat *repeat, bool trust)
{
	follow_repeat(reader, window, repeat, trust,
		      (struct mode){ false, false });
}

/* Fills a window with the next records. Returns NULL, or why reading stopped. */
INLINE const char *fill_window(struct btf_reader *reader,
			       struct window *window, struct repeat *repeat,
			       bool trust, struct mode mode)
{
	const char *why = NULL;

	begin_window(window, reader->btf, repeat);
	while (!why && !is_full(window, reader->btf) &&
	       reader->read_size < reader->types_size) {
		uint32_t before = reader->btf->type_count;

		if (reader->faults[BTF_FAULT_RESERVED].seen)
			repeat->distance = 0; /* each is to be looked at */
		if (repeat->distance && !mode.swap && !mode.renamed)
			follow_usual(reader, window, repeat, trust);
		else if (repeat->distance)
			follow_repeat(reader, window, repeat, trust, mode);
		if (repeat->distance && reader->btf->type_count != before)
			continue;
		why = find_records(reader, window,
				   repeat->distance ? 1 : WINDOW, mode);
		if (repeat->distance)
			skip_model(repeat, reader->btf);
	}
	return why;
}

/* The same; where a promise was not kept, once more without any. */
INLINE const char *next_window(struct btf_reader *reader,
			       struct window *window, struct repeat *repeat,
			       struct mode mode)
{
	struct btf *btf = reader->btf;
	struct repeat before = *repeat;
	uint32_t read_size = reader->read_size;
	const char *why = fill_window(reader, window, repeat, true, mode);

	if (!window->promises.open)
		return why;
	*repeat = before;
	reader->read_size = read_size;
	btf->type_count = window->first;
	return fill_window(reader, window, repeat, false, mode);
}

/* Types whose hash is known, but not their class. */
struct hashed {
	uint64_t hashes[WINDOW];
	struct list list;
};

/* Looks once more whether a type repeats its model, if it has one. */
INLINE enum alike compare_again(struct look look, const struct window *window,
				uint32_t index)
{
	struct btf *btf = look.reader->btf;
	uint32_t model = window->models[index - window->first];
	const uint8_t *at, *end;
	uint32_t info;
	enum alike alike;

	if (model == NONE)
		return DIFFERENT;
	at = btf->types + btf_offset_at(btf->classes[index]);
	info = btf_load(at + 4, look.mode.swap);
	look.id = look.first_id + index;
	alike = compare_records(look, at, &btf_kinds[BTF_INFO_KIND(info)], info,
				&end, SIZE_MAX, btf->types + model - at);
	if (alike == ALIKE)
		btf->classes[index] = btf->classes[index - window->distance];
	return alike;
}

/* Asks the table of shapes for what it will be asked when the rest is done. */
INLINE void let_wait(struct hashed *late, const struct btf *btf,
		     uint32_t index, uint64_t hash)
{
	btf_shapes_fetch(btf->shapes, hash);
	late->hashes[late->list.count] = hash;
	add_to_list(&late->list, index);
}

/* Gives the types their classes that the table of shapes was asked for. */
static void settle_late(struct window *window, struct btf *btf,
			const struct hashed *late)
{
	for (uint32_t i = 0; i < late->list.count; i++) {
		uint32_t index = late->list.at[i];

		window->again = number_type(btf, index, late->hashes[i]) ?:
				window->again;
	}
}

/* Functions have no elements, which need not be looked up. */
INLINE enum btf_layout layout_of(const struct btf_record *record, enum way way)
{
	return way == FUNCTIONS ? BTF_LAYOUT_NONE : record->layout->layout;
}

/*
 * Gives classes to a list, and leaves those in it that wait for others. Where
 * types do not wait for each other they are late: what they need of the table
 * of shapes has come by then, and waiting for that was a tenth of all time.
 */
INLINE void settle_list(struct btf_reader *reader, struct window *window,
			enum way way, struct mode mode)
{
	struct btf *btf = reader->btf;
	struct list *list = &window->lists[way];
	struct look look = look_at(reader, btf->type_count, mode);
	struct hashed late;
	uint32_t left = 0;

	late.list.count = 0;
	look.reading = true;
	look.follow = way != ALONE;
	for (uint32_t i = 0; i < list->count; i++) {
		uint32_t index = list->at[i];
		enum alike alike = DIFFERENT;
		struct btf_record record;
		uint64_t hash;

		if (way == OTHERS)
			alike = compare_again(look, window, index);
		if (alike == ALIKE)
			continue;
		look.id = look.first_id + index;
		load_type(&record, look, btf, index);
		if (alike == PENDING ||
		    !hash_record(&hash, &record, layout_of(&record, way),
				 look))
			list->at[left++] = index;
		else if (way != OTHERS)
			let_wait(&late, btf, index, hash);
		else
			window->again = number_type(btf, index, hash) ?:
					window->again;
	}
	settle_late(window, btf, &late);
	list->count = left;
}

/* Gives classes to what a window has, in the order in which they depend. */
INLINE void settle_window(struct btf_reader *reader, struct window *window,
			  struct mode mode)
{
	settle_list(reader, window, ALONE, mode);
	for (unsigned look = 0; look < 2; look++)
		settle_list(reader, window, OTHERS, mode);
	settle_list(reader, window, FUNCTIONS, mode);
}

/* What was left in the lists. 0 or -1. */
static int push_window(struct btf_stack *stack, const struct window *window)
{
	for (unsigned way = OTHERS; way < WAYS; way++) {
		const struct list *list = &window->lists[way];

		for (uint32_t i = 0; i < list->count; i++)
			if (btf_push(stack, list->at[i]))
				return -1;
	}
	return 0;
}

/* The first pass: every record from front to end. */
INLINE int read_records(struct btf_reader *reader, struct btf_stack *waiting,
			struct mode mode)
{
	struct repeat repeat = { 0 };
	struct window window;
	const char *why;

	do {
		why = next_window(reader, &window, &repeat, mode);
		settle_window(reader, &window, mode);
		if (push_window(waiting, &window))
			return -1;
		if (!repeat.distance && window.again)
			begin_repeat(&repeat, reader->btf, window.again);
	} while (!why && reader->read_size < reader->types_size);
	if (why)
		warn_stop(reader, reader->read_size, why);
	return 0;
}

INLINE int read_all(struct btf_reader *reader, struct mode mode)
{
	const struct btf *btf = reader->btf;
	struct btf_stack waiting = { 0 };
	int result = read_records(reader, &waiting, mode);

	if (!reader->base_unknown && reader->largest_ref >= btf->first_id &&
	    reader->largest_ref - btf->first_id >= btf->type_count)
		btf_fault(reader, BTF_FAULT_TYPE, reader->largest_from,
			  reader->largest_ref);
	if (!result)
		result = btf_resolve_waiting(reader, &waiting);
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
	struct mode mode = btf_mode(btf);

	btf->type_room = reader->types_size / sizeof(struct btf_type);
	btf->classes = pages_alloc_unset(btf->type_room * sizeof(*btf->classes));
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

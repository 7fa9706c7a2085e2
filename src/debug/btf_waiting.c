/* SPDX-License-Identifier: MIT */
/*
 * The second pass over the records of BTF: what refers to types that came too
 * late for the first. It goes depth first, with a stack of its own, and cuts
 * the circles of hostile input where they close; no C source has any. Each
 * record is looked at three times at most here, whatever refers to it.
 */
#include "debug/btf_waiting.h"

#include <stdlib.h>

#include "base/util.h"
#include "debug/btf_hash.h"

int btf_push(struct btf_stack *stack, uint32_t index)
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

static inline bool is_active(uint32_t class)
{
	return !(class & KNOWN) && (class & ACTIVE);
}

INLINE int push_pending(struct btf_reader *reader, struct btf_stack *stack,
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
	return btf_push(stack, index);
}

/* Pushes what the record refers to and is not known yet. */
INLINE int push_refs(struct btf_reader *reader, struct btf_stack *stack,
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
INLINE int wait_for_refs(struct btf_reader *reader, struct btf_stack *stack,
			 uint32_t index, const struct btf_record *record,
			 struct mode mode)
{
	reader->btf->classes[index] |= ACTIVE;
	if (btf_push(stack, index))
		return -1;
	return push_refs(reader, stack, record, mode);
}

/* Settles what is on top of the stack, or lets it wait for what it needs. */
static int resolve_top(struct look look, struct btf_stack *stack)
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

INLINE int resolve_waiting(struct btf_reader *reader,
			   const struct btf_stack *waiting, struct mode mode)
{
	struct btf *btf = reader->btf;
	struct look look = look_at(reader, btf->type_count, mode);
	struct btf_stack stack = { 0 };
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

int btf_resolve_waiting(struct btf_reader *reader,
			const struct btf_stack *waiting)
{
	struct mode mode = btf_mode(reader->btf);

	return mode.swap || mode.renamed
		? resolve_waiting(reader, waiting, mode)
		: resolve_waiting(reader, waiting,
				  (struct mode){ false, false });
}

/* SPDX-License-Identifier: MIT */
/*
 * Which group a record belongs to, and which strings a group uses. This is
 * done for the first record of each shape alone: all later ones have the same
 * names.
 */
#include "debug/btf_reader.h"

/* Names that start inside another string are rare, and only read so far:
   the kernel's KSYM_NAME_LEN. Else many of them in one string are quadratic. */
#define TAIL_LIMIT 512u

void btf_fault(struct btf_reader *reader, enum btf_fault fault, uint32_t id,
	       uint32_t value)
{
	struct btf_place *place = &reader->faults[fault];

	if (place->seen) {
		place->others |= place->id != id;
		return;
	}
	*place = (struct btf_place){ id, value, true, false };
}

const char *btf_name_at(const struct btf *btf, uint32_t offset,
			uint32_t limit, uint32_t *length)
{
	const struct btf_string *string;

	*length = 0;
	while (btf && offset < btf->strings->start)
		btf = btf->base && btf->base->strings ? btf->base : NULL;
	if (!btf)
		return "";
	offset -= btf->strings->start;
	if (offset >= btf->strings->size)
		return "";
	string = btf_strings_at(btf->strings, offset);
	*length = (uint32_t)min_u64(limit, string->at +
				    btf_string_length(string) - offset);
	return btf->strings->data + offset;
}

/* The own string that `offset` lies in, or NULL. */
static inline struct btf_string *own_string(const struct btf *btf,
					    uint32_t offset, bool *tail)
{
	struct btf_strings *strings = btf->strings;
	struct btf_string *string;

	*tail = true;
	if (!lies_in(offset, strings->start, strings->size))
		return NULL;
	string = btf_strings_at(strings, offset - strings->start);
	*tail = string->at != offset - strings->start;
	return string;
}

uint32_t btf_same_name(const struct btf *btf, uint32_t offset)
{
	const uint32_t *first;
	uint32_t length;
	const char *name = btf_name_at(btf, offset, TAIL_LIMIT, &length);

	if (!length || length >= TAIL_LIMIT)
		return offset;
	first = map_find(&btf->strings->texts, btf_text_hash(name, length));
	return first ? btf->strings->start + *first : offset;
}

void btf_give_strings(struct btf *btf)
{
	const struct btf_strings *strings = btf->strings;
	uint32_t owner = BTF_UNUSED;

	for (uint32_t i = 0; i < strings->count; i++) {
		const struct btf_string *string = &strings->list[i];

		owner = string->owner ?: BTF_UNUSED;
		btf->groups[owner].name_bytes += btf_string_length(string) + 1;
	}
	btf->groups[owner].name_bytes -= !strings->ended;
}

/* What is not in the own strings may be in a base's. */
static void use_other(struct btf_reader *reader, uint32_t offset, uint32_t id)
{
	if (offset >= reader->btf->strings->start)
		btf_fault(reader, BTF_FAULT_NAME, id, offset);
}

void btf_use_name(struct btf_reader *reader, uint32_t offset, uint32_t group,
		  uint32_t id)
{
	bool tail;
	struct btf_string *string = own_string(reader->btf, offset, &tail);

	if (string)
		btf_use_string(string, group);
	else
		use_other(reader, offset, id);
}

/* The names of a record's elements; an offset is 0 where there is none. */
static void use_names(struct btf_reader *reader,
		      const struct btf_record *record, uint32_t group,
		      uint32_t id)
{
	bool swap = btf_swaps(reader->btf);
	const uint8_t *at = record->at + sizeof(struct btf_type);
	uint32_t count = BTF_INFO_VLEN(record->info);
	uint32_t step = record->layout->element;

	for (; count; count--, at += step) {
		uint32_t offset = btf_load(at, swap);

		if (offset)
			btf_use_name(reader, offset, group, id);
	}
}

/*
 * Where the first group of a name is kept that is no own string as a whole, or
 * one of several of that text. NULL when out of memory.
 */
static uint32_t *head_of_text(struct btf_reader *reader, const char *name,
			      uint32_t length, uint32_t offset)
{
	struct btf *btf = reader->btf;
	uint64_t hash = btf_text_hash(name, length);
	const uint32_t *first;
	bool tail;

	if (!length)
		hash = offset; /* of a base that we do not have, or broken */
	if (btf_strings_index(btf->strings))
		return NULL;
	first = map_find(&btf->strings->texts, hash);
	if (length && first)
		return &own_string(btf, btf->strings->start + *first,
				   &tail)->group;
	return map_at(&reader->foreign, hash, 0);
}

/*
 * The group of that kind among those that begin at *head; a new one joins them
 * behind the first.
 */
static uint32_t join_group(struct btf *btf, uint32_t *head, unsigned kind,
			   const char *name, uint32_t length)
{
	uint32_t group;

	for (group = *head; group; group = btf->groups[group].next)
		if (btf->groups[group].kind == kind)
			return group;
	group = btf_add_group(btf, kind, name, length);
	if (group && *head) {
		btf->groups[group].next = btf->groups[*head].next;
		btf->groups[*head].next = group;
	} else if (group) {
		*head = group;
	}
	return group;
}

static uint32_t group_of_text(struct btf_reader *reader,
			      const struct btf_record *record, bool tail)
{
	uint32_t length, *head;
	const char *name = btf_name_at(reader->btf, record->name,
				       tail ? TAIL_LIMIT : UINT32_MAX,
				       &length);

	head = head_of_text(reader, name, length, record->name);
	return head ? join_group(reader->btf, head, record->kind, name, length)
		    : 0;
}

static uint32_t named_group(struct btf_reader *reader,
			    const struct btf_record *record, uint32_t id)
{
	struct btf *btf = reader->btf;
	struct btf_strings *strings = btf->strings;
	bool tail;
	struct btf_string *string = own_string(btf, record->name, &tail);
	uint32_t group;

	if (string && !tail && !strings->repeated)
		group = join_group(btf, &string->group, record->kind,
				   strings->data +
				   (record->name - strings->start),
				   btf_string_length(string));
	else
		group = group_of_text(reader, record, string && tail);
	if (string && group)
		btf_use_string(string, group);
	else if (group)
		use_other(reader, record->name, id);
	return group;
}

static uint32_t unnamed_group(struct btf *btf, unsigned kind)
{
	return join_group(btf, &btf_strings_unnamed(btf->strings, kind)->group,
			  kind, "", 0);
}

uint32_t btf_group_of(struct btf_reader *reader,
		      const struct btf_record *record, uint32_t id)
{
	uint32_t group = record->name
		? named_group(reader, record, id)
		: unnamed_group(reader->btf, record->kind);

	if (group && btf_names_elements(record))
		use_names(reader, record, group, id);
	return group;
}

/* SPDX-License-Identifier: MIT */
/*
 * Which group a record belongs to, and which strings a group uses. This is
 * done for the first record of each shape alone: all later ones have the same
 * names.
 */
#include <string.h>

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
	*length = 0;
	while (btf && offset < btf->strings->start)
		btf = btf->base && btf->base->strings ? btf->base : NULL;
	if (!btf)
		return "";
	offset -= btf->strings->start;
	*length = btf_strings_length(btf->strings, offset, limit);
	return *length ? btf->strings->data + offset : "";
}

/* The own string that `offset` lies in, or NULL. */
static struct btf_string *own_string(const struct btf *btf, uint32_t offset,
				     bool *tail)
{
	struct btf_strings *strings = btf->strings;

	*tail = true;
	if (offset < strings->start ||
	    offset - strings->start >= strings->size)
		return NULL;
	return &strings->list[btf_strings_number(strings,
						 offset - strings->start,
						 tail)];
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

/* `offset` is 0 where there is no name, and may lie in a base's strings. */
static inline void use_name(struct btf_reader *reader,
			    const struct btf_strings *strings, uint32_t offset,
			    uint32_t group, uint32_t id)
{
	struct btf_string *string;
	bool tail;

	if (!offset || offset < strings->start)
		return;
	if (offset - strings->start >= strings->size) {
		btf_fault(reader, BTF_FAULT_NAME, id, offset);
		return;
	}
	string = &strings->list[btf_strings_number(strings,
						   offset - strings->start,
						   &tail)];
	if (string->owner != group)
		string->owner = string->owner ? NONE : group;
}

static void use_names(struct btf_reader *reader,
		      const struct btf_record *record, uint32_t group,
		      uint32_t id)
{
	const struct btf_strings strings = *reader->btf->strings;
	const uint8_t *at = record->at + sizeof(struct btf_type);
	uint32_t count = btf_elements(record), step = record->layout->element;
	bool swap = btf_swaps(reader->btf);

	use_name(reader, &strings, record->name, group, id);
	if (!btf_names_elements(record))
		return;
	for (; count; count--, at += step)
		use_name(reader, &strings, btf_load(at, swap), group, id);
}

static uint32_t new_group(struct btf_reader *reader,
			  const struct btf_record *record, uint32_t limit)
{
	struct btf *btf = reader->btf;
	struct btf_group *group = &btf->groups[btf->group_count];

	group->kind = record->kind;
	group->name = record->name ?
		btf_name_at(btf, record->name, limit, &group->length) : "";
	return btf->group_count++;
}

/* The place of the first group of a name. NULL when out of memory. */
static uint32_t *head_of(struct btf_reader *reader, uint32_t offset,
			 uint32_t *limit)
{
	struct btf *btf = reader->btf;
	struct btf_string *string;
	const uint32_t *first;
	const char *name;
	uint32_t length;
	uint64_t hash;
	bool tail;

	*limit = UINT32_MAX;
	string = own_string(btf, offset, &tail);
	if (string && !tail && !btf->strings->repeated)
		return &string->group;
	if (string && tail)
		*limit = TAIL_LIMIT;
	name = btf_name_at(btf, offset, *limit, &length);
	hash = btf_text_hash(name, length);
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

/* A new group joins its name's others behind the first. */
static uint32_t add_group(struct btf_reader *reader,
			  const struct btf_record *record)
{
	uint32_t limit, group;
	uint32_t *head = head_of(reader, record->name, &limit);
	struct btf_group *groups = reader->btf->groups;

	if (!head)
		return 0;
	for (group = *head; group; group = groups[group].next)
		if (groups[group].kind == record->kind)
			return group;
	group = new_group(reader, record, limit);
	if (*head) {
		groups[group].next = groups[*head].next;
		groups[*head].next = group;
	} else {
		*head = group;
	}
	return group;
}

uint32_t btf_group_of(struct btf_reader *reader,
		      const struct btf_record *record, uint32_t id)
{
	uint32_t group = reader->unnamed[record->kind];

	if (record->name)
		group = add_group(reader, record);
	else if (!group)
		reader->unnamed[record->kind] = group =
			new_group(reader, record, 0);
	if (group)
		use_names(reader, record, group, id);
	return group;
}

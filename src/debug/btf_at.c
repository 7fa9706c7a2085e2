/* SPDX-License-Identifier: MIT */
/*
 * Finds a record by its place, and the types that use a string. The reader
 * forgets where records are once it has counted them, so this walks them
 * again, with the same checks: what it did not read is not looked at.
 */
#include "debug/btf_at.h"

#include <string.h>

#include "base/util.h"
#include "debug/btf_reader.h"

struct walk {
	const struct btf *btf;
	const uint8_t *data; /* the section */
	uint32_t id, offset; /* of the record, in the types */
	struct btf_record record;
};

static bool next_record(struct walk *walk)
{
	uint32_t size = (uint32_t)walk->btf->type_bytes;

	if (!walk->id)
		walk->id = walk->btf->first_id;
	else
		walk->offset += walk->record.size, walk->id++;
	return walk->offset < size &&
	       !btf_record_at(&walk->record, walk->btf->types, size,
			      walk->offset, btf_swaps(walk->btf));
}

static struct btf_name name_of(const struct walk *walk, uint32_t offset)
{
	const struct btf *btf = walk->btf;
	struct btf_name name = { "", 0 };

	if (offset < btf->string_start) {
		name.at = btf_name_at(btf->base, offset, UINT32_MAX,
				      &name.length);
		return name;
	}
	offset -= btf->string_start;
	if (offset >= btf->string_bytes)
		return name;
	name.at = (const char *)walk->data + btf->strings_at + offset;
	name.length = (uint32_t)strnlen(name.at, btf->string_bytes - offset);
	return name;
}

static void take_type(struct btf_at *at, const struct walk *walk)
{
	at->kind = walk->record.kind;
	at->id = walk->id;
	at->name = name_of(walk, walk->record.name);
}

static void find_record(struct btf_at *at, struct walk *walk, uint64_t offset)
{
	const struct btf_record *record = &walk->record;
	uint32_t words, step = 0;

	do {
		if (!next_record(walk))
			return;
	} while (offset - walk->offset >= record->size);
	take_type(at, walk);
	at->into = offset - walk->offset;
	step = record->layout->element;
	if (at->into < sizeof(struct btf_type) || !step)
		return;
	words = (uint32_t)(at->into - sizeof(struct btf_type)) / step;
	at->element = words + 1;
	if (btf_names_elements(record))
		at->member = name_of(walk, btf_load(record->at +
			sizeof(struct btf_type) + (uint64_t)words * step,
			btf_swaps(walk->btf)));
}

/* True where the record has a name that lies in the `size` bytes at `from`. */
static bool uses_string(const struct walk *walk, uint32_t from, uint32_t size)
{
	const struct btf_record *record = &walk->record;
	const uint8_t *at = record->at + sizeof(struct btf_type);
	uint32_t count = btf_names_elements(record) ? btf_elements(record) : 0;

	if (lies_in(record->name, from, size))
		return true;
	for (; count; count--, at += record->layout->element)
		if (lies_in(btf_load(at, btf_swaps(walk->btf)), from, size))
			return true;
	return false;
}

static void find_string(struct btf_at *at, struct walk *walk, uint64_t offset)
{
	const struct btf *btf = walk->btf;
	const char *strings = (const char *)walk->data + btf->strings_at;
	uint64_t from = offset;
	uint32_t start;

	while (from && strings[from - 1])
		from--;
	at->is_string = true;
	at->into = offset - from;
	start = btf->string_start + (uint32_t)from;
	at->string = name_of(walk, start);
	at->kind = BTF_PART_UNUSED;
	if (!start) {
		at->kind = BTF_PART_SHARED; /* of all that have no name */
		return;
	}
	while (next_record(walk))
		if (uses_string(walk, start, at->string.length + 1) &&
		    !at->users++)
			take_type(at, walk);
}

void btf_find_at(struct btf_at *at, const struct btf *btf,
		 const uint8_t *data, uint64_t offset)
{
	uint64_t types_at = (uint64_t)(btf->types - data);
	struct walk walk = { .btf = btf, .data = data };

	memset(at, 0, sizeof(*at));
	at->name.at = at->member.at = at->string.at = "";
	at->kind = BTF_PART_GAP;
	if (btf->present && lies_in(offset, types_at, btf->type_bytes))
		find_record(at, &walk, offset - types_at);
	else if (btf->present &&
		 lies_in(offset, btf->strings_at, btf->string_bytes))
		find_string(at, &walk, offset - btf->strings_at);
	else if (btf->present && offset < btf->header_size)
		at->kind = BTF_PART_HEADER;
	else if (!btf->present || lies_in(offset, types_at, btf->types_size))
		at->kind = BTF_PART_UNREADABLE;
}

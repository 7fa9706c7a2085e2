/* SPDX-License-Identifier: MIT */
/*
 * Books BTF by group (kind and name), not by record: there are twenty million
 * records in the worst BTF that was seen, and a report adds them up anyway.
 * So an entry of .BTF has no place of its own; the entries of the section are
 * in the order of the groups, and add up to its size.
 */
#include "ledger/book_btf.h"

#include <elf.h>
#include <linux/btf.h>
#include <string.h>
#include <xxhash.h>

#include "base/map.h"

/* One of many symbols of a name: which one BTF speaks of is not known. */
#define AMBIGUOUS (NONE - 1)

bool btf_wants(const struct booking *booking)
{
	const struct btf *btf = &booking->build->btf;

	return btf->section && btf->section == booking->section &&
	       btf->size == booking->size;
}

/* The functions that BTF names: name -> symbol. */
static int map_functions(struct map *map, const struct build *build)
{
	const struct btf *btf = &build->btf;

	if (build->image.symbol_count < 2)
		return 0;
	if (map_reserve(map, btf->group_count))
		return -1;
	for (uint32_t i = BTF_PARTS; i < btf->group_count; i++) {
		const struct btf_group *group = &btf->groups[i];

		if (group->kind == BTF_KIND_FUNC && group->length &&
		    !map_at(map, XXH3_64bits(group->name, group->length),
			    NONE))
			return -1;
	}
	return 0;
}

static void map_symbols(struct map *map, const struct build *build)
{
	const struct image *image = &build->image;

	for (uint32_t i = 1; i < image->symbol_count; i++) {
		const struct symbol *symbol = &image->symbols[i];
		const char *name;
		uint32_t *known, owner;
		uint64_t hash;

		if (symbol->type != STT_FUNC ||
		    symbol->section >= image->section_count)
			continue;
		name = image_symbol_name(image, i);
		hash = XXH3_64bits(name, strlen(name));
		if (!map_find(map, hash))
			continue;
		owner = build->ledger.owner[i];
		known = map_at(map, hash, NONE);
		if (owner == NONE || !known || *known == owner)
			continue;
		*known = *known == NONE ? owner : AMBIGUOUS;
	}
}

static uint32_t function_of(const struct map *map,
			    const struct btf_group *group)
{
	const uint32_t *symbol;

	if (!map->count || group->kind != BTF_KIND_FUNC || !group->length)
		return NONE;
	symbol = map_find(map, XXH3_64bits(group->name, group->length));
	return symbol && *symbol < AMBIGUOUS ? *symbol : NONE;
}

static int book_group(struct booking *booking, const struct map *functions,
		      const struct btf *btf, uint32_t number,
		      struct err *err)
{
	const struct btf_group *group = &btf->groups[number];
	uint64_t copied = btf_copies_of(btf, group)->bytes;
	struct owner owner = OWNER_NONE(NATURE_BTF);
	uint64_t once = group->bytes - copied + group->name_bytes;

	owner.detail = number;
	owner.symbol = function_of(functions, group);
	if (group->kind == BTF_PART_SHARED)
		owner.flags = ENTRY_SHARED;
	if (booking_take(booking, once, owner, err))
		return -1;
	if (!copied)
		return 0;
	owner.flags |= ENTRY_REPEATED;
	return booking_take(booking, copied, owner, err);
}

static int book_groups(struct booking *booking, const struct map *functions,
		       struct err *err)
{
	const struct btf *btf = &booking->build->btf;

	for (uint32_t i = 0; i < btf->group_count; i++)
		if (book_group(booking, functions, btf, i, err))
			return -1;
	return 0;
}

int btf_book(struct booking *booking, struct err *err)
{
	struct map functions = { 0 };
	int result = map_functions(&functions, booking->build);

	if (result) {
		err_oom(err, "booking BTF");
	} else {
		map_symbols(&functions, booking->build);
		result = book_groups(booking, &functions, err);
	}
	map_release(&functions);
	return result;
}

bool btf_ext_wants(const struct booking *booking)
{
	const struct build *build = booking->build;

	return build->btf.group_count &&
	       !strcmp(image_section_name(&build->image, booking->section),
		       ".BTF.ext");
}

static int take_part(struct booking *booking, uint64_t size,
		     enum btf_part part, struct err *err)
{
	struct owner owner = OWNER_NONE(NATURE_BTF);

	owner.detail = part - BTF_PART_HEADER;
	return booking_take(booking,
			    min_u64(size, booking->size - booking->at), owner,
			    err);
}

/*
 * struct btf_ext_header of libbpf's btf.h: magic, version, flags and hdr_len
 * as BTF's own, then offset and length of three tables, behind the header.
 * Their order is the one in which they are written; what is not in it is
 * *unreadable*.
 */
int btf_ext_book(struct booking *booking, struct err *err)
{
	const struct image *image = &booking->build->image;
	const uint8_t *data = image_section_data(image, booking->section);
	uint64_t header = 0;

	if (data && booking->size >= 8)
		header = image_u32(image, data + 4);
	if (!header || !btf_is_magic(data, booking->size) || header > booking->size)
		return take_part(booking, booking->size, BTF_PART_UNREADABLE,
				 err);
	if (take_part(booking, header, BTF_PART_EXT_HEADER, err))
		return -1;
	for (unsigned i = 0; i < 3 && 16 + i * 8 <= header; i++) {
		uint64_t offset = header + image_u32(image, data + 8 + i * 8);
		uint64_t size = image_u32(image, data + 12 + i * 8);

		if (offset < booking->at || offset > booking->size)
			continue;
		if (take_part(booking, offset - booking->at, BTF_PART_GAP,
			      err) ||
		    take_part(booking, size,
			      (enum btf_part)(BTF_PART_EXT_FUNCS + i), err))
			return -1;
	}
	return take_part(booking, booking->size, BTF_PART_UNREADABLE, err);
}

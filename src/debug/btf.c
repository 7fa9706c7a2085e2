/* SPDX-License-Identifier: MIT */
/*
 * Where the parts of a .BTF section lie, and the way through: header, strings,
 * records (btf_types.c), then what they and their strings add up to
 * (btf_copies.c). What is broken never stops more than it must: a part that
 * runs out of the section is cut, records end at the first that makes no sense,
 * and what was not read is *unreadable*.
 */
#include "debug/btf.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/pages.h"
#include "debug/btf_reader.h"

#define MAGIC_SWAPPED 0x9febu

bool btf_is_magic(const uint8_t *data, uint64_t size)
{
	uint16_t magic;

	if (size < sizeof(magic))
		return false;
	memcpy(&magic, data, sizeof(magic));
	return magic == BTF_MAGIC || magic == MAGIC_SWAPPED;
}

/* A part of the section; always inside it. */
struct part {
	uint64_t offset, size;
};

struct layout {
	uint64_t header;
	struct part types, strings;
	bool stringless; /* the header says so; they may also be cut off */
};

/* Cuts a part of the header's data to what is there. */
static struct part cut_part(struct btf_reader *reader, const char *name,
			    uint64_t header, uint32_t offset, uint32_t size)
{
	uint64_t total = reader->btf->size;
	struct part part = { header + offset, size };

	if (part.offset <= total && part.size <= total - part.offset)
		return part;
	image_warn(reader->image,
		   "%s: the %s at offset %llu, %u bytes, run out of its %llu "
		   "bytes", reader->where, name,
		   (unsigned long long)part.offset, size,
		   (unsigned long long)total);
	part.offset = min_u64(part.offset, total);
	part.size = min_u64(part.size, total - part.offset);
	return part;
}

/* Two parts that overlap: the one behind wins, the one before it is cut. */
static void cut_overlap(struct btf_reader *reader, struct layout *layout)
{
	struct part *first = &layout->types, *second = &layout->strings;

	if (second->offset < first->offset) {
		first = &layout->strings;
		second = &layout->types;
	}
	if (!second->size || first->offset + first->size <= second->offset)
		return;
	image_warn(reader->image, "%s: types and strings overlap at offset "
		   "%llu", reader->where, (unsigned long long)second->offset);
	first->size = second->offset - first->offset;
}

bool btf_is_split(const uint8_t *data, uint64_t size)
{
	uint16_t magic;
	uint64_t at;
	bool swap;

	if (size < sizeof(struct btf_header) || !btf_is_magic(data, size))
		return false;
	memcpy(&magic, data, sizeof(magic));
	swap = magic != BTF_MAGIC;
	at = (uint64_t)btf_load(data + 4, swap) + btf_load(data + 16, swap);
	return !btf_load(data + 20, swap) || (at < size && data[at]);
}

static int read_header(struct btf_reader *reader, const uint8_t *data,
		       struct layout *layout)
{
	struct btf *btf = reader->btf;
	struct btf_header header;
	uint16_t magic;
	bool swap;
	uint32_t words[5];

	if (btf->size < sizeof(header) || !btf_is_magic(data, btf->size)) {
		image_warn(reader->image, "%s: no BTF: %s", reader->where,
			   btf->size < sizeof(header) ? "too short" :
			   "it does not begin with 0xeb9f");
		return -1;
	}
	memcpy(&magic, data, sizeof(magic));
	swap = magic != BTF_MAGIC;
	btf->big_endian = swap != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	memcpy(&header, data, sizeof(header));
	for (unsigned i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = btf_load(data + 4 + i * 4, swap);
	if (header.version != BTF_VERSION || words[0] < sizeof(header)) {
		image_warn(reader->image, "%s: version %u, header of %u bytes: "
			   "not BTF as we know it", reader->where,
			   header.version, words[0]);
		return -1;
	}
	if (header.flags)
		image_warn(reader->image, "%s: unknown flags 0x%x in the "
			   "header", reader->where, header.flags);
	layout->header = min_u64(words[0], btf->size);
	layout->stringless = !words[4];
	layout->types = cut_part(reader, "types", words[0], words[1],
				 words[2]);
	layout->strings = cut_part(reader, "strings", words[0], words[3],
				   words[4]);
	cut_overlap(reader, layout);
	return 0;
}

struct btf_copies *btf_add_copies(struct btf *btf, struct btf_group *group)
{
	struct btf_copies *copies = array_grow(btf->copies, &btf->copy_room,
					       btf->copy_count + 1,
					       sizeof(*copies));

	if (!copies)
		return NULL;
	btf->copies = copies;
	copies[btf->copy_count] = (struct btf_copies){ 0 };
	group->copied = btf->copy_count++;
	return &copies[group->copied];
}

int btf_add_parts(struct btf *btf)
{
	for (unsigned i = 0; i < BTF_PARTS; i++)
		btf_add_group(btf, BTF_PART_HEADER + i, "", 0);
	if (btf->group_count != BTF_PARTS)
		return -1;
	return btf_add_copies(btf, &btf->groups[0]) ? 0 : -1; /* of none */
}

static struct btf_group *part_of(struct btf *btf, enum btf_part part)
{
	return &btf->groups[part - BTF_PART_HEADER];
}

/* The first string of BTF is empty, unless it continues a base's strings. */
static bool is_split(const uint8_t *data, const struct layout *layout)
{
	return layout->stringless ||
	       (layout->strings.size && data[layout->strings.offset]);
}

static void free_base(struct btf *btf)
{
	if (btf->base)
		btf_release(btf->base);
	free(btf->base);
	btf->base = NULL;
}

/* What the ids and offsets of a split BTF begin with. */
static void find_start(struct btf_reader *reader, const uint8_t *data,
		       const struct layout *layout, uint32_t *string_start)
{
	struct btf *btf = reader->btf;
	const struct btf *base = btf->base;

	btf->split = is_split(data, layout);
	btf->first_id = 1;
	*string_start = 0;
	if (!btf->split) {
		free_base(btf);
		return;
	}
	if (base && base->present) {
		btf->first_id = base->first_id + base->type_count;
		*string_start = base->strings->start + base->strings->size;
		return;
	}
	reader->base_unknown = true;
	btf->first_id = UINT32_C(1) << 30;
	*string_start = btf_guess_start(btf, data + layout->strings.offset,
					layout->strings.size,
					reader->types_size);
	image_warn(reader->image,
		   "%s: split BTF, the base that it continues is not known: "
		   "pass it with --btf-base", reader->where);
}

static int read_strings(struct btf_reader *reader, const uint8_t *data,
			const struct part *part, uint32_t start)
{
	struct btf *btf = reader->btf;
	uint64_t size = part->size;

	btf->strings = calloc(1, sizeof(*btf->strings));
	if (!btf->strings)
		return -1;
	/* Names are 32 bits, and behind the last string is a place, too. */
	size = min_u64(size, UINT32_MAX - (start ? start : 1));
	if (size && data[part->offset + size - 1])
		image_warn(reader->image, "%s: the last string, before offset "
			   "%llu, has no end", reader->where,
			   (unsigned long long)(part->offset + size));
	btf->string_bytes = size;
	return btf_strings_init(btf->strings,
				(const char *)data + part->offset,
				(uint32_t)size, start);
}

static const char *const fault_texts[BTF_FAULTS] = {
	[BTF_FAULT_NAME] =
		"its name or a member's lies outside the strings, offset",
	[BTF_FAULT_TYPE] = "refers to a type that does not exist, id",
	[BTF_FAULT_CYCLE] = "refers in a circle, through id",
	[BTF_FAULT_RESERVED] = "reserved bits are set, info",
};

static void warn_faults(struct btf_reader *reader)
{
	for (unsigned i = 0; i < BTF_FAULTS; i++) {
		const struct btf_place *place = &reader->faults[i];

		if (place->seen)
			image_warn(reader->image, "%s: type %u: %s %u%s",
				   reader->where, place->id, fault_texts[i],
				   place->value,
				   place->others ? "; other types, too" : "");
	}
}

/* The bytes that are in no group of types. */
static void book_parts(struct btf_reader *reader, const struct layout *layout)
{
	struct btf *btf = reader->btf;
	uint64_t known = layout->header + layout->types.size +
			 btf->string_bytes;

	part_of(btf, BTF_PART_HEADER)->bytes = layout->header;
	part_of(btf, BTF_PART_UNREADABLE)->bytes =
		layout->types.size - reader->read_size;
	part_of(btf, BTF_PART_GAP)->bytes = btf->size - known;
	btf->type_bytes = reader->read_size;
}

static int read_parts(struct btf_reader *reader, const uint8_t *data,
		      const struct btf_options *options)
{
	struct btf *btf = reader->btf;
	struct layout layout;
	uint32_t start;

	if (read_header(reader, data, &layout)) {
		if (btf_add_parts(btf))
			return -1;
		part_of(btf, BTF_PART_UNREADABLE)->bytes = btf->size;
		return 0;
	}
	btf->present = true;
	btf->types = data + layout.types.offset;
	btf->header_size = layout.header;
	btf->types_size = layout.types.size;
	btf->strings_at = layout.strings.offset;
	reader->types_size = (uint32_t)layout.types.size;
	find_start(reader, data, &layout, &start);
	btf->string_start = start;
	if (read_strings(reader, data, &layout.strings, start) ||
	    btf_read_types(reader) || btf_add_parts(btf) ||
	    btf_count_copies(reader))
		return -1;
	warn_faults(reader);
	book_parts(reader, &layout);
	return options && options->keep ? 0 : btf_find_reasons(btf);
}

/* What only a split BTF on top of this one, or the reasons, needs. */
static void forget_types(struct btf *btf)
{
	pages_free(btf->samples, btf_samples_size(btf));
	pages_free(btf->classes, btf->type_room * sizeof(*btf->classes));
	btf->samples = NULL;
	btf->classes = NULL;
	if (btf->shapes)
		btf_shapes_release(btf->shapes);
	free(btf->shapes);
	btf->shapes = NULL;
	if (btf->strings)
		btf_strings_release(btf->strings);
	free(btf->strings);
	btf->strings = NULL;
}

int btf_read_memory(struct btf *btf, struct image *image, const char *where,
		    const uint8_t *data, uint64_t size, struct btf *base,
		    const struct btf_options *options, struct err *err)
{
	struct btf_reader reader = { .btf = btf, .image = image,
				     .where = where };
	int result;

	memset(btf, 0, sizeof(*btf));
	btf->size = size;
	btf->base = base;
	result = read_parts(&reader, data, options);
	map_release(&reader.foreign);
	if (!options || !options->keep)
		forget_types(btf);
	return result ? err_oom(err, "reading BTF") : 0;
}

void btf_release(struct btf *btf)
{
	forget_types(btf);
	free(btf->groups);
	free(btf->copies);
	free_base(btf);
	if (btf->base_image)
		image_release(btf->base_image);
	free(btf->base_image);
	arena_release(&btf->arena);
	memset(btf, 0, sizeof(*btf));
}

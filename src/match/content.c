/* SPDX-License-Identifier: MIT */
/*
 * What a thing consists of, whatever its address and its neighbours': a hash
 * of its bytes with all fields masked that a relocation patches.
 *
 * - ET_REL with RELA (all 64-bit kernels): such fields are zero in the file.
 * - ET_REL with REL, and code of linked files (--emit-relocs): the records of
 *   the section are read once, from the first to the last, and those that lie
 *   in a wanted symbol are masked; lld does not sort them, so that a search
 *   for each symbol was no choice. Code without records is not compared.
 * - Data of a linked file: words that hold an address of the image are
 *   pointers, whether a relocation says so or not.
 *
 * Little is read: only what the levels before could not settle.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/map.h"
#include "match/matcher.h"

/* Bytes of larger things are not compared; they have names of their own. */
#define LARGEST (1u << 20)
/* All bytes that one side may read. */
#define MOST_BYTES (256u << 20)

/* One thing to hash. */
struct extent {
	uint64_t start; /* offset in the section */
	uint64_t size;
	uint32_t section;
	uint32_t at;    /* index of the candidate */
};

/* A field that a relocation patches. */
struct field {
	uint32_t extent;
	uint32_t offset; /* in the extent */
};

struct reader {
	const struct image *image;
	struct extent *extents; /* sorted by section and start */
	size_t extent_count;
	struct field *fields;
	size_t field_count, field_capacity;
	uint64_t low, high;     /* addresses of the image */
	uint8_t *buffer;
	size_t buffer_size;
};

static int compare_extents(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static int compare_fields(const void *a, const void *b)
{
	const struct field *x = a, *y = b;

	if (x->extent != y->extent)
		return x->extent < y->extent ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static int list_extents(struct reader *reader, const struct side *side,
			bool (*wants)(uint8_t tag))
{
	const struct image *image = reader->image;
	/* Symbols that lie over each other: not their product. */
	uint64_t left = min_u64(MOST_BYTES, 4 * image->size);

	reader->extents = malloc((side->contested_count + 1) *
				 sizeof(*reader->extents));
	if (!reader->extents)
		return -1;
	for (uint32_t i = 0; i < side->contested_count; i++) {
		const struct symbol *symbol =
			&image->symbols[side->contested[i].symbol];
		const struct section *section;

		if (side->contested[i].content ||
		    !wants(side->tag[side->contested[i].symbol]) ||
		    symbol->section >= image->section_count || !symbol->size ||
		    symbol->size > LARGEST || symbol->size > left)
			continue;
		section = &image->sections[symbol->section];
		if (section->type == SHT_NOBITS ||
		    symbol->value > section->size ||
		    symbol->size > section->size - symbol->value)
			continue;
		left -= symbol->size;
		reader->extents[reader->extent_count++] = (struct extent){
			symbol->value, symbol->size, symbol->section, i
		};
	}
	qsort(reader->extents, reader->extent_count, sizeof(*reader->extents),
	      compare_extents);
	return 0;
}

/* The first extent of a section; `count` where there is none. */
static size_t first_extent(const struct reader *reader, uint32_t section)
{
	size_t low = 0, high = reader->extent_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (reader->extents[middle].section < section)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The last extent that begins at or before an offset, or NONE. */
static uint32_t extent_of(const struct reader *reader, size_t first,
			  size_t end, uint64_t offset)
{
	size_t low = first, high = end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (reader->extents[middle].start <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == first ||
	    offset - reader->extents[low - 1].start >=
		    reader->extents[low - 1].size)
		return NONE;
	return (uint32_t)(low - 1);
}

static int add_field(struct reader *reader, uint32_t extent, uint64_t offset)
{
	struct field *fields = array_grow(reader->fields,
					  &reader->field_capacity,
					  reader->field_count + 1,
					  sizeof(*fields));

	if (!fields)
		return -1;
	reader->fields = fields;
	fields[reader->field_count++] = (struct field){
		extent, (uint32_t)(offset - reader->extents[extent].start)
	};
	return 0;
}

/* Reads the records of one relocation section against the wanted extents. */
static int read_fields(struct reader *reader, uint32_t relocations,
		       size_t first, size_t end)
{
	const struct image *image = reader->image;
	uint32_t target = image->more[relocations].info;
	uint64_t base = image->type == ET_REL ?
			0 : image->more[target].addr;
	uint64_t count = image_relocation_count(image, relocations);
	uint64_t low = reader->extents[first].start;
	uint64_t high = reader->extents[end - 1].start +
			reader->extents[end - 1].size;

	for (uint64_t i = 0; i < count; i++) {
		uint64_t offset = image_relocation(image, relocations,
						   i).offset - base;
		uint32_t extent;

		if (offset < low || offset >= high)
			continue;
		extent = extent_of(reader, first, end, offset);
		if (extent != NONE && add_field(reader, extent, offset))
			return -1;
	}
	return 0;
}

static bool is_relocations(const struct section *section)
{
	return section->type == SHT_RELA || section->type == SHT_REL;
}

/* True where fields that will be patched are zero in the file. */
static bool is_blank(const struct image *image)
{
	return image->type == ET_REL && image->is64;
}

/* Data of a linked file is masked by what it holds, at no cost. */
static bool needs_fields(const struct image *image, uint32_t section)
{
	return image->type == ET_REL ||
	       (image->sections[section].flags & SHF_EXECINSTR);
}

static int read_all_fields(struct reader *reader, bool *has_fields)
{
	const struct image *image = reader->image;

	if (is_blank(image))
		return 0;
	for (uint32_t k = 0; k < image->landmark_count; k++) {
		uint32_t i = image->landmarks[k];
		const struct section *section = &image->sections[i];
		uint32_t target = image->more[i].info;
		size_t first, end;

		if (!is_relocations(section) || !target ||
		    target >= image->section_count ||
		    !needs_fields(image, target))
			continue;
		has_fields[target] = true;
		first = first_extent(reader, target);
		end = first_extent(reader, target + 1);
		if (first < end && read_fields(reader, i, first, end))
			return -1;
	}
	if (reader->field_count)
		qsort(reader->fields, reader->field_count,
		      sizeof(*reader->fields), compare_fields);
	return 0;
}

static void find_addresses(struct reader *reader)
{
	const struct image *image = reader->image;

	reader->low = UINT64_MAX;
	if (image->type == ET_REL)
		return;
	for (uint32_t i = 1; i < image->section_count; i++) {
		const struct section *section = &image->sections[i];
		uint64_t addr = image->more[i].addr;

		/* Per-cpu sections begin at 0: their addresses are numbers. */
		if (!(section->flags & SHF_ALLOC) || addr < 0x10000)
			continue;
		reader->low = min_u64(reader->low, addr);
		reader->high = max_u64(reader->high, addr + section->size);
	}
}

/* Zeroes the aligned words that hold an address of the image. */
static void mask_addresses(const struct reader *reader, uint64_t start,
			   size_t size)
{
	size_t word = reader->image->is64 ? 8 : 4;

	for (size_t i = (size_t)((word - start % word) % word); i + word <= size;
	     i += word) {
		uint64_t value = word == 8 ?
			image_u64(reader->image, reader->buffer + i) :
			image_u32(reader->image, reader->buffer + i);

		if (value >= reader->low && value <= reader->high)
			memset(reader->buffer + i, 0, word);
	}
}

/*
 * Zeroes what relocations patch. A field is four bytes but for pointers in
 * data: these hold an address, and mask_addresses() sees to them.
 */
static void mask_fields(const struct reader *reader, size_t size,
			size_t *field, uint32_t extent)
{
	while (*field < reader->field_count &&
	       reader->fields[*field].extent < extent)
		++*field;
	for (; *field < reader->field_count &&
	       reader->fields[*field].extent == extent; ++*field) {
		size_t at = reader->fields[*field].offset;

		memset(reader->buffer + at, 0, min_u64(4, size - at));
	}
}

/* 0 for what is all zero: that is no evidence. */
static uint64_t hash_buffer(const uint8_t *buffer, size_t size)
{
	size_t set = 0;

	for (size_t i = 0; i < size; i++)
		set += buffer[i] != 0;
	return set ? XXH3_64bits(buffer, size) | 1 : 0;
}

static int hash_extent(struct reader *reader, struct side *side,
		       uint32_t index, size_t *field, const bool *has_fields)
{
	const struct extent *extent = &reader->extents[index];
	const struct section *section =
		&reader->image->sections[extent->section];
	const uint8_t *data = image_section_data(reader->image,
						 extent->section);
	bool code = section->flags & SHF_EXECINSTR;
	size_t size = (size_t)extent->size;
	uint8_t *buffer;

	if (!data || (code && !is_blank(reader->image) &&
		      !has_fields[extent->section]))
		return 0;
	buffer = array_grow(reader->buffer, &reader->buffer_size, size, 1);
	if (!buffer)
		return -1;
	reader->buffer = buffer;
	memcpy(buffer, data + extent->start, size);
	if (!code && reader->image->type != ET_REL)
		mask_addresses(reader, extent->start +
			       reader->image->more[extent->section].addr,
			       size);
	mask_fields(reader, size, field, index);
	side->contested[extent->at].content = hash_buffer(buffer, size);
	return 0;
}

/* The kernel maps 64 KiB around each byte that is read of a file. */
#define EXTENTS_KEPT 256

int content_read(struct matcher *matcher, unsigned which,
		 bool (*wants)(uint8_t tag), struct err *err)
{
	struct side *side = &matcher->sides[which];
	struct reader reader = { .image = side->image };
	bool *has_fields = NULL;
	size_t field = 0;
	int result = -1;

	if (list_extents(&reader, side, wants))
		goto out;
	if (reader.extent_count) {
		has_fields = calloc(side->image->section_count, 1);
		if (!has_fields || read_all_fields(&reader, has_fields))
			goto out;
		find_addresses(&reader);
	}
	for (uint32_t i = 0; i < reader.extent_count; i++) {
		if (hash_extent(&reader, side, i, &field, has_fields))
			goto out;
		if (i % EXTENTS_KEPT == EXTENTS_KEPT - 1)
			image_forget_pages(side->image);
	}
	result = 0;
out:
	free(has_fields);
	free(reader.extents);
	free(reader.fields);
	free(reader.buffer);
	return result ? err_oom(err, "comparing contents") : 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Most sections are read where they are mapped. Compressed and relocated ones
 * are read from private memory: anonymous pages, so a section that claims
 * more than it holds costs only what is really written.
 */
#include "debug/section_bytes.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <zlib.h>

#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#ifndef ELFCOMPRESS_ZSTD
#define ELFCOMPRESS_ZSTD 2
#endif

/*
 * More than this per compressed byte is a lie: deflate ends at 1032. zstd can
 * say a block of 128 KiB in four bytes, but nothing like DWARF gets there.
 */
#define EXPANSION_LIMIT 1100u

static int by_target(const void *a_, const void *b_)
{
	const struct reloc_target *a = a_, *b = b_;

	if (a->target != b->target)
		return a->target < b->target ? -1 : 1;
	return a->section < b->section ? -1 : a->section > b->section;
}

/* Only of what is not loaded: debug sections are not. */
static bool is_target(const struct image *image, uint32_t index)
{
	uint32_t type = image->sections[index].type;
	uint32_t target = image->more[index].info;

	return (type == SHT_RELA || type == SHT_REL) &&
	       target != 0 && target < image->section_count &&
	       !(image->sections[target].flags & SHF_ALLOC);
}

int reloc_targets_init(struct reloc_targets *targets,
		       const struct image *image)
{
	uint32_t count = 0;

	*targets = (struct reloc_targets){ 0 };
	if (image->type != ET_REL)
		return 0;
	for (uint32_t k = 0; k < image->landmark_count; k++)
		count += is_target(image, image->landmarks[k]);
	targets->list = calloc((size_t)count + 1, sizeof(*targets->list));
	if (!targets->list)
		return -1;
	for (uint32_t k = 0; k < image->landmark_count; k++) {
		uint32_t i = image->landmarks[k];

		if (is_target(image, i))
			targets->list[targets->count++] =
				(struct reloc_target){
					image->more[i].info, i };
	}
	qsort(targets->list, count, sizeof(*targets->list), by_target);
	return 0;
}

void reloc_targets_release(struct reloc_targets *targets)
{
	free(targets->list);
	*targets = (struct reloc_targets){ 0 };
}

static uint8_t *private_pages(uint64_t size)
{
	void *pages;

	if (size == 0 || size > SIZE_MAX)
		return NULL;
	pages = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return pages == MAP_FAILED ? NULL : pages;
}

void section_bytes_release(struct section_bytes *bytes)
{
	if (bytes->changed)
		munmap((void *)(uintptr_t)bytes->data, (size_t)bytes->changed);
	*bytes = (struct section_bytes){ 0 };
}

/* zlib counts in 32 bits, so it is fed and emptied by pieces. */
static bool inflate_all(uint8_t *to, uint64_t to_size, const uint8_t *from,
			uint64_t from_size)
{
	const uint64_t piece = 1u << 30;
	z_stream stream = { .next_in = (Bytef *)(uintptr_t)from,
			    .next_out = to };
	int state;

	if (inflateInit(&stream) != Z_OK)
		return false;
	do {
		if (stream.avail_in == 0) {
			stream.avail_in = (uInt)min_u64(from_size, piece);
			from_size -= stream.avail_in;
		}
		if (stream.avail_out == 0) {
			stream.avail_out = (uInt)min_u64(to_size, piece);
			to_size -= stream.avail_out;
		}
		state = inflate(&stream, Z_NO_FLUSH);
	} while (state == Z_OK);
	to_size += stream.avail_out;
	inflateEnd(&stream);
	return state == Z_STREAM_END && to_size == 0;
}

static bool expand(uint8_t *to, uint64_t to_size, const uint8_t *from,
		   uint64_t from_size, uint32_t type)
{
	if (type == ELFCOMPRESS_ZLIB)
		return inflate_all(to, to_size, from, from_size);
#ifdef HAVE_ZSTD
	if (type == ELFCOMPRESS_ZSTD)
		return ZSTD_decompress(to, to_size, from, from_size) ==
		       to_size;
#endif
	return false;
}

static void warn_section(struct image *image, uint32_t index,
			 const char *problem)
{
	image_warn(image, "%s: section %s (%u) %s", image->path,
		   image_section_name(image, index), index, problem);
}

/* SHF_COMPRESSED: gABI, "Compression Header". */
static int decompress(struct section_bytes *bytes, struct image *image,
		      uint32_t index)
{
	uint64_t header = image->is64 ? sizeof(Elf64_Chdr) :
					sizeof(Elf32_Chdr);
	const uint8_t *data = bytes->data;
	uint64_t from_size, to_size;
	uint8_t *to;
	uint32_t type;

	bytes->data = NULL;
	if (bytes->size < header) {
		warn_section(image, index, "has no compression header");
		return 0;
	}
	type = image_u32(image, data);
	to_size = image->is64 ? image_u64(image, data + 8) :
				image_u32(image, data + 4);
	from_size = bytes->size - header;
	if (to_size == 0)
		return 0;
	if (to_size / EXPANSION_LIMIT > from_size) {
		warn_section(image, index,
			     "claims to be compressed beyond belief");
		return 0;
	}
	to = private_pages(to_size);
	if (!to)
		return -1;
	if (!expand(to, to_size, data + header, from_size, type)) {
		munmap(to, (size_t)to_size);
		warn_section(image, index,
			     type == ELFCOMPRESS_ZLIB ?
				     "cannot be decompressed (zlib)" :
			     type == ELFCOMPRESS_ZSTD ?
				     "cannot be decompressed (zstd): "
				     "try objcopy --decompress-debug-sections" :
				     "has an unknown compression");
		return 0;
	}
	*bytes = (struct section_bytes){ to, to_size, to_size };
	return 0;
}

/* Copied by the megabyte: pages of the file are given back once copied. */
#define COPY_STEP (8u << 20)

static int make_private(struct section_bytes *bytes, const struct image *image)
{
	uint8_t *copy = private_pages(bytes->size);

	if (!copy)
		return -1;
	for (uint64_t at = 0; at < bytes->size; at += COPY_STEP) {
		uint64_t size = min_u64(COPY_STEP, bytes->size - at);

		memcpy(copy + at, bytes->data + at, (size_t)size);
		image_forget(image, (uint64_t)(bytes->data - image->data) + at,
			     size);
	}
	bytes->data = copy;
	bytes->changed = bytes->size;
	return 0;
}

static int relocate(struct section_bytes *bytes, struct image *image,
		    uint32_t index, const struct address_map *map,
		    const struct reloc_targets *targets)
{
	uint32_t at = 0;

	while (at < targets->count && targets->list[at].target < index)
		at++;
	for (; at < targets->count && targets->list[at].target == index; at++) {
		uint32_t records = targets->list[at].section;
		int64_t unknown;

		if (!bytes->changed && make_private(bytes, image))
			return -1;
		unknown = relocate_bytes((uint8_t *)(uintptr_t)bytes->data,
					 bytes->size, image, records, map);
		image_forget(image, image->sections[records].offset,
			     image->sections[records].size);
		if (unknown < 0) {
			image_warn(image, "%s: relocations of debug sections "
				   "are not known for this machine: link the "
				   "file first", image->path);
			section_bytes_release(bytes);
			return 0;
		}
		if (unknown > 0)
			image_warn(image, "%s: %lld relocations of section %s "
				   "are of an unknown type", image->path,
				   (long long)unknown,
				   image_section_name(image, index));
	}
	return 0;
}

int section_bytes_read(struct section_bytes *bytes, struct image *image,
		       uint32_t index, const struct address_map *map,
		       const struct reloc_targets *targets)
{
	*bytes = (struct section_bytes){ 0 };
	bytes->data = image_section_data(image, index);
	if (!bytes->data)
		return 0;
	bytes->size = image->sections[index].size;
	if ((image->sections[index].flags & SHF_COMPRESSED) &&
	    decompress(bytes, image, index))
		return -1;
	if (!bytes->data || !targets || targets->count == 0)
		return 0;
	return relocate(bytes, image, index, map, targets);
}

/* SPDX-License-Identifier: MIT */
/*
 * Claims come straight from the section table where that is in order, as in
 * every vmlinux.o, with its section a function: a sorted list of millions
 * would cost more than all else that is done with them.
 *
 * The image of a linked file is physical. Sections are placed in it by file
 * offset within their segment, never by address: x86 per-cpu sections start
 * at address 0 and three armhf sections share 0xffff0000. NOBITS sections
 * have no file offset that means anything, so they go by address within a
 * segment. A relocatable file has no layout yet: its SHF_ALLOC sections are
 * put one behind the other, aligned, as an estimate.
 */
#include "ledger/claims.h"

#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int add_region(struct regions *regions, struct region region,
		      struct err *err)
{
	struct region *list;

	if (region.start >= region.end)
		return 0;
	list = array_grow(regions->list, &regions->capacity,
			  regions->count + 1, sizeof(*list));
	if (!list)
		return err_oom(err, "dividing the file");
	regions->list = list;
	list[regions->count++] = region;
	return 0;
}

static int compare_regions(const void *left, const void *right)
{
	const struct region *a = left, *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	return a->section < b->section ? -1 : a->section > b->section;
}

/* Most files have them in order already: a vmlinux.o has millions. */
static void sort_regions(struct regions *regions)
{
	for (size_t i = 1; i < regions->count; i++) {
		if (compare_regions(&regions->list[i - 1], &regions->list[i]) <=
		    0)
			continue;
		qsort(regions->list, regions->count, sizeof(*regions->list),
		      compare_regions);
		return;
	}
}

static bool has_file_bytes(const struct section *s)
{
	return s->type != SHT_NOBITS && s->type != SHT_NULL;
}

bool claims_is_load(const struct segment *segment)
{
	return segment->type == PT_LOAD && segment->memsz;
}

/* Offset of a section in a segment, by address; UINT64_MAX: not in it. */
static uint64_t offset_by_address(const struct segment *segment,
				  const struct section *s, uint64_t addr)
{
	uint64_t offset = addr - segment->vaddr;

	if (addr < segment->vaddr || offset >= segment->memsz ||
	    s->size > segment->memsz - offset)
		return UINT64_MAX;
	return offset;
}

static uint64_t offset_by_file(const struct segment *segment,
			       const struct section *s)
{
	uint64_t offset = s->offset - segment->offset;

	if (s->offset < segment->offset || offset >= segment->filesz ||
	    s->size > segment->filesz - offset)
		return UINT64_MAX;
	return offset;
}

/* Where a loaded section begins in its segment, and which segment that is. */
static const struct segment *find_segment(const struct image *image,
					  uint32_t section, uint64_t *offset)
{
	const struct section *s = &image->sections[section];
	uint64_t addr = image->more[section].addr;
	const struct segment *found = NULL;

	if (!(s->flags & SHF_ALLOC) || !s->size || s->type == SHT_NULL ||
	    (s->type == SHT_NOBITS && (s->flags & SHF_TLS)))
		return NULL;
	for (uint32_t i = 0; i < image->segment_count; i++) {
		const struct segment *segment = &image->segments[i];
		uint64_t at;

		if (!claims_is_load(segment))
			continue;
		at = has_file_bytes(s) ? offset_by_file(segment, s)
				       : offset_by_address(segment, s, addr);
		if (at == UINT64_MAX)
			continue;
		*offset = at;
		found = segment;
		/* Several may hold it: the address decides. */
		if (offset_by_address(segment, s, addr) == at)
			break;
	}
	return found;
}

int claims_fill(struct regions *fill, const struct image *image,
		struct err *err)
{
	for (uint32_t i = 1; i < image->section_count; i++) {
		const struct section *s = &image->sections[i];
		const struct segment *segment;
		uint64_t at = 0;

		if (s->type != SHT_NOBITS)
			continue;
		segment = find_segment(image, i, &at);
		if (!segment || at >= segment->filesz)
			continue;
		if (add_region(fill,
			       (struct region){
				       segment->offset + at,
				       segment->offset +
					       min_u64(at + s->size,
						       segment->filesz),
				       i, 0 },
			       err))
			return -1;
	}
	sort_regions(fill);
	return 0;
}

static struct region file_region(const struct image *image, uint32_t section)
{
	const struct section *s = &image->sections[section];

	return (struct region){ s->offset, s->offset + s->size, section,
				HEADERS };
}

static bool is_in_file(const struct image *image, uint32_t section)
{
	return has_file_bytes(&image->sections[section]) &&
	       image->sections[section].size;
}

static bool in_file_order(const struct image *image)
{
	uint64_t last = 0;

	for (uint32_t i = 1; i < image->section_count; i++) {
		if (!is_in_file(image, i))
			continue;
		if (image->sections[i].offset < last)
			return false;
		last = image->sections[i].offset;
	}
	return true;
}

static void add_header(struct claims *claims, uint64_t offset, uint64_t size)
{
	struct region region = { offset, offset + size, NONE,
				 claims->header_count };
	unsigned at = claims->header_count;

	if (!size)
		return;
	for (; at && compare_regions(&claims->headers[at - 1], &region) > 0;
	     at--)
		claims->headers[at] = claims->headers[at - 1];
	claims->headers[at] = region;
	claims->header_count++;
}

int claims_file(struct claims *claims, const struct image *image,
		struct err *err)
{
	memset(claims, 0, sizeof(*claims));
	claims->image = image;

	add_header(claims, 0, image->ehdr_size);
	add_header(claims, image->phdr_offset, image->phdr_size);
	add_header(claims, image->shdr_offset, image->shdr_size);
	claims->list = !in_file_order(image);
	claims->at = !claims->list;
	for (uint32_t i = 1; claims->list && i < image->section_count; i++)
		if (is_in_file(image, i) &&
		    add_region(&claims->sorted, file_region(image, i), err))
			return -1;
	sort_regions(&claims->sorted);
	return 0;
}

int claims_linked(struct claims *claims, const struct image *image,
		  struct err *err)
{
	memset(claims, 0, sizeof(*claims));
	claims->image = image;
	claims->list = true;
	for (uint32_t i = 1; i < image->section_count; i++) {
		const struct segment *segment;
		uint64_t at = 0, start;

		segment = find_segment(image, i, &at);
		if (!segment)
			continue;
		start = segment->paddr + at;
		if (add_region(&claims->sorted,
			       (struct region){
				       start, start + image->sections[i].size,
				       i, 0 },
			       err))
			return -1;
	}
	sort_regions(&claims->sorted);
	return 0;
}

static bool in_estimate(const struct image *image, uint32_t index)
{
	const struct section *s = &image->sections[index];

	return (s->flags & SHF_ALLOC) && s->type != SHT_NULL && s->size &&
	       !(s->type == SHT_NOBITS && (s->flags & SHF_TLS)) &&
	       (s->own ||
		strncmp(image_section_name(image, index), ".discard", 8) != 0);
}

static int overflows(const struct image *image, uint32_t section,
		     struct err *err)
{
	return err_set(err, "%s: section %u %s with 0x%" PRIx64
		       " bytes makes an image larger than 2^64 bytes",
		       image->path, section,
		       image_section_name(image, section),
		       image->sections[section].size);
}

void claims_estimate(struct claims *claims, const struct image *image)
{
	memset(claims, 0, sizeof(*claims));
	claims->image = image;
	claims->estimate = true;
	claims->at = 1;
}

int claims_check(const struct claims *claims, struct err *err)
{
	return claims->too_large ? overflows(claims->image, claims->too_large,
					     err) : 0;
}

/* False where it would end beyond 2^64. */
static bool estimate_region(struct claims *claims, uint32_t section,
			    struct region *region)
{
	const struct section *s = &claims->image->sections[section];
	uint64_t before = section_align(s) - 1, last, end;

	*region = (struct region){ .section = section, .priority = HEADERS };
	if (__builtin_add_overflow(claims->end, before, &last))
		return false;
	region->start = last & ~before;
	if (__builtin_add_overflow(region->start, s->size, &end))
		return false;
	region->end = end;
	return true;
}

static bool has_claim(const struct claims *claims, uint32_t section)
{
	return claims->estimate ? in_estimate(claims->image, section)
				: is_in_file(claims->image, section);
}

/* The claim of the next section in the table that has one. */
static bool peek_table(struct claims *claims, struct region *region)
{
	const struct image *image = claims->image;
	uint32_t at = (uint32_t)claims->at;

	while (at < image->section_count && !has_claim(claims, at))
		at++;
	claims->at = at;
	if (at >= image->section_count)
		return false;
	if (!claims->estimate) {
		*region = file_region(image, at);
		return true;
	}
	if (!estimate_region(claims, at, region))
		claims->too_large = at;
	return !claims->too_large;
}

static bool peek_sorted(const struct claims *claims, struct region *region)
{
	if (claims->at == claims->sorted.count)
		return false;
	*region = claims->sorted.list[claims->at];
	return true;
}

/* The next section's claim, in order; false at the end. */
static bool peek_section(struct claims *claims, struct region *region)
{
	return claims->list ? peek_sorted(claims, region)
			    : peek_table(claims, region);
}

/* True where a header comes before the region. */
static bool header_is_next(const struct claims *claims,
			   const struct region *region)
{
	const struct region *header = &claims->headers[claims->header_at];

	return claims->header_at < claims->header_count &&
	       header->start <= region->start &&
	       compare_regions(header, region) < 0;
}

bool claims_next(struct claims *claims, struct region *region)
{
	bool section = peek_section(claims, region);

	if (claims->header_at < claims->header_count &&
	    (!section || header_is_next(claims, region))) {
		*region = claims->headers[claims->header_at++];
		return true;
	}
	claims->at++;
	claims->end = section ? region->end : claims->end;
	return section;
}

uint64_t claims_take_own(struct claims *claims, uint8_t own, uint64_t *at,
			 uint8_t domain, uint8_t *domains)
{
	const struct section *sections = claims->image->sections;
	struct region region;
	uint64_t gaps = 0;

	while (!claims->list && peek_table(claims, &region) &&
	       sections[claims->at].own == own && region.start >= *at &&
	       !header_is_next(claims, &region)) {
		gaps += region.start - *at;
		*at = claims->end = region.end;
		domains[claims->at++] |= domain;
	}
	return gaps;
}

void claims_release(struct claims *claims)
{
	free(claims->sorted.list);
	memset(claims, 0, sizeof(*claims));
}

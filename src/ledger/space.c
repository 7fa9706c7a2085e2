/* SPDX-License-Identifier: MIT */
/*
 * Both spaces are divided by the same sweep over regions sorted by position:
 * a region has what no earlier one took, holes between regions are gaps.
 *
 * The image of a linked file is physical, from the first PT_LOAD's p_paddr to
 * the last one's end. Sections are placed in it by file offset within their
 * segment, never by address: x86 per-cpu sections start at address 0 and
 * three armhf sections share 0xffff0000. NOBITS sections have no file offset
 * that means anything, so they go by address within a segment.
 *
 * A relocatable file has no layout yet: its SHF_ALLOC sections are put one
 * behind the other, aligned, as an estimate. Its gaps can be as many as its
 * sections, so those between sections of one family (.text.*) are summed up.
 */
#include "ledger/space.h"

#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/booking.h"

/* A part of a space that something claims; `section` NONE: a header. */
struct region {
	uint64_t start, end;
	uint32_t section;
	uint32_t priority; /* lower first at the same start */
};

struct regions {
	struct region *list;
	size_t count, capacity;
};

/* A sweep over one space. */
struct sweep {
	struct space *space;
	struct build *build;
	const struct regions *fill; /* NOBITS in the file, or NULL */
	size_t fill_at;
	uint64_t at;
	uint32_t last_gap;          /* entry, NONE if there is none yet */
	const char *family;         /* of sections behind it */
	size_t family_length;
	uint8_t domain;
};

void space_release(struct space *space)
{
	free(space->domains);
	free(space->leftovers);
	memset(space, 0, sizeof(*space));
}

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

/* ".text." of ".text.foo"; the whole name where there is no second dot. */
static size_t family_length(const char *name)
{
	const char *dot = *name ? strchr(name + 1, '.') : NULL;

	return dot ? (size_t)(dot - name) + 1 : strlen(name);
}

/* True where the gap before `section` is one with the last gap. */
static bool continues_family(struct sweep *sweep, uint32_t section)
{
	const struct image *image = &sweep->build->image;
	const char *name;

	if (image->type != ET_REL || section == NONE)
		return false;
	name = image_section_name(image, section);
	if (sweep->last_gap != NONE && sweep->family_length &&
	    !strncmp(name, sweep->family, sweep->family_length))
		return true;
	sweep->family = name;
	sweep->family_length = family_length(name);
	/* Without a second dot a name is a family of its own. */
	if (!sweep->family_length || name[sweep->family_length - 1] != '.')
		sweep->family_length = 0;
	return false;
}

static int book_gap(struct sweep *sweep, uint64_t end, uint32_t before,
		    struct err *err)
{
	struct ledger *ledger = &sweep->build->ledger;
	struct entry gap = {
		.offset = sweep->at, .size = end - sweep->at,
		.section = before, .symbol = NONE, .unit = NONE, .path = NONE,
		.detail = NONE, .nature = NATURE_GAP,
		.domains = sweep->domain, .flags = ENTRY_GAP_BEFORE,
	};

	if (sweep->at >= end)
		return 0;
	/* A file without sections has segments at best, and no gaps. */
	if (!sweep->build->image.section_count)
		gap.nature = NATURE_UNNAMED;
	sweep->at = end;
	if (continues_family(sweep, before)) {
		ledger->entries[sweep->last_gap].size += gap.size;
		return 0;
	}
	sweep->last_gap = ledger->count;
	return ledger_append(ledger, &gap, err);
}

static int book_fill(struct sweep *sweep, uint64_t end, uint32_t section,
		     struct err *err)
{
	struct entry fill = {
		.offset = 0, .size = end - sweep->at, .section = section,
		.symbol = NONE, .unit = NONE, .path = NONE, .detail = NONE,
		.nature = NATURE_ZERO_FILL, .domains = sweep->domain,
	};

	sweep->at = end;
	return ledger_append(&sweep->build->ledger, &fill, err);
}

/* Books what lies before `end` and no region has. */
static int book_hole(struct sweep *sweep, uint64_t end, uint32_t before,
		     struct err *err)
{
	const struct regions *fill = sweep->fill;

	for (; fill && sweep->fill_at < fill->count; sweep->fill_at++) {
		const struct region *f = &fill->list[sweep->fill_at];

		if (f->end <= sweep->at)
			continue;
		if (f->start >= end)
			break;
		if (f->start > sweep->at &&
		    book_gap(sweep, f->start, f->section, err))
			return -1;
		if (book_fill(sweep, min_u64(f->end, end), f->section, err))
			return -1;
		if (f->end > end)
			break;
	}
	return book_gap(sweep, end, before, err);
}

static int book_header(struct sweep *sweep, uint64_t size, struct err *err)
{
	struct entry header = {
		.offset = sweep->at, .size = size, .section = NONE,
		.symbol = NONE, .unit = NONE, .path = NONE, .detail = NONE,
		.nature = NATURE_HEADER, .domains = sweep->domain,
	};

	return size ? ledger_append(&sweep->build->ledger, &header, err) : 0;
}

static int add_leftover(struct sweep *sweep, uint32_t section, uint64_t size,
			struct err *err)
{
	struct space *space = sweep->space;
	struct leftover *list = array_grow(
		space->leftovers, &space->leftover_capacity,
		space->leftover_count + 1, sizeof(*list));

	if (!list)
		return err_oom(err, "dividing the file");
	space->leftovers = list;
	list[space->leftover_count++] =
		(struct leftover){ size, section, sweep->domain };
	return 0;
}

static int take_region(struct sweep *sweep, const struct region *region,
		       struct err *err)
{
	uint64_t size;

	if (region->start > sweep->at &&
	    book_hole(sweep, region->start, region->section, err))
		return -1;
	size = region->end > sweep->at ? region->end - sweep->at : 0;
	if (region->section == NONE) {
		if (book_header(sweep, size, err))
			return -1;
	} else if (size == region->end - region->start) {
		sweep->space->domains[region->section] |= sweep->domain;
	} else if (add_leftover(sweep, region->section, size, err)) {
		return -1;
	}
	sweep->at += size;
	return 0;
}

static int sweep_space(struct sweep *sweep, struct regions *regions,
		       uint64_t end, struct err *err)
{
	sweep->last_gap = NONE;
	sort_regions(regions);
	for (size_t i = 0; i < regions->count; i++)
		if (take_region(sweep, &regions->list[i], err))
			return -1;
	return end > sweep->at ? book_hole(sweep, end, NONE, err) : 0;
}

static bool has_file_bytes(const struct section *s)
{
	return s->type != SHT_NOBITS && s->type != SHT_NULL;
}

static bool is_load(const struct segment *segment)
{
	return segment->type == PT_LOAD && segment->memsz;
}

/* Offset of a section in a segment, by address; UINT64_MAX: not in it. */
static uint64_t offset_by_address(const struct segment *segment,
				  const struct section *s)
{
	uint64_t offset = s->addr - segment->vaddr;

	if (s->addr < segment->vaddr || offset >= segment->memsz ||
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
					  const struct section *s,
					  uint64_t *offset)
{
	const struct segment *found = NULL;

	if (!(s->flags & SHF_ALLOC) || !s->size || s->type == SHT_NULL ||
	    (s->type == SHT_NOBITS && (s->flags & SHF_TLS)))
		return NULL;
	for (uint32_t i = 0; i < image->segment_count; i++) {
		const struct segment *segment = &image->segments[i];
		uint64_t at;

		if (!is_load(segment))
			continue;
		at = has_file_bytes(s) ? offset_by_file(segment, s)
				       : offset_by_address(segment, s);
		if (at == UINT64_MAX)
			continue;
		*offset = at;
		found = segment;
		/* Several may hold it: the address decides. */
		if (offset_by_address(segment, s) == at)
			break;
	}
	return found;
}

/* File bytes inside a segment that stand for NOBITS sections. */
static int collect_fill(const struct image *image, struct regions *fill,
			struct err *err)
{
	for (uint32_t i = 1; i < image->section_count; i++) {
		const struct section *s = &image->sections[i];
		const struct segment *segment;
		uint64_t at = 0;

		if (s->type != SHT_NOBITS)
			continue;
		segment = find_segment(image, s, &at);
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

/* Adds a region to sorted ones, at its place. */
static int insert_region(struct regions *regions, struct region region,
			 struct err *err)
{
	size_t count = regions->count, at = count;

	if (add_region(regions, region, err))
		return -1;
	if (regions->count == count)
		return 0;
	while (at && compare_regions(&regions->list[at - 1], &region) > 0)
		at--;
	memmove(&regions->list[at + 1], &regions->list[at],
		(count - at) * sizeof(region));
	regions->list[at] = region;
	return 0;
}

static int collect_file(const struct image *image, struct regions *regions,
			struct err *err)
{
	const struct region headers[] = {
		{ 0, image->ehdr_size, NONE, 0 },
		{ image->phdr_offset, image->phdr_offset + image->phdr_size,
		  NONE, 1 },
		{ image->shdr_offset, image->shdr_offset + image->shdr_size,
		  NONE, 2 },
	};

	for (uint32_t i = 1; i < image->section_count; i++) {
		const struct section *s = &image->sections[i];

		if (has_file_bytes(s) &&
		    add_region(regions,
			       (struct region){ s->offset, s->offset + s->size,
						i, 3 },
			       err))
			return -1;
	}
	sort_regions(regions);
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++)
		if (insert_region(regions, headers[i], err))
			return -1;
	return 0;
}

static int divide_file(struct space *space, struct build *build,
		       bool has_segments, struct err *err)
{
	struct regions regions = { 0 }, fill = { 0 };
	struct sweep sweep = { .space = space, .build = build, .fill = &fill,
			       .domain = IN_FILE };
	int result;

	result = (has_segments && collect_fill(&build->image, &fill, err)) ||
		 collect_file(&build->image, &regions, err) ||
		 sweep_space(&sweep, &regions, build->image.size, err);
	build->ledger.file_size = build->image.size;
	free(regions.list);
	free(fill.list);
	return result ? -1 : 0;
}

static int collect_linked(const struct image *image, struct regions *regions,
			  struct err *err)
{
	for (uint32_t i = 1; i < image->section_count; i++) {
		const struct segment *segment;
		uint64_t at = 0, start;

		segment = find_segment(image, &image->sections[i], &at);
		if (!segment)
			continue;
		start = segment->paddr + at;
		if (add_region(regions,
			       (struct region){
				       start, start + image->sections[i].size,
				       i, 0 },
			       err))
			return -1;
	}
	return 0;
}

static bool in_estimate(const struct image *image, uint32_t index)
{
	const struct section *s = &image->sections[index];

	return (s->flags & SHF_ALLOC) && s->type != SHT_NULL && s->size &&
	       !(s->type == SHT_NOBITS && (s->flags & SHF_TLS)) &&
	       strncmp(image_section_name(image, index), ".discard", 8) != 0;
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

static int collect_estimate(const struct image *image,
			    struct regions *regions, uint64_t *size,
			    struct err *err)
{
	uint64_t at = 0;

	for (uint32_t i = 1; i < image->section_count; i++) {
		const struct section *s = &image->sections[i];
		uint64_t align = s->align, start, end;

		if (!in_estimate(image, i))
			continue;
		if (__builtin_add_overflow(at, align - 1, &start))
			return overflows(image, i, err);
		start &= ~(align - 1);
		if (__builtin_add_overflow(start, s->size, &end))
			return overflows(image, i, err);
		if (add_region(regions, (struct region){ start, end, i, 0 },
			       err))
			return -1;
		at = end;
	}
	*size = at;
	return 0;
}

static int divide_image(struct space *space, struct build *build,
			bool has_segments, struct err *err)
{
	const struct image *image = &build->image;
	struct regions regions = { 0 };
	struct sweep sweep = { .space = space, .build = build,
			       .domain = IN_IMAGE };
	uint64_t end = 0, start = UINT64_MAX;
	int result;

	if (has_segments) {
		for (uint32_t i = 0; i < image->segment_count; i++) {
			const struct segment *s = &image->segments[i];

			if (!is_load(s))
				continue;
			start = min_u64(start, s->paddr);
			end = max_u64(end, s->paddr + s->memsz);
		}
		result = collect_linked(image, &regions, err);
	} else {
		start = 0;
		result = collect_estimate(image, &regions, &end, err);
		build->ledger.image_estimated = true;
	}
	sweep.at = start;
	result = result || sweep_space(&sweep, &regions, end, err);
	build->ledger.image_size = end - start;
	free(regions.list);
	return result ? -1 : 0;
}

/* Segments are searched for each section: more than this are not believed. */
#define LOADS_TIMES_SECTIONS_MAX (1u << 28)

static bool has_layout(struct image *image)
{
	uint64_t loads = 0;

	for (uint32_t i = 0; i < image->segment_count; i++)
		loads += is_load(&image->segments[i]);
	if (!loads || image->type == ET_REL)
		return false;
	if (image->section_count &&
	    (uint64_t)image->segment_count * image->section_count >
		    LOADS_TIMES_SECTIONS_MAX) {
		image_warn(image, "%s: %u program headers are too many for "
			   "%u sections: the image is an estimate",
			   image->path, image->segment_count,
			   image->section_count);
		return false;
	}
	return true;
}

int space_divide(struct space *space, struct build *build, struct err *err)
{
	bool has_segments = has_layout(&build->image);

	memset(space, 0, sizeof(*space));
	space->domains = calloc((size_t)build->image.section_count + 1, 1);
	if (!space->domains)
		return err_oom(err, "dividing the file");
	if (divide_file(space, build, has_segments, err))
		return -1;
	return divide_image(space, build, has_segments, err);
}

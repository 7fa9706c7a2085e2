/* SPDX-License-Identifier: MIT */
/*
 * Both spaces are divided by the same sweep over claims in the order of their
 * places: each has what no earlier one took, holes between them are gaps. The
 * image of a linked file goes from the first PT_LOAD's p_paddr to the last
 * one's end. Gaps of a relocatable file can be as many as its sections, so
 * those between sections of one family (.text.*) are summed up.
 */
#include "ledger/space.h"

#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/booking.h"
#include "ledger/claims.h"

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
	uint8_t own;                /* the family is that of own sections, and
				       last_gap its gap; or 0 */
	uint8_t domain;
};

void space_release(struct space *space)
{
	free(space->domains);
	free(space->leftovers);
	memset(space, 0, sizeof(*space));
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

	if (section == NONE || image->type != ET_REL) {
		sweep->own = 0;
		sweep->family_length = 0;
		return false;
	}
	if (sweep->own && sweep->own == image->sections[section].own)
		return true;
	name = image_section_name(image, section);
	if (sweep->last_gap != NONE && sweep->family_length &&
	    !strncmp(name, sweep->family, sweep->family_length))
		return true;
	sweep->own = image->sections[section].own;
	sweep->family = name;
	sweep->family_length = family_length(name);
	/* Without a second dot a name is a family of its own. */
	if (!sweep->family_length || name[sweep->family_length - 1] != '.')
		sweep->family_length = 0;
	return false;
}

static int add_gap(struct sweep *sweep, uint64_t end, uint32_t before,
		   struct err *err)
{
	struct ledger *ledger = &sweep->build->ledger;
	struct entry gap = {
		.offset = sweep->at, .size = end - sweep->at,
		.section = before, .symbol = NONE, .unit = NONE, .path = NONE,
		.detail = NONE, .nature = NATURE_GAP,
		.domains = sweep->domain, .flags = ENTRY_GAP_BEFORE,
	};

	/* A file without sections has segments at best, and no gaps. */
	if (!sweep->build->image.section_count)
		gap.nature = NATURE_UNNAMED;
	sweep->at = end;
	sweep->last_gap = ledger->count;
	return ledger_append(ledger, &gap, err);
}

static int book_gap(struct sweep *sweep, uint64_t end, uint32_t before,
		    struct err *err)
{
	struct ledger *ledger = &sweep->build->ledger;

	if (sweep->at >= end)
		return 0;
	if (!continues_family(sweep, before))
		return add_gap(sweep, end, before, err);
	ledger->entries[sweep->last_gap].size += end - sweep->at;
	sweep->at = end;
	return 0;
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

static int sweep_space(struct sweep *sweep, struct claims *claims,
		       uint64_t end, struct err *err)
{
	struct region region;

	sweep->last_gap = NONE;
	while (claims_next(claims, &region)) {
		if (take_region(sweep, &region, err))
			return -1;
		if (sweep->own)
			sweep->build->ledger.entries[sweep->last_gap].size +=
				claims_take_own(claims, sweep->own, &sweep->at,
						sweep->domain,
						sweep->space->domains);
	}
	return end > sweep->at ? book_hole(sweep, end, NONE, err) : 0;
}

static int divide_file(struct space *space, struct build *build,
		       bool has_segments, struct err *err)
{
	struct claims claims = { 0 };
	struct regions fill = { 0 };
	struct sweep sweep = { .space = space, .build = build, .fill = &fill,
			       .domain = IN_FILE };
	int result;

	result = (has_segments && claims_fill(&fill, &build->image, err)) ||
		 claims_file(&claims, &build->image, err) ||
		 sweep_space(&sweep, &claims, build->image.size, err);
	build->ledger.file_size = build->image.size;
	claims_release(&claims);
	free(fill.list);
	return result ? -1 : 0;
}

/* From the first loaded byte to the last, in physical memory. */
static void find_extent(const struct image *image, uint64_t *start,
			uint64_t *end)
{
	*start = UINT64_MAX;
	*end = 0;
	for (uint32_t i = 0; i < image->segment_count; i++) {
		const struct segment *s = &image->segments[i];

		if (!claims_is_load(s))
			continue;
		*start = min_u64(*start, s->paddr);
		*end = max_u64(*end, s->paddr + s->memsz);
	}
}

static int divide_image(struct space *space, struct build *build,
			bool has_segments, struct err *err)
{
	struct claims claims = { 0 };
	struct sweep sweep = { .space = space, .build = build,
			       .domain = IN_IMAGE };
	uint64_t start = 0, end = 0;
	int result = 0;

	if (has_segments) {
		find_extent(&build->image, &start, &end);
		result = claims_linked(&claims, &build->image, err);
	} else {
		claims_estimate(&claims, &build->image);
		build->ledger.image_estimated = true;
	}
	/* Differences of sizes have to fit int64_t. */
	if (!result && end > start && end - start > INT64_MAX)
		result = err_set(err, "%s: its sections claim 0x%" PRIx64
				 " bytes of memory, more than any machine has",
				 build->image.path, end - start);
	sweep.at = start;
	result = result || sweep_space(&sweep, &claims, end, err) ||
		 claims_check(&claims, err);
	if (!has_segments)
		end = sweep.at;
	build->ledger.image_size = end - start;
	claims_release(&claims);
	return result ? -1 : 0;
}

/* Segments are searched for each section: more than this are not believed. */
#define LOADS_TIMES_SECTIONS_MAX (1u << 28)

static bool has_layout(struct image *image)
{
	uint64_t loads = 0;

	for (uint32_t i = 0; i < image->segment_count; i++)
		loads += claims_is_load(&image->segments[i]);
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

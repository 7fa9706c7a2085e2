/* SPDX-License-Identifier: MIT */

/*
 * Books relocation records: each to the owner of the byte that it patches.
 *
 * Records of one section come nearly in the order of what they patch (GNU ld:
 * strictly; lld's --emit-relocs: strictly within each input section), and the
 * ledger's entries are in that order too. So the two lists are merged: as
 * long as records stay in one entry they are only compared and counted, and
 * the search is left for the jumps. Sorting first was rejected: the answer is
 * wanted in the order of the file, and there can be 300 MB of records.
 *
 * Tables that sorttable has reordered keep their relocations in the old
 * order, so the patched byte says nothing; what S + A leads to does.
 */
#include "ledger/relocations.h"

#include <elf.h>
#include <string.h>

#include "ledger/owners.h"
#include "ledger/side_tables.h"

bool relocations_want(const struct booking *booking)
{
	const struct section *s =
		&booking->build->image.sections[booking->section];

	/* those that are loaded take memory, whatever is asked for */
	return (booking->options->open_relocations || s->flags & SHF_ALLOC) &&
	       (s->type == SHT_REL || s->type == SHT_RELA ||
		s->type == SHT_RELR);
}

/* One relocation section that is being booked. */
struct walk {
	struct booking *booking;
	const struct targets *targets;
	const uint8_t *data;
	uint64_t size;     /* of a record */
	uint64_t count;
	uint32_t section;  /* that all records patch, or 0: by address */
	uint64_t base;     /* of offsets in it: its address in linked files */
	bool direct;       /* offsets are 8 bytes in this machine's order */
	struct owners owners;
	const struct address_span *span;
};

static uint64_t patched(const struct walk *walk, uint64_t index)
{
	const struct image *image = &walk->booking->build->image;
	const uint8_t *at = walk->data + index * walk->size;
	uint64_t offset;

	if (walk->direct) {
		memcpy(&offset, at, sizeof(offset));
		return offset - walk->base;
	}
	if (image->is64)
		return image_u64(image, at) - walk->base;
	return (uint32_t)(image_u32(image, at) - (uint32_t)walk->base);
}

/*
 * How many records from `first` on patch bytes [start, start + size): millions
 * a debug section, nearly all of them through here.
 */
static uint64_t patch_run(const struct walk *walk, uint64_t first,
			  uint64_t start, uint64_t size)
{
	uint64_t i = first;

	if (walk->direct) {
		const uint8_t *at = walk->data + first * walk->size;
		uint64_t offset;

		for (; i < walk->count; i++, at += walk->size) {
			memcpy(&offset, at, sizeof(offset));
			if (offset - walk->base - start >= size)
				break;
		}
		return i - first;
	}
	while (i < walk->count && patched(walk, i) - start < size)
		i++;
	return i - first;
}

static struct owner relocation_owner(const struct entry *entry)
{
	if (!entry)
		return OWNER_NONE(NATURE_RELOCATION);
	return (struct owner){ entry->symbol, entry->unit, entry->path, NONE,
			       NATURE_RELOCATION,
			       entry->flags & (ENTRY_SHARED | ENTRY_REPEATED) };
}

static int take(struct walk *walk, uint64_t count, const struct entry *entry,
		struct err *err)
{
	return booking_take(walk->booking, count * walk->size,
			    relocation_owner(entry), err);
}

/* Records are read once: their pages are given back by the megabyte. */
#define FORGET_STEP (4u << 20)

static uint64_t forget(const struct walk *walk, uint64_t from, uint64_t to)
{
	const struct image *image = &walk->booking->build->image;
	uint64_t start = image->sections[walk->booking->section].offset;

	if ((to - from) * walk->size < FORGET_STEP)
		return from;
	image_forget(image, start + from * walk->size,
		     (to - from) * walk->size);
	return to;
}

/* All records patch one section: merge them with its entries. */
static int book_merged(struct walk *walk, struct err *err)
{
	struct place place = { 0, walk->section };
	uint64_t forgotten = 0;

	for (uint64_t i = 0; i < walk->count;) {
		const struct entry *entry;
		uint64_t run;

		place.offset = patched(walk, i);
		entry = owners_at(&walk->owners, place);
		run = entry ? patch_run(walk, i, entry->offset, entry->size) :
			      patch_run(walk, i, place.offset, 1);
		if (take(walk, run, entry, err))
			return -1;
		i += run;
		forgotten = forget(walk, forgotten, i);
	}
	return 0;
}

static bool is_sorted_table(const struct booking *booking,
			    const struct place *place)
{
	for (size_t i = 0; i < booking->carve_count; i++) {
		const struct carve *carve = &booking->carves[i];

		if (carve->section == place->section &&
		    lies_in(place->offset, carve->start,
			    carve->end - carve->start))
			return side_table_rows[carve->table].flags &
			       TABLE_SORTED;
	}
	return false;
}

/* The owner of what symbol + addend leads to, or NULL. */
static const struct entry *stale_owner(struct walk *walk, uint64_t index)
{
	const struct booking *booking = walk->booking;
	struct relocation r = image_relocation(&booking->build->image,
					       booking->section, index);
	const struct section *target;
	struct place place;

	if (!targets_of_relocation(walk->targets, booking->section, &r, &place))
		return NULL;
	target = &booking->build->image.sections[place.section];
	if (place.offset && place.offset == target->size)
		place.offset--;
	return owners_at(&walk->owners, place);
}

/*
 * sorttable wipes the relocations of __ex_table: zeros are left. Each record
 * of the table had equally many of them, so the sums are right when they are
 * dealt out in order.
 */
static bool is_wiped(const struct walk *walk, uint64_t index)
{
	struct relocation r = image_relocation(&walk->booking->build->image,
					       walk->booking->section, index);

	return !r.offset && !r.type && !r.symbol && !r.addend;
}

static struct place dealt_place(const struct walk *walk, uint64_t index)
{
	uint64_t size = walk->booking->build->image.sections[walk->section]
				.size;

	return (struct place){ (uint64_t)((double)size / walk->count * index),
			       walk->section };
}

/* Records of a section in which a sorted table lies, or that is one. */
static int book_stale(struct walk *walk, bool all, struct err *err)
{
	struct owners patched_owners = walk->owners;

	for (uint64_t i = 0; i < walk->count; i++) {
		struct place place = { patched(walk, i), walk->section };
		const struct entry *entry = NULL;

		if (all && is_wiped(walk, i))
			place = dealt_place(walk, i);
		else if (all || is_sorted_table(walk->booking, &place))
			entry = stale_owner(walk, i);
		if (!entry)
			entry = owners_at(&patched_owners, place);
		if (take(walk, 1, entry, err))
			return -1;
	}
	return 0;
}

static const struct entry *owner_of_address(struct walk *walk,
					    uint64_t address)
{
	const struct address_span *span = walk->span;
	struct place place;

	if (!span || address < span->start || address >= span->end)
		span = address_find(&walk->targets->addresses, address);
	if (!span)
		return NULL;
	walk->span = span;
	place.section = span->section;
	place.offset = address -
		       walk->booking->build->image.more[span->section].addr;
	return owners_at(&walk->owners, place);
}

/* Dynamic relocations patch addresses, wherever they are. */
static int book_dynamic(struct walk *walk, struct err *err)
{
	for (uint64_t i = 0; i < walk->count; i++)
		if (take(walk, 1, owner_of_address(walk, patched(walk, i)),
			 err))
			return -1;
	return 0;
}

/*
 * SHT_RELR (gABI, "Relative Relocation Table"): an even word is an address to
 * patch, an odd one a bitmap of the words that follow the last place. A word
 * belongs to the owner of the first place that it names.
 */
static int book_relr(struct walk *walk, struct err *err)
{
	uint64_t next = 0, word = walk->size;

	for (uint64_t i = 0; i < walk->count; i++) {
		uint64_t value = patched(walk, i), at = value;

		if (value & 1) {
			at = next;
			if (value >> 1)
				at += (uint64_t)__builtin_ctzll(value >> 1) *
				      word;
			next += (word * 8 - 1) * word;
		} else {
			next = value + word;
		}
		if (take(walk, 1, owner_of_address(walk, at), err))
			return -1;
	}
	return 0;
}

static bool has_sorted_table(const struct booking *booking, uint32_t section,
			     bool *all)
{
	const struct image *image = &booking->build->image;
	uint32_t row = side_table_find(image, section);

	*all = row != NONE && side_table_rows[row].flags & TABLE_SORTED;
	if (image->type == ET_REL || *all)
		return *all && image->type != ET_REL;
	for (size_t i = 0; i < booking->carve_count; i++)
		if (booking->carves[i].section == section &&
		    side_table_rows[booking->carves[i].table].flags &
			    TABLE_SORTED)
			return true;
	return false;
}

static int walk_open(struct walk *walk, struct booking *booking,
		     struct err *err)
{
	const struct image *image = &booking->build->image;
	const struct section *s = &image->sections[booking->section];
	const struct side_tables *tables = side_tables_of(booking->build, err);
	uint32_t target = image->more[booking->section].info;
	uint32_t word = image->is64 ? 8 : 4;

	memset(walk, 0, sizeof(*walk));
	if (!tables)
		return -1;
	walk->booking = booking;
	walk->targets = &tables->targets;
	walk->data = image_section_data(image, booking->section);
	walk->size = s->type == SHT_RELR ? word :
		     s->type == SHT_RELA ? 3 * word : 2 * word;
	walk->count = walk->data ? booking->size / walk->size : 0;
	if (target && target < image->section_count &&
	    !(s->flags & SHF_ALLOC))
		walk->section = target;
	if (walk->section && image->type != ET_REL)
		walk->base = image->more[walk->section].addr;
	walk->direct = image->is64 && !image->big_endian &&
		       __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
	owners_init(&walk->owners, &booking->build->ledger);
	return 0;
}

int relocations_book(struct booking *booking, struct err *err)
{
	const struct image *image = &booking->build->image;
	struct walk walk;
	bool all = false;
	int result;

	if (walk_open(&walk, booking, err))
		return -1;
	if (image->sections[booking->section].type == SHT_RELR)
		result = book_relr(&walk, err);
	else if (!walk.section)
		result = book_dynamic(&walk, err);
	else if (has_sorted_table(booking, walk.section, &all))
		result = book_stale(&walk, all, err);
	else
		result = book_merged(&walk, err);
	if (result)
		return -1;
	return booking_take(booking, booking->size - booking->at,
			    OWNER_NONE(NATURE_RELOCATION), err);
}

/* SPDX-License-Identifier: MIT */
/*
 * The booking of a whole build: divide the file and the image among the
 * sections, then let each section's booker say who owns its bytes. The sums
 * are proved at the end, for every input: a booker that loses a byte is a
 * message, never a wrong report.
 */
#include "ledger/ledger.h"

#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/pages.h"
#include "ledger/book_btf.h"
#include "ledger/book_debug.h"
#include "ledger/book_symbols.h"
#include "ledger/book_symtab.h"
#include "ledger/booking.h"
#include "ledger/class.h"
#include "ledger/places.h"
#include "ledger/relocations.h"
#include "ledger/side_tables.h"
#include "ledger/space.h"
#include "ledger/spans.h"

/* What the bytes of a section are when nothing opens it. */
static enum nature whole_nature(const struct image *image, uint32_t section)
{
	const struct section *s = &image->sections[section];

	switch (s->type) {
	case SHT_REL:
	case SHT_RELA:
	case SHT_RELR:
		return NATURE_RELOCATION;
	case SHT_STRTAB:
		return NATURE_NAME;
	case SHT_SYMTAB:
	case SHT_DYNSYM:
	case SHT_SYMTAB_SHNDX:
	case SHT_HASH:
	case SHT_GNU_HASH:
		return NATURE_SYMBOL;
	case SHT_NOTE:
	case SHT_GNU_verdef:
	case SHT_GNU_verneed:
	case SHT_GNU_versym:
		return NATURE_NOTE;
	case SHT_NOBITS:
		return NATURE_ZERO;
	}
	switch (class_of_section(image_section_name(image, section), s->type,
				 s->flags)) {
	case CLASS_DEBUG:
		return NATURE_DEBUG;
	case CLASS_BTF:
	case CLASS_BTF_EXT:
	case CLASS_BTF_IDS:
		return NATURE_BTF;
	case CLASS_OTHER:
		return NATURE_NOTE;
	default:
		return NATURE_UNNAMED;
	}
}

static bool always(const struct booking *booking)
{
	(void)booking;
	return true;
}

static int book_whole(struct booking *booking, struct err *err)
{
	return booking_take(booking, booking->size - booking->at,
			    OWNER_NONE((uint8_t)whole_nature(
				    &booking->build->image, booking->section)),
			    err);
}

/* The first that wants a section books it; own ones need the last two. */
static const struct booker bookers[] = {
	{ "symbol table", symtab_wants, symtab_book },
	{ "symbol names", symbol_names_want, symbol_names_book },
	{ "address-significance table", addrsig_wants, addrsig_book },
	{ "BTF", btf_wants, btf_book },
	{ "BTF.ext", btf_ext_wants, btf_ext_book },
	{ "side table", side_table_wants, side_table_book },
	{ "relocations", relocations_want, relocations_book },
	{ "call frame", frames_want, frames_book },
	{ "debug section", debug_wants, debug_book },
	{ "symbols", symbols_want, symbols_book },
	{ "whole section", always, book_whole },
};

static int book_section(struct booking *booking, struct err *err)
{
	const struct booker *booker = bookers;

	if (booking->build->image.sections[booking->section].own)
		booker = &bookers[ARRAY_SIZE(bookers) - 2];
	while (!booker->wants(booking))
		booker++;
	if (booker->book(booking, err))
		return -1;
	if (booking->at == booking->size)
		return 0;
	return err_set(err, "%s: internal error: the booker of %ss left 0x%"
		       PRIx64 " of 0x%" PRIx64 " bytes of section %u %s",
		       booking->build->image.path, booker->name,
		       booking->size - booking->at, booking->size,
		       booking->section,
		       image_section_name(&booking->build->image,
					  booking->section));
}

/* Books every section that has all its bytes in some domain. */
static int book_rank(struct booking *booking, const struct space *space,
		     const uint8_t *ranks, enum booking_rank rank,
		     struct err *err)
{
	const struct image *image = &booking->build->image;

	for (uint32_t i = 1; i < image->section_count; i++) {
		if (ranks[i] != rank || !space->domains[i])
			continue;
		booking_begin(booking, i, image->sections[i].size,
			      space->domains[i]);
		if (book_section(booking, err))
			return -1;
	}
	return 0;
}

/* What overlapping sections left of one another has no finer owner. */
static int book_leftovers(struct build *build, const struct space *space,
			  struct err *err)
{
	uint32_t cut = 0;

	for (size_t i = 0; i < space->leftover_count; i++) {
		const struct leftover *left = &space->leftovers[i];
		struct entry entry = {
			.size = left->size, .section = left->section,
			.symbol = NONE, .unit = NONE, .path = NONE,
			.detail = NONE, .domains = left->domain,
			.nature = (uint8_t)whole_nature(&build->image,
							left->section),
		};

		cut++;
		if (left->size && ledger_append(&build->ledger, &entry, err))
			return -1;
	}
	if (cut)
		image_warn(&build->image, "%s: %u sections overlap others, "
			   "first section %u %s: the bytes count once",
			   build->image.path, cut, space->leftovers[0].section,
			   image_section_name(&build->image,
					      space->leftovers[0].section));
	return 0;
}

/*
 * A guess on the large side: memory that is not touched costs nothing, an
 * array that grows is copied. In a linked kernel a function has entries in the
 * tables about its code: unwinding, tracing, returns.
 */
static size_t expected_entries(const struct build *build)
{
	const struct image *image = &build->image;
	size_t each = image->type == ET_REL ? 1 : 4;

	return each * image->symbol_count + image->section_count +
	       3 * (size_t)build->dwarf.piece_count +
	       build->btf.group_count;
}

static int ledger_init(struct build *build, struct err *err)
{
	const struct image *image = &build->image;
	struct ledger *ledger = &build->ledger;
	size_t sections = (size_t)image->section_count + 1;

	memset(ledger, 0, sizeof(*ledger));
	ledger->symbol_count = image->symbol_count;
	ledger->first = calloc(sections, sizeof(uint32_t));
	ledger->run = calloc(sections, sizeof(uint32_t));
	ledger->owner = malloc(image->symbol_count * sizeof(uint32_t));
	ledger->next_alias = calloc(image->symbol_count, sizeof(uint32_t));
	ledger->entries = pages_reserve(&ledger->room, expected_entries(build),
					sizeof(*ledger->entries));
	if (!ledger->first || !ledger->run || !ledger->owner ||
	    !ledger->next_alias || !ledger->entries)
		return err_oom(err, "booking");
	pages_expect(ledger->first, sections * sizeof(uint32_t));
	pages_expect(ledger->run, sections * sizeof(uint32_t));
	pages_expect(ledger->owner, image->symbol_count * sizeof(uint32_t));
	memset(ledger->owner, 0xff, image->symbol_count * sizeof(uint32_t));
	return 0;
}

static int book_sections(struct booking *booking, const struct space *space,
			 struct err *err)
{
	const struct image *image = &booking->build->image;
	uint8_t *ranks = calloc((size_t)image->section_count + 1, 1);
	uint32_t counts[BOOK_RANKS] = { 0 };
	int result = 0;

	if (!ranks)
		return err_oom(err, "booking");
	for (uint32_t i = 1; i < image->section_count; i++) {
		ranks[i] = (uint8_t)side_tables_rank(image, i);
		counts[ranks[i]]++;
	}
	for (int rank = 0; rank < BOOK_RANKS && !result; rank++) {
		if (rank == BOOK_RELOCATIONS &&
		    booking->options->open_relocations)
			result = strings_own(booking->build, err);
		if (!result && counts[rank])
			result = book_rank(booking, space, ranks,
					   (enum booking_rank)rank, err);
	}
	free(ranks);
	return result;
}

int ledger_build(struct build *build, const struct ledger_options *options,
		 struct err *err)
{
	struct space space = { 0 };
	struct places places = { 0 };
	struct symbol_spans spans = { 0 };
	struct carve *carves = NULL;
	struct booking booking = { .build = build, .options = options,
				   .places = &places, .spans = &spans };
	int result = -1;

	if (ledger_init(build, err) ||
	    space_divide(&space, build, err) ||
	    places_init(&places, &build->image, err) ||
	    side_tables_carves(build, &carves, &booking.carve_count, err))
		goto out;
	booking.carves = carves;
	if (book_sections(&booking, &space, err) ||
	    book_leftovers(build, &space, err))
		goto out;
	result = ledger_check(build, err);
out:
	free(carves);
	symbol_spans_release(&spans);
	places_release(&places);
	space_release(&space);
	return result;
}

/* Rows [row, row + max) of a column as entries; returns how many there are. */
static size_t read_column(const struct ledger *ledger,
			  const struct column *column, uint64_t row,
			  struct entry *buffer, size_t max)
{
	size_t count = 0;

	for (; row < ledger->symbol_count && count < max; row++, count++) {
		buffer[count] = (struct entry){
			.size = column->sizes ? column->sizes[row]
					      : column->size,
			.section = column->section,
			.symbol = ledger->owner[row],
			.unit = NONE, .path = NONE, .detail = NONE,
			.nature = column->nature,
			.domains = column->domains,
		};
	}
	return count;
}

size_t ledger_read(const struct ledger *ledger, uint64_t *at,
		   struct entry *buffer, size_t max,
		   const struct entry **block)
{
	uint64_t row, column;
	size_t count;

	if (*at < ledger->count) {
		*block = ledger->entries + *at;
		count = min_u64(max, ledger->count - *at);
		*at += count;
		return count;
	}
	if (!ledger->column_count || !ledger->symbol_count)
		return 0;
	column = (*at - ledger->count) / ledger->symbol_count;
	row = (*at - ledger->count) % ledger->symbol_count;
	if (column >= ledger->column_count)
		return 0;
	*block = buffer;
	count = read_column(ledger, &ledger->columns[column], row, buffer,
			    max);
	*at += count;
	return count;
}

struct entry ledger_column(const struct ledger *ledger, uint32_t index)
{
	const struct column *column = &ledger->columns[index];
	struct entry whole = {
		.section = column->section, .symbol = NONE, .unit = NONE,
		.path = NONE, .detail = NONE, .nature = column->nature,
		.domains = column->domains,
	};

	whole.size = (uint64_t)column->size * ledger->symbol_count;
	for (uint32_t i = 0; column->sizes && i < ledger->symbol_count; i++)
		whole.size += column->sizes[i];
	return whole;
}

static void add_size(const struct entry *entry, uint64_t *file,
		     uint64_t *image)
{
	*file += entry->domains & IN_FILE ? entry->size : 0;
	*image += entry->domains & IN_IMAGE ? entry->size : 0;
}

int ledger_check(const struct build *build, struct err *err)
{
	const struct ledger *ledger = &build->ledger;
	uint64_t file = 0, image = 0;

	for (uint32_t i = 0; i < ledger->count; i++)
		add_size(&ledger->entries[i], &file, &image);
	for (uint32_t i = 0; i < ledger->column_count; i++) {
		struct entry whole = ledger_column(ledger, i);

		add_size(&whole, &file, &image);
	}
	if (file != ledger->file_size)
		return err_set(err, "%s: internal error: %" PRIu64
			       " bytes booked of a file of %" PRIu64,
			       build->image.path, file, ledger->file_size);
	if (image != ledger->image_size)
		return err_set(err, "%s: internal error: %" PRIu64
			       " bytes booked of an image of %" PRIu64,
			       build->image.path, image, ledger->image_size);
	return 0;
}

uint32_t entries_search(const struct entry *entries, uint32_t low,
			uint32_t end, uint64_t offset)
{
	while (low < end) {
		uint32_t middle = low + (end - low) / 2;

		if (entry_ends_before(&entries[middle], offset))
			low = middle + 1;
		else
			end = middle;
	}
	return low;
}

const struct entry *ledger_find(const struct ledger *ledger, uint32_t section,
				uint64_t offset)
{
	const struct entry *run = ledger->entries + ledger->first[section];
	uint32_t end = ledger->run[section];
	uint32_t at = entries_search(run, 0, end, offset);

	return at < end && run[at].offset <= offset ? &run[at] : NULL;
}

void ledger_release(struct ledger *ledger)
{
	for (uint32_t i = 0; i < ledger->column_count; i++)
		free(ledger->columns[i].sizes);
	free(ledger->entries);
	free(ledger->first);
	free(ledger->run);
	free(ledger->owner);
	free(ledger->next_alias);
	memset(ledger, 0, sizeof(*ledger));
}

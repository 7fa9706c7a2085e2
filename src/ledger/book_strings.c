/* SPDX-License-Identifier: MIT */

/*
 * Gives literals, constants and jump tables to who refers to them. An unnamed
 * stretch is cut at every place that something refers to; a piece belongs to
 * the one function or object that refers to its start. What several refer to
 * is shared: of their unit where that is one, else of the section.
 *
 * A piece reaches to the next one. With relocations on all code, what nobody
 * refers to by itself is part of what begins before it (scsi's 26 kB of sense
 * texts are one array of strings); without them a text ends with its NUL.
 */
#include "ledger/relocations.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/references.h"
#include "ledger/side_tables.h"

/* The ledger's entries on their way into a new array. */
struct rewrite {
	struct build *build;
	struct references references;
	struct entry *entries;
	size_t count, capacity;
	uint32_t *first; /* becomes the ledger's */
};

static int put(struct rewrite *rewrite, const struct entry *entry,
	       struct err *err)
{
	struct entry *entries;

	if (rewrite->count >= NONE)
		return err_set(err, "more than 2^32 ledger entries");
	entries = array_grow(rewrite->entries, &rewrite->capacity,
			     rewrite->count + 1, sizeof(*entries));
	if (!entries)
		return err_oom(err, "booking literals");
	rewrite->entries = entries;
	entries[rewrite->count++] = *entry;
	return 0;
}

/* Puts `size` bytes at `at` of `whole` with another owner. */
static int put_piece(struct rewrite *rewrite, const struct entry *whole,
		     uint64_t at, uint64_t size, const struct owner *owner,
		     struct err *err)
{
	struct entry *last = rewrite->count ?
				     &rewrite->entries[rewrite->count - 1] :
				     NULL;
	struct entry piece = *whole;

	if (!size)
		return 0;
	piece.offset = whole->offset + at;
	piece.size = size;
	piece.symbol = owner->symbol;
	piece.unit = owner->unit;
	piece.path = owner->path;
	piece.nature = owner->nature;
	piece.flags = owner->flags;
	if (last && at && last->section == piece.section &&
	    last->offset + last->size == piece.offset &&
	    last->symbol == piece.symbol && last->unit == piece.unit &&
	    last->nature == piece.nature && last->flags == piece.flags &&
	    last->path == piece.path && last->domains == piece.domains) {
		last->size += size;
		return 0;
	}
	return put(rewrite, &piece, err);
}

static bool is_text_byte(uint8_t c)
{
	return (c >= 0x20 && c != 0x7f) || c == '\n' || c == '\t' ||
	       c == '\r' || c == '\033' || c == 1; /* 1: KERN_SOH */
}

/* The length of the text at `data`, its NUL included; 0 if it is none. */
static uint64_t text_length(const uint8_t *data, uint64_t size)
{
	uint64_t i = 0;

	while (i < size && is_text_byte(data[i]))
		i++;
	return i && i < size && !data[i] ? i + 1 : 0;
}

/* The owner that `count` references to one place agree on. */
static struct owner agree(const struct reference *list, size_t count)
{
	struct owner owner = OWNER_NONE(NATURE_DATA);

	owner.symbol = list[0].symbol;
	owner.unit = list[0].unit;
	for (size_t i = 1; i < count; i++) {
		if (list[i].unit != owner.unit)
			owner.unit = NONE;
		if (list[i].symbol == owner.symbol)
			continue;
		owner.symbol = NONE;
		owner.flags = ENTRY_SHARED;
	}
	return owner;
}

/* The end of a text and of the zeros that align what follows. */
static uint64_t end_of_text(const uint8_t *data, uint64_t at, uint64_t end)
{
	if (at >= end)
		return end;
	while (at < end && at & 7 && !data[at])
		at++;
	return at;
}

/*
 * One piece: from a place that is referred to, to the next or the end. Where
 * references may be missing a text ends with its NUL.
 */
static int put_referred(struct rewrite *rewrite, const struct entry *whole,
			uint64_t at, uint64_t end, struct owner owner,
			struct err *err)
{
	const struct image *image = &rewrite->build->image;
	const uint8_t *data = image_section_data(image, whole->section) +
			      whole->offset;

	uint64_t text = text_length(data + at, whole->size - at), stop = end;
	struct owner rest = OWNER_NONE(NATURE_UNNAMED);

	if (owner.symbol != NONE)
		owner.flags |= ENTRY_DERIVED;
	if (text)
		owner.nature = NATURE_STRING;
	else if (image->sections[whole->section].flags & SHF_EXECINSTR)
		owner.nature = NATURE_CODE;
	if (text && rewrite->references.scanned)
		stop = end_of_text(data, at + text, end);
	if (put_piece(rewrite, whole, at, stop - at, &owner, err))
		return -1;
	return put_piece(rewrite, whole, stop, end - stop, &rest, err);
}

/*
 * Where a label's own bytes end: instructions refer into the middle of tables,
 * so only at a string that begins behind a NUL; and never in kallsyms, whose
 * tables are measured.
 */
static size_t skip_own(const struct rewrite *rewrite, const struct entry *whole,
		       const struct reference *list, size_t count)
{
	const struct image *image = &rewrite->build->image;
	const uint8_t *data = image_section_data(image, whole->section) +
			      whole->offset;
	size_t i = 0;

	if (whole->symbol == NONE)
		return 0;
	if (kallsyms_size(&rewrite->build->side_tables->kallsyms,
			  whole->symbol) != UINT64_MAX)
		return count;
	while (i < count && (!list[i].offset || data[list[i].offset - 1] ||
			     text_length(data + list[i].offset,
					 whole->size - list[i].offset) < 3))
		i++;
	return i;
}

/* Cuts one open entry at its `count` references. */
static int put_cut(struct rewrite *rewrite, const struct entry *whole,
		   const struct reference *list, size_t count,
		   struct err *err)
{
	struct owner before = { whole->symbol, whole->unit, whole->path,
				whole->detail, whole->nature, whole->flags };
	size_t i = skip_own(rewrite, whole, list, count);

	if (put_piece(rewrite, whole, 0,
		      i < count ? list[i].offset : whole->size, &before, err))
		return -1;
	while (i < count) {
		uint64_t at = list[i].offset, end = whole->size;
		size_t run = 1;

		while (i + run < count && list[i + run].offset == at)
			run++;
		if (i + run < count)
			end = list[i + run].offset;
		if (put_referred(rewrite, whole, at, end,
				 agree(list + i, run), err))
			return -1;
		i += run;
	}
	return 0;
}

static int rewrite_entries(struct rewrite *rewrite, struct err *err)
{
	struct ledger *ledger = &rewrite->build->ledger;
	const struct references *references = &rewrite->references;
	size_t at = 0;

	/* Room for all at once: growing by steps would copy each entry twice. */
	rewrite->entries = array_grow(NULL, &rewrite->capacity,
				      ledger->count + 2 * references->count,
				      sizeof(*rewrite->entries));
	if (!rewrite->entries)
		return err_oom(err, "booking literals");
	for (uint32_t i = 0; i < ledger->count; i++) {
		const struct entry *entry = &ledger->entries[i];
		bool starts = entry->section != NONE &&
			      ledger->run[entry->section] &&
			      ledger->first[entry->section] == i;
		uint32_t first = (uint32_t)rewrite->count;
		size_t run = 0;

		while (at + run < references->count &&
		       references->list[at + run].entry == i)
			run++;
		if (run ? put_cut(rewrite, entry, references->list + at, run,
				  err)
			: put(rewrite, entry, err))
			return -1;
		at += run;
		if (starts)
			rewrite->first[entry->section] = first;
	}
	return 0;
}

/* Counts the entries of each run again after they were cut. */
static void count_runs(struct ledger *ledger, uint32_t section_count)
{
	for (uint32_t i = 1; i < section_count; i++) {
		uint32_t at = ledger->first[i];
		uint64_t next = 0;

		if (!ledger->run[i])
			continue;
		while (at < ledger->count && ledger->entries[at].section == i &&
		       ledger->entries[at].offset == next &&
		       !(ledger->entries[at].flags & ENTRY_GAP_BEFORE)) {
			next += ledger->entries[at].size;
			at++;
		}
		ledger->run[i] = at - ledger->first[i];
	}
}

int strings_own(struct build *build, struct err *err)
{
	struct rewrite rewrite = { .build = build };
	struct ledger *ledger = &build->ledger;
	int result = -1;

	if (references_collect(&rewrite.references, build, err))
		goto out;
	result = 0;
	if (!rewrite.references.count)
		goto out;
	rewrite.first = calloc((size_t)build->image.section_count + 1,
			       sizeof(*rewrite.first));
	result = -1;
	if (!rewrite.first) {
		err_oom(err, "booking literals");
		goto out;
	}
	if (rewrite_entries(&rewrite, err))
		goto out;
	result = 0;
	free(ledger->entries);
	free(ledger->first);
	ledger->first = rewrite.first;
	rewrite.first = NULL;
	ledger->entries = rewrite.entries;
	ledger->count = (uint32_t)rewrite.count;
	ledger->capacity = rewrite.capacity;
	rewrite.entries = NULL;
	count_runs(ledger, build->image.section_count);
out:
	free(rewrite.entries);
	free(rewrite.first);
	references_release(&rewrite.references);
	return result;
}

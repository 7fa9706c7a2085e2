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

/* An entry that becomes pieces [first, first + count). */
struct cut {
	uint32_t entry;
	uint32_t first, count;
};

/* All cuts, in the order of entries, and what they leave. */
struct rewrite {
	struct build *build;
	struct references references;
	struct entry *pieces;
	size_t count, capacity;
	struct cut *cuts;
	size_t cut_count, cut_capacity;
};

static int put(struct rewrite *rewrite, const struct entry *entry,
	       struct err *err)
{
	struct entry *pieces;

	if (rewrite->count + rewrite->build->ledger.count >= NONE)
		return err_set(err, "more than 2^32 ledger entries");
	pieces = array_grow(rewrite->pieces, &rewrite->capacity,
			    rewrite->count + 1, sizeof(*pieces));
	if (!pieces)
		return err_oom(err, "booking literals");
	rewrite->pieces = pieces;
	pieces[rewrite->count++] = *entry;
	return 0;
}

/* Puts `size` bytes at `at` of `whole` with another owner. */
static int put_piece(struct rewrite *rewrite, const struct entry *whole,
		     uint64_t at, uint64_t size, const struct owner *owner,
		     struct err *err)
{
	struct entry *last = rewrite->count ?
				     &rewrite->pieces[rewrite->count - 1] :
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

/* Cuts every entry that something refers to. */
static int cut_entries(struct rewrite *rewrite, struct err *err)
{
	const struct references *references = &rewrite->references;
	const struct ledger *ledger = &rewrite->build->ledger;
	size_t run;

	for (size_t at = 0; at < references->count; at += run) {
		uint32_t entry = references->list[at].entry;
		struct cut *cuts;

		run = 1;
		while (at + run < references->count &&
		       references->list[at + run].entry == entry)
			run++;
		cuts = array_grow(rewrite->cuts, &rewrite->cut_capacity,
				  rewrite->cut_count + 1, sizeof(*cuts));
		if (!cuts)
			return err_oom(err, "booking literals");
		rewrite->cuts = cuts;
		cuts[rewrite->cut_count] = (struct cut){
			.entry = entry, .first = (uint32_t)rewrite->count,
		};
		if (put_cut(rewrite, &ledger->entries[entry],
			    references->list + at, run, err))
			return -1;
		cuts[rewrite->cut_count].count =
			(uint32_t)rewrite->count -
			cuts[rewrite->cut_count].first;
		rewrite->cut_count++;
	}
	return 0;
}

/* Where the run of a section begins when `entry`, its first, is at `to`. */
static void move_run(struct ledger *ledger, uint32_t entry, uint32_t to)
{
	uint32_t section = ledger->entries[entry].section;

	if (section != NONE && ledger->run[section] &&
	    ledger->first[section] == entry)
		ledger->first[section] = to;
}

/*
 * Puts the pieces in the place of their entries, from the back: so nothing is
 * written over, and what lies before the first cut, all code among it, stays
 * where it is.
 */
static int put_pieces(struct rewrite *rewrite, struct err *err)
{
	struct ledger *ledger = &rewrite->build->ledger;
	size_t count = ledger->count + rewrite->count - rewrite->cut_count;
	struct entry *entries = pages_grow(ledger->entries, &ledger->room,
					   count, sizeof(*entries));
	uint32_t end = ledger->count, to = (uint32_t)count;

	if (!entries)
		return err_oom(err, "booking literals");
	ledger->entries = entries;
	for (size_t i = rewrite->cut_count; i-- > 0;) {
		const struct cut *cut = &rewrite->cuts[i];
		uint32_t rest = end - cut->entry - 1;

		to -= rest;
		for (uint32_t k = rest; k-- > 0;)
			move_run(ledger, cut->entry + 1 + k, to + k);
		memmove(entries + to, entries + cut->entry + 1,
			rest * sizeof(*entries));
		to -= cut->count;
		move_run(ledger, cut->entry, to);
		ledger->run[entries[cut->entry].section] += cut->count - 1;
		memcpy(entries + to, rewrite->pieces + cut->first,
		       cut->count * sizeof(*entries));
		end = cut->entry;
	}
	ledger->count = (uint32_t)count;
	return 0;
}

int strings_own(struct build *build, struct err *err)
{
	struct rewrite rewrite = { .build = build };
	int result = references_collect(&rewrite.references, build, err);

	if (!result && rewrite.references.count)
		result = cut_entries(&rewrite, err) ||
			 put_pieces(&rewrite, err) ? -1 : 0;
	free(rewrite.pieces);
	free(rewrite.cuts);
	references_release(&rewrite.references);
	return result;
}

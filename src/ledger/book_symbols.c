/* SPDX-License-Identifier: MIT */
/*
 * Code and data by symbol. Between the symbols, fill is tested first: up to
 * 64 bytes are padding of the symbol before, more is the section's alignment
 * (x86 aligns inside .text to 2 MiB, so the section's size hides all growth);
 * what is not fill is unnamed data. A derived extent ends where fill begins.
 */
#include "ledger/book_symbols.h"

#include <elf.h>

#include "ledger/book_code.h"
#include "ledger/fill.h"
#include "ledger/side_tables.h"
#include "ledger/spans.h"

/* What lies behind a span is asked for when the walk is so many before it. */
#define AHEAD 16

/* One section's walk: its spans, the holes between them and the carves. */
struct walk {
	struct booking *booking;
	const uint8_t *data; /* NULL: NOBITS */
	bool code;
	uint32_t before;     /* symbol that owns the bytes before, or NONE */
	uint32_t cursor;     /* of book_code() */
	size_t carve;        /* next carve of this section */
};

bool symbols_want(const struct booking *booking)
{
	const struct section *s =
		&booking->build->image.sections[booking->section];

	return (s->flags & SHF_ALLOC) &&
	       (s->type == SHT_PROGBITS || s->type == SHT_NOBITS ||
		s->type == SHT_INIT_ARRAY || s->type == SHT_FINI_ARRAY);
}

static uint8_t symbol_nature(const struct image *image, uint32_t section,
			     uint32_t symbol)
{
	return (image->sections[section].flags & SHF_EXECINSTR) &&
	       image->symbols[symbol].type != STT_OBJECT
		       ? NATURE_CODE : NATURE_DATA;
}

static int book_fill(struct walk *walk, uint64_t size, struct err *err)
{
	struct owner owner = OWNER_NONE(NATURE_ALIGNMENT);

	if (size <= FILL_PADDING_MAX && walk->before != NONE) {
		owner.nature = NATURE_PADDING;
		owner.symbol = walk->before;
	} else {
		walk->before = NONE;
	}
	return booking_take(walk->booking, size, owner, err);
}

/*
 * Zeros in data are fill where what follows is aligned so much that it wants
 * them; other zeros are data: in a relocatable or position-independent kernel
 * a whole table of pointers is zero in the file (arm64 keeps them in
 * .rela.dyn alone).
 */
static bool aligns(const struct walk *walk, uint64_t front, uint64_t size)
{
	const struct booking *booking = walk->booking;
	uint64_t end = booking->build->image.more[booking->section].addr +
		       booking->at + front + size;

	return size <= FILL_PADDING_MAX || (end & -end) >= size;
}

static uint64_t front_fill(const struct walk *walk, uint64_t size)
{
	const struct image *image = &walk->booking->build->image;
	uint64_t fill;

	if (!walk->data)
		return size;
	fill = fill_front(image->machine, image->big_endian, walk->code,
			  walk->data + walk->booking->at, size);
	return walk->code || aligns(walk, 0, fill) ? fill : 0;
}

static uint64_t back_fill(const struct walk *walk, uint64_t size)
{
	const struct image *image = &walk->booking->build->image;
	uint64_t fill;

	if (!walk->data)
		return 0;
	fill = fill_back(image->machine, image->big_endian, walk->code,
			 walk->data + walk->booking->at, size);
	return walk->code || aligns(walk, size - fill, fill) ? fill : 0;
}

/*
 * The next `size` bytes have no symbol. In data, zeros at the front of
 * something that is not all zero may be its first field: they stay with it.
 */
static int book_hole(struct walk *walk, uint64_t size, struct err *err)
{
	struct booking *booking = walk->booking;
	uint64_t front = front_fill(walk, size), back;

	if (front == size || walk->code || front > FILL_PADDING_MAX) {
		if (front && book_fill(walk, front, err))
			return -1;
		size -= front;
	}
	if (!size)
		return 0;
	back = back_fill(walk, size);
	walk->before = NONE;
	if (book_code(booking, size - back, OWNER_NONE(NATURE_UNNAMED),
		      &walk->cursor, err))
		return -1;
	return back ? book_fill(walk, back, err) : 0;
}

/* Books a span's bytes up to `end`; its derived tail may be fill. */
static int book_span(struct walk *walk, const struct span *span, uint64_t end,
		     struct err *err)
{
	struct booking *booking = walk->booking;
	struct owner owner = OWNER_NONE(NATURE_ZERO);
	uint64_t size = end - booking->at, back = 0;

	if (walk->data)
		owner.nature = symbol_nature(&booking->build->image,
					     booking->section, span->symbol);
	owner.symbol = span->symbol;
	owner.flags = (uint8_t)span->flags;
	if ((span->flags & ENTRY_DERIVED) && end == span->end) {
		if (walk->code && front_fill(walk, size) == size) {
			walk->before = NONE;
			return book_fill(walk, size, err);
		}
		back = back_fill(walk, size);
	}
	walk->before = span->symbol;
	if (book_code(walk->booking, size - back, owner, &walk->cursor, err))
		return -1;
	return back ? book_fill(walk, back, err) : 0;
}

/* Books up to `end`, as `span`'s or, where that is NULL, as nobody's. */
static int book_stretch(struct walk *walk, const struct span *span,
			uint64_t end, struct err *err)
{
	struct booking *booking = walk->booking;

	while (booking->at < end) {
		const struct carve *carve = NULL;
		uint64_t stop = end;

		if (walk->carve < booking->carve_count &&
		    booking->carves[walk->carve].section == booking->section)
			carve = &booking->carves[walk->carve];
		if (carve && carve->start <= booking->at) {
			walk->carve++;
			walk->before = NONE;
			if (carve->end > booking->at &&
			    side_table_book_range(booking, carve, err))
				return -1;
			continue;
		}
		if (carve)
			stop = min_u64(end, carve->start);
		if (span ? book_span(walk, span, stop, err)
			 : book_hole(walk, stop - booking->at, err))
			return -1;
	}
	return 0;
}

/* The first carve of a section: they are sorted by section and start. */
static size_t first_carve(const struct booking *booking)
{
	size_t i = 0;

	while (i < booking->carve_count &&
	       booking->carves[i].section < booking->section)
		i++;
	return i;
}

static int book_spans(struct booking *booking, struct err *err)
{
	const struct image *image = &booking->build->image;
	struct walk walk = {
		.booking = booking,
		.data = image_section_data(image, booking->section),
		.code = image->sections[booking->section].flags &
			SHF_EXECINSTR,
		.before = NONE,
		.carve = first_carve(booking),
	};

	if (spans_collect(booking, err))
		return -1;
	/* Fill is what lies between symbols: without any there is none. */
	if (!booking->spans->count && !booking->carve_count)
		return book_code(booking, booking->size,
				 OWNER_NONE(walk.data ? NATURE_UNNAMED
						      : NATURE_ZERO),
				 &walk.cursor, err);
	for (size_t i = 0; i < booking->spans->count; i++) {
		const struct span *span = &booking->spans->list[i];

		if (walk.data && i + AHEAD < booking->spans->count)
			__builtin_prefetch(walk.data + span[AHEAD].end);
		if (book_stretch(&walk, NULL, span->start, err) ||
		    book_stretch(&walk, span, span->end, err))
			return -1;
	}
	return book_stretch(&walk, NULL, booking->size, err);
}

int symbols_book(struct booking *booking, struct err *err)
{
	const struct image *image = &booking->build->image;
	uint32_t sole = booking->carve_count ? NONE : spans_sole(booking);
	struct owner owner = OWNER_NONE(NATURE_ZERO);
	uint32_t cursor = 0;

	if (sole == NONE)
		return book_spans(booking, err);
	owner.symbol = sole;
	if (image->sections[booking->section].type != SHT_NOBITS)
		owner.nature = symbol_nature(image, booking->section, sole);
	return book_code(booking, booking->size, owner, &cursor, err);
}

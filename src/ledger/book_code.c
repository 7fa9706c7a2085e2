/* SPDX-License-Identifier: MIT */
/*
 * A merge of two sorted lists: the caller's symbols and DWARF's pieces. A
 * piece may be longer than a symbol (a unit's code of which DWARF knows no
 * function) and a symbol longer than a piece; each part is booked as its
 * symbol's and as its piece's, so a symbol's parts always sum to the symbol.
 */
#include "ledger/book_code.h"

/* Fill is nobody's code: the compiler's ranges may include it or not. */
static bool has_unit(const struct owner *owner)
{
	return owner->nature == NATURE_CODE || owner->nature == NATURE_UNNAMED;
}

static bool is_data(const struct owner *owner)
{
	return owner->nature == NATURE_DATA || owner->nature == NATURE_ZERO ||
	       owner->nature == NATURE_STRING;
}

static int take_piece(struct booking *booking, uint64_t size,
		      struct owner owner, const struct dwarf_piece *piece,
		      struct err *err)
{
	owner.unit = piece->unit;
	if (booking->options->open_inlines && owner.nature == NATURE_CODE)
		owner.path = piece->node;
	return booking_take(booking, size, owner, err);
}

static int take_pieces(struct booking *booking, uint64_t size,
		       const struct owner *owner, uint32_t *cursor,
		       struct err *err)
{
	const struct dwarf *dwarf = &booking->build->dwarf;
	uint64_t end = booking->at + size;

	while (booking->at < end) {
		const struct dwarf_piece *piece;
		uint64_t part = end - booking->at;

		*cursor = dwarf_piece_at(dwarf, booking->section, booking->at,
					 *cursor);
		if (*cursor == dwarf->piece_count)
			return booking_take(booking, part, *owner, err);
		piece = &dwarf->pieces[*cursor];
		if (piece->section != booking->section)
			return booking_take(booking, part, *owner, err);
		if (piece->offset > booking->at) {
			part = min_u64(part, piece->offset - booking->at);
			if (booking_take(booking, part, *owner, err) != 0)
				return -1;
			continue;
		}
		part = min_u64(part,
			       piece->offset + piece->size - booking->at);
		if (take_piece(booking, part, *owner, piece, err) != 0)
			return -1;
	}
	return 0;
}

/* FILE symbols stand in for DWARF: one of the owner's names may have one. */
static uint32_t unit_by_file(struct booking *booking, uint32_t symbol)
{
	const struct build *build = booking->build;
	uint32_t unit = NONE;

	while (symbol && unit == NONE) {
		unit = dwarf_file_unit(&build->dwarf, &build->image, symbol,
				       &booking->hint);
		symbol = build->ledger.next_alias[symbol];
	}
	return unit;
}

int book_code(struct booking *booking, uint64_t size, struct owner owner,
	      uint32_t *cursor, struct err *err)
{
	const struct dwarf *dwarf = &booking->build->dwarf;

	/* Nothing before booking_take() may see a size that overflows. */
	if (size > booking->size - booking->at)
		return booking_take(booking, size, owner, err);
	if (owner.unit == NONE && dwarf->file_unit_count &&
	    owner.symbol != NONE)
		owner.unit = unit_by_file(booking, owner.symbol);
	else if (owner.unit == NONE && is_data(&owner))
		owner.unit = dwarf_variable_unit(dwarf, booking->section,
						 booking->at, &booking->hint);
	if (!has_unit(&owner) || dwarf->piece_count == 0)
		return booking_take(booking, size, owner, err);
	return take_pieces(booking, size, &owner, cursor, err);
}

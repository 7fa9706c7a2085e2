/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_LEDGER_BOOK_CODE_H
#define VMDELTA_LEDGER_BOOK_CODE_H

/*
 * Splits a symbol's bytes by what DWARF says about them: the compile unit,
 * and the chain of inlined functions. For bookers that walk a section's
 * symbols from front to end.
 */

#include "ledger/booking.h"

/*
 * Books the next `size` bytes of a section as owner's, split into DWARF's
 * pieces: each part gets the piece's unit and, where options->open_inlines is
 * set, its path; where no piece is, owner's own unit and path. A data symbol
 * gets the unit of the variable at its place. *cursor starts at 0 for a
 * section and is kept between calls. Without DWARF this is booking_take().
 */
int book_code(struct booking *booking, uint64_t size, struct owner owner,
	      uint32_t *cursor, struct err *err);

#endif

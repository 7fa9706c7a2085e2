/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_LEDGER_BOOK_DEBUG_H
#define VMDELTA_LEDGER_BOOK_DEBUG_H

/* Owners of debug sections: units, and the functions that they describe. */

#include "ledger/booking.h"

/* .debug_info and what its units refer to; where options->open_debug. */
bool debug_wants(const struct booking *booking);
int debug_book(struct booking *booking, struct err *err);

/*
 * .eh_frame and .debug_frame: each description of a frame (FDE) belongs to
 * its function. Needs no other debug information.
 */
bool frames_want(const struct booking *booking);
int frames_book(struct booking *booking, struct err *err);

#endif

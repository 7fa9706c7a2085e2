/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_LEDGER_BOOK_SYMBOLS_H
#define VMDELTA_LEDGER_BOOK_SYMBOLS_H

#include "ledger/booking.h"

/* The booker of code and data by symbol: of every loaded section. */
bool symbols_want(const struct booking *booking);
int symbols_book(struct booking *booking, struct err *err);

#endif

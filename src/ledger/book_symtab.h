/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_LEDGER_BOOK_SYMTAB_H
#define VMDELTA_LEDGER_BOOK_SYMTAB_H

#include "ledger/booking.h"

/* The symbol table: each symbol owns its record. */
bool symtab_wants(const struct booking *booking);
int symtab_book(struct booking *booking, struct err *err);

/* Its string table: each symbol owns its name, shared bytes once. */
bool symbol_names_want(const struct booking *booking);
int symbol_names_book(struct booking *booking, struct err *err);

/* .llvm_addrsig: the symbols whose address matters, as ULEB128 numbers. */
bool addrsig_wants(const struct booking *booking);
int addrsig_book(struct booking *booking, struct err *err);

#endif

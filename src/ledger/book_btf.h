/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_LEDGER_BOOK_BTF_H
#define VMDELTA_LEDGER_BOOK_BTF_H

#include "ledger/booking.h"

/* .BTF: each kind and name its records and the strings that it alone uses. */
bool btf_wants(const struct booking *booking);
int btf_book(struct booking *booking, struct err *err);

/* .BTF.ext, by its tables. */
bool btf_ext_wants(const struct booking *booking);
int btf_ext_book(struct booking *booking, struct err *err);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_LEDGER_RELOCATIONS_H
#define VMDELTA_LEDGER_RELOCATIONS_H

#include "ledger/booking.h"

/*
 * The booker of SHT_REL and SHT_RELA sections, when
 * options->open_relocations: each record belongs to the owner of the byte
 * that it patches, so everything else must be booked before.
 */
bool relocations_want(const struct booking *booking);
int relocations_book(struct booking *booking, struct err *err);

/*
 * Gives literals, constants and jump tables that no symbol names to the one
 * function or object that refers to them, as far as relocations say. Called
 * once, when all loaded sections are booked and before relocations are:
 * splits NATURE_UNNAMED entries of build->ledger. What several refer to is
 * ENTRY_SHARED. Returns 0, or -1 when out of memory.
 */
int strings_own(struct build *build, struct err *err);

#endif

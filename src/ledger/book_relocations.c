/* SPDX-License-Identifier: MIT */
#include "ledger/relocations.h"

#include <elf.h>

bool relocations_want(const struct booking *booking)
{
	uint32_t type = booking->build->image.sections[booking->section].type;

	return type == SHT_REL || type == SHT_RELA;
}

int relocations_book(struct booking *booking, struct err *err)
{
	return booking_take(booking, booking->size,
			    OWNER_NONE(NATURE_RELOCATION), err);
}

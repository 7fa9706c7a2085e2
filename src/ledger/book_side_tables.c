/* SPDX-License-Identifier: MIT */
#include "ledger/side_tables.h"

#include <elf.h>

enum booking_rank side_tables_rank(const struct image *image, uint32_t section)
{
	const struct section *s = &image->sections[section];
	bool relocations = s->type == SHT_REL || s->type == SHT_RELA;

	if (!(s->flags & SHF_ALLOC))
		return relocations ? BOOK_RELOCATIONS : BOOK_REST;
	if (relocations)
		return BOOK_TABLES;
	return s->flags & SHF_EXECINSTR ? BOOK_CODE : BOOK_LOADED;
}

int side_tables_carves(const struct build *build, struct carve **carves,
		       size_t *count, struct err *err)
{
	(void)build;
	(void)err;
	*carves = NULL;
	*count = 0;
	return 0;
}

int side_table_book_range(struct booking *booking, const struct carve *carve,
			  struct err *err)
{
	return booking_take(booking, carve->end - booking->at,
			    OWNER_NONE(NATURE_RECORD), err);
}

bool side_table_wants(const struct booking *booking)
{
	(void)booking;
	return false;
}

int side_table_book(struct booking *booking, struct err *err)
{
	return booking_take(booking, booking->size,
			    OWNER_NONE(NATURE_RECORD), err);
}

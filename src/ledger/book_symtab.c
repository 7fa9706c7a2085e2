/* SPDX-License-Identifier: MIT */
/*
 * Symbol records and names. A linker may let "bar" share the tail of
 * "foobar": the bytes belong to the name that starts first, once.
 */
#include "ledger/book_symtab.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

bool symtab_wants(const struct booking *booking)
{
	const struct image *image = &booking->build->image;

	return image->symtab && booking->section == image->symtab;
}

static struct owner owner_of(const struct booking *booking, uint32_t symbol,
			     enum nature nature)
{
	struct owner owner = OWNER_NONE((uint8_t)nature);

	owner.symbol = booking->build->ledger.owner[symbol];
	return owner;
}

int symtab_book(struct booking *booking, struct err *err)
{
	const struct image *image = &booking->build->image;
	uint64_t record = image->symbol_entsize;

	for (uint32_t i = 0; i < image->symbol_count; i++) {
		if (booking->size - booking->at < record)
			break;
		if (booking_take(booking, record,
				 owner_of(booking, i, NATURE_SYMBOL), err))
			return -1;
	}
	return booking_take(booking, booking->size - booking->at,
			    OWNER_NONE(NATURE_SYMBOL), err);
}

bool symbol_names_want(const struct booking *booking)
{
	const struct image *image = &booking->build->image;

	return image->symbol_names.section &&
	       booking->section == image->symbol_names.section;
}

static int compare_names(const void *left, const void *right, void *arg)
{
	const struct image *image = arg;
	uint32_t ia = *(const uint32_t *)left, ib = *(const uint32_t *)right;
	uint32_t a = image->symbols[ia].name, b = image->symbols[ib].name;

	if (a != b)
		return a < b ? -1 : 1;
	return ia < ib ? -1 : ia > ib;
}

/* Symbols by the place of their name; linkers often write them so. */
static uint32_t *sort_by_name(const struct image *image, struct err *err)
{
	uint32_t *order = malloc(sizeof(*order) * image->symbol_count);
	bool sorted = true;

	if (!order) {
		err_oom(err, "booking symbol names");
		return NULL;
	}
	for (uint32_t i = 0; i < image->symbol_count; i++) {
		order[i] = i;
		if (i && image->symbols[i].name < image->symbols[i - 1].name)
			sorted = false;
	}
	if (!sorted)
		qsort_r(order, image->symbol_count, sizeof(*order),
			compare_names, (void *)(uintptr_t)image);
	return order;
}

/* Books what symbol `symbol`'s name has beyond what is booked already. */
static int book_name(struct booking *booking, uint32_t symbol, struct err *err)
{
	const struct image *image = &booking->build->image;
	uint64_t start = image->symbols[symbol].name, end;

	if (!start || start >= image->symbol_names.size)
		return 0;
	/* Names are booked whole: this one lies inside another. */
	if (start < booking->at)
		return 0;
	end = start + strlen(image->symbol_names.data + start) + 1;
	if (start > booking->at &&
	    booking_take(booking, start - booking->at,
			 OWNER_NONE(NATURE_NAME), err))
		return -1;
	return booking_take(booking, end - booking->at,
			    owner_of(booking, symbol, NATURE_NAME), err);
}

int symbol_names_book(struct booking *booking, struct err *err)
{
	const struct image *image = &booking->build->image;
	uint32_t *order = sort_by_name(image, err);
	int result = 0;

	if (!order)
		return -1;
	for (uint32_t i = 0; i < image->symbol_count && !result; i++)
		result = book_name(booking, order[i], err);
	free(order);
	if (result)
		return -1;
	return booking_take(booking, booking->size - booking->at,
			    OWNER_NONE(NATURE_NAME), err);
}

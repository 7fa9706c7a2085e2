/* SPDX-License-Identifier: MIT */
/*
 * Symbol records and names. A linker may let "bar" share the tail of
 * "foobar": the bytes belong to the name that starts first, once.
 */
#include "ledger/book_symtab.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/radix.h"
#include "debug/cursor.h"

#define SHT_LLVM_ADDRSIG_ 0x6fff4c03 /* not in all <elf.h> */

bool symtab_wants(const struct booking *booking)
{
	const struct image *image = &booking->build->image;

	return image->symtab && booking->section == image->symtab;
}

int symtab_book(struct booking *booking, struct err *err)
{
	const struct image *image = &booking->build->image;
	uint64_t total = (uint64_t)image->symbol_entsize * image->symbol_count;

	/* An empty table still has the null symbol in memory. */
	if (total > booking->size)
		return booking_take(booking, booking->size,
				    OWNER_NONE(NATURE_SYMBOL), err);
	if (booking_take_column(booking, NATURE_SYMBOL, image->symbol_entsize,
				NULL, total, err))
		return -1;
	return booking_take(booking, booking->size - booking->at,
			    OWNER_NONE(NATURE_SYMBOL), err);
}

bool symbol_names_want(const struct booking *booking)
{
	const struct image *image = &booking->build->image;

	return image->symbol_names.section &&
	       booking->section == image->symbol_names.section;
}

/*
 * Symbols by the place of their name in *order, malloc'ed; NULL where they are
 * in that order already, as compilers write them. Returns 0 or -1.
 */
static int sort_by_name(const struct image *image, uint32_t **order)
{
	struct radix_item *items;
	uint32_t i = 1;

	while (i < image->symbol_count &&
	       image->symbols[i].name >= image->symbols[i - 1].name)
		i++;
	*order = NULL;
	if (i >= image->symbol_count)
		return 0;
	items = malloc(2 * sizeof(*items) * image->symbol_count);
	*order = malloc(sizeof(**order) * image->symbol_count);
	if (!items || !*order) {
		free(items);
		free(*order);
		return -1;
	}
	for (i = 0; i < image->symbol_count; i++)
		items[i] = (struct radix_item){ image->symbols[i].name, i };
	radix_sort(items, items + image->symbol_count, image->symbol_count);
	for (i = 0; i < image->symbol_count; i++)
		(*order)[i] = items[i].value;
	free(items);
	return 0;
}

/*
 * Gives each symbol the bytes of its name, in the order of the names' places.
 * Returns their sum.
 */
static uint64_t measure_names(const struct image *image, const uint32_t *order,
			      uint32_t *sizes)
{
	const struct strings *names = &image->symbol_names;
	uint64_t at = 0, total = 0;

	for (uint32_t i = 0; i < image->symbol_count; i++) {
		uint32_t symbol = order ? order[i] : i;
		uint64_t start = image->symbols[symbol].name, size;

		/* Before `at`: inside a name that is counted already. */
		if (!start || start >= names->size || start < at)
			continue;
		size = strlen(names->data + start) + 1;
		if (size > UINT32_MAX)
			continue;
		sizes[symbol] = (uint32_t)size;
		total += size;
		at = start + size;
	}
	return total;
}

int symbol_names_book(struct booking *booking, struct err *err)
{
	const struct image *image = &booking->build->image;
	uint32_t *sizes = calloc(image->symbol_count, sizeof(*sizes));
	uint32_t *order = NULL;
	uint64_t total;

	if (!sizes || sort_by_name(image, &order)) {
		free(sizes);
		return err_oom(err, "booking symbol names");
	}
	total = measure_names(image, order, sizes);
	free(order);
	if (booking_take_column(booking, NATURE_NAME, 0, sizes, total, err))
		return -1;
	return booking_take(booking, booking->size - booking->at,
			    OWNER_NONE(NATURE_NAME), err);
}

/*
 * Each number belongs to its symbol. A link of 0 says that a tool that does
 * not know the section copied it (ld.lld -r joins those of its inputs): the
 * numbers are of other tables then, and the bytes are the section's.
 */
bool addrsig_wants(const struct booking *booking)
{
	const struct image *image = &booking->build->image;
	const struct section *s = &image->sections[booking->section];

	return s->type == SHT_LLVM_ADDRSIG_ && image->symtab &&
	       image->more[booking->section].link == image->symtab &&
	       image_section_data(image, booking->section);
}

int addrsig_book(struct booking *booking, struct err *err)
{
	const struct build *build = booking->build;
	const uint8_t *data = image_section_data(&build->image,
						 booking->section);
	struct cursor cursor = { data, data + booking->size, false, false };

	while (cursor.at < cursor.end) {
		const uint8_t *start = cursor.at;
		uint64_t symbol = cursor_uleb(&cursor);
		struct owner owner = OWNER_NONE(NATURE_RECORD);

		if (cursor.failed)
			break;
		if (symbol < build->image.symbol_count)
			owner.symbol = build->ledger.owner[symbol];
		if (booking_take(booking, (uint64_t)(cursor.at - start), owner,
				 err))
			return -1;
	}
	return booking_take(booking, booking->size - booking->at,
			    OWNER_NONE(NATURE_RECORD), err);
}

/* SPDX-License-Identifier: MIT */
/*
 * Symbol records and names. A linker may let "bar" share the tail of
 * "foobar": the bytes belong to the name that starts first, once.
 */
#include "ledger/book_symtab.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/pages.h"
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

/* Where names start in the string table, a bit for each byte. */
static bool starts_at(const uint64_t *starts, uint64_t at)
{
	return starts[at / 64] >> (at % 64) & 1;
}

/* Marks the name of each symbol, and gives it to the first that has it. */
static void mark_names(const struct image *image, uint64_t *starts,
		       uint32_t *sizes)
{
	for (uint32_t i = 0; i < image->symbol_count; i++) {
		uint64_t at = image->symbols[i].name;

		if (!at || at >= image->symbol_names.size ||
		    starts_at(starts, at))
			continue;
		starts[at / 64] |= UINT64_C(1) << (at % 64);
		sizes[i] = 1;
	}
}

/*
 * True where a name that starts before `at` goes on there. It looks back as
 * far as the start before, so all names together are read once.
 */
static bool is_tail(const struct strings *names, const uint64_t *starts,
		    uint64_t at)
{
	for (; at && names->data[at - 1]; at--)
		if (starts_at(starts, at - 1))
			return true;
	return false;
}

/* Gives each symbol the bytes of its name. Returns their sum. */
static uint64_t measure_names(const struct image *image,
			      const uint64_t *starts, uint32_t *sizes)
{
	const struct strings *names = &image->symbol_names;
	uint64_t total = 0;

	for (uint32_t i = 0; i < image->symbol_count; i++) {
		uint64_t at = image->symbols[i].name, size;

		if (!sizes[i])
			continue;
		sizes[i] = 0;
		if (is_tail(names, starts, at))
			continue;
		size = strlen(names->data + at) + 1;
		if (size > UINT32_MAX)
			continue;
		sizes[i] = (uint32_t)size;
		total += size;
	}
	return total;
}

int symbol_names_book(struct booking *booking, struct err *err)
{
	const struct image *image = &booking->build->image;
	uint32_t *sizes = calloc(image->symbol_count, sizeof(*sizes));
	uint64_t *starts = calloc(image->symbol_names.size / 64 + 1,
				  sizeof(*starts));
	uint64_t total;

	if (!sizes || !starts) {
		free(sizes);
		free(starts);
		return err_oom(err, "booking symbol names");
	}
	pages_expect(sizes, image->symbol_count * sizeof(*sizes));
	mark_names(image, starts, sizes);
	total = measure_names(image, starts, sizes);
	free(starts);
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

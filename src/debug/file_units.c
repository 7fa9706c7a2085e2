/* SPDX-License-Identifier: MIT */
/*
 * A FILE symbol names the source of the local symbols behind it, without a
 * folder. After a link with LTO, or with hidden globals made local, the
 * symbols behind the last FILE are anybody's: those are not STV_DEFAULT, and
 * are left without a unit. So are globals: nothing says where they come from.
 */
#include "debug/file_units.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"

static bool has_file(const struct image *image, const struct symbol *symbol)
{
	return symbol->file != 0 && symbol->bind == STB_LOCAL &&
	       symbol->visibility == STV_DEFAULT && symbol->size != 0 &&
	       symbol->section != SECTION_UNDEF &&
	       symbol->section < image->section_count &&
	       !(symbol->flags & SYMBOL_OUTSIDE) &&
	       (symbol->type == STT_FUNC || symbol->type == STT_OBJECT);
}

/* What is known of sources without DWARF, and what not. */
static void warn(struct image *image, uint32_t units)
{
	if (image->raw_btf)
		return; /* it could not have any */
	if (units == 0)
		image_warn(image, "%s: no debug information is read, and there "
			   "are no FILE symbols: units and inlined code are "
			   "not known", image->path);
	else
		image_warn(image, "%s: no debug information is read: %u units "
			   "from FILE symbols, of local functions and objects "
			   "alone; without those of globals, directories and "
			   "inlined code", image->path, units);
}

/* The unit of a FILE symbol's name, new or known; NONE: no memory. */
static uint32_t unit_of(struct dwarf *dwarf, struct names *names,
			size_t *capacity, const char *name)
{
	uint32_t number = names_intern_cstr(names, name);
	struct dwarf_unit *units;

	if (number == NAME_ERROR)
		return NONE;
	if (number - 1 < dwarf->unit_count)
		return number - 1;
	units = array_grow(dwarf->units, capacity, number, sizeof(*units));
	if (!units)
		return NONE;
	dwarf->units = units;
	units[dwarf->unit_count] = (struct dwarf_unit){
		.name = name, .producer = "", .home = dwarf->unit_count,
		.offset = DWARF_NOWHERE, .has_code = 1,
	};
	return dwarf->unit_count++;
}

/* The units are malloc'ed while they grow; the arena has them in the end. */
static int keep_units(struct dwarf *dwarf)
{
	struct dwarf_unit *units = arena_array(&dwarf->arena,
					       (size_t)dwarf->unit_count + 1,
					       sizeof(*units));

	if (units && dwarf->unit_count > 0)
		memcpy(units, dwarf->units,
		       dwarf->unit_count * sizeof(*units));
	free(dwarf->units);
	dwarf->units = units;
	return units ? 0 : -1;
}

/* Adds the next FILE symbol that some symbol is believed to come from. */
static int add_file(struct dwarf *dwarf, struct names *names,
		    size_t *unit_capacity, size_t *file_capacity,
		    const char *name, uint32_t symbol)
{
	uint32_t unit = unit_of(dwarf, names, unit_capacity, name);
	struct file_unit *list =
		array_grow(dwarf->file_units, file_capacity,
			   (size_t)dwarf->file_unit_count + 1, sizeof(*list));

	if (list)
		dwarf->file_units = list;
	if (!list || unit == NONE)
		return -1;
	list[dwarf->file_unit_count++] = (struct file_unit){ symbol, unit };
	return 0;
}

int file_units_read(struct dwarf *dwarf, struct image *image)
{
	struct names names;
	size_t unit_capacity = 0, file_capacity = 0;
	uint32_t last = 0;
	int result = names_init(&names, 1024);

	for (uint32_t i = 1; i < image->symbol_count && !result; i++) {
		const struct symbol *symbol = &image->symbols[i];
		const char *name;

		if (symbol->file == last || !has_file(image, symbol))
			continue;
		last = symbol->file;
		name = image_symbol_name(image, last);
		if (*name)
			result = add_file(dwarf, &names, &unit_capacity,
					  &file_capacity, name, last);
	}
	names_release(&names);
	warn(image, dwarf->unit_count);
	return keep_units(dwarf) ? -1 : result;
}

uint32_t dwarf_file_unit(const struct dwarf *dwarf, const struct image *image,
			 uint32_t symbol, uint32_t *hint)
{
	const struct file_unit *list = dwarf->file_units;
	uint32_t low = 0, high = dwarf->file_unit_count;
	uint32_t file = image->symbols[symbol].file;

	if (!high || !has_file(image, &image->symbols[symbol]))
		return NONE;
	if (*hint < high && list[*hint].symbol == file)
		return list[*hint].unit;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (list[middle].symbol < file)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == dwarf->file_unit_count || list[low].symbol != file)
		return NONE;
	*hint = low;
	return list[low].unit;
}

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

static int by_place(const void *a_, const void *b_)
{
	const struct dwarf_variable *a = a_, *b = b_;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	return a->unit < b->unit ? -1 : a->unit > b->unit;
}

/* Most symbol tables are written section by section. */
static void sort_by_place(struct dwarf_variable *list, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		if (by_place(&list[i - 1], &list[i]) <= 0)
			continue;
		qsort(list, count, sizeof(*list), by_place);
		return;
	}
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

int file_units_read(struct dwarf *dwarf, const struct image *image)
{
	struct names names = { 0 };
	size_t capacity = 0;
	uint32_t count = 0;
	int result = -1;

	for (uint32_t i = 1; i < image->symbol_count; i++)
		count += has_file(image, &image->symbols[i]);
	if (count == 0)
		return 0;
	dwarf->variables = arena_array(&dwarf->arena, count,
				       sizeof(*dwarf->variables));
	if (!dwarf->variables || names_init(&names, 1024))
		goto out;
	for (uint32_t i = 1, file = 0, unit = NONE; i < image->symbol_count;
	     i++) {
		const struct symbol *symbol = &image->symbols[i];
		const char *name;

		if (!has_file(image, symbol))
			continue;
		name = image_symbol_name(image, symbol->file);
		if (!*name)
			continue;
		if (file != symbol->file)
			unit = unit_of(dwarf, &names, &capacity, name);
		if (unit == NONE)
			goto out;
		file = symbol->file;
		dwarf->variables[dwarf->variable_count++] =
			(struct dwarf_variable){ symbol->value,
						 symbol->section, unit };
	}
	sort_by_place(dwarf->variables, dwarf->variable_count);
	result = 0;
out:
	names_release(&names);
	return keep_units(dwarf) ? -1 : result;
}

/* SPDX-License-Identifier: MIT */
/*
 * Functions and the files that declare them. A function is known by the DIE
 * at the end of its abstract origins; one in another unit is noted by its
 * place and read when all units have been walked.
 */
#include <stdlib.h>
#include <string.h>

#include "debug/dwarf_path.h"
#include "debug/dwarf_walk.h"

/* Steps from an inlined copy to its function: two are usual. */
#define ORIGIN_LIMIT 8u

bool walker_table(struct walker *walker, const struct unit *unit)
{
	struct abbrev_table *table = &walker->table;
	struct dwarf_file *file = walker->file;
	struct cursor cursor;
	int64_t size;

	if (table->valid && table->offset == unit->abbrev &&
	    table->version == unit->format.version &&
	    table->address_size == unit->format.address_size &&
	    table->offset_size == unit->format.offset_size)
		return true;
	table->valid = false;
	cursor = dwarf_file_cursor(file, DEBUG_ABBREV, unit->abbrev,
				   UINT64_MAX);
	if (cursor.failed || file->abbrevs.left <= 0)
		return false;
	size = abbrev_table_read(table, cursor, &unit->format);
	if (size < 0) {
		walker->failed = true;
		return false;
	}
	budget_take(&file->abbrevs,
		    table->valid ? (uint64_t)size : cursor_left(&cursor));
	table->offset = unit->abbrev;
	table->version = unit->format.version;
	table->address_size = unit->format.address_size;
	table->offset_size = unit->format.offset_size;
	return table->valid;
}

void die_read(struct die *die, const struct abbrev_table *table,
	      const struct abbrev *abbrev, struct cursor *cursor,
	      const struct unit_format *format)
{
	die->abbrev = abbrev;
	die->have = 0;
	for (uint32_t i = 0; i < abbrev->attribute_count; i++) {
		const struct abbrev_attribute *attribute =
			&table->attributes[abbrev->attributes + i];
		struct value *value = &die->values[attribute->slot];

		if (attribute->size == FORM_VARIES) {
			*value = form_read(cursor, attribute->form,
					   attribute->constant, format);
			if (value->kind == VALUE_NONE)
				return;
		} else if (attribute->slot == SLOT_NONE) {
			cursor_skip(cursor, attribute->size);
		} else {
			value->kind = attribute->kind;
			value->bytes = cursor->at;
			value->number = attribute->size ?
				cursor_uint(cursor, attribute->size) :
				(uint64_t)attribute->constant;
		}
		die->have |= 1u << attribute->slot;
	}
}

bool die_at(const struct walker *walker, const struct unit *unit,
	    uint64_t offset, struct die *die)
{
	struct cursor cursor = dwarf_file_cursor(walker->file, DEBUG_INFO,
						 offset, unit->end);
	const struct abbrev *abbrev;

	if (offset < unit->die || cursor.failed)
		return false;
	abbrev = abbrev_find(&walker->table, cursor_uleb(&cursor));
	if (!abbrev || cursor.failed)
		return false;
	die->offset = offset;
	die_read(die, &walker->table, abbrev, &cursor, &unit->format);
	return !cursor.failed;
}

/* The number of a file's path in walker->names; 0 if unknown. */
uint32_t walker_file(struct walker *walker, const struct unit *unit,
			    const struct value *value)
{
	struct line_files *line = &walker->line;
	char path[PATH_LIMIT];
	uint32_t *known, number;
	uint64_t key;

	if (value->kind != VALUE_NUMBER)
		return 0;
	if (line_files_read(line, walker->file, unit)) {
		walker->failed = true;
		return 0;
	}
	if (value->number >= line->file_count)
		return 0;
	/* Strings of .debug_line_str are shared by units: a good key. */
	key = (uintptr_t)line->files[value->number].name;
	if (line->files[value->number].directory < line->directory_count)
		key ^= map_mix((uintptr_t)line->directories[
			line->files[value->number].directory]);
	key ^= map_mix((uintptr_t)unit->comp_dir + 1);
	known = map_at(&walker->file_of, key, 0);
	if (!known) {
		walker->failed = true;
		return 0;
	}
	if (*known)
		return *known;
	if (!line_file_path(line, unit, value->number, path, sizeof(path)))
		return 0;
	number = names_find(&walker->names, path, strlen(path));
	if (number == 0) {
		char *copy = arena_strndup(&walker->arena, path, strlen(path));

		number = copy ? names_intern_cstr(&walker->names, copy) :
				NAME_ERROR;
	}
	if (number == NAME_ERROR) {
		walker->failed = true;
		return 0;
	}
	return *known = number;
}

uint32_t die_line(const struct die *die, enum slot slot)
{
	if (!die_has(die, slot) || die->values[slot].number > UINT32_MAX)
		return 0;
	return (uint32_t)die->values[slot].number;
}

/* Takes from one DIE what is still missing. */
static void take_names(struct walker *walker, const struct unit *unit,
		       const struct die *die, struct walk_function *function)
{
	if (!*function->name && die_has(die, SLOT_NAME))
		function->name = value_string(walker->file, unit,
					      &die->values[SLOT_NAME]);
	if (!*function->linkage && die_has(die, SLOT_LINKAGE))
		function->linkage = value_string(walker->file, unit,
						 &die->values[SLOT_LINKAGE]);
	if (!function->decl_file && die_has(die, SLOT_DECL_FILE))
		function->decl_file = walker_file(walker, unit,
			&die->values[SLOT_DECL_FILE]);
	if (!function->decl_line)
		function->decl_line = die_line(die, SLOT_DECL_LINE);
}

void walker_function(struct walker *walker, uint32_t unit_index,
		     uint64_t offset, struct walk_function *function)
{
	const struct unit *unit = &walker->file->units[unit_index];
	enum slot slot = SLOT_SPECIFICATION;
	struct die die;

	*function = (struct walk_function){ .die = offset, .name = "",
					    .linkage = "",
					    .unit = unit_index };
	for (unsigned i = 0; i < ORIGIN_LIMIT; i++) {
		if (!die_at(walker, unit, offset, &die))
			return;
		take_names(walker, unit, &die, function);
		if (die_has(&die, SLOT_ORIGIN))
			slot = SLOT_ORIGIN;
		if (!die_has(&die, slot) ||
		    !value_reference(unit, &die.values[slot], &offset))
			return;
	}
}

static uint32_t push_function(struct walker *walker,
			      const struct walk_function *function)
{
	struct walk_function *list =
		array_grow(walker->functions, &walker->function_capacity,
			   walker->function_count + 1, sizeof(*list));

	if (list)
		walker->functions = list;
	if (!list || walker->function_count >= NONE) {
		walker->failed = true;
		return NONE;
	}
	list[walker->function_count] = *function;
	return (uint32_t)walker->function_count++;
}

/* The root of a chain of abstract origins that starts at `die`. */
static uint64_t root_of(struct walker *walker, const struct unit *unit,
			const struct die *die)
{
	struct die step = *die;
	uint64_t offset = die->offset;

	for (unsigned i = 0; i < ORIGIN_LIMIT; i++) {
		uint64_t origin;

		if (!die_has(&step, SLOT_ORIGIN) ||
		    !value_reference(unit, &step.values[SLOT_ORIGIN], &origin))
			break;
		offset = origin;
		/* In another unit: the chain goes on when that is read. */
		if (!die_at(walker, unit, offset, &step))
			break;
	}
	return offset;
}

uint32_t walker_function_of(struct walker *walker, uint32_t unit_index,
			    const struct die *die)
{
	const struct unit *unit = &walker->file->units[unit_index];
	struct walk_function function = { .name = "", .linkage = "",
					  .unit = NONE };
	uint64_t root = die->offset;
	uint32_t *known;
	bool own;

	/* Most chains are one step long: ask for its end first. */
	if (die_has(die, SLOT_ORIGIN) &&
	    value_reference(unit, &die->values[SLOT_ORIGIN], &root)) {
		const uint32_t *found = map_find(&walker->function_of, root);

		if (found)
			return *found;
		root = root_of(walker, unit, die);
	}
	own = root >= unit->die && root < unit->end;
	known = map_at(own ? &walker->function_of : &walker->foreign_of, root,
		       NONE);
	if (!known) {
		walker->failed = true;
		return NONE;
	}
	if (*known != NONE)
		return *known;
	function.die = root;
	if (own)
		walker_function(walker, unit_index, root, &function);
	return *known = push_function(walker, &function);
}

/* SPDX-License-Identifier: MIT */
/*
 * Sections are found by name (only-keep-debug files and linkers are free with
 * everything else), units by walking their headers: one page is touched for
 * each, and the first one that cannot be true ends the list.
 */
#include "debug/dwarf_file.h"

#include <dwarf.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/tails.h"
#include "debug/separate.h"

static const char *const section_names[DEBUG_SECTIONS] = {
	[DEBUG_INFO] = ".debug_info",
	[DEBUG_ABBREV] = ".debug_abbrev",
	[DEBUG_STR] = ".debug_str",
	[DEBUG_LINE] = ".debug_line",
	[DEBUG_LINE_STR] = ".debug_line_str",
	[DEBUG_RANGES] = ".debug_ranges",
	[DEBUG_RNGLISTS] = ".debug_rnglists",
	[DEBUG_ADDR] = ".debug_addr",
	[DEBUG_STR_OFFSETS] = ".debug_str_offsets",
};

/*
 * Fills indexes[] with the first section of each name, 0 if none. Those of a
 * COMDAT group hold single type units: the others go first.
 */
static void find_sections(const struct image *image,
			  uint32_t indexes[DEBUG_SECTIONS])
{
	memset(indexes, 0, DEBUG_SECTIONS * sizeof(*indexes));
	for (uint32_t k = 0; k < image->landmark_count; k++) {
		uint32_t i = image->landmarks[k];
		const char *name;

		if (image->sections[i].flags & SHF_ALLOC)
			continue;
		name = image_section_name(image, i);
		if (strncmp(name, ".debug_", 7) != 0)
			continue;
		for (unsigned j = 0; j < DEBUG_SECTIONS; j++)
			if ((!indexes[j] ||
			     (image->sections[indexes[j]].flags &
			      SHF_GROUP)) &&
			    strcmp(name, section_names[j]) == 0)
				indexes[j] = i;
	}
}

static bool has_debug_info(const struct image *image)
{
	uint32_t indexes[DEBUG_SECTIONS];

	find_sections(image, indexes);
	return indexes[DEBUG_INFO] && indexes[DEBUG_ABBREV] &&
	       image_section_data(image, indexes[DEBUG_INFO]);
}

static int read_sections(struct dwarf_file *file)
{
	struct reloc_targets targets;
	uint32_t indexes[DEBUG_SECTIONS];
	int result = 0;

	find_sections(file->image, indexes);
	if (reloc_targets_init(&targets, file->image))
		return -1;
	for (unsigned i = 0; i < DEBUG_SECTIONS && result == 0; i++) {
		struct section_bytes *bytes = &file->sections[i];
		const uint8_t *end;

		if (!indexes[i])
			continue;
		result = section_bytes_read(bytes, file->image, indexes[i],
					    &file->map, &targets);
		if (i != DEBUG_STR && i != DEBUG_LINE_STR)
			continue;
		end = bytes->data ? memrchr(bytes->data, 0, bytes->size) : NULL;
		file->string_ends[i] =
			end ? (uint64_t)(end - bytes->data) + 1 : 0;
		file->long_names |= tails_may_be_long(
			(const char *)bytes->data, file->string_ends[i]);
	}
	reloc_targets_release(&targets);
	return result;
}

/* The same index as a rule; else by name. */
static int map_sections(struct dwarf_file *file, const struct image *image)
{
	uint32_t count = file->image->section_count;

	file->section_map = arena_array(&file->arena, (size_t)count + 1,
					sizeof(*file->section_map));
	if (!file->section_map)
		return -1;
	file->section_map_count = count;
	for (uint32_t i = 0; i < count; i++) {
		const char *name = image_section_name(file->image, i);

		file->section_map[i] = NONE;
		if (!(file->image->sections[i].flags & SHF_ALLOC))
			continue;
		if (i < image->section_count &&
		    strcmp(name, image_section_name(image, i)) == 0) {
			file->section_map[i] = i;
		} else if (image->section_count < 4096) {
			uint32_t other = image_find_section(image, name);

			file->section_map[i] = other ? other : NONE;
		}
	}
	return 0;
}

/* Legitimate files read .debug_abbrev and others about once. */
static void set_budgets(struct dwarf_file *file)
{
	const struct section_bytes *s = file->sections;

	file->abbrevs.left = (int64_t)(s[DEBUG_ABBREV].size * 16 +
				       s[DEBUG_INFO].size + 4096);
	file->ranges.left = (int64_t)((s[DEBUG_RANGES].size +
				       s[DEBUG_RNGLISTS].size) * 4 + 4096);
	file->lines.left = (int64_t)(s[DEBUG_LINE].size * 16 +
				     s[DEBUG_INFO].size + 4096);
	file->names.left = (int64_t)((s[DEBUG_STR].size +
				      s[DEBUG_LINE_STR].size) * TAIL_SHARE);
}

/* DWARF 5, section 7.5.1. False where no unit can be. */
static bool read_header(struct unit *unit, struct cursor *cursor,
			uint64_t offset, uint64_t section_size)
{
	const uint8_t *start = cursor->at;
	uint64_t length = cursor_u32(cursor);
	uint8_t offset_size = 4;

	if (length == 0xffffffff) {
		length = cursor_u64(cursor);
		offset_size = 8;
	}
	*unit = (struct unit){ .offset = offset, .type = DW_UT_compile };
	unit->format.offset_size = offset_size;
	unit->end = offset + (uint64_t)(cursor->at - start);
	if (cursor->failed || length > section_size - unit->end)
		return false;
	unit->end += length;
	unit->format.version = (uint8_t)cursor_u16(cursor);
	if (unit->format.version == 5) {
		unit->type = cursor_u8(cursor);
		unit->format.address_size = cursor_u8(cursor);
		unit->abbrev = cursor_uint(cursor, offset_size);
		if (unit->type == DW_UT_skeleton ||
		    unit->type == DW_UT_split_compile)
			cursor_skip(cursor, 8);
		else if (unit->type == DW_UT_type ||
			 unit->type == DW_UT_split_type)
			cursor_skip(cursor, 8u + offset_size);
	} else {
		unit->abbrev = cursor_uint(cursor, offset_size);
		unit->format.address_size = cursor_u8(cursor);
	}
	unit->die = offset + (uint64_t)(cursor->at - start);
	return !cursor->failed && unit->die <= unit->end &&
	       unit->format.version >= 2 && unit->format.version <= 5 &&
	       (unit->format.address_size == 4 ||
		unit->format.address_size == 8 ||
		unit->format.address_size == 2);
}

/*
 * False where .debug_info is not worth opening: what its first header says is
 * not subject to relocation, and preparing a vmlinux.o of millions of sections
 * costs as much as the rest of the run.
 */
static bool begins_with_unit(const struct dwarf_file *file)
{
	uint32_t indexes[DEBUG_SECTIONS];
	const struct section *info;
	struct cursor cursor;
	struct unit unit;
	const uint8_t *data;

	find_sections(file->image, indexes);
	data = image_section_data(file->image, indexes[DEBUG_INFO]);
	info = &file->image->sections[indexes[DEBUG_INFO]];
	if (!data || (info->flags & SHF_COMPRESSED) ||
	    !strncmp(image_section_name(file->image, indexes[DEBUG_INFO]),
		     ".zdebug", 7))
		return true;
	cursor = (struct cursor){ data, data + info->size, file->swap, false };
	return read_header(&unit, &cursor, 0, info->size);
}

/* dwz moves what several files have to another one (DWARF 5, section 7.3.6). */
static void warn_of_alternate(const struct dwarf_file *file,
			      struct image *image)
{
	static const char *const names[] = { ".gnu_debugaltlink", ".debug_sup" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (image_find_section(file->image, names[i]))
			image_warn(image, "%s: %s: what debug information has "
				   "in another file (dwz -m) is not read: "
				   "some names of sources and functions are "
				   "left out", file->image->path, names[i]);
}

struct dwarf_file *dwarf_file_open(struct image *image,
				   const struct dwarf_options *options,
				   bool *oom)
{
	struct dwarf_file *file = calloc(1, sizeof(*file));

	*oom = !file;
	if (!file)
		return NULL;
	file->image = image;
	if (options->debug_file || !has_debug_info(image)) {
		file->separate = separate_open(image, options->debug_file);
		if (!file->separate) {
			dwarf_file_free(file);
			return NULL;
		}
		file->image = file->separate;
	}
	file->swap = file->image->big_endian != (BYTE_ORDER == BIG_ENDIAN);
	if (!has_debug_info(file->image)) {
		image_warn(image, "%s: no .debug_info in it",
			   file->image->path);
		dwarf_file_free(file);
		return NULL;
	}
	warn_of_alternate(file, image);
	if (!begins_with_unit(file)) {
		image_warn(image, "%s: .debug_info does not begin with a unit: "
			   "it is not read", file->image->path);
		dwarf_file_free(file);
		return NULL;
	}
	*oom = address_map_init(&file->map, file->image) != 0 ||
	       (file->separate && map_sections(file, image) != 0) ||
	       read_sections(file) != 0;
	if (*oom) {
		dwarf_file_free(file);
		return NULL;
	}
	set_budgets(file);
	return file;
}

void dwarf_file_free(struct dwarf_file *file)
{
	if (!file)
		return;
	for (unsigned i = 0; i < DEBUG_SECTIONS; i++)
		section_bytes_release(&file->sections[i]);
	address_map_release(&file->map);
	if (file->separate) {
		image_release(file->separate);
		free(file->separate);
	}
	free(file->units);
	arena_release(&file->arena);
	free(file);
}

struct cursor dwarf_file_cursor(const struct dwarf_file *file,
				enum debug_section section, uint64_t offset,
				uint64_t end)
{
	const struct section_bytes *bytes = &file->sections[section];

	static const uint8_t nothing[1];

	end = min_u64(end, bytes->size);
	if (!bytes->data || offset > end)
		return (struct cursor){ nothing, nothing, file->swap, true };
	return (struct cursor){ bytes->data + offset, bytes->data + end,
				file->swap, false };
}

int dwarf_file_units(struct dwarf_file *file, struct image *image)
{
	uint64_t size = file->sections[DEBUG_INFO].size, offset = 0;
	size_t capacity = 0;

	while (offset < size) {
		struct cursor cursor =
			dwarf_file_cursor(file, DEBUG_INFO, offset, size);
		struct unit unit, *units;

		if (!read_header(&unit, &cursor, offset, size) ||
		    file->unit_count == UINT32_MAX - 1) {
			image_warn(image, "%s: .debug_info: no unit at %#llx: "
				   "the rest is not read",
				   file->image->path,
				   (unsigned long long)offset);
			break;
		}
		offset = unit.end;
		if (unit.type == DW_UT_type || unit.type == DW_UT_split_type) {
			file->type_units++;
			continue;
		}
		units = array_grow(file->units, &capacity,
				   (size_t)file->unit_count + 1,
				   sizeof(*units));
		if (!units)
			return -1;
		file->units = units;
		units[file->unit_count++] = unit;
	}
	return 0;
}

struct unit *dwarf_file_unit_at(const struct dwarf_file *file, uint64_t offset)
{
	uint32_t low = 0, high = file->unit_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (file->units[middle].end <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == file->unit_count || offset < file->units[low].die)
		return NULL;
	return &file->units[low];
}

static const char *string_at(struct dwarf_file *file,
			     enum debug_section section, uint64_t offset)
{
	const char *text;

	if (offset >= file->string_ends[section])
		return "";
	text = (const char *)file->sections[section].data + offset;
	if (file->long_names && strnlen(text, TAIL_FREE) == TAIL_FREE &&
	    (file->names.left <= 0 ||
	     !budget_take(&file->names, strlen(text))))
		return "";
	return text;
}

const char *value_string(struct dwarf_file *file,
			 const struct unit *unit, const struct value *value)
{
	struct cursor cursor;
	uint64_t size = unit->format.offset_size, at;

	switch (value->kind) {
	case VALUE_STRING:
		return (const char *)value->bytes;
	case VALUE_STR:
		return string_at(file, DEBUG_STR, value->number);
	case VALUE_LINE_STR:
		return string_at(file, DEBUG_LINE_STR, value->number);
	case VALUE_STR_INDEX:
		if (__builtin_mul_overflow(value->number, size, &at) ||
		    __builtin_add_overflow(at, unit->str_offsets_base, &at))
			return "";
		cursor = dwarf_file_cursor(file, DEBUG_STR_OFFSETS, at,
					   UINT64_MAX);
		at = cursor_uint(&cursor, (unsigned)size);
		return cursor.failed ? "" : string_at(file, DEBUG_STR, at);
	default:
		return "";
	}
}

bool dwarf_file_address(const struct dwarf_file *file, const struct unit *unit,
			uint64_t index, uint64_t *address)
{
	struct cursor cursor;
	uint64_t size = unit->format.address_size, at;

	if (__builtin_mul_overflow(index, size, &at) ||
	    __builtin_add_overflow(at, unit->addr_base, &at))
		return false;
	cursor = dwarf_file_cursor(file, DEBUG_ADDR, at, UINT64_MAX);
	*address = cursor_uint(&cursor, (unsigned)size);
	return !cursor.failed;
}

bool value_address(const struct dwarf_file *file, const struct unit *unit,
		   const struct value *value, uint64_t *address)
{
	if (value->kind == VALUE_ADDRESS) {
		*address = value->number;
		return true;
	}
	return value->kind == VALUE_ADDRESS_INDEX &&
	       dwarf_file_address(file, unit, value->number, address);
}

bool value_reference(const struct unit *unit, const struct value *value,
		     uint64_t *offset)
{
	*offset = value->number;
	if (value->kind == VALUE_REFERENCE)
		return true;
	return value->kind == VALUE_UNIT_REFERENCE &&
	       !__builtin_add_overflow(value->number, unit->offset, offset);
}

/* SPDX-License-Identifier: MIT */
/*
 * The header of a line table is parsed for each unit that names a file, its
 * program only when somebody asks for the line of an address.
 */
#include "debug/dwarf_line.h"

#include <dwarf.h>
#include <stdlib.h>

#include "debug/dwarf_path.h"

/* More pairs describe no entry of DWARF 5 (it defines five contents). */
#define FORMAT_LIMIT 16u

static int push_directory(struct line_files *files, const char *name)
{
	const char **list = array_grow(files->directories,
				       &files->directory_capacity,
				       files->directory_count + 1,
				       sizeof(*list));

	if (!list)
		return -1;
	files->directories = list;
	list[files->directory_count++] = name;
	return 0;
}

static int push_file(struct line_files *files, const char *name,
		     uint64_t directory)
{
	struct line_file *list = array_grow(files->files, &files->file_capacity,
					    files->file_count + 1,
					    sizeof(*list));

	if (!list)
		return -1;
	files->files = list;
	list[files->file_count++] = (struct line_file){
		name, directory < UINT32_MAX ? (uint32_t)directory :
					       UINT32_MAX };
	return 0;
}

/* Versions 2 to 4: two lists of strings, each ended by an empty one. */
static int read_old_lists(struct line_files *files, struct cursor *cursor)
{
	/* Number 0 is the build directory, and no file. */
	if (push_directory(files, "") || push_file(files, "", 0))
		return -1;
	while (!cursor->failed) {
		const char *name = cursor_string(cursor);

		if (!*name)
			break;
		if (push_directory(files, name))
			return -1;
	}
	while (!cursor->failed) {
		const char *name = cursor_string(cursor);
		uint64_t directory;

		if (!*name)
			break;
		directory = cursor_uleb(cursor);
		cursor_uleb(cursor); /* time */
		cursor_uleb(cursor); /* size */
		if (push_file(files, name, directory))
			return -1;
	}
	return 0;
}

struct entry_format {
	uint64_t content[FORMAT_LIMIT];
	uint16_t form[FORMAT_LIMIT];
	unsigned count;
};

static void read_format(struct entry_format *format, struct cursor *cursor)
{
	unsigned count = cursor_u8(cursor);

	format->count = 0;
	if (count > FORMAT_LIMIT) {
		cursor->failed = true;
		return;
	}
	for (unsigned i = 0; i < count; i++) {
		uint64_t form;

		format->content[i] = cursor_uleb(cursor);
		form = cursor_uleb(cursor);
		format->form[i] = form < UINT16_MAX ? (uint16_t)form :
						      UINT16_MAX;
		format->count++;
	}
}

/* Version 5: both lists describe their own form. */
static int read_new_list(struct line_files *files, struct cursor *cursor,
			 struct dwarf_file *file, const struct unit *unit,
			 const struct unit_format *sizes, bool directories)
{
	struct entry_format format;
	uint64_t count;

	read_format(&format, cursor);
	count = cursor_uleb(cursor);
	for (uint64_t i = 0; i < count && !cursor->failed; i++) {
		const uint8_t *start = cursor->at;
		const char *name = "";
		uint64_t directory = 0;

		for (unsigned j = 0; j < format.count; j++) {
			struct value value = form_read(cursor, format.form[j],
						       0, sizes);

			if (format.content[j] == DW_LNCT_path)
				name = value_string(file, unit, &value);
			else if (format.content[j] == DW_LNCT_directory_index)
				directory = value.number;
		}
		/* Entries without bytes: the count means nothing. */
		if (cursor->at == start)
			break;
		if (directories ? push_directory(files, name) :
				  push_file(files, name, directory))
			return -1;
	}
	return 0;
}

static int read_lists(struct line_files *files, struct cursor *cursor,
		      struct dwarf_file *file, const struct unit *unit,
		      uint8_t offset_size)
{
	struct unit_format sizes = { files->version, files->address_size,
				     offset_size };

	if (files->version < 5)
		return read_old_lists(files, cursor);
	if (read_new_list(files, cursor, file, unit, &sizes, true))
		return -1;
	return read_new_list(files, cursor, file, unit, &sizes, false);
}

/* Up to the lists. Returns the header's cursor; failed when it is broken. */
static struct cursor read_prologue(struct line_files *files,
				   struct dwarf_file *file,
				   const struct unit *unit,
				   uint8_t *offset_size)
{
	struct cursor cursor = dwarf_file_cursor(file, DEBUG_LINE, unit->line,
						 UINT64_MAX);
	uint64_t length = cursor_u32(&cursor), header;

	*offset_size = 4;
	if (cursor.failed)
		return cursor;
	if (length == 0xffffffff) {
		length = cursor_u64(&cursor);
		*offset_size = 8;
	}
	if (length > cursor_left(&cursor))
		cursor.failed = true;
	else
		cursor.end = cursor.at + length;
	files->version = (uint8_t)cursor_u16(&cursor);
	files->address_size = unit->format.address_size;
	if (files->version >= 5) {
		files->address_size = cursor_u8(&cursor);
		cursor_u8(&cursor); /* segment selectors are long gone */
	}
	header = cursor_uint(&cursor, *offset_size);
	if (cursor.failed || header > cursor_left(&cursor) ||
	    files->version < 2 || files->version > 5) {
		cursor.failed = true;
		return cursor;
	}
	files->program = cursor;
	files->program.at += header;
	cursor.end = files->program.at;
	files->min_instruction = cursor_u8(&cursor);
	if (files->version >= 4)
		cursor_u8(&cursor); /* operations an instruction: VLIW */
	cursor_u8(&cursor); /* default of is_stmt */
	files->line_base = (int8_t)cursor_u8(&cursor);
	files->line_range = cursor_u8(&cursor);
	files->opcode_base = cursor_u8(&cursor);
	files->opcode_lengths = cursor.at;
	if (files->opcode_base > 0)
		cursor_skip(&cursor, files->opcode_base - 1u);
	return cursor;
}

int line_files_read(struct line_files *files, struct dwarf_file *file,
		    const struct unit *unit)
{
	struct cursor cursor;
	const uint8_t *start;
	uint8_t offset_size;

	if (files->valid && files->offset == unit->line)
		return 0;
	files->offset = unit->line;
	files->valid = true;
	files->directory_count = files->file_count = 0;
	files->program = (struct cursor){ 0 };
	if (unit->line == DWARF_NOWHERE || file->lines.left <= 0)
		return 0;
	cursor = read_prologue(files, file, unit, &offset_size);
	if (cursor.failed)
		return 0;
	start = cursor.at;
	if (read_lists(files, &cursor, file, unit, offset_size))
		return -1;
	budget_take(&file->lines, (uint64_t)(cursor.at - start));
	return 0;
}

void line_files_release(struct line_files *files)
{
	free(files->directories);
	free(files->files);
	*files = (struct line_files){ 0 };
}

bool line_file_path(const struct line_files *files, const struct unit *unit,
		    uint64_t number, char *path, size_t size)
{
	const struct line_file *file;
	const char *directory = "";

	if (number >= files->file_count)
		return false;
	file = &files->files[number];
	/* Number 0 is the build directory. */
	if (file->directory > 0 && file->directory < files->directory_count)
		directory = files->directories[file->directory];
	return path_make(path, size, unit->comp_dir, directory, file->name) &&
	       path[0] != '\0';
}

/* The state machine's registers, as far as they matter here. */
struct line_state {
	struct line_row row;
	struct line_row **rows;
	size_t *count, *capacity;
};

static int push_row(struct line_state *state)
{
	struct line_row *list = array_grow(*state->rows, state->capacity,
					   *state->count + 1, sizeof(*list));

	if (!list)
		return -1;
	*state->rows = list;
	list[(*state->count)++] = state->row;
	return 0;
}

static void reset(struct line_state *state)
{
	state->row = (struct line_row){ .file = 1, .line = 1 };
}

static int extended(struct line_state *state, struct cursor *cursor)
{
	uint64_t length = cursor_uleb(cursor);
	struct cursor operands = *cursor;
	int result = 0;

	cursor_skip(cursor, length);
	if (cursor->failed || length == 0)
		return 0;
	operands.end = cursor->at;
	switch (cursor_u8(&operands)) {
	case DW_LNE_end_sequence:
		state->row.end = true;
		result = push_row(state);
		reset(state);
		break;
	case DW_LNE_set_address:
		state->row.address = cursor_uint(&operands,
						 (unsigned)length - 1);
		break;
	}
	return result;
}

static void advance_line(struct line_state *state, int64_t by)
{
	state->row.line = (uint32_t)((int64_t)state->row.line + by);
}

static int standard(struct line_state *state, struct cursor *cursor,
		    const struct line_files *files, uint8_t opcode)
{
	switch (opcode) {
	case DW_LNS_copy:
		return push_row(state);
	case DW_LNS_advance_pc:
		state->row.address += cursor_uleb(cursor) *
				      files->min_instruction;
		return 0;
	case DW_LNS_advance_line:
		advance_line(state, cursor_sleb(cursor));
		return 0;
	case DW_LNS_set_file:
		state->row.file = (uint32_t)cursor_uleb(cursor);
		return 0;
	case DW_LNS_const_add_pc:
		state->row.address += (255u - files->opcode_base) /
				      files->line_range *
				      (uint64_t)files->min_instruction;
		return 0;
	case DW_LNS_fixed_advance_pc:
		state->row.address += cursor_u16(cursor);
		return 0;
	}
	for (unsigned i = files->opcode_lengths[opcode - 1]; i > 0; i--)
		cursor_uleb(cursor);
	return 0;
}

static int special(struct line_state *state, const struct line_files *files,
		   uint8_t opcode)
{
	unsigned adjusted = (unsigned)opcode - files->opcode_base;

	state->row.address += (uint64_t)(adjusted / files->line_range) *
			      files->min_instruction;
	advance_line(state, files->line_base +
			    (int)(adjusted % files->line_range));
	return push_row(state);
}

int line_rows_read(const struct line_files *files, struct line_row **rows,
		   size_t *count, size_t *capacity)
{
	struct line_state state = { .rows = rows, .count = count,
				    .capacity = capacity };
	struct cursor cursor = files->program;
	int result = 0;

	reset(&state);
	if (!cursor.at || files->line_range == 0 || files->opcode_base == 0)
		return 0;
	while (cursor.at < cursor.end && !cursor.failed && result == 0) {
		uint8_t opcode = cursor_u8(&cursor);

		if (opcode >= files->opcode_base)
			result = special(&state, files, opcode);
		else if (opcode == 0)
			result = extended(&state, &cursor);
		else
			result = standard(&state, &cursor, files, opcode);
	}
	return result;
}

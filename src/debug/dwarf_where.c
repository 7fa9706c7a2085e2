/* SPDX-License-Identifier: MIT */
/*
 * The line of an address. A line table is a list of sequences, each sorted by
 * address; a row is good up to the next one's address. Rows of all sequences
 * become one sorted list of spans, once for each unit that is asked about.
 */
#include <stdlib.h>
#include <string.h>

#include "debug/dwarf_line.h"
#include "debug/dwarf_path.h"

struct line_span {
	uint64_t start, end; /* addresses */
	uint32_t file, line;
};

struct unit_lines {
	struct line_files files;
	struct line_span *spans; /* by start */
	size_t count;
	const char **paths; /* by file, made when asked for */
};

static int by_start(const void *a_, const void *b_)
{
	const struct line_span *a = a_, *b = b_;

	return a->start < b->start ? -1 : a->start > b->start;
}

static int make_spans(struct unit_lines *unit)
{
	struct line_row *rows = NULL;
	size_t count = 0, capacity = 0;

	if (line_rows_read(&unit->files, &rows, &count, &capacity))
		goto oom;
	unit->spans = calloc(count + 1, sizeof(*unit->spans));
	if (!unit->spans)
		goto oom;
	for (size_t i = 0; i + 1 < count; i++)
		if (!rows[i].end && rows[i].address < rows[i + 1].address)
			unit->spans[unit->count++] = (struct line_span){
				rows[i].address, rows[i + 1].address,
				rows[i].file, rows[i].line };
	free(rows);
	qsort(unit->spans, unit->count, sizeof(*unit->spans), by_start);
	return 0;
oom:
	free(rows);
	return -1;
}

static struct unit_lines *lines_of(const struct dwarf *dwarf,
				   struct dwarf_lines *lines, uint32_t index)
{
	struct unit_lines *unit;

	if (!lines->units)
		lines->units = calloc((size_t)dwarf->unit_count + 1,
				      sizeof(*lines->units));
	if (!lines->units)
		return NULL;
	if (lines->units[index])
		return lines->units[index];
	unit = calloc(1, sizeof(*unit));
	if (!unit)
		return NULL;
	lines->units[index] = unit;
	if (line_files_read(&unit->files, dwarf->file,
			    &dwarf->file->units[index]) ||
	    make_spans(unit))
		return NULL;
	unit->paths = calloc(unit->files.file_count + 1,
			     sizeof(*unit->paths));
	return unit->paths ? unit : NULL;
}

/* The address that debug information calls a place by. */
static bool address_of(const struct dwarf_file *file, uint32_t section,
		       uint64_t offset, uint64_t *address)
{
	if (!file->separate) {
		*address = offset + (file->map.bases ?
			file->map.bases[section] :
			file->image->more[section].addr);
		return true;
	}
	for (uint32_t i = 0; i < file->map.code_count; i++) {
		const struct mapped_span *span = &file->map.code[i];

		if (dwarf_file_section(file, span->section) != section)
			continue;
		*address = span->start + offset;
		return true;
	}
	return false;
}

static const struct line_span *span_at(const struct unit_lines *unit,
				       uint64_t address)
{
	size_t low = 0, high = unit->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (unit->spans[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && address < unit->spans[low - 1].end ?
		       &unit->spans[low - 1] : NULL;
}

static const char *path_of(const struct dwarf *dwarf,
			   struct dwarf_lines *lines, struct unit_lines *unit,
			   uint32_t index, uint32_t file)
{
	const char *root = dwarf->file->root ? dwarf->file->root : "";
	char path[PATH_LIMIT];
	size_t length;

	if (file >= unit->files.file_count)
		return "";
	if (unit->paths[file])
		return unit->paths[file];
	if (!line_file_path(&unit->files, &dwarf->file->units[index], file,
			    path, sizeof(path)))
		return "";
	length = strlen(root);
	if (strncmp(path, root, length) != 0)
		length = 0;
	unit->paths[file] = arena_strndup(&lines->arena, path + length,
					  strlen(path + length));
	return unit->paths[file];
}

int dwarf_line_find(const struct dwarf *dwarf, struct dwarf_lines *lines,
		    uint32_t unit_index, uint32_t section, uint64_t offset,
		    const char **file, uint32_t *line)
{
	struct unit_lines *unit;
	const struct line_span *span;
	uint64_t address;

	*file = "";
	*line = 0;
	if (!dwarf->file || unit_index >= dwarf->unit_count ||
	    !address_of(dwarf->file, section, offset, &address))
		return 0;
	unit = lines_of(dwarf, lines, unit_index);
	if (!unit)
		return -1;
	span = span_at(unit, address);
	if (!span)
		return 0;
	*line = span->line;
	*file = path_of(dwarf, lines, unit, unit_index, span->file);
	return *file ? 0 : -1;
}

void dwarf_lines_release(const struct dwarf *dwarf, struct dwarf_lines *lines)
{
	for (uint32_t i = 0; lines->units && i < dwarf->unit_count; i++) {
		struct unit_lines *unit = lines->units[i];

		if (!unit)
			continue;
		line_files_release(&unit->files);
		free(unit->spans);
		free(unit->paths);
		free(unit);
	}
	free(lines->units);
	arena_release(&lines->arena);
	*lines = (struct dwarf_lines){ 0 };
}

/* SPDX-License-Identifier: MIT */
#include "explain/repeated.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/names.h"
#include "explain/comparison.h"

struct work {
	struct repeated *repeated;
	const struct comparison *comparison;
	struct names names;
	struct map files, dirs, sections; /* name -> row */
};

static struct repeated_row *row_of(struct work *work,
				   struct repeated_rows *rows,
				   struct map *map, const char *text,
				   size_t length)
{
	uint32_t name = names_intern(&work->names, text, length);
	struct repeated_row *room;
	uint32_t *index;

	if (name == NAME_ERROR)
		return NULL;
	index = map_at(map, name, rows->count);
	if (!index)
		return NULL;
	if (*index == rows->count) {
		room = array_grow(rows->list, &rows->capacity,
				  (size_t)rows->count + 1, sizeof(*room));
		if (!room)
			return NULL;
		rows->list = room;
		rows->list[rows->count++] = (struct repeated_row){
			.name = text, .length = length };
	}
	return &rows->list[*index];
}

/* The directory of a path, without the last slash; "." for none. */
static size_t directory_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) : 0;
}

static int add_unit(struct work *work, unsigned side, const char *path)
{
	struct repeated *repeated = work->repeated;
	size_t length = directory_length(path);
	struct repeated_row *file, *dir;

	file = row_of(work, &repeated->files, &work->files, path,
		      strlen(path));
	dir = row_of(work, &repeated->dirs, &work->dirs,
		     length ? path : ".", length ? length : 1);
	if (!file || !dir)
		return -1;
	repeated->units[side]++;
	if (file->units[side]++ == 0)
		repeated->sources[side]++;
	dir->units[side]++;
	return 0;
}

static int add_entry(struct work *work, unsigned side,
		     const struct entry *entry)
{
	const struct build *build = &work->comparison->builds[side];
	struct repeated *repeated = work->repeated;
	struct repeated_row *row;
	const char *text;
	size_t length;

	repeated->bytes[side] += entry->size;
	if (entry->section < build->image.section_count) {
		text = names_text(&work->comparison->names,
				  work->comparison->match.section_name
					[side][entry->section], &length);
		row = row_of(work, &repeated->sections, &work->sections, text,
			     length);
		if (!row)
			return -1;
		row->bytes[side] += entry->size;
	}
	if (entry->unit >= build->dwarf.unit_count)
		return 0;
	text = build->dwarf.units[entry->unit].name;
	row = row_of(work, &repeated->files, &work->files, text, strlen(text));
	if (!row)
		return -1;
	row->bytes[side] += entry->size;
	length = directory_length(text);
	row = row_of(work, &repeated->dirs, &work->dirs, length ? text : ".",
		     length ? length : 1);
	if (!row)
		return -1;
	row->bytes[side] += entry->size;
	return 0;
}

static int add_side(struct work *work, unsigned side)
{
	const struct build *build = comparison_build(work->comparison, side);
	const uint8_t *causes = work->comparison->causes.of_entry[side];

	if (!build || !causes)
		return 0;
	for (uint32_t i = 0; i < build->dwarf.unit_count; i++)
		if (dwarf_unit_repeats(build->dwarf.units, i) &&
		    add_unit(work, side, build->dwarf.units[i].name) != 0)
			return -1;
	for (uint32_t i = 0; i < build->ledger.count; i++)
		if (causes[i] == CAUSE_REPEATED_UNITS &&
		    add_entry(work, side, &build->ledger.entries[i]) != 0)
			return -1;
	return 0;
}

static uint64_t most(const struct repeated_row *row)
{
	return max_u64(row->bytes[OLD], row->bytes[NEW]);
}

static int by_bytes(const void *a, const void *b)
{
	const struct repeated_row *one = a, *two = b;
	int order;

	if (most(one) != most(two))
		return most(one) > most(two) ? -1 : 1;
	order = strncmp(one->name, two->name,
			min_u64(one->length, two->length));
	if (order)
		return order;
	return one->length < two->length ? -1 : one->length > two->length;
}

static void sort(struct repeated_rows *rows)
{
	if (rows->count)
		qsort(rows->list, rows->count, sizeof(*rows->list), by_bytes);
}

int repeated_find(struct repeated *repeated,
		  const struct comparison *comparison, struct err *err)
{
	struct work work = { .repeated = repeated, .comparison = comparison };
	int result = 0;

	memset(repeated, 0, sizeof(*repeated));
	if (names_init(&work.names, 1024) != 0 || add_side(&work, OLD) != 0 ||
	    add_side(&work, NEW) != 0)
		result = err_oom(err, "counting repeated units");
	sort(&repeated->files);
	sort(&repeated->dirs);
	sort(&repeated->sections);
	names_release(&work.names);
	map_release(&work.files);
	map_release(&work.dirs);
	map_release(&work.sections);
	return result;
}

void repeated_release(struct repeated *repeated)
{
	free(repeated->files.list);
	free(repeated->dirs.list);
	free(repeated->sections.list);
	memset(repeated, 0, sizeof(*repeated));
}

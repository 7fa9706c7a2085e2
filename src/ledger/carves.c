/* SPDX-License-Identifier: MIT */

/*
 * Finds the side tables that a linker script put inside other sections, by
 * the symbols at their two ends. One pass over the symbols; names are tested
 * only where they begin as a marker does.
 */
#include "ledger/side_tables.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

/* The symbols at the ends of the table that a row describes. */
struct ends {
	uint32_t start, stop; /* symbols, 0: none */
};

/* Rows for one table share their markers: the first that fits counts. */
static bool is_first(const struct image *image, uint32_t row)
{
	const struct side_table *rows = side_table_rows;

	if (!rows[row].start || !side_table_fits(image, row))
		return false;
	for (uint32_t i = row; i-- && rows[i].start;)
		if (!strcmp(rows[i].start, rows[row].start) &&
		    side_table_fits(image, i))
			return false;
	return true;
}

static void find_ends(const struct image *image, struct ends *ends,
		      struct kallsyms_tables *kallsyms)
{
	for (uint32_t i = 1; i < image->symbol_count; i++) {
		const struct symbol *symbol = &image->symbols[i];
		const char *name;

		if (symbol->type != STT_NOTYPE || symbol->flags ||
		    !symbol->section || symbol->section >= image->section_count)
			continue;
		name = image_symbol_name(image, i);
		if (!strncmp(name, "kallsyms_", 9))
			kallsyms_note(kallsyms, name, i);
		if (strncmp(name, "__st", 4))
			continue;
		for (uint32_t row = 0; row < side_table_row_count; row++) {
			if (!is_first(image, row))
				continue;
			if (!ends[row].start &&
			    !strcmp(name, side_table_rows[row].start))
				ends[row].start = i;
			if (!ends[row].stop &&
			    !strcmp(name, side_table_rows[row].stop))
				ends[row].stop = i;
		}
	}
}

static int compare_carves(const void *a, const void *b)
{
	const struct carve *x = a, *y = b;

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->end < y->end ? -1 : x->end > y->end;
}

static bool make_carve(const struct image *image, const struct ends *ends,
		       uint32_t row, struct carve *carve)
{
	const struct symbol *start = &image->symbols[ends->start];
	const struct symbol *stop = &image->symbols[ends->stop];

	if (!ends->start || !ends->stop || start->section != stop->section ||
	    start->value >= stop->value ||
	    stop->value > image->sections[start->section].size ||
	    !image_section_data(image, start->section) ||
	    side_table_find(image, start->section) != NONE)
		return false;
	*carve = (struct carve){ start->value, stop->value, start->section,
				 row };
	return true;
}

int side_tables_carves(struct build *build, struct carve **carves,
		       size_t *count, struct err *err)
{
	const struct image *image = &build->image;
	struct side_tables *tables = side_tables_of(build, err);
	struct ends *ends;
	struct carve *list;
	size_t found = 0, kept = 0;

	*carves = NULL;
	*count = 0;
	if (!tables)
		return -1;
	if (image->type == ET_REL)
		return 0;
	ends = calloc(side_table_row_count, sizeof(*ends));
	list = calloc(side_table_row_count, sizeof(*list));
	if (!ends || !list) {
		free(ends);
		free(list);
		return err_oom(err, "looking for side tables");
	}
	find_ends(image, ends, &tables->kallsyms);
	kallsyms_measure(&tables->kallsyms, image);
	for (uint32_t row = 0; row < side_table_row_count; row++)
		found += make_carve(image, &ends[row], row, &list[found]);
	free(ends);
	qsort(list, found, sizeof(*list), compare_carves);
	for (size_t i = 0; i < found; i++)
		if (!kept || list[kept - 1].section != list[i].section ||
		    list[kept - 1].end <= list[i].start)
			list[kept++] = list[i];
	if (!kept) {
		free(list);
		return 0;
	}
	*carves = list;
	*count = kept;
	return 0;
}

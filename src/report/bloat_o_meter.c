/* SPDX-License-Identifier: MIT */
/*
 * What scripts/bloat-o-meter does, seen from outside: it takes the symbols
 * that `nm --size-sort` prints and whose type letter belongs to the table,
 * leaves out a few generated names, removes every ".<digits>" from the rest,
 * adds up sizes by the name that remains, and prints each name whose sum
 * changed: largest growth first, equal ones by name from the end of the
 * alphabet. Since names are distinct by then, that order is total, and no
 * order of the input can shine through.
 *
 * Names are bytes here and code points there; for UTF-8 both sort alike, and
 * the first column pads by code points. Where a name would make the script
 * fail (white space in it, no letters at all, not UTF-8) there is nothing to
 * equal: the symbol is kept, and what a terminal could execute is shown as
 * \xNN.
 *
 * Both sides are added up in one table of interned names, so that the join
 * costs one look-up a symbol.
 */
#include "report/bloat_o_meter.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/names.h"
#include "report/format.h"
#include "vmdelta.h"

enum { OLD_SIDE, NEW_SIDE, SIDE_COUNT };

#define ALL_LETTERS "tTdDbBrRvVwW"

/* A table that the script prints: a heading and the letters it counts. */
struct table {
	const char *heading;
	const char *letters;
};

static const struct table all_symbols = { "Function", ALL_LETTERS };
static const struct table data_symbols = { "Data", "dDbBrRvV" };
static const struct table text_symbols = { "Function", "tTwW" };
static const struct table categories[] = {
	{ "Function", "tTwW" },
	{ "Data", "dDbBvV" },
	{ "RO Data", "rR" },
};

/* One name: what each side's symbols of that name add up to. */
struct tally {
	int64_t size[SIDE_COUNT];
	uint32_t name;
	bool seen[SIDE_COUNT];
};

struct meter {
	const struct image *images[SIDE_COUNT];
	char *letters[SIDE_COUNT]; /* of sections, nm_section_letters() */
	struct arena arena;        /* names that lost their numbers */
	struct names names;
	struct tally *tallies;     /* by name */
	size_t tally_count;
	size_t tally_capacity;
	int64_t total[SIDE_COUNT];
	FILE *out;
};

/* Names that exist once a build or once an export, and say nothing. */
static const struct {
	const char *text;
	bool whole; /* else a prefix */
} left_out[] = {
	{ "__mod_", false },
	{ "__se_sys", false },
	{ "__se_compat_sys", false },
	{ "__addressable_", false },
	{ "linux_banner", true },
	{ "vermagic", true },
};

static bool is_left_out(const char *name)
{
	/* nm's heading lines have a colon, so the script drops all of them. */
	if (strchr(name, ':'))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(left_out); i++) {
		const char *text = left_out[i].text;

		if (left_out[i].whole ? !strcmp(name, text)
				      : !strncmp(name, text, strlen(text)))
			return true;
	}
	return false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Copies `name` without any ".<digits>"; returns the length that is left. */
static size_t strip_numbers(char *to, const char *name)
{
	size_t length = 0;

	while (*name) {
		if (name[0] == '.' && is_digit(name[1])) {
			for (name++; is_digit(*name); name++)
				;
			continue;
		}
		to[length++] = *name++;
	}
	return length;
}

static bool has_number(const char *name)
{
	for (; (name = strchr(name, '.')); name++)
		if (is_digit(name[1]))
			return true;
	return false;
}

/* The number of a symbol's name as the script would have it. */
static uint32_t meter_name(struct meter *meter, const char *name)
{
	char *copy;

	if (!has_number(name))
		return names_intern_cstr(&meter->names, name);
	copy = arena_alloc(&meter->arena, strlen(name) + 1);
	if (!copy)
		return NAME_ERROR;
	return names_intern(&meter->names, copy, strip_numbers(copy, name));
}

static struct tally *meter_tally(struct meter *meter, uint32_t name)
{
	struct tally *moved;

	if (name < meter->tally_count)
		return &meter->tallies[name];
	moved = array_grow(meter->tallies, &meter->tally_capacity,
			   (size_t)name + 1, sizeof(*moved));
	if (!moved)
		return NULL;
	meter->tallies = moved;
	memset(moved + meter->tally_count, 0,
	       ((size_t)name + 1 - meter->tally_count) * sizeof(*moved));
	for (; meter->tally_count <= name; meter->tally_count++)
		moved[meter->tally_count].name = (uint32_t)meter->tally_count;
	return &moved[name];
}

static int add_symbol(struct meter *meter, unsigned side, uint32_t index,
		      struct err *err)
{
	const struct image *image = meter->images[side];
	const char *text = image_symbol_name(image, index);
	uint64_t size = image->symbols[index].size;
	struct tally *tally;
	uint32_t name;

	if (is_left_out(text))
		return 0;
	name = meter_name(meter, text);
	tally = name == NAME_ERROR ? NULL : meter_tally(meter, name);
	if (!tally)
		return err_oom(err, "adding up symbols");
	if (__builtin_add_overflow(tally->size[side], size,
				   &tally->size[side]) ||
	    __builtin_add_overflow(meter->total[side], size,
				   &meter->total[side]))
		return err_set(err, "%s: symbol sizes add up to more than 63 "
			       "bits hold; the symbol table is damaged, "
			       "build the file again", image->path);
	tally->seen[side] = true;
	return 0;
}

static int add_side(struct meter *meter, unsigned side, const char *letters,
		    struct err *err)
{
	const struct image *image = meter->images[side];

	for (uint32_t i = 1; image && i < image->symbol_count; i++) {
		char letter = nm_letter(image, i, meter->letters[side]);

		if (letter && strchr(letters, letter) &&
		    add_symbol(meter, side, i, err))
			return -1;
	}
	return 0;
}

static int64_t tally_delta(const struct tally *tally)
{
	/* Both are at least 0, so the difference fits. */
	return tally->size[NEW_SIDE] - tally->size[OLD_SIDE];
}

static int compare_tallies(const void *a, const void *b, void *arg)
{
	const struct tally *left = a, *right = b;
	int64_t left_delta = tally_delta(left);
	int64_t right_delta = tally_delta(right);
	size_t left_length, right_length;
	const char *left_text, *right_text;
	int order;

	if (left_delta != right_delta)
		return left_delta < right_delta ? 1 : -1;
	left_text = names_text(arg, left->name, &left_length);
	right_text = names_text(arg, right->name, &right_length);
	order = memcmp(right_text, left_text,
		       left_length < right_length ? left_length
						  : right_length);
	if (order)
		return order;
	return (left_length < right_length) - (left_length > right_length);
}

/* Prints a name and returns the columns that it took. */
static size_t print_name(FILE *out, const char *name, size_t size)
{
	struct text text = { name, size };
	size_t columns = 0;

	while (text.length) {
		struct glyph glyph;
		size_t taken = glyph_read(&glyph, text, true);

		fwrite(glyph.bytes, 1, glyph.length, out);
		columns += glyph.columns;
		text.at += taken;
		text.length -= taken;
	}
	return columns;
}

static void print_size(FILE *out, const struct tally *tally, unsigned side)
{
	if (tally->seen[side])
		fprintf(out, " %7" PRId64, tally->size[side]);
	else
		fputs("       -", out);
}

static void print_rows(const struct meter *meter)
{
	for (size_t i = 0; i < meter->tally_count; i++) {
		const struct tally *tally = &meter->tallies[i];
		int64_t delta = tally_delta(tally);
		size_t length, columns;
		const char *name;

		if (!delta)
			continue;
		name = names_text(&meter->names, tally->name, &length);
		columns = print_name(meter->out, name, length);
		fprintf(meter->out, "%*s",
			columns < 40 ? (int)(40 - columns) : 0, "");
		print_size(meter->out, tally, OLD_SIDE);
		print_size(meter->out, tally, NEW_SIDE);
		fprintf(meter->out, " %+7" PRId64 "\n", delta);
	}
}

static void print_summary(const struct meter *meter)
{
	uint64_t added = 0, removed = 0, grown = 0, shrunk = 0;
	int64_t up = 0, down = 0;

	for (size_t i = 0; i < meter->tally_count; i++) {
		const struct tally *tally = &meter->tallies[i];
		int64_t delta = tally_delta(tally);

		if (tally->seen[OLD_SIDE] && tally->seen[NEW_SIDE]) {
			grown += delta > 0;
			shrunk += delta < 0;
		} else {
			added += tally->seen[NEW_SIDE];
			removed += tally->seen[OLD_SIDE];
		}
		if (delta > 0)
			up += delta;
		else
			down += delta;
	}
	fprintf(meter->out,
		"add/remove: %" PRIu64 "/%" PRIu64 " grow/shrink: %" PRIu64
		"/%" PRIu64 " up/down: %" PRId64 "/%" PRId64 " (%" PRId64
		")\n", added, removed, grown, shrunk, up, down, up + down);
}

static void print_total(const struct meter *meter)
{
	int64_t before = meter->total[OLD_SIDE];
	int64_t after = meter->total[NEW_SIDE];
	double percent = 0;

	if (before)
		percent = (double)(after - before) * 100.0 / (double)before;
	fprintf(meter->out,
		"Total: Before=%" PRId64 ", After=%" PRId64 ", chg %+.2f%%\n",
		before, after, percent);
}

static int print_table(struct meter *meter, const struct table *table,
		       struct err *err)
{
	memset(meter->total, 0, sizeof(meter->total));
	meter->tally_count = 0;
	for (unsigned side = 0; side < SIDE_COUNT; side++)
		if (add_side(meter, side, table->letters, err))
			return -1;
	if (meter->tally_count)
		qsort_r(meter->tallies, meter->tally_count,
			sizeof(*meter->tallies), compare_tallies,
			&meter->names);
	print_summary(meter);
	fprintf(meter->out, "%-40s %7s %7s %7s\n", table->heading, "old",
		"new", "delta");
	print_rows(meter);
	print_total(meter);
	return 0;
}

static int print_tables(struct meter *meter, const struct vmd_options *options,
			struct err *err)
{
	if (!options->categories)
		return print_table(meter, options->data ? &data_symbols :
				   options->text ? &text_symbols :
				   &all_symbols, err);
	for (size_t i = 0; i < ARRAY_SIZE(categories); i++)
		if (print_table(meter, &categories[i], err))
			return -1;
	return 0;
}

static int meter_init(struct meter *meter, const struct image *old_image,
		      const struct image *new_image, FILE *out)
{
	size_t symbols = 0;

	meter->images[OLD_SIDE] = old_image;
	meter->images[NEW_SIDE] = new_image;
	meter->out = out;
	for (unsigned side = 0; side < SIDE_COUNT; side++) {
		const struct image *image = meter->images[side];

		if (!image)
			continue;
		meter->letters[side] = nm_section_letters(image);
		if (!meter->letters[side])
			return -1;
		symbols = max_u64(symbols, image->symbol_count);
	}
	return names_init(&meter->names, symbols);
}

int bloat_o_meter_render(const struct image *old_image,
			 const struct image *new_image,
			 const struct vmd_options *options, FILE *out,
			 struct err *err)
{
	struct meter meter = { 0 };
	int result;

	if (meter_init(&meter, old_image, new_image, out))
		result = err_oom(err, "adding up symbols");
	else
		result = print_tables(&meter, options, err);
	if (!result && ferror(out))
		result = err_set(err, "cannot write the report: %s",
				 strerror(errno));
	free(meter.tallies);
	names_release(&meter.names);
	arena_release(&meter.arena);
	for (unsigned side = 0; side < SIDE_COUNT; side++)
		free(meter.letters[side]);
	return result;
}

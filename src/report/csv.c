/* SPDX-License-Identifier: MIT */
/*
 * CSV as in RFC 4180: one header line, CR LF, quotes where needed. The rest
 * and what filters set aside are rows of their own, told by the last column,
 * so that each column of sizes sums to the total. A name that a spreadsheet
 * would take for a formula gets an apostrophe in front. Control characters are
 * spelt as in text (\\x1b), so that a record is one line.
 */
#include <string.h>

#include "report/flat.h"
#include "report/formats.h"
#include "report/out.h"
#include "report/utf8.h"

static const char *const columns[] = {
	"old_file", "new_file", "old_image", "new_image", "old_content",
	"new_content", "old_count", "new_count",
};
static const char *const symbol_columns[] = {
	"old_name", "new_name", "in_section", "in_unit", "in_file", "level",
};

static bool needs_quotes(struct text text)
{
	for (size_t i = 0; i < text.length; i++) {
		uint8_t c = (uint8_t)text.at[i];

		if (c <= ' ' || c == '"' || c == ',' || c >= 0x7f)
			return true;
	}
	return false;
}

/*
 * Quotes are doubled. Control characters, which a terminal would obey, and
 * bytes that are not UTF-8 are spelt.
 */
static void write_quoted(struct out *out, struct text text)
{
	while (text.length) {
		uint32_t character = 0;
		size_t size = utf8_decode(text.at, text.length, &character);

		if (!size || character < ' ' || character == 0x7f)
			out_format(out, "\\x%02x", (uint8_t)text.at[0]);
		else if (character >= 0x80 && character < 0xa0)
			out_format(out, "\\u%04x", character);
		else if (text.at[0] == '"')
			out_text(out, "\"\"");
		else
			out_bytes(out, text.at, size);
		text.at += size ? size : 1;
		text.length -= size ? size : 1;
	}
}

static void write_field(struct out *out, struct text text)
{
	bool formula = text.length && strchr("=+-@\t\r", text.at[0]) &&
		       text.at[0];
	bool quotes = needs_quotes(text);

	if (quotes)
		out_char(out, '"');
	if (formula)
		out_char(out, '\'');
	if (quotes)
		write_quoted(out, text);
	else
		out_bytes(out, text.at, text.length);
	if (quotes)
		out_char(out, '"');
	out_char(out, ',');
}

static void write_sums(struct out *out, const struct sums sums[SIDES])
{
	const struct sums *a = &sums[OLD], *b = &sums[NEW];
	const uint64_t numbers[] = { a->file, b->file, a->image, b->image,
				     a->content, b->content, a->count,
				     b->count };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		out_number(out, numbers[i]);
		out_char(out, ',');
	}
}

static void write_header(struct out *out, const struct flat *flat)
{
	const struct dimension_list *by = &flat->report.groups.dimensions;

	for (size_t i = 0; i < by->count; i++)
		out_format(out, "%s,", by->at[i]->name);
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		out_format(out, "%s,", columns[i]);
	for (size_t i = 0; flat->has_symbol && i < ARRAY_SIZE(symbol_columns);
	     i++)
		out_format(out, "%s,", symbol_columns[i]);
	if (flat->inlinee_at != SIZE_MAX)
		out_text(out, "declared,home,");
	out_text(out, "row\r\n");
}

static void write_row(struct out *out, const struct flat *flat,
		      const struct flat_row *row)
{
	const char *level = row->pair ? level_name(row->pair->level) : "";

	for (size_t i = 0; i < flat->report.groups.dimensions.count; i++)
		write_field(out, row->keys[i]);
	write_sums(out, row->sums);
	if (flat->has_symbol) {
		write_field(out, row->names[OLD]);
		write_field(out, row->names[NEW]);
		write_field(out, row->place.section);
		write_field(out, row->place.unit);
		write_field(out, row->place.file);
		write_field(out, (struct text){ level, strlen(level) });
	}
	if (flat->inlinee_at != SIZE_MAX) {
		write_field(out, row->origin.declared);
		write_field(out, row->origin.home);
	}
	out_text(out, "row\r\n");
}

static void write_other(struct out *out, const struct flat *flat,
			const struct sums sums[SIDES], const char *kind)
{
	size_t empty = flat->has_symbol ? ARRAY_SIZE(symbol_columns) : 0;

	if (flat->inlinee_at != SIZE_MAX)
		empty += 2;

	out_repeat(out, ',', flat->report.groups.dimensions.count);
	write_sums(out, sums);
	out_repeat(out, ',', empty);
	out_format(out, "%s\r\n", kind);
}

static int write_report(struct out *out, struct flat *flat, struct err *err)
{
	struct sums filtered[SIDES];
	struct flat_row row;

	write_header(out, flat);
	for (size_t i = 0; i < flat->selection.count; i++) {
		flat_row(flat, i, &row);
		write_row(out, flat, &row);
	}
	for (unsigned side = OLD; side < SIDES; side++)
		filtered[side] = flat_filtered(flat, side);
	if (flat->selection.rest_count)
		write_other(out, flat, flat->selection.rest, "rest");
	if (flat->filtered_rows)
		write_other(out, flat, filtered, "filtered");
	return flat_finish(flat, err);
}

int csv_render(const struct comparison *comparison,
	       const struct vmd_options *options, FILE *stream,
	       struct err *err)
{
	struct flat flat;
	struct out out;
	int status = -1;

	if (!flat_init(&flat, comparison, options, err) &&
	    !out_begin(&out, stream, err)) {
		status = write_report(&out, &flat, err);
		if (out_finish(&out, err))
			status = -1;
	}
	flat_release(&flat);
	return status;
}

/* SPDX-License-Identifier: MIT */
/*
 * The JSON report: the contract for scripts, documented in the man page. Rows
 * are flat, one a line, and written as they come. What the sums are checked
 * against stands before the rows, what was left out behind them.
 */
#include <elf.h>
#include <string.h>

#include "report/btf_section.h"
#include "report/flat.h"
#include "report/formats.h"
#include "report/json_facts.h"
#include "report/json_writer.h"
#include "report/story.h"
#include "report/uses.h"

static const char *type_name(uint16_t type)
{
	switch (type) {
	case ET_REL:
		return "rel";
	case ET_EXEC:
		return "exec";
	case ET_DYN:
		return "dyn";
	default:
		return "other";
	}
}

/* What a build is: path, sizes, kind. */
static void write_build(struct json *json, const struct build *build)
{
	const struct image *image;

	if (!build) {
		json_null(json);
		return;
	}
	image = &build->image;
	json_open(json, '{');
	json_key(json, "path");
	json_string(json, image->path);
	json_key(json, "file");
	json_number(json, build->ledger.file_size);
	json_key(json, "image");
	json_number(json, build->ledger.image_size);
	json_key(json, "image_estimated");
	json_bool(json, build->ledger.image_estimated);
	json_key(json, "type");
	json_string(json, type_name(image->type));
	json_key(json, "machine");
	json_string(json, image_machine_name(image->machine));
	json_key(json, "class");
	json_number(json, image->is64 ? 64 : 32);
	json_key(json, "endian");
	json_string(json, image->big_endian ? "big" : "little");
	json_key(json, "build_id");
	json_string(json, build->ident.build_id);
	json_key(json, "banner");
	json_string(json, build->ident.banner);
	json_key(json, "sections");
	json_number(json, image->section_count);
	json_key(json, "symbols");
	json_number(json, image->symbol_count);
	json_close(json, '}');
}

static void write_bytes(struct json *json, const struct sums *sums)
{
	json_key(json, "file");
	json_number(json, sums->file);
	json_key(json, "image");
	json_number(json, sums->image);
	json_key(json, "content");
	json_number(json, sums->content);
}

static void write_sums(struct json *json, bool single,
		       const struct sums sums[SIDES], bool alignment)
{
	for (unsigned side = OLD; side < SIDES; side++) {
		json_key(json, side == OLD ? "old" : "new");
		if (single && side == OLD) {
			json_null(json);
			continue;
		}
		json_open(json, '{');
		write_bytes(json, &sums[side]);
		if (alignment) {
			json_key(json, "alignment");
			json_number(json,
				    sums[side].image - sums[side].content);
		}
		json_close(json, '}');
	}
}

static void write_place(struct json *json, const struct symbol_place *place)
{
	json_open(json, '{');
	if (place->section.length) {
		json_key(json, "section");
		json_text(json, place->section);
	}
	if (place->unit.length) {
		json_key(json, "unit");
		json_text(json, place->unit);
	}
	if (place->file.length) {
		json_key(json, "file");
		json_text(json, place->file);
	}
	json_close(json, '}');
}

static void write_pair(struct json *json, const char *key, uint64_t old,
		       uint64_t new)
{
	json_key(json, key);
	json_open(json, '{');
	json_key(json, "old");
	json_number(json, old);
	json_key(json, "new");
	json_number(json, new);
	json_close(json, '}');
}

/* Rows of inlinee and cause,inlinee: how often it is inlined, and where. */
static void write_story(struct json *json, const struct flat *flat,
			const struct flat_row *row)
{
	struct story story = story_of(&flat->report.groups, row->group);
	const struct inline_use *use = use_of(&flat->report.groups,
					      row->group);
	bool file = flat->report.order.domain == VMD_DOMAIN_FILE;
	const uint64_t *through = !use ? NULL : file ? use->file : use->image;

	if (use) {
		write_pair(json, "copies", use->copies[OLD],
			   use->copies[NEW]);
		write_pair(json, "inlined", through[OLD], through[NEW]);
	}
	if (!story.inlined)
		return;
	write_pair(json, "copies", story.inlined->copies[OLD],
		   story.inlined->copies[NEW]);
	write_pair(json, "functions", story.inlined->hosts[OLD],
		   story.inlined->hosts[NEW]);
	write_pair(json, "outside", story.function->outside[OLD],
		   story.function->outside[NEW]);
	write_pair(json, "inlined", story.function->through[OLD],
		   story.function->through[NEW]);
}

static void write_known(struct json *json, const char *key, struct text text)
{
	json_key(json, key);
	if (text.length)
		json_text(json, text);
	else
		json_null(json);
}

static void write_row(struct json *json, const struct flat *flat,
		      const struct flat_row *row)
{
	const struct dimension_list *by = &flat->report.groups.dimensions;

	json_line(json);
	json_open(json, '{');
	for (size_t i = 0; i < by->count; i++) {
		json_key(json, by->at[i]->name);
		if (row->nulls[i])
			json_null(json);
		else
			json_text(json, row->keys[i]);
	}
	for (unsigned side = OLD; side < SIDES; side++) {
		json_key(json, side == OLD ? "old" : "new");
		if (!row->sums[side].count) {
			json_null(json);
			continue;
		}
		json_open(json, '{');
		if (row->names[side].length) {
			json_key(json, "name");
			json_text(json, row->names[side]);
		}
		write_bytes(json, &row->sums[side]);
		json_key(json, "count");
		json_number(json, row->sums[side].count);
		json_close(json, '}');
	}
	write_story(json, flat, row);
	if (row->inlined) {
		write_known(json, "declared", row->origin.declared);
		write_known(json, "home", row->origin.home);
	}
	if (row->pair) {
		json_key(json, "in");
		write_place(json, &row->place);
		json_key(json, "level");
		json_string(json, level_name(row->pair->level));
	}
	json_close(json, '}');
}

static void write_head(struct json *json, const struct flat *flat)
{
	const struct report *report = &flat->report;
	const struct comparison *comparison = report->comparison;
	const struct dimension_list *by = &report->groups.dimensions;

	json_key(json, "vmdelta");
	json_number(json, 1);
	for (unsigned side = OLD; side < SIDES; side++) {
		json_line(json);
		json_key(json, side == OLD ? "old" : "new");
		write_build(json, comparison_build(comparison, side));
	}
	json_line(json);
	json_key(json, "by");
	json_open(json, '[');
	for (size_t i = 0; i < by->count; i++)
		json_string(json, by->at[i]->name);
	json_close(json, ']');
	json_key(json, "domain");
	json_string(json, report->order.domain == VMD_DOMAIN_FILE ? "file"
								  : "image");
	json_line(json);
	json_key(json, "total");
	json_open(json, '{');
	write_sums(json, comparison->single, report->groups.total, true);
	json_close(json, '}');
}

static void write_tail(struct json *json, const struct flat *flat)
{
	const struct comparison *comparison = flat->report.comparison;
	struct sums filtered[SIDES];

	for (unsigned side = OLD; side < SIDES; side++)
		filtered[side] = flat_filtered(flat, side);
	json_line(json);
	json_key(json, "rest");
	json_open(json, '{');
	json_key(json, "rows");
	json_number(json, flat->selection.rest_count);
	write_sums(json, comparison->single, flat->selection.rest, false);
	json_close(json, '}');
	json_line(json);
	json_key(json, "filtered");
	json_open(json, '{');
	json_key(json, "rows");
	json_number(json, flat->filtered_rows);
	write_sums(json, comparison->single, filtered, false);
	json_close(json, '}');
	json_line(json);
	json_warnings(json, comparison);
}

static int write_report(struct json *json, struct flat *flat, struct err *err)
{
	struct flat_row row;

	json_open(json, '{');
	write_head(json, flat);
	if (json_facts(json, flat->report.comparison, err))
		return -1;
	json_line(json);
	json_key(json, "rows");
	json_open(json, '[');
	for (size_t i = 0; i < flat->selection.count; i++) {
		flat_row(flat, i, &row);
		write_row(json, flat, &row);
	}
	json_close(json, ']');
	write_tail(json, flat);
	if (btf_section_json(json, flat->report.comparison, err))
		return -1;
	json_close(json, '}');
	out_char(json->out, '\n');
	return flat_finish(flat, err);
}

int json_render(const struct comparison *comparison,
		const struct vmd_options *options, FILE *stream,
		struct err *err)
{
	struct flat flat;
	struct out out;
	struct json json = { .out = &out };
	int status = -1;

	if (!flat_init(&flat, comparison, options, err) &&
	    !out_begin(&out, stream, err)) {
		status = write_report(&json, &flat, err);
		if (out_finish(&out, err))
			status = -1;
	}
	flat_release(&flat);
	return status;
}

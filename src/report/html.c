/* SPDX-License-Identifier: MIT */
/*
 * The data of the HTML report, as columns: one array a property is a third of
 * the size of one object a row, and 130,000 rows load in well under a second.
 * Details of rows are written for those that changed.
 *
 * The page is made by src/report/html/build.sh and is put into the program
 * whole, before and after the data. The data element is never run as a
 * script: '<' is spelled out, so no name can end it, and the page's policy
 * allows no script but its own.
 */
#include "report/html.h"

#include <stdlib.h>
#include <string.h>

#include "report/format.h"
#include "report/html_rows.h"
#include "report/json_facts.h"
#include "report/json_writer.h"
#include "report/story.h"
#include "report/totals.h"
#include "report/why.h"

#ifdef HTML_ASSETS
/* gcc 12 has no #embed. */
#define EMBED(name, file) \
	__asm__(".section .rodata\n" \
		".globl vmdelta_html_" #name "\n" \
		".hidden vmdelta_html_" #name "\n" \
		"vmdelta_html_" #name ": .incbin \"" HTML_ASSETS file "\"\n" \
		".byte 0\n.previous\n")
EMBED(head, "/head.html");
EMBED(tail, "/tail.html");
extern const char vmdelta_html_head[], vmdelta_html_tail[];
#else
static const char vmdelta_html_head[1], vmdelta_html_tail[1];
#endif

/* What is written from: one report and the writer. */
struct page {
	const struct comparison *comparison;
	const struct vmd_options *options;
	struct html_rows rows;
	struct json json;
};

static void write_builds(struct page *page)
{
	struct json *json = &page->json;

	for (unsigned side = OLD; side < SIDES; side++) {
		const struct build *build =
			comparison_build(page->comparison, side);

		json_key(json, side == OLD ? "old" : "new");
		if (!build) {
			json_null(json);
			continue;
		}
		json_open(json, '{');
		json_member(json, "path", build->image.path);
		json_member(json, "machine",
		       image_machine_name(build->image.machine));
		json_member(json, "build_id", build->ident.build_id);
		json_member(json, "banner", build->ident.banner);
		json_close(json, '}');
	}
}

/* What the text report says first: who is compared, and how they differ. */
static int write_head(struct page *page, struct err *err)
{
	struct vmd_options options = *page->options;
	struct why why = { .comparison = page->comparison,
			   .options = &options,
			   .domain = page->rows.report.order.domain };
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	struct out out;
	int result;

	if (!stream || out_begin(&out, stream, err)) {
		if (stream)
			fclose(stream);
		free(text);
		return err->text ? -1 : err_oom(err, "writing a page");
	}
	options.unicode = true;
	options.colour = false;
	options.width = 0;
	why.out = &out;
	totals_write_builds(&out, page->comparison, &options);
	why_write_differences(&why);
	why_write_limit(&why);
	why_write_load_line(&why);
	result = out_finish(&out, err);
	if (fclose(stream) && !result)
		result = err_oom(err, "writing a page");
	if (!result)
		json_member(&page->json, "head", text);
	free(text);
	return result;
}

static void write_sums(struct json *json, const char *key,
		       const struct sums *sums)
{
	json_key(json, key);
	json_open(json, '{');
	json_member_number(json, "file", sums->file);
	json_member_number(json, "image", sums->image);
	json_member_number(json, "content", sums->content);
	json_member_number(json, "alignment", sums->image - sums->content);
	json_close(json, '}');
}

static void write_total(struct page *page)
{
	struct json *json = &page->json;

	json_key(json, "total");
	json_open(json, '{');
	write_sums(json, "old", &page->rows.report.groups.total[OLD]);
	write_sums(json, "new", &page->rows.report.groups.total[NEW]);
	json_close(json, '}');
}

static bool has_causes(const struct page *page)
{
	return !page->comparison->single &&
	       page->comparison->causes.of_entry[NEW];
}

static void write_causes(struct page *page)
{
	const struct causes *causes = &page->comparison->causes;
	struct json *json = &page->json;

	json_key(json, "causes");
	json_open(json, '[');
	for (unsigned i = 0; has_causes(page) && i < CAUSE_COUNT; i++) {
		json_open(json, '{');
		json_member(json, "name", cause_name((enum cause)i));
		json_member(json, "sentence", cause_sentence((enum cause)i));
		for (unsigned side = OLD; side < SIDES; side++)
			write_sums(json, side == OLD ? "old" : "new",
				   &causes->sums[i][side]);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void write_limits(struct page *page)
{
	struct json *json = &page->json;

	json_key(json, "limit");
	json_open(json, '[');
	for (unsigned side = OLD; side < SIDES; side++) {
		const struct limit *limit = &page->comparison->limits[side];

		if (!comparison_build(page->comparison, side) ||
		    !limit->known || !limit->limit)
			continue;
		json_open(json, '{');
		json_member(json, "side", side == OLD ? "old" : "new");
		json_member_number(json, "used", limit->used);
		json_member_number(json, "limit", limit->limit);
		json_key(json, "estimated");
		json_bool(json, limit->estimated);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void write_options(struct page *page)
{
	const struct kconfig_diff *diff = &page->comparison->config;
	struct json *json = &page->json;

	json_key(json, "config_diff");
	json_open(json, '[');
	for (uint32_t i = 0; diff->known && i < diff->count; i++) {
		const struct kconfig_change *change = &diff->changes[i];

		json_open(json, '[');
		json_string(json, change->name[OLD]);
		json_string(json, change->value[OLD]);
		json_string(json, change->name[NEW]);
		json_string(json, change->value[NEW]);
		json_close(json, ']');
	}
	json_close(json, ']');
}

static void write_names(struct json *json, const char *key,
			const struct names *names)
{
	json_line(json);
	json_key(json, key);
	json_open(json, '[');
	for (uint32_t i = 1; i < names->count; i++) {
		struct text text;

		text.at = names_text(names, i, &text.length);
		json_text(json, text);
	}
	json_close(json, ']');
}

static void write_levels(struct json *json)
{
	json_key(json, "levels");
	json_open(json, '[');
	for (int i = 0; i < LEVEL_COUNT; i++)
		json_string(json, i ? level_name((enum level)i) : "");
	json_close(json, ']');
}

/* One column: calls `write` for each row. */
static void write_column(struct page *page, const char *key,
			 void (*write)(struct page *page,
				       const struct html_row *row))
{
	json_line(&page->json);
	json_key(&page->json, key);
	json_open(&page->json, '[');
	for (size_t i = 0; i < page->rows.count; i++)
		write(page, &page->rows.list[i]);
	json_close(&page->json, ']');
}

static void write_row_name(struct page *page, const struct html_row *row)
{
	json_text(&page->json, row->name);
}

static void write_row_old_name(struct page *page, const struct html_row *row)
{
	if (row->old_name.length)
		json_text(&page->json, row->old_name);
	else
		json_number(&page->json, 0);
}

static void write_row_section(struct page *page, const struct html_row *row)
{
	json_signed(&page->json, (int64_t)row->section - 1);
}

static void write_row_unit(struct page *page, const struct html_row *row)
{
	json_signed(&page->json, (int64_t)row->unit - 1);
}

static void write_row_level(struct page *page, const struct html_row *row)
{
	const struct match *match = &page->comparison->match;

	json_number(&page->json,
		    row->pair == NONE ? 0 : match->pairs[row->pair].level);
}

static void write_sizes(struct page *page, const char *key, unsigned side,
			size_t member_offset)
{
	json_line(&page->json);
	json_key(&page->json, key);
	json_open(&page->json, '[');
	for (size_t i = 0; i < page->rows.count; i++) {
		const struct sums *sums = &page->rows.list[i].sums[side];
		uint64_t value;

		memcpy(&value, (const char *)sums + member_offset,
		       sizeof(value));
		json_number(&page->json, value);
	}
	json_close(&page->json, ']');
}

static void write_rows(struct page *page)
{
	struct json *json = &page->json;

	json_line(json);
	json_key(json, "rows");
	json_open(json, '{');
	write_column(page, "name", write_row_name);
	write_column(page, "old_name", write_row_old_name);
	write_column(page, "section", write_row_section);
	write_column(page, "unit", write_row_unit);
	write_column(page, "level", write_row_level);
	write_sizes(page, "old_file", OLD, offsetof(struct sums, file));
	write_sizes(page, "new_file", NEW, offsetof(struct sums, file));
	write_sizes(page, "old_image", OLD, offsetof(struct sums, image));
	write_sizes(page, "new_image", NEW, offsetof(struct sums, image));
	write_sizes(page, "old_content", OLD, offsetof(struct sums, content));
	write_sizes(page, "new_content", NEW, offsetof(struct sums, content));
	json_close(json, '}');
}

static void key_row(struct json *json, size_t row)
{
	char key[24];

	snprintf(key, sizeof(key), "%zu", row);
	json_key(json, key);
}

static void write_aliases(struct page *page)
{
	struct json *json = &page->json;

	json_line(json);
	json_key(json, "aliases");
	json_open(json, '{');
	for (size_t i = 0; i < page->rows.count; i++) {
		const struct html_row *row = &page->rows.list[i];
		const struct pair *pair;
		const struct build *build;
		uint32_t alias;
		unsigned side;

		if (row->pair == NONE || !html_row_changed(row))
			continue;
		pair = &page->comparison->match.pairs[row->pair];
		side = pair->symbol[NEW] != NONE ? NEW : OLD;
		build = &page->comparison->builds[side];
		alias = build->ledger.next_alias[pair->symbol[side]];
		if (!alias)
			continue;
		key_row(json, i);
		json_open(json, '[');
		for (; alias; alias = build->ledger.next_alias[alias])
			json_string(json,
				    image_symbol_name(&build->image, alias));
		json_close(json, ']');
	}
	json_close(json, '}');
}

/*
 * The changed groups below a symbol, as [name, old bytes, new bytes], and of
 * an inlined function where it comes from.
 */
static int write_parts(struct page *page, struct groups *groups,
		       uint32_t symbol, struct err *err)
{
	struct json *json = &page->json;
	const uint32_t *list;
	int64_t count = groups_children(groups, symbol, &list);

	if (count < 0)
		return err_oom(err, "making the HTML report");
	json_open(json, '[');
	for (int64_t i = 0; i < count; i++) {
		struct sums old = groups_sums(groups, list[i], OLD);
		struct sums new = groups_sums(groups, list[i], NEW);
		struct arena arena = { 0 };
		struct text label, origin;
		bool null;

		label = groups_label(groups, list[i], &null);
		if (null || old.image == new.image)
			continue;
		origin = story_origin(&arena, groups, list[i]);
		json_open(json, '[');
		json_text(json, label);
		json_number(json, old.image);
		json_number(json, new.image);
		if (origin.length)
			json_text(json, origin);
		json_close(json, ']');
		arena_release(&arena);
	}
	json_close(json, ']');
	return 0;
}

/* What changed inside each changed symbol, by one more dimension. */
static int write_details(struct page *page, const char *key, const char *by,
			 bool known, struct err *err)
{
	struct json *json = &page->json;
	struct report report = { 0 };
	const uint32_t *list;
	int64_t count = 0;
	int result = 0;

	json_line(json);
	json_key(json, key);
	json_open(json, '{');
	if (known) {
		result = report_init(&report, page->comparison, page->options,
				     by, false, err);
		if (!result)
			count = groups_children(&report.groups, GROUP_ROOT,
						&list);
		if (count < 0)
			result = err_oom(err, "making the HTML report");
	}
	for (int64_t i = 0; i < count && !result; i++) {
		const struct pair *pair = keys_pair(
			&report.keys, report.groups.list[list[i]].key);
		uint32_t row = !pair ? NONE : page->rows.row_of_pair[
			pair - page->comparison->match.pairs];

		if (row == NONE || !html_row_changed(&page->rows.list[row]))
			continue;
		key_row(json, row);
		result = write_parts(page, &report.groups, list[i], err);
	}
	json_close(json, '}');
	report_release(&report);
	return result;
}

static int write_data(struct page *page, struct err *err)
{
	const struct comparison *comparison = page->comparison;
	struct json *json = &page->json;
	bool inlines = comparison->builds[OLD].dwarf.present ||
		       comparison->builds[NEW].dwarf.present;

	json_open(json, '{');
	write_builds(page);
	if (write_head(page, err))
		return -1;
	write_total(page);
	json_member(json, "domain",
	       page->rows.report.order.domain == VMD_DOMAIN_FILE ? "file"
								 : "image");
	write_causes(page);
	write_limits(page);
	write_options(page);
	json_warnings(json, page->comparison);
	write_levels(json);
	write_names(json, "sections", &page->rows.sections);
	write_names(json, "units", &page->rows.units);
	write_rows(page);
	write_aliases(page);
	if (write_details(page, "inlinees", "symbol,inlinee",
			  inlines && !comparison->single, err) ||
	    write_details(page, "reasons", "symbol,cause", has_causes(page),
			  err))
		return -1;
	json_close(json, '}');
	return 0;
}

static int write_page(struct page *page, FILE *stream, struct err *err)
{
	struct out out;
	int result;

	if (out_begin(&out, stream, err))
		return -1;
	page->json = (struct json){ .out = &out, .html = true };
	out_text(&out, vmdelta_html_head);
	result = write_data(page, err);
	out_text(&out, vmdelta_html_tail);
	return out_finish(&out, err) || result ? -1 : 0;
}

int html_render(const struct comparison *comparison,
		const struct vmd_options *options, FILE *stream,
		struct err *err)
{
	struct page page = { .comparison = comparison, .options = options };
	int result;

	if (!*vmdelta_html_head)
		return err_set(err, "the HTML report is not built in: install "
			       "node-d3-hierarchy and build again");
	result = html_rows_init(&page.rows, comparison, options, err) ||
		 write_page(&page, stream, err);
	html_rows_release(&page.rows);
	return result ? -1 : 0;
}

/* SPDX-License-Identifier: MIT */
#include "report/report.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "report/bloat_o_meter.h"
#include "report/formats.h"
#include "report/html.h"
#include "report/needs.h"

#define DEFAULT_ROWS 20

static bool is_linked(const struct image *image)
{
	return image->type == ET_EXEC || image->type == ET_DYN;
}

enum vmd_domain report_domain(const struct comparison *comparison,
			      const struct vmd_options *options)
{
	if (options->domain != VMD_DOMAIN_AUTO)
		return options->domain;
	for (unsigned side = OLD; side < SIDES; side++) {
		const struct build *build = comparison_build(comparison, side);

		if (build && !is_linked(&build->image))
			return VMD_DOMAIN_FILE;
	}
	return VMD_DOMAIN_IMAGE;
}

static size_t limit_of(const struct vmd_options *options)
{
	if (options->all_rows)
		return SIZE_MAX;
	if (options->rows)
		return options->rows;
	if (options->format == VMD_FORMAT_JSON ||
	    options->format == VMD_FORMAT_CSV ||
	    options->format == VMD_FORMAT_HTML)
		return SIZE_MAX;
	return DEFAULT_ROWS;
}

static struct order order_of(const struct comparison *comparison,
			     const struct vmd_options *options)
{
	struct order order = {
		.domain = report_domain(comparison, options),
		.sort = options->sort,
	};

	/* People want what changed; programs want everything. */
	order.changed_only = options->format == VMD_FORMAT_MARKDOWN &&
			     !comparison->single && !options->verbose;
	/* One build alone has no difference to sort by. */
	if (comparison->single && options->sort != VMD_SORT_NAME)
		order.sort = VMD_SORT_NEW;
	return order;
}

int report_init(struct report *report, const struct comparison *comparison,
		const struct vmd_options *options, const char *by,
		bool name_nulls, struct err *err)
{
	struct group_options grouping = { .name_nulls = name_nulls };

	memset(report, 0, sizeof(*report));
	report->comparison = comparison;
	report->options = options;
	report->limit = limit_of(options);
	report->order = order_of(comparison, options);
	if (keys_init(&report->keys, comparison, options->no_rollup, err) ||
	    dimension_list_parse(&grouping.dimensions, by, err) ||
	    filters_init(&report->filters, &report->keys,
			 &grouping.dimensions, options->filters,
			 options->excludes, err))
		return -1;
	grouping.filters = &report->filters;
	return groups_build(&report->groups, &report->keys, &grouping, err);
}

void report_release(struct report *report)
{
	groups_release(&report->groups);
	filters_release(&report->filters);
	keys_release(&report->keys);
	memset(report, 0, sizeof(*report));
}

int report_check_shown(const struct report *report,
		       const struct sums shown[SIDES], struct err *err)
{
	for (unsigned side = OLD; side < SIDES; side++)
		if (!sums_equal(&shown[side], &report->groups.total[side]))
			return err_set(err, "internal error: rows, rest and "
				       "filtered do not sum to the total: "
				       "please report this");
	return 0;
}

static bool same_sizes(const struct comparison *comparison)
{
	const struct ledger *a = &comparison->builds[OLD].ledger;
	const struct ledger *b = &comparison->builds[NEW].ledger;

	return a->file_size == b->file_size && a->image_size == b->image_size;
}

/* All symbols and sections have the same sizes on both sides. */
bool report_equal(const struct comparison *comparison)
{
	struct vmd_options options = { 0 };
	struct report report;
	struct err err = { 0 };
	bool equal = false;

	if (comparison->single || !same_sizes(comparison))
		return false;
	if (!report_init(&report, comparison, &options, "section,symbol",
			 false, &err)) {
		equal = true;
		for (uint32_t i = GROUP_FIRST;
		     i < report.groups.count && equal; i++)
			equal = !group_changed(&report.groups, i);
	}
	report_release(&report);
	err_release(&err);
	return equal;
}

static const struct image *image_of(const struct comparison *comparison,
				    unsigned side)
{
	const struct build *build = comparison_build(comparison, side);

	return build ? &build->image : NULL;
}

int report_render(const struct comparison *comparison,
		  const struct vmd_options *options, FILE *out,
		  struct err *err)
{
	unsigned needs;

	/* What is misspelt is an error before anything is written. */
	if (needs_find(&needs, options, err))
		return -1;
	switch (options->format) {
	case VMD_FORMAT_JSON:
		return json_render(comparison, options, out, err);
	case VMD_FORMAT_CSV:
		return csv_render(comparison, options, out, err);
	case VMD_FORMAT_MARKDOWN:
		return markdown_render(comparison, options, out, err);
	case VMD_FORMAT_BLOAT_O_METER:
		return bloat_o_meter_render(image_of(comparison, OLD),
					    image_of(comparison, NEW),
					    options, out, err);
	case VMD_FORMAT_HTML:
		return html_render(comparison, options, out, err);
	case VMD_FORMAT_TEXT:
		break;
	}
	if (options->by)
		return text_render(comparison, options, out, err);
	return first_screen_render(comparison, options, out, err);
}

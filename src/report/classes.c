/* SPDX-License-Identifier: MIT */
/*
 * Classes of sections: what kind of thing grew. The table is sorted by the
 * report's domain and has the other one's difference beside it, for debug
 * information has no bytes in memory, and what stops a link seldom has many
 * in the file.
 */
#include "report/classes.h"

#include <stdlib.h>

#include "ledger/class.h"
#include "report/table.h"

#define CLASSES 6     /* lines, and one for the others */
#define OTHER_DOMAIN 4 /* how much less a difference counts there */

struct classes {
	const struct report *report;
	struct order order;
	struct selection selection;
	/* By place in the selection: it gets no line. */
	bool folded[CLASS_COUNT + NATURE_COUNT + 1];
	uint64_t here, other; /* largest differences in both domains */
};

static bool is_file(const struct classes *classes)
{
	return classes->order.domain == VMD_DOMAIN_FILE;
}

/* The order of classes: by image bytes, alignment included, or by file. */
static struct order class_order(const struct report *report)
{
	bool single = report->comparison->single;

	return (struct order){
		.domain = report->order.domain,
		.sort = single ? VMD_SORT_NEW : VMD_SORT_DELTA,
		.changed_only = !single,
	};
}

static int64_t here_delta(const struct classes *classes, size_t at)
{
	return figure_delta(order_figure(&classes->order,
					 &classes->report->groups,
					 classes->selection.groups[at]));
}

static int64_t other_of(const struct classes *classes,
			const struct sums sums[SIDES])
{
	if (is_file(classes))
		return size_delta(sums[NEW].image, sums[OLD].image);
	return size_delta(sums[NEW].file, sums[OLD].file);
}

static int64_t other_delta(const struct classes *classes, size_t at)
{
	const struct groups *groups = &classes->report->groups;
	uint32_t group = classes->selection.groups[at];
	struct sums sums[SIDES] = { groups_sums(groups, group, OLD),
				    groups_sums(groups, group, NEW) };

	return other_of(classes, sums);
}

static void write_class(const struct classes *classes, struct table *table,
			struct text name, const struct sums sums[SIDES])
{
	const struct sums *a = &sums[OLD], *b = &sums[NEW];
	struct cells cells = { .second = other_of(classes, sums) };

	if (is_file(classes))
		cells.figure = (struct figure){ { a->file, b->file } };
	else if (a->content || b->content)
		cells.figure = (struct figure){ { a->content, b->content } };
	else /* nothing but alignment */
		cells.figure = (struct figure){ { a->image, b->image } };
	table_row(table, 2, name, cells);
	table_end(table);
}

static void find_largest(struct classes *classes)
{
	for (size_t i = 0; i < classes->selection.count; i++) {
		classes->here = max_u64(classes->here,
					magnitude(here_delta(classes, i)));
		classes->other = max_u64(classes->other,
					 magnitude(other_delta(classes, i)));
	}
}

/* How much a class matters: its share of a domain's largest difference. */
static double weight_of(const struct classes *classes, size_t at)
{
	double here = (double)magnitude(here_delta(classes, at)) /
		      (double)max_u64(classes->here, 1);
	double other = (double)magnitude(other_delta(classes, at)) /
		       (double)max_u64(classes->other, 1) / OTHER_DOMAIN;

	return here > other ? here : other;
}

/* Chooses the classes that get no line: two or more, or none. */
static void fold(struct classes *classes)
{
	size_t count = classes->selection.count;

	if (count <= CLASSES + 1)
		return;
	for (size_t left = count - CLASSES; left; left--) {
		size_t least = count;

		for (size_t i = 0; i < count; i++)
			if (!classes->folded[i] &&
			    (least == count || weight_of(classes, i) <=
					       weight_of(classes, least)))
				least = i;
		classes->folded[least] = true;
	}
}

static void write_rows(const struct classes *classes, struct table *table)
{
	const struct groups *groups = &classes->report->groups;
	struct sums rest[SIDES] = { { .file = 0 } };
	unsigned others = 0;
	char label[32];
	bool ignored;

	for (size_t i = 0; i < classes->selection.count; i++) {
		uint32_t group = classes->selection.groups[i];
		struct sums sums[SIDES] = { groups_sums(groups, group, OLD),
					    groups_sums(groups, group, NEW) };

		if (!classes->folded[i]) {
			write_class(classes, table,
				    groups_label(groups, group, &ignored),
				    sums);
			continue;
		}
		others++;
		sums_add(&rest[OLD], &sums[OLD]);
		sums_add(&rest[NEW], &sums[NEW]);
	}
	if (!others)
		return;
	snprintf(label, sizeof(label), "%u others", others);
	write_class(classes, table, (struct text){ label, strlen(label) },
		    rest);
}

static void write_table(const struct classes *classes, struct out *out,
			const struct vmd_options *options)
{
	const struct sums *total = classes->report->groups.total;
	bool file = is_file(classes);
	struct figure largest = { {
		max_u64(total[OLD].file, total[OLD].image),
		max_u64(total[NEW].file, total[NEW].image),
	} };
	struct table table = {
		.out = out,
		.options = options,
		.single = classes->report->comparison->single,
		.has_second = true,
		.largest_delta = classes->here,
		.whole = file ? total[NEW].file : total[NEW].image,
	};

	table_layout(&table, largest, 24, 0);
	out_char(out, '\n');
	table_header(&table, file ? "Class, in the file"
				  : "Class, in the image",
		     file ? "in image" : "in file");
	write_rows(classes, &table);
}

int classes_write(struct out *out, const struct report *report,
		  const struct vmd_options *options, struct err *err)
{
	struct classes classes = {
		.report = report,
		.order = class_order(report),
	};
	size_t count;
	uint32_t *leaves = groups_leaves(&report->groups, GROUP_ROOT, &count);
	int status = leaves ? selection_make(&classes.selection,
					     &classes.order, &report->groups,
					     leaves, count, SIZE_MAX, err)
			    : err_oom(err, "listing classes");

	free(leaves);
	if (status)
		return -1;
	find_largest(&classes);
	if (!report->comparison->single && !options->verbose)
		fold(&classes);
	write_table(&classes, out, options);
	selection_release(&classes.selection);
	return 0;
}

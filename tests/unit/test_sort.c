/* SPDX-License-Identifier: MIT */
#include "report/sort.h"

#include <check.h>

#include "made_comparison.h"
#include "report/report.h"

/* Many symbols with few sizes, so that names decide; long common prefixes. */
static void make(struct made_comparison *made)
{
	uint32_t random = 1;

	made_comparison_init(made);
	for (unsigned i = 0; i < 2000; i++) {
		char name[64];

		random = random * 1103515245u + 12345u;
		snprintf(name, sizeof(name), "%s%u",
			 i % 2 ? "a_rather_long_common_prefix_" : "s",
			 random >> 8);
		made_function(made, OLD, name, random >> 16 & 3);
		made_function(made, NEW, name, random >> 20 & 3);
	}
	made_compare(made);
}

static uint32_t *leaves_of(const struct report *report, size_t *count)
{
	return groups_leaves(&report->groups, GROUP_ROOT, count);
}

static void sorted(struct report *report, enum vmd_sort sort, size_t limit,
		   struct selection *selection)
{
	struct order order = { .domain = VMD_DOMAIN_FILE, .sort = sort };
	struct err err = { 0 };
	size_t count;
	uint32_t *leaves = leaves_of(report, &count);

	ck_assert_int_eq(selection_make(selection, &order, &report->groups,
					leaves, count, limit, &err), 0);
	free(leaves);
}

static void start(struct made_comparison *made, struct report *report)
{
	struct vmd_options options = { .all_rows = true };
	struct err err = { 0 };

	make(made);
	ck_assert_int_eq(report_init(report, &made->comparison, &options,
				     "symbol", false, &err), 0);
}

START_TEST(sort_with_a_limit_gives_the_first_rows_of_all)
{
	struct made_comparison made;
	struct report report;

	start(&made, &report);
	for (enum vmd_sort sort = VMD_SORT_DELTA; sort <= VMD_SORT_PERCENT;
	     sort++) {
		struct selection all, few;

		sorted(&report, sort, SIZE_MAX, &all);
		sorted(&report, sort, 300, &few);
		ck_assert_uint_eq(few.count, 300);
		ck_assert_uint_eq(few.rest_count, all.count - 300);
		for (size_t i = 0; i < few.count; i++)
			ck_assert_uint_eq(all.groups[i], few.groups[i]);
		selection_release(&all);
		selection_release(&few);
	}
	report_release(&report);
	made_comparison_release(&made);
}
END_TEST

START_TEST(sort_breaks_ties_by_name)
{
	struct made_comparison made;
	struct report report;
	struct selection all;

	start(&made, &report);
	sorted(&report, VMD_SORT_NAME, SIZE_MAX, &all);
	for (size_t i = 1; i < all.count; i++) {
		bool null;
		struct text a = groups_label(&report.groups,
					     all.groups[i - 1], &null);
		struct text b = groups_label(&report.groups, all.groups[i],
					     &null);

		ck_assert_int_le(strcmp(a.at, b.at), 0);
	}
	selection_release(&all);
	report_release(&report);
	made_comparison_release(&made);
}
END_TEST

START_TEST(sort_orders_by_the_figure_that_was_asked_for)
{
	struct made_comparison made;
	struct report report;
	struct order order = { .domain = VMD_DOMAIN_FILE };
	struct selection all;
	int64_t last = INT64_MAX;

	start(&made, &report);
	sorted(&report, VMD_SORT_GROWTH, SIZE_MAX, &all);
	for (size_t i = 0; i < all.count; i++) {
		int64_t delta = figure_delta(order_figure(
			&order, &report.groups, all.groups[i]));

		ck_assert_int_le(delta, last);
		last = delta;
	}
	selection_release(&all);
	report_release(&report);
	made_comparison_release(&made);
}
END_TEST

START_TEST(sort_puts_alignment_behind_content)
{
	struct made_comparison made;
	struct vmd_options options = { .all_rows = true };
	struct report report;
	struct selection all;
	struct err err = { 0 };
	size_t count;
	uint32_t *leaves;

	made_comparison_init(&made);
	made_function(&made, NEW, "small", 1);
	made_entry(&made, NEW, MADE_TEXT, NONE, NATURE_ALIGNMENT,
		   IN_FILE | IN_IMAGE, 1000);
	made_compare(&made);
	ck_assert_int_eq(report_init(&report, &made.comparison, &options,
				     "nature", false, &err), 0);
	leaves = leaves_of(&report, &count);
	ck_assert_int_eq(selection_make(&all, &report.order, &report.groups,
					leaves, count, SIZE_MAX, &err), 0);
	ck_assert_uint_eq(report.groups.list[all.groups[0]].key, NATURE_CODE);
	ck_assert_uint_eq(order_figure(&report.order, &report.groups,
				       all.groups[1]).bytes[NEW], 1000);
	free(leaves);
	selection_release(&all);
	report_release(&report);
	made_comparison_release(&made);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sort");
	TCase *tcase = tcase_create("sort");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, sort_with_a_limit_gives_the_first_rows_of_all);
	tcase_add_test(tcase, sort_breaks_ties_by_name);
	tcase_add_test(tcase, sort_orders_by_the_figure_that_was_asked_for);
	tcase_add_test(tcase, sort_puts_alignment_behind_content);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}

/* SPDX-License-Identifier: MIT */
#include "report/threshold.h"

#include <check.h>
#include <unistd.h>

#include "made_comparison.h"
#include "report/check.h"
#include "report/ignore.h"
#include "report/report.h"

static struct threshold parsed(const char *rule)
{
	struct threshold threshold;
	struct err err = { 0 };

	ck_assert_msg(!threshold_parse(&threshold, rule, &err), "%s",
		      err_text(&err));
	return threshold;
}

static void refused(const char *rule, const char *because)
{
	struct threshold threshold;
	struct err err = { 0 };

	ck_assert_int_eq(threshold_parse(&threshold, rule, &err), -1);
	ck_assert_msg(strstr(err_text(&err), because), "%s", err_text(&err));
	err_release(&err);
}

START_TEST(threshold_reads_metric_part_operator_and_value)
{
	struct threshold threshold = parsed("section:.init.data.new >= 2.5K");

	ck_assert_int_eq(threshold.metric, METRIC_KEY);
	ck_assert_str_eq(threshold.dimension->name, "section");
	ck_assert_uint_eq(threshold.key.length, strlen(".init.data"));
	ck_assert_int_eq(threshold.part, PART_NEW);
	ck_assert_int_eq(threshold.comparing, AT_LEAST);
	ck_assert(threshold.value == 2560);
	ck_assert_int_eq(parsed("image>0").metric, METRIC_IMAGE);
	ck_assert_int_eq(parsed("image-total.old != 7").part, PART_OLD);
	ck_assert_int_eq(parsed("file > 1%").part, PART_PERCENT);
	ck_assert_int_eq(parsed("file% > 1").part, PART_PERCENT);
	ck_assert_int_eq(parsed("symbol:operator<=(a) > 4").comparing, ABOVE);
}
END_TEST

START_TEST(threshold_says_what_is_wrong_with_a_rule)
{
	refused("image", "no comparison");
	refused("imagetotal > 1", "did you mean 'image-total'");
	refused("clas:text > 1", "did you mean 'class:...'");
	refused("image > ten", "not a size");
	refused("image > 1 parsec", "not a size");
	refused("image.new > 1%", "not a size");
	refused("image > nan", "not a size");
}
END_TEST

START_TEST(threshold_compares_deltas_and_shares)
{
	struct threshold share = parsed("image > 10%");
	struct threshold shrink = parsed("image < -5");

	ck_assert(!threshold_broken(&share, 100, 110));
	ck_assert(threshold_broken(&share, 100, 111));
	ck_assert(threshold_broken(&share, 0, 1));
	ck_assert(!threshold_broken(&share, 0, 0));
	ck_assert(threshold_broken(&shrink, 10, 4));
	ck_assert(!threshold_broken(&shrink, 10, 5));
}
END_TEST

static void make(struct made_comparison *made)
{
	made_comparison_init(made);
	made_function(made, OLD, "foo", 100);
	made_function(made, NEW, "foo", 150);
	made_function(made, OLD, "bar", 100);
	made_function(made, NEW, "bar", 120);
	made_entry(made, OLD, MADE_TEXT, NONE, NATURE_ALIGNMENT,
		   IN_FILE | IN_IMAGE, 70);
	made_compare(made);
}

static int check(struct made_comparison *made, const char *rule,
		 const char *ignore_file, char *text, size_t size)
{
	const char *const rules[] = { rule, NULL };
	struct vmd_options options = {
		.fail_if = rules, .ignore_file = ignore_file,
	};
	struct err err = { 0 };
	FILE *out = fmemopen(text, size, "w");
	int broken = check_run(&made->comparison, &options, out, &err);

	fclose(out);
	ck_assert_msg(broken >= 0, "%s", err_text(&err));
	return broken;
}

START_TEST(check_tests_content_so_that_alignment_hides_nothing)
{
	struct made_comparison made;
	char text[2000] = "";

	make(&made);
	ck_assert_int_eq(check(&made, "image > 69", NULL, text, 2000), 1);
	ck_assert_ptr_nonnull(strstr(text, "delta +70"));
	ck_assert_ptr_nonnull(strstr(text, "+50  foo, .text"));
	ck_assert_ptr_nonnull(strstr(text, "+20  bar, .text"));
	ck_assert_int_eq(check(&made, "image-total > 0", NULL, text, 2000),
			 0);
	ck_assert_int_eq(check(&made, "symbol:foo >= 50", NULL, text, 2000),
			 1);
	ck_assert_int_eq(check(&made, "section:.text > 70", NULL, text, 2000),
			 0);
	ck_assert_int_eq(check(&made, "class:text.new == 270", NULL, text,
			       2000), 1);
	made_comparison_release(&made);
}
END_TEST

START_TEST(check_leaves_accepted_growth_out_until_its_day)
{
	char path[] = "/tmp/vmdelta-ignore-XXXXXX", text[2000] = "";
	FILE *file = fdopen(mkstemp(path), "w");
	struct made_comparison made;

	fputs("# for the tests\nsymbol:^foo$ until 9999-12-31 needed\n"
	      "symbol:^bar$ until 2001-01-01 was needed\n", file);
	fclose(file);
	make(&made);
	ck_assert_int_eq(check(&made, "image > 20", path, text, 2000), 0);
	ck_assert_ptr_nonnull(strstr(text, "accepted until 2001-01-01"));
	ck_assert_int_eq(check(&made, "image >= 20", path, text, 2000), 1);
	made_comparison_release(&made);
	unlink(path);
}
END_TEST

START_TEST(ignore_wants_a_date_and_a_reason)
{
	static const char *const bad[] = {
		"symbol:x", "symbol:x until 2030-13-01 r",
		"symbol:x until 2030-01-01", "symbol:x since 2030-01-01 r",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char path[] = "/tmp/vmdelta-ignore-XXXXXX";
		FILE *file = fdopen(mkstemp(path), "w");
		struct ignore ignore;
		struct err err = { 0 };

		fprintf(file, "\n%s\n", bad[i]);
		fclose(file);
		ck_assert_int_eq(ignore_read(&ignore, path, "2026-01-01",
					     &err), -1);
		ck_assert_ptr_nonnull(strstr(err_text(&err), ":2: "));
		err_release(&err);
		ignore_release(&ignore);
		unlink(path);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("threshold");
	TCase *tcase = tcase_create("threshold");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, threshold_reads_metric_part_operator_and_value);
	tcase_add_test(tcase, threshold_says_what_is_wrong_with_a_rule);
	tcase_add_test(tcase, threshold_compares_deltas_and_shares);
	tcase_add_test(tcase,
		       check_tests_content_so_that_alignment_hides_nothing);
	tcase_add_test(tcase, check_leaves_accepted_growth_out_until_its_day);
	tcase_add_test(tcase, ignore_wants_a_date_and_a_reason);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}

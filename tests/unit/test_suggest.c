/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>

#include "base/suggest.h"

static const char *const words[] = { "section", "symbol", "unit", "dir",
				     "inlinee", "nature", NULL };

START_TEST(suggest_finds_one_slip_of_each_kind)
{
	ck_assert_str_eq(suggest("secton", words), "section");
	ck_assert_str_eq(suggest("sectioon", words), "section");
	ck_assert_str_eq(suggest("sectoin", words), "section");
	ck_assert_str_eq(suggest("sektion", words), "section");
	ck_assert_str_eq(suggest("SYMBOL", words), "symbol");
	ck_assert_str_eq(suggest("dirr", words), "dir");
}
END_TEST

START_TEST(suggest_finds_a_plural_and_a_beginning)
{
	ck_assert_str_eq(suggest("symbols", words), "symbol");
	ck_assert_str_eq(suggest("inl", words), "inlinee");
}
END_TEST

START_TEST(suggest_keeps_quiet_about_other_words)
{
	ck_assert_ptr_null(suggest("banana", words));
	ck_assert_ptr_null(suggest("", words));
	ck_assert_ptr_null(suggest("x", words));
	ck_assert_ptr_null(suggest("section_section_section_section_section_",
				   words));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("suggest");
	TCase *tests = tcase_create("suggest");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, suggest_finds_one_slip_of_each_kind);
	tcase_add_test(tests, suggest_finds_a_plural_and_a_beginning);
	tcase_add_test(tests, suggest_keeps_quiet_about_other_words);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}

/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/demangle.h"

static void check(const char *name, const char *want)
{
	char *plain = demangle_name(name, strlen(name));

	if (!demangle_available())
		want = NULL;
	if (want)
		ck_assert_str_eq(plain, want);
	else
		ck_assert_ptr_null(plain);
	free(plain);
}

START_TEST(demangle_reads_cplusplus)
{
	check("_ZN3foo3barEi", "foo::bar(int)");
	check("_Z4mainPKc", "main(char const*)");
}
END_TEST

START_TEST(demangle_reads_rust_old_and_new)
{
	check("_RNvNtCs5t9Xs_6kernel5error5check", "kernel::error::check");
	check("_ZN6kernel5print16call_printk_cont17h0123456789abcdefE",
	      "kernel::print::call_printk_cont");
}
END_TEST

START_TEST(demangle_leaves_other_names_alone)
{
	check("schedule", NULL);
	check("__x64_sys_read", NULL);
	check("_Z", NULL);
	check("_Znonsense", NULL);
	check("_Rubbish", NULL);
	check("", NULL);
}
END_TEST

START_TEST(demangle_gives_up_on_what_nobody_would_read)
{
	char bomb[512] = "_Z1fISt4pairIiiE";

	/* Each argument is a pair of the one before: 4 MB after 16 of them. */
	for (int i = 1; i < 30; i++) {
		char pair[16], number = "0123456789ABCDEFGHIJKLMNOPQRST"[i];

		snprintf(pair, sizeof(pair), "S0_IS%c_S%c_E", number, number);
		strcat(bomb, pair);
	}
	strcat(bomb, "Evv");
	check(bomb, NULL);
}
END_TEST

START_TEST(demangle_does_not_read_behind_the_length)
{
	char *plain = demangle_name("_Z1fvXXXXXX", 5);

	if (demangle_available())
		ck_assert_str_eq(plain, "f()");
	free(plain);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("demangle");
	TCase *tests = tcase_create("demangle");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, demangle_reads_cplusplus);
	tcase_add_test(tests, demangle_reads_rust_old_and_new);
	tcase_add_test(tests, demangle_leaves_other_names_alone);
	tcase_add_test(tests, demangle_gives_up_on_what_nobody_would_read);
	tcase_add_test(tests, demangle_does_not_read_behind_the_length);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}

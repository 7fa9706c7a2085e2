/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "image/kconfig.h"

static struct kconfig parse(const char *text)
{
	struct kconfig kconfig = { .origin = "embedded" };
	struct err err = { NULL };

	ck_assert_int_eq(kconfig_parse(&kconfig, text, strlen(text), &err), 0);
	return kconfig;
}

START_TEST(an_unset_option_is_n)
{
	struct kconfig kconfig = parse("CONFIG_A=y\n# CONFIG_B is not set\n"
				       "# CONFIG_C is a remark\n"
				       "CONFIG_D=\"x=y\"\nCONFIG_E=64");

	ck_assert_uint_eq(kconfig.count, 4);
	ck_assert_str_eq(kconfig_value(&kconfig, "CONFIG_A"), "y");
	ck_assert_str_eq(kconfig_value(&kconfig, "CONFIG_B"), "n");
	ck_assert_ptr_null(kconfig_value(&kconfig, "CONFIG_C"));
	ck_assert_str_eq(kconfig_value(&kconfig, "CONFIG_D"), "\"x=y\"");
	ck_assert_str_eq(kconfig_value(&kconfig, "CONFIG_E"), "64");
	kconfig_release(&kconfig);
}
END_TEST

START_TEST(broken_lines_are_comments)
{
	struct kconfig kconfig = parse("CONFIG_\nCONFIG_A\n# CONFIG_B\n=y\n"
				       "CONFIG_-=y\n\n#\n# ");

	ck_assert_uint_eq(kconfig.count, 0);
	kconfig_release(&kconfig);
}
END_TEST

static struct kconfig_diff compare(struct kconfig *old, struct kconfig *new)
{
	struct kconfig_diff diff;
	struct err err = { NULL };

	ck_assert_int_eq(kconfig_compare(&diff, old, new, &err), 0);
	ck_assert(diff.known);
	return diff;
}

START_TEST(one_choice_is_one_change)
{
	struct kconfig old = parse("CONFIG_LTO_NONE=y\n"
				   "# CONFIG_LTO_CLANG_THIN is not set\n"
				   "CONFIG_SMP=y\n");
	struct kconfig new = parse("CONFIG_LTO=y\nCONFIG_LTO_CLANG=y\n"
				   "# CONFIG_LTO_NONE is not set\n"
				   "CONFIG_LTO_CLANG_THIN=y\nCONFIG_SMP=y\n");
	struct kconfig_diff diff = compare(&old, &new);

	ck_assert_uint_eq(diff.count, 1);
	ck_assert_str_eq(diff.changes[0].name[0], "CONFIG_LTO_NONE");
	ck_assert_str_eq(diff.changes[0].name[1], "CONFIG_LTO_CLANG_THIN");
	ck_assert_str_eq(diff.changes[0].value[1], "y");
	ck_assert_ptr_nonnull(diff.changes[0].why);
	kconfig_diff_release(&diff);
	kconfig_release(&old);
	kconfig_release(&new);
}
END_TEST

START_TEST(what_matters_comes_first_and_tools_last)
{
	struct kconfig old = parse("CONFIG_CC_VERSION_TEXT=\"a\"\n"
				   "CONFIG_ACPI=y\n");
	struct kconfig new = parse("CONFIG_CC_VERSION_TEXT=\"b\"\n"
				   "CONFIG_KASAN=y\nCONFIG_USB=n\n");
	struct kconfig_diff diff = compare(&old, &new);

	ck_assert_uint_eq(diff.count, 3);
	ck_assert_uint_eq(diff.from_tools, 1);
	ck_assert_str_eq(diff.changes[0].name[1], "CONFIG_KASAN");
	ck_assert_str_eq(diff.changes[1].name[1], "CONFIG_ACPI");
	ck_assert_str_eq(diff.changes[1].value[1], "n");
	ck_assert_str_eq(diff.changes[2].name[1], "CONFIG_CC_VERSION_TEXT");
	kconfig_diff_release(&diff);
	kconfig_release(&old);
	kconfig_release(&new);
}
END_TEST

START_TEST(one_file_beside_both_proves_nothing)
{
	struct kconfig old = parse("CONFIG_A=y\n"), new = parse("CONFIG_B=y\n");
	struct kconfig_diff diff;
	struct err err = { NULL };

	old.origin = new.origin = "dir/.config";
	ck_assert_int_eq(kconfig_compare(&diff, &old, &new, &err), 0);
	ck_assert(!diff.known);
	kconfig_diff_release(&diff);
	kconfig_release(&old);
	kconfig_release(&new);
}
END_TEST

START_TEST(a_given_file_that_is_none_is_an_error)
{
	struct kconfig kconfig;
	struct ident ident = { 0 };
	struct image image = { 0 };
	struct err err = { NULL };

	ck_assert_int_eq(kconfig_read(&kconfig, &image, &ident, "/dev/null",
				      &err), -1);
	ck_assert_ptr_nonnull(strstr(err_text(&err), "/dev/null"));
	err_release(&err);
	kconfig_release(&kconfig);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kconfig");
	TCase *all = tcase_create("kconfig");
	SRunner *runner;
	int failed;

	tcase_add_test(all, an_unset_option_is_n);
	tcase_add_test(all, broken_lines_are_comments);
	tcase_add_test(all, one_choice_is_one_change);
	tcase_add_test(all, what_matters_comes_first_and_tools_last);
	tcase_add_test(all, one_file_beside_both_proves_nothing);
	tcase_add_test(all, a_given_file_that_is_none_is_an_error);
	suite_add_tcase(suite, all);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}

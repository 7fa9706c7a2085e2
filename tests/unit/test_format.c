/* SPDX-License-Identifier: MIT */
#include "report/format.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "report/json_writer.h"

static char *written;
static size_t written_size;

static struct out *begin(void)
{
	struct out *out = malloc(sizeof(*out));
	struct err err = { 0 };

	ck_assert_int_eq(out_begin(out, open_memstream(&written,
						       &written_size),
				   &err), 0);
	return out;
}

static void finish_as(struct out *out, const char *expected)
{
	struct err err = { 0 };

	ck_assert_int_eq(out_finish(out, &err), 0);
	fclose(out->stream);
	ck_assert_str_eq(written, expected);
	free(written);
	free(out);
}

static struct text text_of(const char *string)
{
	return (struct text){ string, strlen(string) };
}

static void name_is(const char *name, unsigned width, bool unicode,
		    const char *expected)
{
	struct out *out = begin();

	out_name(out, text_of(name), width, unicode);
	finish_as(out, expected);
}

START_TEST(numbers_have_separators_and_signs)
{
	char text[NUMBER_MAX];

	format_size(text, 0);
	ck_assert_str_eq(text, "0");
	format_size(text, UINT64_MAX);
	ck_assert_str_eq(text, "18,446,744,073,709,551,615");
	format_delta(text, INT64_MIN);
	ck_assert_str_eq(text, "-9,223,372,036,854,775,808");
	format_delta(text, 1000);
	ck_assert_str_eq(text, "+1,000");
	format_percent(text, 200, 201);
	ck_assert_str_eq(text, "+0.5%");
	format_percent(text, 0, 5);
	ck_assert_str_eq(text, "new");
	format_percent(text, 5, 0);
	ck_assert_str_eq(text, "gone");
	format_percent(text, 5, 5);
	ck_assert_str_eq(text, "");
	format_percent(text, 1, UINT64_MAX);
	ck_assert_str_eq(text, ">+9999%");
	format_short(text, 3 << 20);
	ck_assert_str_eq(text, "3.0 MiB");
}
END_TEST

START_TEST(names_keep_both_ends_when_cut)
{
	name_is("abcdefghij", 10, true, "abcdefghij");
	name_is("abcdefghij", 7, true, "abc\u2026hij");
	name_is("abcdefghij", 7, false, "ab...ij");
	name_is("abcdefghij", 1, true, ".");
	name_is("ipv6_rthdr_rcv.llvm.13894197312884409040", 25, true,
		"ipv6_rthdr_rcv.llvm.\u2026");
	name_is("\u00e4\u00f6\u00fc\u00e4\u00f6\u00fc", 5, true,
		"\u00e4\u00f6\u2026\u00f6\u00fc");
}
END_TEST

START_TEST(names_cannot_command_a_terminal)
{
	name_is("a\033[31mb", 0, true, "a\\x1b[31mb");
	name_is("a\nb", 0, true, "a\\x0ab");
	name_is("a\u202eb", 0, true, "a\\u202eb");
	name_is("a\xc2\x9b" "b", 0, true, "a\\u009bb");
	name_is("a\xff", 0, true, "a\\xff");
	name_is("\xc0\xaf", 0, true, "\\xc0\\xaf");
	name_is("\xed\xa0\x80", 0, true, "\\xed\\xa0\\x80");
	name_is("\u00e4", 0, false, "\\xc3\\xa4");
	name_is("\u00e4", 0, true, "\u00e4");
}
END_TEST

START_TEST(bars_are_eighths_of_a_block_or_signs)
{
	struct out *out = begin();

	out_bar(out, 1, 2, 3, true);
	out_char(out, ' ');
	out_bar(out, 1, 2, 4, false);
	out_char(out, ' ');
	out_bar(out, 1, 1000000, 4, true);
	out_bar(out, 0, 0, 4, true);
	finish_as(out, "\u2588\u258c ## \u258f");
}
END_TEST

START_TEST(json_is_valid_for_every_name)
{
	struct out *out = begin();
	struct json json = { .out = out };

	json_open(&json, '{');
	json_key(&json, "a");
	json_string(&json, "\"\\\n\x01\x7f<");
	json_key(&json, "b");
	json_string(&json, "\u00e4\xff\xc3");
	json_key(&json, "c");
	json_open(&json, '[');
	json_number(&json, UINT64_MAX);
	json_signed(&json, INT64_MIN);
	json_null(&json);
	json_bool(&json, true);
	json_open(&json, '{');
	json_close(&json, '}');
	json_close(&json, ']');
	json_close(&json, '}');
	finish_as(out, "{\"a\":\"\\\"\\\\\\u000a\\u0001\\u007f<\","
		       "\"b\":\"\u00e4\\\\xff\\\\xc3\",\"c\":"
		       "[18446744073709551615,-9223372036854775808,null,true,"
		       "{}]}");
}
END_TEST

START_TEST(json_for_html_has_no_tag)
{
	struct out *out = begin();
	struct json json = { .out = out, .html = true };

	json_string(&json, "</script>");
	finish_as(out, "\"\\u003c/script>\"");
}
END_TEST

START_TEST(out_tells_of_a_failed_write)
{
	struct out out;
	struct err err = { 0 };
	FILE *full = fopen("/dev/full", "w");

	if (!full)
		return;
	ck_assert_int_eq(out_begin(&out, full, &err), 0);
	out_repeat(&out, 'x', 1000000);
	ck_assert_int_eq(out_finish(&out, &err), -1);
	ck_assert_ptr_nonnull(strstr(err_text(&err), "No space left"));
	err_release(&err);
	fclose(full);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("format");
	TCase *tcase = tcase_create("format");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, numbers_have_separators_and_signs);
	tcase_add_test(tcase, names_keep_both_ends_when_cut);
	tcase_add_test(tcase, names_cannot_command_a_terminal);
	tcase_add_test(tcase, bars_are_eighths_of_a_block_or_signs);
	tcase_add_test(tcase, json_is_valid_for_every_name);
	tcase_add_test(tcase, json_for_html_has_no_tag);
	tcase_add_test(tcase, out_tells_of_a_failed_write);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}

/* SPDX-License-Identifier: MIT */
#include "report/formats.h"

#include <check.h>

#include "diff.h"
#include "made_comparison.h"

static char *rendered(const struct comparison *comparison,
		      const struct vmd_options *options)
{
	struct err err = { 0 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_msg(!report_render(comparison, options, out, &err), "%s",
		      err_text(&err));
	fclose(out);
	return text;
}

static void make(struct made_comparison *made)
{
	made_comparison_init(made);
	made_function(made, OLD, "foo", 100);
	made_function(made, OLD, "same", 10);
	made_function(made, NEW, "foo", 1150);
	made_function(made, NEW, "same", 10);
	made_function(made, NEW, "=evil,\"\xff", 5);
	made_entry(made, NEW, MADE_TEXT, NONE, NATURE_ALIGNMENT,
		   IN_FILE | IN_IMAGE, 7);
	made_compare(made);
}

static void renders_as(struct made_comparison *made,
		       const struct vmd_options *options,
		       const char *expected)
{
	char *text = rendered(&made->comparison, options);

	ck_assert_str_eq(text, expected);
	free(text);
}

START_TEST(text_is_a_tree_with_rest_and_totals)
{
	struct vmd_options options = {
		.by = "section,symbol", .unicode = true, .rows = 2,
	};
	struct made_comparison made;

	make(&made);
	renders_as(&made, &options,
"section > symbol (image)       old       new     delta        % alignment\n"
".text                          110     1,165    +1,055  +959.1%        +7  ██████████\n"
"  foo                          100     1,150    +1,050   +1050%         0  ██████████\n"
"  2 more, 1 unchanged           10        15        +5   +50.0%        +7  ▏\n"
"\n"
"content                        110     1,165    +1,055  +959.1%\n"
"alignment and gaps               0         7        +7      new\n"
"image                          110     1,172    +1,062  +965.5%\n"
"file                           110     1,172    +1,062  +965.5%\n"
"paired by: exact 1,160; 5 in one build alone\n");
	made_comparison_release(&made);
}
END_TEST

START_TEST(rows_of_the_library_are_those_of_the_text_report)
{
	struct vmd_options options = { .by = "section,symbol", .rows = 2 };
	struct made_comparison made;
	struct vmd_diff diff;
	struct vmd_row row;
	vmd_report *report;
	char *error = NULL;

	make(&made);
	diff.comparison = made.comparison;
	report = vmd_group(&diff, &options, &error);
	ck_assert_msg(report != NULL, "%s", error);
	ck_assert_uint_eq(vmd_report_rows(report), 2);
	vmd_report_row(report, 0, &row);
	ck_assert_uint_eq(row.depth, 0);
	ck_assert_str_eq(row.keys[0], ".text");
	vmd_report_row(report, 1, &row);
	ck_assert_uint_eq(row.depth, 1);
	ck_assert_str_eq(row.keys[0], ".text");
	ck_assert_str_eq(row.keys[1], "foo");
	ck_assert_uint_eq(row.new_bytes.content, 1150);
	ck_assert_str_eq(row.level, "exact");
	vmd_report_free(report);
	made_comparison_release(&made);
}
END_TEST

START_TEST(text_keeps_to_its_width)
{
	struct vmd_options options = {
		.by = "symbol", .unicode = true, .all_rows = true,
		.verbose = 1,
	};
	struct made_comparison made;
	char name[301];

	memset(name, 'n', 300);
	name[300] = 0;
	made_comparison_init(&made);
	made_function(&made, NEW, name, 5);
	made_compare(&made);
	for (options.width = 60; options.width < 200; options.width += 7) {
		char *text = rendered(&made.comparison, &options);

		for (char *line = strtok(text, "\n"); line;
		     line = strtok(NULL, "\n")) {
			size_t columns = 0;

			for (; *line; line++)
				columns += (*line & 0xc0) != 0x80;
			ck_assert_uint_le(columns, options.width);
		}
		free(text);
	}
	made_comparison_release(&made);
}
END_TEST

START_TEST(first_screen_of_equal_builds_is_one_line)
{
	struct vmd_options options = { 0 };
	struct made_comparison made;

	made_comparison_init(&made);
	made_function(&made, OLD, "foo", 1000);
	made_function(&made, NEW, "foo", 1000);
	made_compare(&made);
	renders_as(&made, &options,
		   "old/vmlinux and new/vmlinux do not differ in size: 1,000 "
		   "bytes in memory, 1,000 in the file\n");
	made_comparison_release(&made);
}
END_TEST

START_TEST(csv_quotes_and_defuses_names)
{
	struct vmd_options options = {
		.by = "symbol", .format = VMD_FORMAT_CSV, .rows = 2,
	};
	struct made_comparison made;

	make(&made);
	renders_as(&made, &options,
"symbol,old_file,new_file,old_image,new_image,old_content,new_content,"
"old_count,new_count,old_name,new_name,in_section,in_unit,in_file,level,row"
"\r\n"
"foo,100,1150,100,1150,100,1150,1,1,foo,foo,.text,,,exact,row\r\n"
"\"'=evil,\"\"\\xff\",0,5,0,5,0,5,0,1,,\"'=evil,\"\"\\xff\",.text,,,none,"
"row\r\n"
",10,17,10,17,10,10,1,2,,,,,,,rest\r\n");
	made_comparison_release(&made);
}
END_TEST

START_TEST(json_tells_rows_rest_and_filtered)
{
	static const char *const excludes[] = { "symbol:^same$", NULL };
	struct vmd_options options = {
		.by = "section,symbol", .format = VMD_FORMAT_JSON, .rows = 1,
		.excludes = excludes,
	};
	struct made_comparison made;
	char *text;

	make(&made);
	text = rendered(&made.comparison, &options);
	ck_assert_ptr_nonnull(strstr(text, "\"by\":[\"section\",\"symbol\"],"
				     "\"domain\":\"image\""));
	ck_assert_ptr_nonnull(strstr(text,
		"{\"section\":\".text\",\"symbol\":\"foo\",\"old\":{\"name\":"
		"\"foo\",\"file\":100,\"image\":100,\"content\":100,"
		"\"count\":1},\"new\":{\"name\":\"foo\",\"file\":1150,"
		"\"image\":1150,\"content\":1150,\"count\":1},\"in\":"
		"{\"section\":\".text\"},\"level\":\"exact\"}"));
	ck_assert_ptr_nonnull(strstr(text,
		"\"rest\":{\"rows\":2,\"old\":{\"file\":0,\"image\":0,"
		"\"content\":0},\"new\":{\"file\":12,\"image\":12,"
		"\"content\":5}}"));
	ck_assert_ptr_nonnull(strstr(text, "\"filtered\":{\"rows\":1,\"old\":"
					   "{\"file\":10,"));
	free(text);
	made_comparison_release(&made);
}
END_TEST

START_TEST(markdown_fits_a_comment_whatever_the_names)
{
	struct vmd_options options = {
		.by = "symbol", .format = VMD_FORMAT_MARKDOWN,
		.all_rows = true,
	};
	struct made_comparison made;
	char name[10032], *text;

	made_comparison_init(&made);
	for (unsigned i = 0; i < 2000; i++) {
		memset(name, i % 2 ? '|' : '\x1b', sizeof(name));
		snprintf(name + 10000, sizeof(name) - 10000, "`<b>%u", i);
		made_function(&made, NEW, name, 5 + i);
	}
	made_compare(&made);
	text = rendered(&made.comparison, &options);
	ck_assert_uint_lt(strlen(text), 60000);
	ck_assert_ptr_nonnull(strstr(text, "rows did not fit"));
	ck_assert_ptr_null(strchr(text, '\x1b'));
	free(text);
	made_comparison_release(&made);
}
END_TEST

/* Equal to the order: neither has content. */
START_TEST(markdown_has_a_head_for_rows_behind_unchanged_ones)
{
	struct vmd_options options = {
		.format = VMD_FORMAT_MARKDOWN, .sort = VMD_SORT_SHRINK,
	};
	struct made_comparison made;
	char *text;

	made_comparison_init(&made);
	made_entry(&made, OLD, NONE, NONE, NATURE_HEADER, IN_FILE, 3);
	made_entry(&made, NEW, NONE, NONE, NATURE_HEADER, IN_FILE, 4);
	made_entry(&made, OLD, MADE_TEXT, NONE, NATURE_ALIGNMENT,
		   IN_FILE | IN_IMAGE, 7);
	made_compare(&made);
	text = rendered(&made.comparison, &options);
	ck_assert_msg(strstr(text, "|---|---:|---:|---:|---:|---:|\n| `"),
		      "%s", text);
	free(text);
	made_comparison_release(&made);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("formats");
	TCase *tcase = tcase_create("formats");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase,
		       rows_of_the_library_are_those_of_the_text_report);
	tcase_add_test(tcase, text_is_a_tree_with_rest_and_totals);
	tcase_add_test(tcase, text_keeps_to_its_width);
	tcase_add_test(tcase, first_screen_of_equal_builds_is_one_line);
	tcase_add_test(tcase, csv_quotes_and_defuses_names);
	tcase_add_test(tcase, json_tells_rows_rest_and_filtered);
	tcase_add_test(tcase, markdown_fits_a_comment_whatever_the_names);
	tcase_add_test(tcase,
		       markdown_has_a_head_for_rows_behind_unchanged_ones);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}

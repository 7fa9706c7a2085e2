/* SPDX-License-Identifier: MIT */
#include "report/group.h"

#include <check.h>
#include <stdio.h>

#include "made_comparison.h"
#include "report/descent.h"
#include "report/report.h"
#include "report/tree.h"

#define BOTH (IN_FILE | IN_IMAGE)

/* foo grows by 10, gone goes, come comes; 7 bytes of fill and 3 of headers. */
static void make(struct made_comparison *made)
{
	made_comparison_init(made);
	made_function(made, OLD, "foo", 100);
	made_function(made, OLD, "gone", 50);
	made_entry(made, OLD, NONE, NONE, NATURE_HEADER, IN_FILE, 3);
	made_function(made, NEW, "foo", 110);
	made_function(made, NEW, "come", 40);
	made_entry(made, NEW, MADE_TEXT, NONE, NATURE_ALIGNMENT, BOTH, 7);
	made_entry(made, NEW, NONE, NONE, NATURE_HEADER, IN_FILE, 3);
	made_compare(made);
}

static void group(struct report *report, const struct comparison *comparison,
		  const char *by, const char *const *excludes,
		  bool name_nulls)
{
	struct vmd_options options = {
		.excludes = excludes, .all_rows = true,
	};
	struct err err = { 0 };

	ck_assert_msg(!report_init(report, comparison, &options, by,
				   name_nulls, &err), "%s", err_text(&err));
}

/* The group of that name, by its label, or 0. */
static uint32_t find(const struct groups *groups, const char *name)
{
	for (uint32_t i = 2; i < groups->count; i++) {
		bool null;
		struct text label = groups_label(groups, i, &null);

		if (label.length == strlen(name) &&
		    !memcmp(label.at, name, label.length))
			return i;
	}
	return 0;
}

START_TEST(groups_sum_to_the_ledgers_by_every_dimension)
{
	struct made_comparison made;
	struct report report;

	make(&made);
	for (size_t i = 0; i < dimension_count; i++) {
		group(&report, &made.comparison, dimensions[i].name, NULL,
		      false);
		ck_assert_uint_eq(groups_sums(&report.groups, GROUP_ROOT,
					      OLD).file, 153);
		ck_assert_uint_eq(groups_sums(&report.groups, GROUP_ROOT,
					      NEW).image, 157);
		ck_assert_uint_eq(groups_sums(&report.groups, GROUP_ROOT,
					      NEW).content, 150);
		report_release(&report);
	}
	made_comparison_release(&made);
}
END_TEST

START_TEST(groups_pair_the_two_sides)
{
	struct made_comparison made;
	struct report report;
	uint32_t foo, gone;

	make(&made);
	group(&report, &made.comparison, "section,symbol", NULL, false);
	foo = find(&report.groups, "foo");
	gone = find(&report.groups, "gone");
	ck_assert_uint_eq(groups_sums(&report.groups, foo, OLD).file, 100);
	ck_assert_uint_eq(groups_sums(&report.groups, foo, NEW).file, 110);
	ck_assert_uint_eq(groups_sums(&report.groups, gone, OLD).count, 1);
	ck_assert_uint_eq(groups_sums(&report.groups, gone, NEW).count, 0);
	ck_assert_uint_eq(groups_sums(&report.groups,
				      find(&report.groups, ".text"), NEW).file,
			  157);
	report_release(&report);
	made_comparison_release(&made);
}
END_TEST

START_TEST(groups_set_aside_what_filters_exclude)
{
	static const char *const excludes[] = { "symbol:^foo$", NULL };
	struct made_comparison made;
	struct report report;
	uint32_t *leaves;
	size_t count;

	make(&made);
	group(&report, &made.comparison, "section", excludes, false);
	ck_assert_uint_eq(groups_sums(&report.groups, GROUP_ROOT, OLD).file,
			  53);
	ck_assert_uint_eq(groups_sums(&report.groups, GROUP_FILTERED,
				      OLD).file, 100);
	ck_assert_uint_eq(report.groups.total[OLD].file, 153);
	leaves = groups_leaves(&report.groups, GROUP_FILTERED, &count);
	ck_assert_uint_eq(count, 1);
	free(leaves);
	report_release(&report);
	made_comparison_release(&made);
}
END_TEST

START_TEST(groups_name_what_has_no_value_by_its_nature)
{
	struct made_comparison made;
	struct report report;
	bool null;

	make(&made);
	group(&report, &made.comparison, "symbol", NULL, true);
	ck_assert_uint_eq(groups_sums(&report.groups,
				      find(&report.groups,
					   nature_name(NATURE_ALIGNMENT)),
				      NEW).image, 7);
	groups_label(&report.groups, find(&report.groups,
					  nature_name(NATURE_HEADER)), &null);
	ck_assert(null);
	report_release(&report);
	made_comparison_release(&made);
}
END_TEST

START_TEST(groups_keep_sums_beyond_32_bits)
{
	struct made_comparison made;
	struct report report;
	uint32_t huge;

	made_comparison_init(&made);
	made_function(&made, OLD, "huge", UINT64_C(1) << 40);
	made_function(&made, NEW, "huge", UINT32_MAX);
	made_function(&made, NEW, "small", 1);
	made_compare(&made);
	group(&report, &made.comparison, "section,symbol", NULL, false);
	huge = find(&report.groups, "huge");
	ck_assert_uint_eq(groups_sums(&report.groups, huge, OLD).file,
			  UINT64_C(1) << 40);
	ck_assert_uint_eq(groups_sums(&report.groups, huge, NEW).file,
			  UINT32_MAX);
	ck_assert_uint_eq(groups_sums(&report.groups,
				      find(&report.groups, ".text"),
				      NEW).image, UINT64_C(1) << 32);
	report_release(&report);
	made_comparison_release(&made);
}
END_TEST

START_TEST(groups_refuse_a_ledger_that_does_not_sum)
{
	struct made_comparison made;
	struct vmd_options options = { 0 };
	struct report report;
	struct err err = { 0 };

	make(&made);
	made.comparison.builds[NEW].ledger.image_size++;
	ck_assert_int_eq(report_init(&report, &made.comparison, &options,
				     "symbol", false, &err), -1);
	ck_assert_ptr_nonnull(strstr(err_text(&err), "internal error"));
	err_release(&err);
	report_release(&report);
	made_comparison_release(&made);
}
END_TEST

/* net/ holds socket.c itself and two directories; lib/ is one chain. */
static void make_dirs(struct made_comparison *made)
{
	made_comparison_init(made);
	made_unit(made, OLD, "net/ipv4/tcp.c", 10);
	made_unit(made, OLD, "net/ipv4/udp.c", 20);
	made_unit(made, OLD, "net/socket.c", 5);
	made_unit(made, OLD, "net/core/dev.c", 7);
	made_unit(made, OLD, "/abs/x.c", 1);
	made_unit(made, OLD, "lib/zlib/inflate/a.c", 2);
	made_unit(made, NEW, "net/ipv4/tcp.c", 11);
	made_compare(made);
}

START_TEST(groups_nest_directories)
{
	struct made_comparison made;
	struct report report;
	struct groups *groups;
	uint32_t net, lib;

	make_dirs(&made);
	group(&report, &made.comparison, "dir", NULL, false);
	groups = &report.groups;
	net = find(groups, "net/");
	ck_assert(groups_is_inner(groups, net));
	ck_assert_uint_eq(groups_sums(groups, net, OLD).file, 42);
	ck_assert_uint_eq(groups_sums(groups, find(groups, "net/ipv4/"),
				      OLD).file, 30);
	ck_assert_uint_eq(groups_sums(groups, find(groups, "net/ipv4/"),
				      NEW).file, 11);
	lib = find(groups, "lib/");
	ck_assert_uint_eq(groups_sums(groups, lib, OLD).file, 2);
	ck_assert_uint_ne(tree_only_child(groups, lib), NONE);
	ck_assert_uint_eq(tree_only_child(groups, net), NONE);
	report_release(&report);
	made_comparison_release(&made);
}
END_TEST

START_TEST(groups_list_a_directory_once_in_flat_rows)
{
	struct made_comparison made;
	struct report report;
	uint32_t *leaves;
	uint64_t sum = 0;
	size_t count;

	make_dirs(&made);
	group(&report, &made.comparison, "dir,unit", NULL, false);
	leaves = groups_leaves(&report.groups, GROUP_ROOT, &count);
	ck_assert_uint_eq(count, 6);
	for (size_t i = 0; i < count; i++)
		sum += groups_sums(&report.groups, leaves[i], OLD).file;
	ck_assert_uint_eq(sum, 45);
	free(leaves);
	report_release(&report);
	made_comparison_release(&made);
}
END_TEST

START_TEST(groups_bear_paths_of_any_depth)
{
	struct made_comparison made;
	struct report report;
	char *path = malloc(20002);

	for (size_t i = 0; i < 20000; i += 2)
		memcpy(path + i, "a/", 2);
	memcpy(path + 20000, "b", 2);
	made_comparison_init(&made);
	made_unit(&made, NEW, path, 9);
	made_compare(&made);
	group(&report, &made.comparison, "dir", NULL, false);
	ck_assert_uint_lt(report.groups.count, 100);
	ck_assert_uint_eq(groups_sums(&report.groups, find(&report.groups,
							   "a/a/a/"),
				      NEW).file, 9);
	report_release(&report);
	made_comparison_release(&made);
	free(path);
}
END_TEST

START_TEST(dimension_list_suggests_the_nearest_name)
{
	struct dimension_list list;
	struct err err = { 0 };

	ck_assert_int_eq(dimension_list_parse(&list, "secton", &err), -1);
	ck_assert_ptr_nonnull(strstr(err_text(&err), "'section'"));
	err_release(&err);
	ck_assert_int_eq(dimension_list_parse(&list, "unit,unit", &err), -1);
	err_release(&err);
	ck_assert_int_eq(dimension_list_parse(&list, "", &err), -1);
	err_release(&err);
	ck_assert_int_eq(dimension_list_parse(&list, "dir,symbol", &err), 0);
	ck_assert_uint_eq(list.count, 2);
}
END_TEST

START_TEST(filter_refuses_what_is_no_expression)
{
	static const char *const bad[] = { "symbol:(", NULL };
	static const char *const misspelt[] = { "symbl:foo", NULL };
	static const char *const cpp[] = { "std::foo", NULL };
	struct vmd_options options = { .filters = bad };
	struct made_comparison made;
	struct report report;
	struct err err = { 0 };

	make(&made);
	ck_assert_int_eq(report_init(&report, &made.comparison, &options,
				     "symbol", false, &err), -1);
	err_release(&err);
	report_release(&report);
	options.filters = misspelt;
	ck_assert_int_eq(report_init(&report, &made.comparison, &options,
				     "symbol", false, &err), -1);
	ck_assert_ptr_nonnull(strstr(err_text(&err), "'symbol'"));
	err_release(&err);
	report_release(&report);
	options.filters = cpp;
	ck_assert_int_eq(report_init(&report, &made.comparison, &options,
				     "symbol", false, &err), 0);
	report_release(&report);
	made_comparison_release(&made);
}
END_TEST

/* Entries of functions and units, in turns that differ. */
static void make_many(struct made_comparison *made)
{
	uint32_t foo, bar;

	made_comparison_init(made);
	foo = made_code(&made->side[OLD], "foo", 1);
	bar = made_code(&made->side[OLD], "bar", 1);
	made_unit(made, OLD, "net/ipv4/tcp.c", 4);
	made_unit(made, OLD, "net/core/dev.c", 5);
	made_unit(made, OLD, "mm/slab.c", 6);
	for (uint32_t i = 0; i < 5000; i++)
		made_entry(made, OLD, MADE_TEXT, i % 3 ? foo : bar,
			   NATURE_CODE, BOTH, 1)->unit = i % 4 ? i % 4 - 1 :
								 NONE;
	made_function(made, NEW, "foo", 110);
	made_unit(made, NEW, "net/ipv4/tcp.c", 4);
	for (uint32_t i = 0; i < 500; i++)
		made_entry(made, NEW, MADE_TEXT, NONE, NATURE_UNNAMED, BOTH, 1)
			->unit = i % 4 ? NONE : 0;
	made_compare(made);
}

/* Groups all entries; ledgers of `large` entries in two parts. */
static void group_as(struct report *report, const struct comparison *comparison,
		     const char *by, uint64_t large)
{
	struct group_options options = { .large = large };
	struct err err = { 0 };

	memset(report, 0, sizeof(*report));
	options.filters = &report->filters;
	ck_assert(!keys_init(&report->keys, comparison, false, &err));
	ck_assert(!dimension_list_parse(&options.dimensions, by, &err));
	ck_assert_msg(!groups_build(&report->groups, &report->keys, &options,
				    &err), "%s", err_text(&err));
}

static void check_same(const struct groups *a, const struct groups *b)
{
	ck_assert_uint_eq(a->count, b->count);
	for (uint32_t i = 2; i < a->count; i++) {
		uint32_t same = 0;

		for (uint32_t j = 2; j < b->count && !same; j++) {
			struct sums x = groups_sums(a, i, OLD);
			struct sums y = groups_sums(b, j, OLD);

			if (a->list[i].key == b->list[j].key &&
			    groups_is_leaf(a, i) == groups_is_leaf(b, j) &&
			    a->list[a->list[i].parent].key ==
				    b->list[b->list[j].parent].key &&
			    sums_equal(&x, &y))
				same = j;
		}
		ck_assert_uint_ne(same, 0);
	}
}

START_TEST(groups_of_a_large_ledger_do_not_depend_on_its_parts)
{
	static const char *const lists[] = {
		"section,symbol", "dir,unit,symbol", "symbol,dir", "unit,dir",
		"cause,symbol", "symbol,cause", "unit,cause,symbol",
	};
	struct made_comparison made;
	struct report parts, whole;
	uint8_t causes[5010];

	make_many(&made);
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++)
		causes[i] = (uint8_t)(i % 7);
	for (unsigned side = OLD; side < SIDES; side++)
		made.comparison.causes.of_entry[side] = causes;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		group_as(&parts, &made.comparison, lists[i], 1);
		group_as(&whole, &made.comparison, lists[i], UINT64_MAX);
		check_same(&parts.groups, &whole.groups);
		report_release(&parts);
		report_release(&whole);
	}
	made_comparison_release(&made);
}
END_TEST

/* Rows that filters set aside lie between those that they keep. */
START_TEST(groups_are_there_once_in_whatever_order_entries_come)
{
	static const char *const excludes[] = { "symbol:^foo$", NULL };
	struct made_comparison made;
	struct report report;
	const struct group *list;

	make_many(&made);
	group(&report, &made.comparison, "section,unit", excludes, false);
	list = report.groups.list;
	ck_assert(!groups_is_hole(&report.groups, GROUP_ROOT));
	ck_assert(!groups_is_hole(&report.groups, GROUP_FILTERED));
	for (uint32_t i = 2; i < report.groups.count; i++)
		for (uint32_t j = 2; j < i; j++)
			ck_assert(list[i].parent != list[j].parent ||
				  list[i].key != list[j].key);
	report_release(&report);
	made_comparison_release(&made);
}
END_TEST

/* The group of a way from the root over two keys. */
static uint32_t descend(struct descent *descent, uint32_t key, uint32_t next)
{
	uint32_t group = GROUP_ROOT;
	struct err err = { 0 };

	ck_assert(!descent_all(descent, 0, &key, &group, 1, &err));
	ck_assert(!descent_all(descent, 1, &next, &group, 1, &err));
	return group;
}

START_TEST(descent_hashes_once_a_key_goes_back_to_an_earlier_parent)
{
	struct groups groups = { .limit = { 5, 5 } };
	struct descent descent = { 0 };
	struct err err = { 0 };
	uint32_t a, b, c;

	ck_assert(!dimension_list_parse(&groups.dimensions, "section,unit",
					&err));
	ck_assert(!descent_init(&descent, &groups, 1, 10, true, &err));
	a = descend(&descent, 0, 0);
	b = descend(&descent, 1, 1);
	/* Another key may go back, to wherever it was not met before. */
	c = descend(&descent, 0, 2);
	ck_assert_uint_eq(descend(&descent, 0, 0), a);
	ck_assert_uint_ne(descend(&descent, 1, 2), c);
	ck_assert_ptr_null(descent.heads);
	ck_assert_uint_eq(descend(&descent, 0, 2), c);
	ck_assert_ptr_nonnull(descent.heads);
	ck_assert_uint_eq(descend(&descent, 0, 0), a);
	ck_assert_uint_eq(descend(&descent, 1, 1), b);
	/* Both roots, two sections, and four units below them. */
	ck_assert_uint_eq(groups.count, 8);
	descent_release(&descent);
	groups_release(&groups);
}
END_TEST

START_TEST(groups_of_causes_have_the_bytes_of_their_entries)
{
	static const char *const lists[] = { "cause,symbol", "symbol,cause" };
	struct made_comparison made;
	struct report report;
	uint8_t causes[5010] = { 0 };
	uint64_t bytes[CAUSE_COUNT];

	make_many(&made);
	/* One entry is of another cause than its neighbours. */
	causes[2500] = CAUSE_ADDED;
	for (unsigned side = OLD; side < SIDES; side++)
		made.comparison.causes.of_entry[side] = causes;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		memset(bytes, 0, sizeof(bytes));
		group_as(&report, &made.comparison, lists[i], 1);
		for (uint32_t j = 2; j < report.groups.count; j++)
			if (report.groups.level[j] == i)
				bytes[report.groups.list[j].key] +=
					groups_sums(&report.groups, j,
						    OLD).file;
		ck_assert_uint_eq(bytes[CAUSE_ADDED], 1);
		report_release(&report);
	}
	made_comparison_release(&made);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("group");
	TCase *tcase = tcase_create("group");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, groups_sum_to_the_ledgers_by_every_dimension);
	tcase_add_test(tcase, groups_pair_the_two_sides);
	tcase_add_test(tcase, groups_set_aside_what_filters_exclude);
	tcase_add_test(tcase, groups_name_what_has_no_value_by_its_nature);
	tcase_add_test(tcase, groups_keep_sums_beyond_32_bits);
	tcase_add_test(tcase,
		       groups_of_a_large_ledger_do_not_depend_on_its_parts);
	tcase_add_test(tcase,
		       groups_are_there_once_in_whatever_order_entries_come);
	tcase_add_test(tcase,
		       descent_hashes_once_a_key_goes_back_to_an_earlier_parent);
	tcase_add_test(tcase, groups_of_causes_have_the_bytes_of_their_entries);
	tcase_add_test(tcase, groups_refuse_a_ledger_that_does_not_sum);
	tcase_add_test(tcase, groups_nest_directories);
	tcase_add_test(tcase, groups_list_a_directory_once_in_flat_rows);
	tcase_add_test(tcase, groups_bear_paths_of_any_depth);
	tcase_add_test(tcase, dimension_list_suggests_the_nearest_name);
	tcase_add_test(tcase, filter_refuses_what_is_no_expression);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}

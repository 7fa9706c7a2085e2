/* SPDX-License-Identifier: MIT */
#include "match/match.h"

#include <check.h>
#include <stdio.h>

#include "made_build.h"
#include "match/symname.h"

static struct made_build sides[SIDES];
static struct match match;
static struct names names;

static void setup(void)
{
	made_init(&sides[OLD]);
	made_init(&sides[NEW]);
}

static void run_with(bool exact_names, bool no_old)
{
	const struct build *builds[SIDES] = {
		no_old ? NULL : &sides[OLD].build, &sides[NEW].build
	};
	struct match_options options = { .exact_names = exact_names };
	struct err err = { 0 };

	ck_assert_int_eq(names_init(&names, 16), 0);
	ck_assert_msg(!match_run(&match, &names, builds, &options, &err), "%s",
		      err_text(&err));
}

static void run(void)
{
	run_with(false, false);
}

static void teardown(void)
{
	match_release(&match);
	names_release(&names);
	made_release(&sides[OLD]);
	made_release(&sides[NEW]);
}

static const struct pair *pair_of(unsigned side, uint32_t symbol)
{
	uint32_t pair = match.pair_of[side][symbol];

	ck_assert_uint_lt(pair, match.pair_count);
	return &match.pairs[pair];
}

/* The two are one thing, and this is how we know. */
static void assert_pair(uint32_t old, uint32_t new, enum level level)
{
	const struct pair *pair = pair_of(NEW, new);

	ck_assert_uint_eq(pair->symbol[NEW], new);
	ck_assert_uint_eq(pair->symbol[OLD], old);
	ck_assert_str_eq(level_name(pair->level), level_name(level));
	ck_assert_ptr_eq(pair, pair_of(OLD, old));
}

static void assert_alone(unsigned side, uint32_t symbol)
{
	const struct pair *pair = pair_of(side, symbol);

	ck_assert_uint_eq(pair->symbol[side], symbol);
	ck_assert_uint_eq(pair->symbol[!side], NONE);
	ck_assert_int_eq(pair->level, LEVEL_NONE);
}

START_TEST(match_pairs_equal_names)
{
	uint32_t old, new;

	made_globals(&sides[OLD]);
	made_globals(&sides[NEW]);
	made_code(&sides[OLD], "gone", 8);
	old = made_code(&sides[OLD], "vfs_read", 64);
	new = made_code(&sides[NEW], "vfs_read", 80);
	run();
	assert_pair(old, new, LEVEL_EXACT);
	assert_alone(OLD, 1);
}
END_TEST

START_TEST(match_keeps_a_function_and_data_of_one_name_apart)
{
	uint32_t old = made_code(&sides[OLD], "state", 64);
	uint32_t new = made_data(&sides[NEW], "state", 64);

	run();
	assert_alone(OLD, old);
	assert_alone(NEW, new);
}
END_TEST

START_TEST(match_finds_a_promoted_local)
{
	uint32_t old, new;

	made_file(&sides[OLD], "mmconfig_64.c");
	old = made_code(&sides[OLD], "pci_mmcfg_write", 64);
	made_file(&sides[NEW], "usercopy_64.c");
	made_hidden(&sides[NEW]);
	new = made_code(&sides[NEW], "pci_mmcfg_write.llvm.1113974616637", 64);
	run();
	assert_pair(old, new, LEVEL_NAME);
}
END_TEST

START_TEST(match_tells_statics_of_one_name_by_file)
{
	static const char *const files[] = { "core.c", "cpu.c", "core.c" };
	uint32_t old[3], new[3];

	for (int i = 0; i < 3; i++) {
		made_file(&sides[OLD], files[i]);
		old[i] = made_code(&sides[OLD], "show", 64);
	}
	for (int i = 0; i < 3; i++) {
		made_file(&sides[NEW], files[i]);
		new[i] = made_code(&sides[NEW], "show", 32);
	}
	run();
	for (int i = 0; i < 3; i++)
		assert_pair(old[i], new[i], LEVEL_EXACT);
}
END_TEST

START_TEST(match_does_not_believe_the_file_of_a_hidden_local)
{
	uint32_t old[2], new[2];

	made_file(&sides[OLD], "a.c");
	old[0] = made_code(&sides[OLD], "show", 64);
	made_file(&sides[OLD], "b.c");
	old[1] = made_code(&sides[OLD], "show", 64);
	made_file(&sides[NEW], "a.c");
	new[0] = made_code(&sides[NEW], "show", 64);
	made_file(&sides[NEW], "b.c");
	made_file(&sides[NEW], "a.c");
	made_hidden(&sides[NEW]);
	new[1] = made_code(&sides[NEW], "show.llvm.5", 64);
	run();
	assert_pair(old[0], new[0], LEVEL_EXACT);
	assert_pair(old[1], new[1], LEVEL_NAME);
}
END_TEST

START_TEST(match_keeps_clones_apart_from_the_function)
{
	uint32_t old[2], new[2];

	old[0] = made_code(&sides[OLD], "foo", 64);
	old[1] = made_code(&sides[OLD], "foo.isra.0", 64);
	new[1] = made_code(&sides[NEW], "foo.isra.2", 64);
	new[0] = made_code(&sides[NEW], "foo", 64);
	run();
	assert_pair(old[0], new[0], LEVEL_EXACT);
	assert_pair(old[1], new[1], LEVEL_CANONICAL);
}
END_TEST

START_TEST(match_finds_an_owner_by_any_of_its_names)
{
	uint32_t old, new;

	made_globals(&sides[OLD]);
	made_globals(&sides[NEW]);
	old = made_code(&sides[OLD], "__se_sys_read", 64);
	made_alias(&sides[OLD], old, "__x64_sys_read");
	new = made_code(&sides[NEW], "__x64_sys_read", 64);
	run();
	assert_pair(old, new, LEVEL_EXACT);
}
END_TEST

START_TEST(match_rolls_children_up_into_their_parents_pair)
{
	uint32_t foo, cold, part, alone, cold_of_part;

	made_file(&sides[NEW], "a.c");
	foo = made_code(&sides[NEW], "foo", 64);
	cold = made_code(&sides[NEW], "foo.cold", 8);
	part = made_code(&sides[NEW], "foo.part.0", 8);
	cold_of_part = made_code(&sides[NEW], "foo.part.0.cold", 8);
	alone = made_code(&sides[NEW], "bar.part.0", 8);
	run_with(false, true);
	foo = match.pair_of[NEW][foo];
	ck_assert_uint_eq(pair_of(NEW, cold)->parent, foo);
	ck_assert_uint_eq(pair_of(NEW, part)->parent, foo);
	ck_assert_uint_eq(pair_of(NEW, cold_of_part)->parent, foo);
	ck_assert_uint_eq(pair_of(NEW, alone)->parent,
			  match.pair_of[NEW][alone]);
	ck_assert_int_eq(pair_of(NEW, cold)->symbol_class, SYM_COLD);
}
END_TEST

START_TEST(match_of_a_single_build_leaves_all_alone)
{
	uint32_t new = made_code(&sides[NEW], "foo", 64);

	run_with(false, true);
	assert_alone(NEW, new);
	ck_assert_uint_eq(match.pair_count, 1);
}
END_TEST

START_TEST(exact_names_turn_canonical_names_off)
{
	uint32_t old = made_code(&sides[OLD], "foo", 64);
	uint32_t new = made_code(&sides[NEW], "foo.llvm.1", 64);

	run_with(true, false);
	assert_alone(OLD, old);
	assert_alone(NEW, new);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("match");
	TCase *levels = tcase_create("levels");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(levels, setup, teardown);
	tcase_add_test(levels, match_pairs_equal_names);
	tcase_add_test(levels, match_keeps_a_function_and_data_of_one_name_apart);
	tcase_add_test(levels, match_finds_a_promoted_local);
	tcase_add_test(levels, match_tells_statics_of_one_name_by_file);
	tcase_add_test(levels, match_does_not_believe_the_file_of_a_hidden_local);
	tcase_add_test(levels, match_keeps_clones_apart_from_the_function);
	tcase_add_test(levels, match_finds_an_owner_by_any_of_its_names);
	tcase_add_test(levels, match_rolls_children_up_into_their_parents_pair);
	tcase_add_test(levels, match_of_a_single_build_leaves_all_alone);
	tcase_add_test(levels, exact_names_turn_canonical_names_off);
	suite_add_tcase(suite, levels);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

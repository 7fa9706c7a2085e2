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

	made_book(&sides[OLD]);
	made_book(&sides[NEW]);
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

START_TEST(match_learns_modules_from_pairs_already_made)
{
	static const char *const files[] = { "proc.c", "crypto.c" };
	static const char *const unique[] = { "cpu_next", "crypto_next" };
	char name[64];
	uint32_t old[2], new[2];

	for (int i = 0; i < 2; i++) {
		made_file(&sides[OLD], files[i]);
		old[i] = made_code(&sides[OLD], "c_start", 64);
		made_code(&sides[OLD], unique[i], 64);
	}
	made_file(&sides[NEW], "usercopy_64.c");
	made_hidden(&sides[NEW]);
	for (int i = 1; i >= 0; i--) {
		snprintf(name, sizeof(name), "c_start.llvm.%d", i + 77);
		new[i] = made_code(&sides[NEW], name, 64);
		snprintf(name, sizeof(name), "%s.llvm.%d", unique[i], i + 77);
		made_code(&sides[NEW], name, 64);
	}
	run();
	assert_pair(old[0], new[0], LEVEL_MODULE);
	assert_pair(old[1], new[1], LEVEL_MODULE);
}
END_TEST

START_TEST(match_learns_modules_of_two_builds_with_keys)
{
	static const char *const unique[] = { "cpu_next", "crypto_next" };
	char name[64];
	uint32_t all[SIDES][2];

	for (unsigned side = 0; side < SIDES; side++) {
		made_hidden(&sides[side]);
		for (unsigned i = 0; i < 2; i++) {
			unsigned which = side == OLD ? i : 1 - i;

			snprintf(name, sizeof(name), "c_start.llvm.%u",
				 which * 10 + side);
			all[side][which] = made_code(&sides[side], name, 64);
			snprintf(name, sizeof(name), "%s.llvm.%u",
				 unique[which], which * 10 + side);
			made_code(&sides[side], name, 64);
		}
	}
	run();
	assert_pair(all[OLD][0], all[NEW][0], LEVEL_MODULE);
	assert_pair(all[OLD][1], all[NEW][1], LEVEL_MODULE);
}
END_TEST

START_TEST(match_asks_the_neighbours_of_a_symbol_without_file)
{
	uint32_t old[2], new[2];

	for (int i = 0; i < 2; i++) {
		made_file(&sides[OLD], i ? "b.c" : "a.c");
		made_code(&sides[OLD], i ? "b_first" : "a_first", 64);
		old[i] = made_code(&sides[OLD], "show", 64);
		made_code(&sides[OLD], i ? "b_last" : "a_last", 64);
	}
	for (int i = 1; i >= 0; i--) {
		made_file(&sides[NEW], i ? "b.c" : "a.c");
		made_code(&sides[NEW], i ? "b_first" : "a_first", 64);
		made_hidden(&sides[NEW]);
		new[i] = made_code(&sides[NEW], "show", 64);
		sides[NEW].visibility = STV_DEFAULT;
		made_code(&sides[NEW], i ? "b_last" : "a_last", 64);
	}
	run();
	assert_pair(old[0], new[0], LEVEL_FILE);
	assert_pair(old[1], new[1], LEVEL_FILE);
}
END_TEST

START_TEST(match_trusts_content_before_a_number)
{
	static const char *const texts[] = { "acpi_ec_add", "acpi_ec_read" };
	uint32_t old[2], new;

	for (unsigned side = 0; side < SIDES; side++) {
		sides[side].build.image.sections[MADE_DATA].flags = SHF_ALLOC;
		made_file(&sides[side], "ec.c");
	}
	old[0] = made_data(&sides[OLD], "__func__.17", 13);
	old[1] = made_data(&sides[OLD], "__func__.18", 13);
	new = made_data(&sides[NEW], "__func__.17", 13);
	made_bytes(&sides[OLD], old[0], texts[0], strlen(texts[0]));
	made_bytes(&sides[OLD], old[1], texts[1], strlen(texts[1]));
	made_bytes(&sides[NEW], new, texts[1], strlen(texts[1]));
	run();
	assert_pair(old[1], new, LEVEL_CONTENT);
	assert_alone(OLD, old[0]);
}
END_TEST

START_TEST(match_does_not_compare_pointers)
{
	uint64_t pointers[SIDES][2] = { { 0x100000040, 1159 },
					{ 0x100000990, 1159 } };
	uint64_t other[2] = { 0x100000040, 1160 };
	uint32_t old[2], new[2];

	made_file(&sides[OLD], "vector.c");
	made_file(&sides[NEW], "vector.c");
	old[0] = made_data(&sides[OLD], "__UNIQUE_ID_ddebug1.3", 16);
	old[1] = made_data(&sides[OLD], "__UNIQUE_ID_ddebug2.2", 16);
	new[1] = made_data(&sides[NEW], "__UNIQUE_ID_ddebug7.5", 16);
	new[0] = made_data(&sides[NEW], "__UNIQUE_ID_ddebug9.4", 16);
	made_bytes(&sides[OLD], old[0], pointers[OLD], 16);
	made_bytes(&sides[NEW], new[0], pointers[NEW], 16);
	made_bytes(&sides[OLD], old[1], other, 16);
	made_bytes(&sides[NEW], new[1], other, 16);
	run();
	assert_pair(old[0], new[0], LEVEL_CONTENT);
	assert_pair(old[1], new[1], LEVEL_CONTENT);
}
END_TEST

START_TEST(match_tells_equal_names_of_one_file_by_size)
{
	uint32_t old[2], new[2];

	made_file(&sides[OLD], "a.c");
	made_file(&sides[NEW], "a.c");
	old[0] = made_data(&sides[OLD], "opt_array.1", 64);
	old[1] = made_data(&sides[OLD], "opt_array.2", 96);
	new[1] = made_data(&sides[NEW], "opt_array.3", 96);
	new[0] = made_data(&sides[NEW], "opt_array.4", 64);
	run();
	assert_pair(old[0], new[0], LEVEL_SIZE);
	assert_pair(old[1], new[1], LEVEL_SIZE);
}
END_TEST

START_TEST(match_finds_by_sizes_what_came_among_equal_names)
{
	static const uint64_t old_sizes[] = { 8, 16, 8, 16 };
	static const uint64_t new_sizes[] = { 8, 24, 16, 8, 16, 40 };
	uint32_t old[4], new[6];
	char name[32];

	made_file(&sides[OLD], "core.c");
	made_file(&sides[NEW], "core.c");
	for (unsigned i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "descriptor.%u", 10 + i);
		old[i] = made_data(&sides[OLD], name, old_sizes[i]);
	}
	for (unsigned i = 0; i < 6; i++) {
		snprintf(name, sizeof(name), "descriptor.%u", 20 + i);
		new[i] = made_data(&sides[NEW], name, new_sizes[i]);
	}
	run();
	assert_pair(old[0], new[0], LEVEL_ORDER);
	assert_alone(NEW, new[1]);
	for (unsigned i = 1; i < 4; i++)
		assert_pair(old[i], new[i + 1], LEVEL_ORDER);
	assert_alone(NEW, new[5]);
}
END_TEST

START_TEST(match_falls_back_to_order_inside_one_file)
{
	uint32_t old[3], new[4];

	made_file(&sides[OLD], "core.c");
	made_file(&sides[NEW], "core.c");
	for (int i = 0; i < 3; i++)
		old[i] = made_data(&sides[OLD], i == 0 ? "__already_done.1" :
				   i == 1 ? "__already_done.2" :
				   "__already_done.3", 1);
	for (int i = 0; i < 3; i++)
		new[i] = made_data(&sides[NEW], i == 0 ? "__already_done.7" :
				   i == 1 ? "__already_done.8" :
				   "__already_done.9", 1);
	run();
	for (int i = 0; i < 3; i++)
		assert_pair(old[i], new[i], LEVEL_ORDER);
}
END_TEST

START_TEST(match_leaves_equal_names_of_several_files_unordered)
{
	uint32_t old = 0, new = 0;

	made_file(&sides[OLD], "a.c");
	old = made_code(&sides[OLD], "show", 64);
	made_file(&sides[OLD], "b.c");
	made_code(&sides[OLD], "show", 64);
	made_file(&sides[NEW], "c.c");
	new = made_code(&sides[NEW], "show", 64);
	made_file(&sides[NEW], "d.c");
	made_code(&sides[NEW], "show", 64);
	run();
	assert_alone(OLD, old);
	assert_alone(NEW, new);
}
END_TEST

START_TEST(match_does_not_take_an_empty_key_for_its_neighbour)
{
	uint32_t queue, key, old_queue, old_key;

	old_key = made_data(&sides[OLD], "ext4_init_fs.__key", 1);
	old_queue = made_data(&sides[OLD], "ext4__ioend_wq", 888);
	queue = made_data(&sides[NEW], "ext4__ioend_wq", 888);
	key = made_alias(&sides[NEW], queue, "ext4_init_fs.__key");
	sides[NEW].build.image.symbols[key].size = 0;
	sides[NEW].build.image.symbols[key].type = STT_OBJECT;
	run();
	assert_pair(old_queue, queue, LEVEL_EXACT);
	assert_alone(OLD, old_key);
}
END_TEST

START_TEST(match_finds_renamed_code)
{
	static const char code[40] = "0123456789abcdef0123456789abcdef-rename";
	uint32_t old, new, small_old, small_new;

	sides[OLD].build.image.type = ET_REL;
	sides[NEW].build.image.type = ET_REL;
	old = made_code(&sides[OLD], "ext4_old_name", sizeof(code));
	new = made_code(&sides[NEW], "ext4_new_name", sizeof(code));
	small_old = made_code(&sides[OLD], "ret_old", 8);
	small_new = made_code(&sides[NEW], "ret_new", 8);
	made_bytes(&sides[OLD], old, code, sizeof(code));
	made_bytes(&sides[NEW], new, code, sizeof(code));
	made_bytes(&sides[OLD], small_old, code, 8);
	made_bytes(&sides[NEW], small_new, code, 8);
	run();
	assert_pair(old, new, LEVEL_RENAMED);
	assert_alone(OLD, small_old);
	assert_alone(NEW, small_new);
}
END_TEST

START_TEST(a_part_stands_for_the_function_that_is_gone)
{
	uint32_t old, new;

	made_file(&sides[OLD], "a.c");
	old = made_code(&sides[OLD], "mptcp_stop", 164);
	made_file(&sides[NEW], "a.c");
	new = made_code(&sides[NEW], "mptcp_stop.part.0", 150);
	run();
	assert_pair(old, new, LEVEL_CHILD);
}
END_TEST

START_TEST(a_piece_follows_its_parent)
{
	uint32_t old[2], new[2];

	/* The pieces say nothing of their files; their parents do. */
	for (unsigned side = 0; side < SIDES; side++) {
		uint32_t *to = side == OLD ? old : new;

		for (unsigned i = 0; i < 2; i++) {
			unsigned which = side == OLD ? i : 1 - i;

			made_file(&sides[side], which ? "b.c" : "a.c");
			made_code(&sides[side], "show", 64);
			to[which] = made_code(&sides[side], "show.cold", 8);
			sides[side].build.image.symbols[to[which]].visibility =
				STV_HIDDEN;
		}
	}
	run();
	ck_assert_uint_eq(pair_of(NEW, new[0])->symbol[OLD], old[0]);
	ck_assert_uint_eq(pair_of(NEW, new[1])->symbol[OLD], old[1]);
}
END_TEST

START_TEST(match_shows_the_name_that_both_builds_know)
{
	struct build builds[SIDES];
	uint32_t old, alias;

	made_globals(&sides[OLD]);
	made_globals(&sides[NEW]);
	old = made_code(&sides[OLD], "__se_sys_read", 64);
	alias = made_alias(&sides[OLD], old, "__x64_sys_read");
	made_code(&sides[NEW], "__x64_sys_read", 64);
	run();
	builds[OLD] = sides[OLD].build;
	builds[NEW] = sides[NEW].build;
	ck_assert_uint_eq(match_display(builds, pair_of(OLD, old), OLD),
			  alias);
}
END_TEST

START_TEST(ten_thousand_equal_names_are_settled)
{
	enum { EQUAL = 10000 };
	uint32_t first[SIDES] = { 0, 0 };

	for (unsigned side = 0; side < SIDES; side++) {
		made_file(&sides[side], "huge.c");
		for (unsigned i = 0; i < EQUAL; i++) {
			uint32_t symbol = made_code(&sides[side], "show", 16);

			if (!i)
				first[side] = symbol;
		}
	}
	run();
	for (unsigned i = 0; i < EQUAL; i++)
		assert_pair(first[OLD] + i, first[NEW] + i, LEVEL_ORDER);
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
	tcase_add_test(levels, match_learns_modules_from_pairs_already_made);
	tcase_add_test(levels, match_learns_modules_of_two_builds_with_keys);
	tcase_add_test(levels, match_asks_the_neighbours_of_a_symbol_without_file);
	tcase_add_test(levels, match_trusts_content_before_a_number);
	tcase_add_test(levels, match_does_not_compare_pointers);
	tcase_add_test(levels, match_tells_equal_names_of_one_file_by_size);
	tcase_add_test(levels, match_finds_by_sizes_what_came_among_equal_names);
	tcase_add_test(levels, match_falls_back_to_order_inside_one_file);
	tcase_add_test(levels, match_leaves_equal_names_of_several_files_unordered);
	tcase_add_test(levels, match_does_not_take_an_empty_key_for_its_neighbour);
	tcase_add_test(levels, match_finds_renamed_code);
	tcase_add_test(levels, a_part_stands_for_the_function_that_is_gone);
	tcase_add_test(levels, a_piece_follows_its_parent);
	tcase_add_test(levels, match_shows_the_name_that_both_builds_know);
	tcase_add_test(levels, ten_thousand_equal_names_are_settled);
	suite_add_tcase(suite, levels);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

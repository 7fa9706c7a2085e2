/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/names.h"

START_TEST(equal_names_have_one_number)
{
	struct names names;
	char copy[] = "schedule";

	ck_assert_int_eq(names_init(&names, 0), 0);
	ck_assert_uint_eq(names_intern_cstr(&names, "schedule"),
			  names_intern_cstr(&names, copy));
	ck_assert_uint_ne(names_intern_cstr(&names, "schedule"),
			  names_intern_cstr(&names, "schedul"));
	ck_assert_uint_eq(names_intern(&names, "schedule", 8),
			  names_intern(&names, "schedule_x", 8));
	ck_assert_uint_eq(names_intern_cstr(&names, ""), 0);
	names_release(&names);
}
END_TEST

START_TEST(names_survive_growth)
{
	static char texts[20000][8];
	struct names names;
	size_t length;

	ck_assert_int_eq(names_init(&names, 0), 0);
	for (int i = 0; i < 20000; i++) {
		snprintf(texts[i], sizeof(texts[i]), "f%d", i);
		ck_assert_uint_eq(names_intern_cstr(&names, texts[i]),
				  (uint32_t)i + 1);
	}
	for (int i = 0; i < 20000; i++) {
		ck_assert_uint_eq(names_find(&names, texts[i],
					     strlen(texts[i])),
				  (uint32_t)i + 1);
		ck_assert_ptr_eq(names_text(&names, (uint32_t)i + 1, &length),
				 texts[i]);
		ck_assert_uint_eq(length, strlen(texts[i]));
	}
	ck_assert_uint_eq(names_find(&names, "g", 1), 0);
	names_release(&names);
}
END_TEST

START_TEST(a_map_keeps_each_key_once)
{
	struct map map = { 0 };

	for (uint64_t i = 0; i < 10000; i++)
		*map_at(&map, i << 32, 0) += (uint32_t)i;
	for (uint64_t i = 0; i < 10000; i++)
		*map_at(&map, i << 32, 0) += 1;
	ck_assert_uint_eq(map.count, 10000);
	ck_assert_uint_eq(*map_find(&map, (uint64_t)77 << 32), 78);
	ck_assert_ptr_null(map_find(&map, 77));
	map_release(&map);
}
END_TEST

START_TEST(arena_memory_is_zeroed_and_keeps_its_place)
{
	struct arena arena = { 0 };
	char *small[100], *large;

	for (int i = 0; i < 100; i++) {
		small[i] = arena_alloc(&arena, 5000);
		ck_assert_ptr_nonnull(small[i]);
		for (int j = 0; j < 5000; j++)
			ck_assert_int_eq(small[i][j], 0);
		memset(small[i], i, 5000);
	}
	large = arena_array(&arena, 1000, 1000);
	ck_assert_ptr_nonnull(large);
	ck_assert_int_eq(large[999999], 0);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(small[i][4999], i);
	ck_assert_ptr_null(arena_array(&arena, SIZE_MAX / 2, 4));
	arena_release(&arena);
}
END_TEST

START_TEST(an_arena_that_is_reset_gives_zeroed_memory_again)
{
	struct arena arena = { 0 };
	char *first = arena_strndup(&arena, "text", 4);

	ck_assert_ptr_nonnull(arena_array(&arena, 1000, 1000));
	ck_assert_ptr_null(arena_array(&arena, SIZE_MAX / 2, 4));
	arena_reset(&arena);
	ck_assert_ptr_eq(arena_alloc(&arena, 5), first);
	ck_assert_mem_eq(first, "\0\0\0\0", 5);
	ck_assert(arena.failed);
	arena_release(&arena);
}
END_TEST

START_TEST(the_first_error_is_kept)
{
	struct err err = { NULL };

	ck_assert_int_eq(err_set(&err, "cause %d", 1), -1);
	ck_assert_int_eq(err_set(&err, "consequence"), -1);
	ck_assert_str_eq(err_text(&err), "cause 1");
	err_release(&err);
	ck_assert_ptr_null(err.text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("base");
	TCase *tcase = tcase_create("base");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, equal_names_have_one_number);
	tcase_add_test(tcase, names_survive_growth);
	tcase_add_test(tcase, a_map_keeps_each_key_once);
	tcase_add_test(tcase, arena_memory_is_zeroed_and_keeps_its_place);
	tcase_add_test(tcase,
		       an_arena_that_is_reset_gives_zeroed_memory_again);
	tcase_add_test(tcase, the_first_error_is_kept);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * What the BTF reader finds names and shapes by, against loops that look at
 * every byte and every hash.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "debug/btf_shapes.h"
#include "debug/btf_strings.h"

#define ROOM 100000u

static char data[ROOM], *exact;
static struct btf_strings strings;

/* Nothing can be read behind the strings. */
static void init(uint32_t size)
{
	exact = malloc(size ? size : 1);
	ck_assert_ptr_nonnull(exact);
	memcpy(exact, data, size);
	ck_assert_int_eq(btf_strings_init(&strings, exact, size, 0), 0);
}

static void release(void)
{
	btf_strings_release(&strings);
	free(exact);
}

static uint32_t draw(uint32_t *state, uint32_t below)
{
	*state = *state * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)*state * below >> 32);
}

/* Texts of up to `longest` bytes, with a number in front: all differ. */
static uint32_t fill(uint32_t seed, uint32_t longest, uint32_t size)
{
	uint32_t at = 1, number = 0;

	memset(data, 0, sizeof(data));
	for (; at + longest + 9 < size; at++) {
		uint32_t more = longest ? draw(&seed, longest) : 0;

		for (uint32_t n = ++number; n; n /= 26)
			data[at++] = (char)('A' + n % 26);
		memset(data + at, 'x', more);
		at += more;
	}
	return at;
}

static void check_numbers(uint32_t size)
{
	uint32_t number = 0, start = 0;

	for (uint32_t at = 0; at < size; at++) {
		const char *end = memchr(data + start, '\0', size - start);
		uint32_t length = end ? (uint32_t)(end - data) - start
				      : size - start;

		ck_assert_uint_eq(btf_strings_at(&strings, at) - strings.list,
				  number);
		ck_assert_uint_eq(strings.list[number].at, start);
		ck_assert_uint_eq(btf_string_length(&strings.list[number]),
				  length);
		if (!data[at]) {
			number++;
			start = at + 1;
		}
	}
	ck_assert_uint_eq(strings.count, number + (start < size));
}

/* What a section of strings may be like. */
static const struct {
	uint32_t longest; /* besides the number */
	uint32_t cut;     /* bytes that the last string lacks; what is left
			     of it may be another's text */
} made_strings[] = {
	{ 0, 0 }, { 1, 0 }, { 3, 1 }, { 12, 0 }, { 12, 3 }, { 40, 0 },
	{ 40, 30 }, { 200, 0 }, { 1000, 5 },
};

START_TEST(each_byte_lies_in_the_string_that_a_walk_finds)
{
	for (uint32_t size = 2000; size < 2040; size++) {
		uint32_t used = fill(size, made_strings[_i].longest, size) -
				made_strings[_i].cut;

		init(used);
		check_numbers(used);
		if (!made_strings[_i].cut)
			ck_assert(!strings.repeated);
		release();
	}
}
END_TEST

START_TEST(strings_of_nothing_but_ends_are_numbered)
{
	memset(data, 0, sizeof(data));
	for (uint32_t size = 0; size < 100; size++) {
		init(size);
		check_numbers(size);
		ck_assert_int_eq(strings.repeated, size > 1);
		release();
	}
}
END_TEST

/* A text that is there twice, the second time as the last one. */
START_TEST(a_text_that_is_there_twice_is_found)
{
	uint32_t longest = made_strings[_i].longest, seed = 1;
	uint32_t size = fill(1, longest, 3000), before = size;

	for (unsigned i = 0; i < 200; i++) {
		uint32_t at = draw(&seed, before);
		size_t length;

		while (data[at - !!at])
			at--;
		length = strlen(data + at);
		memcpy(data + before, data + at, length + 1);
		size = before + (uint32_t)length + i % 2;
		init(size);
		ck_assert_int_eq(strings.repeated, length || i % 2);
		release();
	}
}
END_TEST

/* Hashes that belong into few slots, or whose tags are equal, or neither. */
static uint64_t hash_like(unsigned way, uint32_t number)
{
	uint64_t spread = (number + 1) * UINT64_C(0x9e3779b97f4a7c15);

	switch (way) {
	case 0:
		return spread;
	case 1:
		return spread & ~UINT64_C(0xffffff);
	case 2:
		return spread & UINT64_C(0x1ffffffffffffff);
	default:
		return (spread & ~UINT64_C(0xffffff)) | 0xfffff8;
	}
}

static uint32_t number(struct btf_shapes *shapes, unsigned way, uint32_t i)
{
	return btf_shapes_number(shapes, (struct btf_shape){
		hash_like(way, i), i, i + 1,
	});
}

START_TEST(shapes_are_found_again_by_their_hash_alone)
{
	const uint32_t count = _i ? 3000 : 300000;
	struct btf_shapes shapes;

	ck_assert_int_eq(btf_shapes_init(&shapes, NULL, 1), 0);
	for (uint32_t i = 0; i < count; i++)
		ck_assert_uint_eq(number(&shapes, (unsigned)_i, i), i);
	for (uint32_t i = count; i-- > 0;)
		ck_assert_uint_eq(number(&shapes, (unsigned)_i, i), i);
	ck_assert_uint_eq(shapes.count, count);
	for (uint32_t i = 0; i < count; i++)
		ck_assert_uint_eq(shapes.list[i].id, i + 1);
	ck_assert(!shapes.failed);
	btf_shapes_release(&shapes);
}
END_TEST

START_TEST(shapes_of_a_base_keep_their_numbers)
{
	struct btf_shapes base, shapes;

	ck_assert_int_eq(btf_shapes_init(&base, NULL, 1), 0);
	for (uint32_t i = 0; i < 5000; i++)
		number(&base, 0, i);
	ck_assert_int_eq(btf_shapes_init(&shapes, &base, 1), 0);
	btf_shapes_release(&base);
	ck_assert_uint_eq(number(&shapes, 0, 9000), 5000);
	for (uint32_t i = 0; i < 5000; i++)
		ck_assert_uint_eq(number(&shapes, 0, i), i);
	btf_shapes_release(&shapes);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("btf_tables");
	TCase *tests = tcase_create("tables");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests,
			    each_byte_lies_in_the_string_that_a_walk_finds, 0,
			    ARRAY_SIZE(made_strings));
	tcase_add_test(tests, strings_of_nothing_but_ends_are_numbered);
	tcase_add_loop_test(tests, a_text_that_is_there_twice_is_found, 1,
			    ARRAY_SIZE(made_strings));
	tcase_add_loop_test(tests, shapes_are_found_again_by_their_hash_alone,
			    0, 4);
	tcase_add_test(tests, shapes_of_a_base_keep_their_numbers);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}

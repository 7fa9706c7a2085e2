/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debug/btf.h"
#include "made_btf.h"

static struct made_btf made, made_split;
static struct image image;
static struct btf btf;

static void set_up(void)
{
	memset(&image, 0, sizeof(image));
	memset(&btf, 0, sizeof(btf));
	made_btf_init(&made, false);
}

static void tear_down(void)
{
	btf_release(&btf);
	image_release(&image);
}

static void read_bytes(const uint8_t *data, uint64_t size)
{
	struct err err = { 0 };

	ck_assert_int_eq(btf_read_memory(&btf, &image, "test", data, size,
					 NULL, NULL, &err), 0);
}

static void read_made(void)
{
	read_bytes(made.blob, made_finish(&made));
}

static const struct btf_group *group_of(unsigned kind, const char *name)
{
	for (uint32_t i = 0; i < btf.group_count; i++)
		if (btf.groups[i].kind == kind &&
		    btf.groups[i].length == strlen(name) &&
		    !memcmp(btf.groups[i].name, name, strlen(name)))
			return &btf.groups[i];
	return NULL;
}

static uint64_t sum(void)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < btf.group_count; i++)
		bytes += btf.groups[i].bytes + btf.groups[i].name_bytes;
	return bytes;
}

static uint32_t copies(void)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < btf.group_count; i++)
		count += btf_copies_of(&btf, &btf.groups[i])->count;
	return count;
}

static const struct btf_copies *copies_of(unsigned kind, const char *name)
{
	return btf_copies_of(&btf, group_of(kind, name));
}

static bool warned_of(const char *text)
{
	for (size_t i = 0; i < image.warning_count; i++)
		if (strstr(image.warnings[i], text))
			return true;
	return false;
}

/* One record of each kind: 12 bytes and what follows it. */
static void make_all_kinds(void)
{
	uint32_t number = made_int(&made, "int");
	uint32_t ptr = made_ptr(&made, number), proto, var;

	made_record(&made, BTF_KIND_ARRAY, "", 0, 0);
	made_word(&made, number);
	made_word(&made, number);
	made_word(&made, 10);
	made_struct(&made, "page", "flags", number);
	made_record(&made, BTF_KIND_UNION, "either", 2, 4);
	made_member(&made, "a", number, 0);
	made_member(&made, "b", number, 0);
	made_record(&made, BTF_KIND_ENUM, "colour", 2, 4);
	made_word(&made, made_name(&made, "red"));
	made_word(&made, 0);
	made_word(&made, made_name(&made, "blue"));
	made_word(&made, 1);
	made_record(&made, BTF_KIND_FWD, "hidden", 0, 0);
	made_record(&made, BTF_KIND_TYPEDEF, "u32", 0, number);
	made_record(&made, BTF_KIND_VOLATILE, "", 0, number);
	made_record(&made, BTF_KIND_CONST, "", 0, number);
	made_record(&made, BTF_KIND_RESTRICT, "", 0, ptr);
	proto = made_record(&made, BTF_KIND_FUNC_PROTO, "", 1, number);
	made_word(&made, made_name(&made, "arg"));
	made_word(&made, ptr);
	made_record(&made, BTF_KIND_FUNC, "do_it", 1, proto);
	var = made_record(&made, BTF_KIND_VAR, "jiffies", 0, number);
	made_word(&made, 1);
	made_record(&made, BTF_KIND_DATASEC, ".data", 1, 4);
	made_word(&made, var);
	made_word(&made, 0);
	made_word(&made, 4);
	made_record(&made, BTF_KIND_FLOAT, "double", 0, 8);
	made_record(&made, 17, "user", 0, var);
	made_word(&made, UINT32_MAX);
	made_record(&made, 18, "rcu", 0, number);
	made_record(&made, 19, "wide", 1, 8);
	made_word(&made, made_name(&made, "all"));
	made_word(&made, UINT32_MAX);
	made_word(&made, UINT32_MAX);
}

static const struct {
	unsigned kind;
	const char *name;
	uint64_t bytes;
} all_kinds[] = {
	{ BTF_KIND_INT, "int", 16 }, { BTF_KIND_PTR, "", 12 },
	{ BTF_KIND_ARRAY, "", 24 }, { BTF_KIND_STRUCT, "page", 24 },
	{ BTF_KIND_UNION, "either", 36 }, { BTF_KIND_ENUM, "colour", 28 },
	{ BTF_KIND_FWD, "hidden", 12 }, { BTF_KIND_TYPEDEF, "u32", 12 },
	{ BTF_KIND_VOLATILE, "", 12 }, { BTF_KIND_CONST, "", 12 },
	{ BTF_KIND_RESTRICT, "", 12 }, { BTF_KIND_FUNC_PROTO, "", 20 },
	{ BTF_KIND_FUNC, "do_it", 12 }, { BTF_KIND_VAR, "jiffies", 16 },
	{ BTF_KIND_DATASEC, ".data", 24 }, { BTF_KIND_FLOAT, "double", 12 },
	{ 17, "user", 16 }, { 18, "rcu", 12 }, { 19, "wide", 24 },
};

START_TEST(every_kind_is_read_in_both_byte_orders)
{
	made_btf_init(&made, _i == 1);
	make_all_kinds();
	read_made();
	ck_assert(btf.present && btf.big_endian == (_i == 1));
	ck_assert_uint_eq(btf.type_count, 19);
	ck_assert_uint_eq(image.warning_count, 0);
	for (size_t i = 0; i < ARRAY_SIZE(all_kinds); i++) {
		const struct btf_group *group = group_of(all_kinds[i].kind,
							 all_kinds[i].name);

		ck_assert_msg(group, "%s", btf_kind_name(all_kinds[i].kind));
		ck_assert_uint_eq(group->bytes, all_kinds[i].bytes);
		ck_assert_uint_eq(group->count, 1);
		ck_assert_uint_eq(btf_copies_of(&btf, group)->count, 0);
	}
	ck_assert_uint_eq(sum(), btf.size);
}
END_TEST

START_TEST(strings_go_to_the_only_type_that_uses_them)
{
	uint32_t number = made_int(&made, "int");

	made_struct(&made, "a", "common", number);
	made_struct(&made, "b", "common", number);
	made_struct(&made, "lonely", "mine", number);
	made_new_name(&made, "nobody");
	read_made();
	ck_assert_uint_eq(group_of(BTF_KIND_STRUCT, "lonely")->name_bytes,
			  7 + 5);
	ck_assert_uint_eq(group_of(BTF_KIND_STRUCT, "a")->name_bytes, 2);
	ck_assert_uint_eq(group_of(BTF_PART_SHARED, "")->name_bytes, 1 + 7);
	ck_assert_uint_eq(group_of(BTF_PART_UNUSED, "")->name_bytes, 7);
	ck_assert_uint_eq(sum(), btf.size);
}
END_TEST

START_TEST(structs_that_differ_in_pointers_only_are_copies)
{
	uint32_t number = made_int(&made, "int");
	uint32_t real = made_struct(&made, "inner", "x", number);
	uint32_t hidden = made_record(&made, BTF_KIND_FWD, "inner", 0, 0);

	made_struct(&made, "outer", "in", made_ptr(&made, real));
	made_struct(&made, "outer", "in", made_ptr(&made, hidden));
	made_struct(&made, "outer", "other", made_ptr(&made, hidden));
	read_made();
	ck_assert_uint_eq(group_of(BTF_KIND_STRUCT, "outer")->count, 3);
	ck_assert_uint_eq(copies_of(BTF_KIND_STRUCT, "outer")->count, 1);
	ck_assert_uint_eq(copies_of(BTF_KIND_STRUCT, "outer")->bytes, 24);
	ck_assert_uint_eq(copies_of(BTF_KIND_PTR, "")->count, 1);
	ck_assert_uint_eq(btf.costliest.count, 2);
	ck_assert_str_eq(btf.costliest.at[0].text, "member 1 `in' differs: "
			 "struct inner *, declared-only inner *");
}
END_TEST

/* The pointer to `outer' is there again only because that is. */
START_TEST(copies_begin_at_types_that_differ_themselves)
{
	uint32_t number = made_int(&made, "int");
	uint32_t real = made_struct(&made, "inner", "x", number);
	uint32_t hidden = made_record(&made, BTF_KIND_FWD, "inner", 0, 0);

	for (unsigned i = 0; i < 2; i++) {
		uint32_t outer = made_struct(&made, "outer", "in",
					     made_ptr(&made, i ? hidden : real));

		made_struct(&made, "user", "o", made_ptr(&made, outer));
	}
	read_made();
	ck_assert_uint_eq(btf.costliest.all, 3);
	ck_assert_uint_eq(btf.roots.all, 1);
	ck_assert_str_eq(btf_reason_of(&btf, btf.roots.at[0].group),
			 "member 1 `in' differs: struct inner *, "
			 "declared-only inner *");
}
END_TEST

START_TEST(pointers_to_different_types_are_no_copies)
{
	uint32_t number = made_int(&made, "int");
	uint32_t other = made_int(&made, "long");

	made_ptr(&made, number);
	made_ptr(&made, other);
	made_ptr(&made, made_ptr(&made, number));
	made_record(&made, BTF_KIND_CONST, "", 0, number);
	read_made();
	ck_assert_uint_eq(group_of(BTF_KIND_PTR, "")->count, 4);
	ck_assert_uint_eq(copies(), 1); /* int * is there twice */
}
END_TEST

START_TEST(functions_are_copies_only_with_equal_prototypes)
{
	uint32_t number = made_int(&made, "int");
	uint32_t one = made_record(&made, BTF_KIND_FUNC_PROTO, "", 0, number);
	uint32_t two = made_record(&made, BTF_KIND_FUNC_PROTO, "", 0, 0);

	made_record(&made, BTF_KIND_FUNC, "show", 0, one);
	made_record(&made, BTF_KIND_FUNC, "show", 0, two);
	made_record(&made, BTF_KIND_FUNC, "show", 0, one);
	read_made();
	ck_assert_uint_eq(copies_of(BTF_KIND_FUNC, "show")->count, 1);
	ck_assert_uint_eq(copies(), 1);
}
END_TEST

START_TEST(unnamed_structs_are_told_by_their_members_types)
{
	uint32_t number = made_int(&made, "int");
	uint32_t other = made_int(&made, "long");

	made_struct(&made, "", "x", number);
	made_struct(&made, "", "x", other);
	made_struct(&made, "", "x", number);
	read_made();
	ck_assert_uint_eq(copies_of(BTF_KIND_STRUCT, "")->count, 1);
}
END_TEST

START_TEST(references_to_later_types_are_followed)
{
	made_ptr(&made, 4);
	made_ptr(&made, 3);
	made_record(&made, BTF_KIND_CONST, "", 0, 4);
	made_int(&made, "int");
	made_ptr(&made, 3);
	read_made();
	ck_assert_uint_eq(image.warning_count, 0);
	ck_assert_uint_eq(copies_of(BTF_KIND_PTR, "")->count, 1);
}
END_TEST

/*
 * A unit of 1,200 types, each but the structs refers to the next: it takes
 * some of them for the reader to see that a unit is there again.
 */
static void make_unit(unsigned odd)
{
	char name[16];

	for (unsigned i = 0; i < 400; i++) {
		snprintf(name, sizeof(name), "s%u", i);
		made_ptr(&made, made.next_id + 1);
		made_record(&made, BTF_KIND_CONST, "", 0, made.next_id + 1);
		made_record(&made, BTF_KIND_STRUCT, name, 0, i == odd ? 8 : 4);
	}
}

START_TEST(units_that_are_there_again_are_copies)
{
	made_btf_init(&made, _i);
	for (unsigned i = 0; i < 4; i++)
		make_unit(400);
	read_made();
	ck_assert_uint_eq(btf.type_count, 4800);
	ck_assert_uint_eq(copies_of(BTF_KIND_PTR, "")->count, 1200);
	ck_assert_uint_eq(copies_of(BTF_KIND_STRUCT, "s399")->count, 3);
	ck_assert_uint_eq(copies(), 3600);
}
END_TEST

/* The struct differs, the const of it and the pointer to that: one each. */
START_TEST(what_refers_to_a_changed_type_of_a_unit_is_no_copy)
{
	made_btf_init(&made, _i);
	for (unsigned i = 0; i < 4; i++)
		make_unit(i == 2 ? 200 : 400);
	read_made();
	ck_assert_uint_eq(copies_of(BTF_KIND_STRUCT, "s200")->count, 2);
	ck_assert_uint_eq(copies_of(BTF_KIND_CONST, "")->count, 1199);
	ck_assert_uint_eq(copies_of(BTF_KIND_PTR, "")->count, 1199);
	ck_assert_uint_eq(copies(), 3597);
}
END_TEST

/* No type of the last unit is there that its end refers to. */
START_TEST(a_unit_that_is_cut_off_is_as_far_a_copy_as_it_goes)
{
	made_btf_init(&made, _i);
	for (unsigned i = 0; i < 3; i++)
		make_unit(400);
	made.types_size -= 24;
	read_made();
	ck_assert_uint_eq(btf.type_count, 3598);
	ck_assert(warned_of("refers to a type that does not exist, id 3599"));
	ck_assert_uint_eq(copies(), 2397);
}
END_TEST

/* The first const waits for the pointer, so the second is its model. */
START_TEST(a_copy_may_lie_before_its_model)
{
	char name[16];

	made_record(&made, BTF_KIND_CONST, "", 0, 3);
	made_int(&made, "int");
	made_ptr(&made, 2);
	for (unsigned i = 0; i < 900; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		made_record(&made, BTF_KIND_FWD, name, 0, 0);
	}
	made_record(&made, BTF_KIND_CONST, "", 0, 3);
	read_made();
	ck_assert_uint_eq(btf.type_count, 904);
	ck_assert_uint_eq(copies_of(BTF_KIND_CONST, "")->count, 1);
	ck_assert_uint_eq(copies(), 1);
}
END_TEST

START_TEST(copies_are_found_where_strings_are_repeated)
{
	uint32_t number = made_int(&made, "int");

	made_struct(&made, "page", "flags", number);
	made_word(&made, made_new_name(&made, "page"));
	made_word(&made, BTF_KIND_STRUCT << 24 | 1);
	made_word(&made, 8);
	made_word(&made, made_new_name(&made, "flags"));
	made_word(&made, number);
	made_word(&made, 0);
	read_made();
	ck_assert_uint_eq(copies_of(BTF_KIND_STRUCT, "page")->count, 1);
	ck_assert_uint_eq(group_of(BTF_KIND_STRUCT, "page")->name_bytes,
			  2 * (5 + 6));
	ck_assert_uint_eq(sum(), btf.size);
}
END_TEST

START_TEST(a_name_inside_another_string_is_its_tail)
{
	uint32_t at = made_new_name(&made, "longname");

	made_word(&made, at + 4);
	made_word(&made, BTF_KIND_FWD << 24);
	made_word(&made, 0);
	read_made();
	ck_assert(group_of(BTF_KIND_FWD, "name"));
	ck_assert_uint_eq(group_of(BTF_KIND_FWD, "name")->name_bytes, 9);
}
END_TEST

START_TEST(an_unknown_kind_stops_the_reader_with_its_place)
{
	made_int(&made, "int");
	made_record(&made, 20, "later", 0, 0);
	made_int(&made, "long");
	read_made();
	ck_assert(warned_of("type 2 at offset 16 of the types, kind 20"));
	ck_assert_uint_eq(btf.type_count, 1);
	ck_assert_uint_eq(group_of(BTF_PART_UNREADABLE, "")->bytes, 12 + 16);
	ck_assert_uint_eq(sum(), btf.size);
}
END_TEST

START_TEST(a_record_that_is_cut_off_is_unreadable)
{
	made_int(&made, "int");
	made_record(&made, BTF_KIND_STRUCT, "cut", 9, 8);
	read_made();
	ck_assert(warned_of("type 2 at offset 16"));
	ck_assert_uint_eq(group_of(BTF_PART_UNREADABLE, "")->bytes, 12);
	ck_assert_uint_eq(sum(), btf.size);
}
END_TEST

START_TEST(names_and_ids_outside_are_warnings)
{
	made_word(&made, 1000);
	made_word(&made, BTF_KIND_FWD << 24);
	made_word(&made, 0);
	made_ptr(&made, 77);
	made_struct(&made, "s", "m", 99);
	read_made();
	ck_assert(warned_of("type 1: its name or a member's lies outside"));
	ck_assert(warned_of("refers to a type that does not exist, id"));
	ck_assert_uint_eq(btf.type_count, 3);
	ck_assert_uint_eq(sum(), btf.size);
}
END_TEST

START_TEST(circles_end)
{
	made_record(&made, BTF_KIND_CONST, "", 0, 2);
	made_record(&made, BTF_KIND_VOLATILE, "", 0, 3);
	made_record(&made, BTF_KIND_TYPEDEF, "again", 0, 1);
	made_ptr(&made, 4);
	read_made();
	ck_assert(warned_of("refers in a circle"));
	ck_assert_uint_eq(sum(), btf.size);
}
END_TEST

START_TEST(a_long_chain_needs_no_deep_stack)
{
	for (uint32_t i = 1; i < 5000; i++)
		made_ptr(&made, i + 1);
	made_int(&made, "int");
	read_made();
	ck_assert_uint_eq(image.warning_count, 0);
	ck_assert_uint_eq(copies(), 0);
}
END_TEST

/* Offsets in the header, and what a value does that is too large. */
static const struct {
	unsigned at;
	const char *warning;
} broken_headers[] = {
	{ 4, "not BTF as we know it" }, { 8, "the types at offset" },
	{ 12, "the types at offset" }, { 16, "the strings at offset" },
	{ 20, "the strings at offset" },
};

START_TEST(a_broken_header_loses_no_byte)
{
	uint64_t size;

	make_all_kinds();
	size = made_finish(&made);
	made_store(&made, made.blob + broken_headers[_i].at,
		   broken_headers[_i].at == 4 ? 3 : 0x7fffffff, 4);
	read_bytes(made.blob, size);
	ck_assert(warned_of(broken_headers[_i].warning));
	ck_assert_uint_eq(sum(), size);
}
END_TEST

START_TEST(parts_that_overlap_are_cut)
{
	uint64_t size;

	make_all_kinds();
	size = made_finish(&made);
	made_store(&made, made.blob + 16, 30, 4);
	read_bytes(made.blob, size);
	ck_assert(warned_of("overlap"));
	ck_assert_uint_eq(sum(), size);
}
END_TEST

START_TEST(every_truncation_keeps_the_sum)
{
	uint64_t size;

	make_all_kinds();
	size = made_finish(&made);
	for (uint64_t cut = 0; cut < size; cut++) {
		uint8_t *data = malloc(cut + 1);

		memcpy(data, made.blob, cut);
		read_bytes(data, cut);
		ck_assert_uint_eq(sum(), cut);
		ck_assert_uint_gt(image.warning_count, 0);
		tear_down();
		free(data);
	}
}
END_TEST

START_TEST(what_is_not_btf_is_unreadable)
{
	static const uint8_t data[40] = "this is no BTF at all";

	read_bytes(data, sizeof(data));
	ck_assert(!btf.present);
	ck_assert(warned_of("no BTF"));
	ck_assert_uint_eq(group_of(BTF_PART_UNREADABLE, "")->bytes, 40);
}
END_TEST

/* A base with `int' and `struct page'; a split with a copy of the latter. */
static void make_split(void)
{
	made_struct(&made, "page", "flags", made_int(&made, "int"));
	made_btf_init(&made_split, false);
	made_split.strings_size = 0;
	made_split.string_start = made.strings_size;
	made_split.next_id = 3;
	made_ptr(&made_split, 2);
	made_word(&made_split, made_name(&made, "page"));
	made_word(&made_split, BTF_KIND_STRUCT << 24 | 1);
	made_word(&made_split, 8);
	made_member(&made_split, "", 1, 0);
	made_store(&made_split, made_split.types + 24,
		   made_name(&made, "flags"), 4);
	made_struct(&made_split, "module_own", "m", 3);
}

START_TEST(split_btf_uses_the_names_and_types_of_its_base)
{
	struct btf_options keep = { .keep = true };
	struct btf *base = calloc(1, sizeof(*base));
	struct err err = { 0 };

	make_split();
	ck_assert_int_eq(btf_read_memory(base, &image, "base", made.blob,
					 made_finish(&made), NULL, &keep,
					 &err), 0);
	ck_assert_int_eq(btf_read_memory(&btf, &image, "split",
					 made_split.blob,
					 made_finish(&made_split), base, NULL,
					 &err), 0);
	ck_assert(btf.split);
	ck_assert_uint_eq(image.warning_count, 0);
	ck_assert_uint_eq(btf.first_id, 3);
	ck_assert_uint_eq(btf.type_count, 3);
	ck_assert(group_of(BTF_KIND_STRUCT, "module_own"));
	ck_assert_uint_eq(copies_of(BTF_KIND_STRUCT, "page")->count, 1);
	ck_assert_uint_eq(sum(), btf.size);
}
END_TEST

START_TEST(split_btf_without_a_base_keeps_its_own_names)
{
	make_split();
	read_bytes(made_split.blob, made_finish(&made_split));
	ck_assert(btf.split);
	ck_assert(warned_of("--btf-base"));
	ck_assert(group_of(BTF_KIND_STRUCT, "module_own"));
	ck_assert_uint_eq(btf.type_count, 3);
	ck_assert_uint_eq(sum(), btf.size);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("btf");
	TCase *tests = tcase_create("btf");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_loop_test(tests, every_kind_is_read_in_both_byte_orders, 0,
			    2);
	tcase_add_test(tests, strings_go_to_the_only_type_that_uses_them);
	tcase_add_test(tests, structs_that_differ_in_pointers_only_are_copies);
	tcase_add_test(tests, copies_begin_at_types_that_differ_themselves);
	tcase_add_test(tests, pointers_to_different_types_are_no_copies);
	tcase_add_test(tests, functions_are_copies_only_with_equal_prototypes);
	tcase_add_test(tests, unnamed_structs_are_told_by_their_members_types);
	tcase_add_test(tests, references_to_later_types_are_followed);
	tcase_add_loop_test(tests, units_that_are_there_again_are_copies, 0, 2);
	tcase_add_loop_test(tests,
			    what_refers_to_a_changed_type_of_a_unit_is_no_copy,
			    0, 2);
	tcase_add_loop_test(tests,
			    a_unit_that_is_cut_off_is_as_far_a_copy_as_it_goes,
			    0, 2);
	tcase_add_test(tests, a_copy_may_lie_before_its_model);
	tcase_add_test(tests, copies_are_found_where_strings_are_repeated);
	tcase_add_test(tests, a_name_inside_another_string_is_its_tail);
	tcase_add_test(tests, an_unknown_kind_stops_the_reader_with_its_place);
	tcase_add_test(tests, a_record_that_is_cut_off_is_unreadable);
	tcase_add_test(tests, names_and_ids_outside_are_warnings);
	tcase_add_test(tests, circles_end);
	tcase_add_test(tests, a_long_chain_needs_no_deep_stack);
	tcase_add_loop_test(tests, a_broken_header_loses_no_byte, 0,
			    ARRAY_SIZE(broken_headers));
	tcase_add_test(tests, parts_that_overlap_are_cut);
	tcase_add_test(tests, every_truncation_keeps_the_sum);
	tcase_add_test(tests, what_is_not_btf_is_unreadable);
	tcase_add_test(tests, split_btf_uses_the_names_and_types_of_its_base);
	tcase_add_test(tests, split_btf_without_a_base_keeps_its_own_names);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}

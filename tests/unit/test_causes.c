/* SPDX-License-Identifier: MIT */
/*
 * Causes on builds assembled by the test. What needs a compiler's inlining is
 * in tests/check/causes.py.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diff.h"
#include "explain/flags.h"
#include "explain/load.h"
#include "explain/repeated.h"

static vmd_diff *diff;
static const struct comparison *comparison;
static struct vmd_options options;

static void assemble(const char *path, const char *source)
{
	char command[256];
	FILE *as;

	snprintf(command, sizeof(command), "as -o %s -", path);
	as = popen(command, "w");
	ck_assert_ptr_nonnull(as);
	fputs(source, as);
	ck_assert_int_eq(pclose(as), 0);
}

/* Assembles and compares; the files are gone again. */
static void compare(const char *old, const char *new)
{
	char dir[] = "/tmp/test_causes.XXXXXX", paths[2][64], *error = NULL;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(paths[0], sizeof(paths[0]), "%s/old.o", dir);
	snprintf(paths[1], sizeof(paths[1]), "%s/new.o", dir);
	assemble(paths[0], old);
	assemble(paths[1], new);
	diff = vmd_open(paths[0], paths[1], &options, &error);
	ck_assert_msg(diff != NULL, "%s", error ? error : "");
	comparison = &diff->comparison;
	unlink(paths[0]);
	unlink(paths[1]);
	rmdir(dir);
}

static void setup(void)
{
	memset(&options, 0, sizeof(options));
	diff = NULL;
}

static void teardown(void)
{
	vmd_close(diff);
}

static int64_t delta(enum cause cause)
{
	const struct sums *sums = comparison->causes.sums[cause];

	return (int64_t)(sums[NEW].file - sums[OLD].file);
}

#define FUNCTION(name, bytes) \
	".type " name ", @function\n" name ":\n.skip " #bytes ", 1\n" \
	".size " name ", " #bytes "\n"
#define OBJECT(name, bytes) \
	".type " name ", @object\n" name ":\n.skip " #bytes ", 2\n" \
	".size " name ", " #bytes "\n"

static void assert_sums(void)
{
	for (unsigned side = OLD; side < SIDES; side++) {
		uint64_t file = 0, image = 0;

		for (unsigned i = 0; i < CAUSE_COUNT; i++) {
			file += comparison->causes.sums[i][side].file;
			image += comparison->causes.sums[i][side].image;
		}
		ck_assert_uint_eq(file,
			comparison->builds[side].ledger.file_size);
		ck_assert_uint_eq(image,
			comparison->builds[side].ledger.image_size);
	}
}

START_TEST(every_cause_has_a_name_and_a_sentence)
{
	for (unsigned i = 0; i < CAUSE_COUNT; i++) {
		ck_assert_ptr_nonnull(cause_name(i));
		ck_assert_ptr_nonnull(cause_sentence(i));
		ck_assert_int_eq(strncmp(cause_dimensions(i), "cause,", 6), 0);
		ck_assert(cause_sentence(i)[strlen(cause_sentence(i)) - 1] ==
			  '.');
	}
}
END_TEST

START_TEST(what_came_is_added_and_what_went_is_removed)
{
	compare(FUNCTION("stays", 64) FUNCTION("goes", 48),
		FUNCTION("stays", 64) FUNCTION("comes", 96));
	ck_assert_int_eq(delta(CAUSE_ADDED), 96);
	ck_assert_int_eq(delta(CAUSE_REMOVED), -48);
	ck_assert_int_eq(delta(CAUSE_OWN_CODE), 0);
	assert_sums();
}
END_TEST

START_TEST(a_changed_function_is_own_code)
{
	compare(FUNCTION("changes", 64), FUNCTION("changes", 80));
	ck_assert_int_eq(delta(CAUSE_OWN_CODE), 16);
	ck_assert(!comparison->causes.inlines);
	ck_assert_uint_eq(comparison->causes.changed[CAUSE_OWN_CODE], 1);
	assert_sums();
}
END_TEST

START_TEST(a_table_that_grows_is_data)
{
	compare(".data\n" OBJECT("table", 64), ".data\n" OBJECT("table", 128));
	ck_assert_int_eq(delta(CAUSE_DATA), 64);
	assert_sums();
}
END_TEST

START_TEST(a_cold_part_that_is_split_off_is_movement)
{
	compare(FUNCTION("hot", 128),
		FUNCTION("hot", 96) FUNCTION("hot.cold", 40));
	ck_assert_int_eq(delta(CAUSE_COLD_SPLIT), 8);
	ck_assert_int_eq(delta(CAUSE_OWN_CODE), 0);
	ck_assert_int_eq(delta(CAUSE_ADDED), 0);
	assert_sums();
}
END_TEST

START_TEST(a_cold_part_does_not_excuse_growth)
{
	compare(FUNCTION("hot", 128),
		FUNCTION("hot", 512) FUNCTION("hot.cold", 40));
	ck_assert_int_eq(delta(CAUSE_COLD_SPLIT), 0);
	ck_assert_int_eq(delta(CAUSE_OWN_CODE), 424);
	assert_sums();
}
END_TEST

START_TEST(a_landing_pad_is_cfi)
{
	compare(FUNCTION("callback", 32),
		".type callback, @function\ncallback:\n"
		".byte 0xf3, 0x0f, 0x1e, 0xfa\n.skip 32, 1\n"
		".size callback, 36\n");
#ifdef __x86_64__
	ck_assert_int_eq(delta(CAUSE_CFI), 4);
#endif
	assert_sums();
}
END_TEST

START_TEST(a_type_preamble_is_cfi)
{
	compare(FUNCTION("callback", 32),
		FUNCTION("__cfi_callback", 16) FUNCTION("callback", 32));
	ck_assert_int_eq(delta(CAUSE_CFI), 16);
	assert_sums();
}
END_TEST

START_TEST(a_stub_takes_the_place_of_its_hook)
{
	compare(FUNCTION("quirk_foo", 96),
		FUNCTION("__UNIQUE_ID_quirk_foo328", 100));
	ck_assert_int_eq(delta(CAUSE_STUB), 4);
	ck_assert_int_eq(delta(CAUSE_REMOVED), 0);
	assert_sums();
}
END_TEST

START_TEST(a_new_clone_is_a_clone)
{
	compare(FUNCTION("work", 64),
		FUNCTION("work", 64) FUNCTION("work.constprop.0", 48));
	ck_assert_int_eq(delta(CAUSE_CLONE), 48);
	assert_sums();
}
END_TEST

START_TEST(the_loaded_symbol_table_is_symbol_names)
{
	compare(".section .rodata\n" OBJECT("kallsyms_names", 64),
		".section .rodata\n" OBJECT("kallsyms_names", 96));
	ck_assert_int_eq(delta(CAUSE_DATA), 0);
	ck_assert_int_eq((int64_t)(
		comparison->causes.sums[CAUSE_SYMBOL_NAMES][NEW].content -
		comparison->causes.sums[CAUSE_SYMBOL_NAMES][OLD].content), 32);
	assert_sums();
}
END_TEST

START_TEST(relocations_of_debug_information_are_its_own_cause)
{
	static const char plain[] =
		".section .debug_foo,\"\",@progbits\n.quad 0\n"
		".data\n.quad 0\n";
	static const char patched[] =
		".section .debug_foo,\"\",@progbits\n.quad x\n"
		".data\n.quad x\n";

	compare(plain, patched);
	ck_assert_int_eq(delta(CAUSE_DEBUG_RELOCATIONS), 24);
	ck_assert_int_eq(delta(CAUSE_RELOCATIONS), 24);
	ck_assert_uint_eq(load_of(&comparison->builds[NEW]).relocations, 1);
	ck_assert_uint_eq(load_of(&comparison->builds[NEW]).debug_relocations,
			  1);
	assert_sums();
}
END_TEST

START_TEST(examples_are_the_largest_first)
{
	compare(FUNCTION("a", 16) FUNCTION("b", 16) FUNCTION("c", 16),
		FUNCTION("a", 32) FUNCTION("b", 256) FUNCTION("c", 64));
	ck_assert_uint_eq(comparison->causes.example_count[CAUSE_OWN_CODE], 3);
	ck_assert_int_eq(comparison->causes.examples[CAUSE_OWN_CODE][0].file,
			 240);
	ck_assert_int_eq(comparison->causes.examples[CAUSE_OWN_CODE][2].file,
			 16);
}
END_TEST

START_TEST(the_main_cause_of_a_pair_goes_its_way)
{
	struct err err = { NULL };
	struct pair_cause cause;
	uint32_t pair = 0;

	compare(FUNCTION("changes", 64), FUNCTION("changes", 80));
	ck_assert_uint_eq(comparison->match.pair_count, 1);
	ck_assert_int_eq(causes_of_pairs(&comparison->causes, comparison,
					 &pair, 1, &cause, &err), 0);
	ck_assert_int_eq(cause.cause, CAUSE_OWN_CODE);
	ck_assert_int_eq(cause.delta, 16);
}
END_TEST

#define PAGE_TABLE(mapped) \
	".data\n.globl level2_kernel_pgt\nlevel2_kernel_pgt:\n" \
	".rept " #mapped "\n.quad 0x1e1\n.endr\n" \
	".skip (512 - " #mapped ") * 8\n"

START_TEST(the_limit_is_what_the_page_table_maps)
{
	compare(PAGE_TABLE(256), PAGE_TABLE(512));
#ifdef __x86_64__
	ck_assert_uint_eq(comparison->limits[OLD].limit, 512ull << 20);
	ck_assert_uint_eq(comparison->limits[NEW].limit, 1ull << 30);
	ck_assert_str_eq(comparison->limits[NEW].source, "level2_kernel_pgt");
#endif
}
END_TEST

START_TEST(an_unlinked_kernel_is_estimated)
{
	compare(PAGE_TABLE(256) ".text\n.skip 4096\n",
		PAGE_TABLE(256) ".text\n.skip 5 << 20\n");
#ifdef __x86_64__
	ck_assert(comparison->limits[NEW].estimated);
	/* 16 MiB where it is loaded; text, entry and data in 2 MiB steps. */
	ck_assert_uint_ge(comparison->limits[NEW].used, 21ull << 20);
	ck_assert_uint_eq((comparison->limits[NEW].used -
			   comparison->limits[OLD].used) % (2 << 20), 0);
#endif
}
END_TEST

START_TEST(a_limit_of_ones_own_counts_on_any_machine)
{
	options.image_limit = 4096;
	compare(".data\n.skip 100\n", ".data\n.skip 8000\n");
	ck_assert(comparison->limits[NEW].known);
	ck_assert_uint_eq(comparison->limits[NEW].limit, 4096);
	ck_assert_uint_ge(comparison->limits[NEW].used, 8000);
	ck_assert_str_eq(comparison->limits[NEW].source, "--image-limit");
}
END_TEST

START_TEST(without_dwarf_there_are_no_flags_and_no_units)
{
	struct flags flags;
	struct repeated repeated;
	struct err err = { NULL };

	compare(FUNCTION("a", 16), FUNCTION("a", 32));
	ck_assert_int_eq(flags_compare(&flags, comparison, &err), 0);
	ck_assert_ptr_null(flags.producer[OLD]);
	flags_release(&flags);
	ck_assert_int_eq(repeated_find(&repeated, comparison, &err), 0);
	ck_assert_uint_eq(repeated.files.count, 0);
	repeated_release(&repeated);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("causes");
	TCase *all = tcase_create("causes");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(all, setup, teardown);
	tcase_add_test(all, every_cause_has_a_name_and_a_sentence);
	tcase_add_test(all, what_came_is_added_and_what_went_is_removed);
	tcase_add_test(all, a_changed_function_is_own_code);
	tcase_add_test(all, a_table_that_grows_is_data);
	tcase_add_test(all, a_cold_part_that_is_split_off_is_movement);
	tcase_add_test(all, a_cold_part_does_not_excuse_growth);
	tcase_add_test(all, a_landing_pad_is_cfi);
	tcase_add_test(all, a_type_preamble_is_cfi);
	tcase_add_test(all, a_stub_takes_the_place_of_its_hook);
	tcase_add_test(all, a_new_clone_is_a_clone);
	tcase_add_test(all, the_loaded_symbol_table_is_symbol_names);
	tcase_add_test(all,
		       relocations_of_debug_information_are_its_own_cause);
	tcase_add_test(all, examples_are_the_largest_first);
	tcase_add_test(all, the_main_cause_of_a_pair_goes_its_way);
	tcase_add_test(all, the_limit_is_what_the_page_table_maps);
	tcase_add_test(all, an_unlinked_kernel_is_estimated);
	tcase_add_test(all, a_limit_of_ones_own_counts_on_any_machine);
	tcase_add_test(all, without_dwarf_there_are_no_flags_and_no_units);
	suite_add_tcase(suite, all);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}

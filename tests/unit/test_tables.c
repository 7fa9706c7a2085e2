/* SPDX-License-Identifier: MIT */
#include "assemble.h"
#include "ledger/side_tables.h"

#define LINKED "-e f -Ttext=0x1000 --no-warn-rwx-segments"

#define TWO_FUNCTIONS \
	".text\n.globl f, g\n" \
	".type f, @function\nf: .skip 16, 0x41\n.size f, 16\n" \
	".type g, @function\ng: .skip 16, 0x42\n.size g, 16\n"

static uint64_t records(const struct build *build, const char *section,
			const char *symbol)
{
	return owned(build, section, symbol, NATURE_RECORD);
}

/* Exception tables have records of 12 bytes, or, in older kernels, of 8. */
#define EX(insn, fixup, data) \
	".long " insn " - ., " fixup " - .\n" data
#define EX12 EX("f", "f+8", ".long 3\n") EX("g", "g+8", ".long 3\n") \
	     EX("g+1", "g+9", ".long 3\n") EX("g+2", "g+9", ".long 3\n")
#define EX8 EX("f", "f+8", "") EX("g", "g+8", "") EX("g+1", "g+9", "")

START_TEST(the_size_of_a_record_is_the_one_whose_targets_are_code)
{
	static const char *const links[] = { LINKED, NULL };

	for (unsigned i = 0; i < 2; i++) {
		struct build *build = assemble_build(
			TWO_FUNCTIONS ".section __ex_table, \"a\"\n" EX12,
			links[i]);

		ck_assert_uint_eq(records(build, "__ex_table", "f"), 12);
		ck_assert_uint_eq(records(build, "__ex_table", "g"), 36);
		free_build(build);
		build = assemble_build(
			TWO_FUNCTIONS ".section __ex_table, \"a\"\n" EX8,
			links[i]);
		ck_assert_uint_eq(records(build, "__ex_table", "f"), 8);
		ck_assert_uint_eq(records(build, "__ex_table", "g"), 16);
		free_build(build);
	}
}
END_TEST

#define ORC \
	TWO_FUNCTIONS \
	".section .orc_unwind_ip, \"a\"\n" \
	".long f - ., f+4 - ., g - ., g - ., g+16 - .\n" \
	".section .orc_unwind, \"a\"\n" \
	".rept 2\n.short 8, 0, 5\n.endr\n.short 0, 0, 0\n" \
	".short 8, 0, 5\n.short 0, 0, 0\n"

START_TEST(an_orc_record_of_zeros_ends_the_function_before)
{
	struct build *build = assemble_build(ORC, LINKED);

	ck_assert_uint_eq(records(build, ".orc_unwind_ip", "f"), 12);
	ck_assert_uint_eq(records(build, ".orc_unwind_ip", "g"), 8);
	free_build(build);
}
END_TEST

START_TEST(orc_records_go_with_their_addresses)
{
	struct build *build = assemble_build(ORC, NULL);

	ck_assert_uint_eq(records(build, ".orc_unwind", "f"), 18);
	ck_assert_uint_eq(records(build, ".orc_unwind", "g"), 12);
	free_build(build);
}
END_TEST

START_TEST(a_table_between_two_markers_is_a_side_table)
{
	struct build *build = assemble_build(
		TWO_FUNCTIONS
		".data\nbefore: .quad 7\n.type before, @object\n"
		".size before, 8\n"
		".globl __start_mcount_loc, __stop_mcount_loc\n"
		"__start_mcount_loc: .quad f, g, g+4\n"
		"__stop_mcount_loc: after: .quad 9\n"
		".type after, @object\n.size after, 8\n", LINKED);

	ck_assert_uint_eq(records(build, ".data", "f"), 8);
	ck_assert_uint_eq(records(build, ".data", "g"), 16);
	ck_assert_uint_eq(owned(build, ".data", "after", NATURE_DATA), 8);
	ck_assert_uint_eq(owned(build, ".data", "before", NATURE_DATA), 8);
	free_build(build);
}
END_TEST

START_TEST(markers_in_the_wrong_order_are_no_table)
{
	struct build *build = assemble_build(
		TWO_FUNCTIONS ".data\n"
		"__stop_mcount_loc: .quad f\n__start_mcount_loc: .quad g\n",
		LINKED);

	ck_assert_uint_eq(records(build, ".data", "f"), 0);
	ck_assert_uint_eq(records(build, ".data", "g"), 0);
	free_build(build);
}
END_TEST

START_TEST(zeros_behind_a_table_are_alignment)
{
	struct build *build = assemble_build(
		TWO_FUNCTIONS ".section .smp_locks, \"a\"\n"
		".long f - ., g - .\n.skip 4088\n", LINKED);

	ck_assert_uint_eq(records(build, ".smp_locks", "f"), 4);
	ck_assert_uint_eq(owned(build, ".smp_locks", NULL, NATURE_ALIGNMENT),
			  4088);
	free_build(build);
}
END_TEST

START_TEST(replacements_go_with_the_alternative_that_uses_them)
{
	struct build *build = assemble_build(
		TWO_FUNCTIONS
		".section .altinstr_replacement, \"ax\"\n"
		"1: .skip 5, 0x43\n2: .skip 3, 0x44\n"
		".section .altinstructions, \"a\"\n"
		".long f - ., 1b - .\n.short 7\n.byte 5, 5\n"
		".long f - ., 2b - .\n.short 7\n.byte 5, 0\n"
		".long g - ., 2b - .\n.short 7\n.byte 3, 3\n", LINKED);

	ck_assert_uint_eq(records(build, ".altinstructions", "f"), 24);
	ck_assert_uint_eq(records(build, ".altinstr_replacement", "f"), 5);
	ck_assert_uint_eq(records(build, ".altinstr_replacement", "g"), 3);
	free_build(build);
}
END_TEST

/* Places are counted from the record, and may be near a section's end. */
START_TEST(powerpc_alternatives_go_with_what_they_replace)
{
	struct build *build = assemble_build(
		TWO_FUNCTIONS
		".section __ftr_alt_97, \"ax\"\n"
		"1: .skip 8, 0x43\n2:\n"
		".section __ftr_fixup, \"a\"\n"
		"3: .quad 1, 1, g - 3b, g + 4 - 3b, 1b - 3b, 2b - 3b\n", NULL);

	ck_assert_uint_eq(records(build, "__ftr_fixup", "g"), 48);
	ck_assert_uint_eq(records(build, "__ftr_alt_97", "g"), 8);
	free_build(build);
}
END_TEST

START_TEST(exports_take_their_crc_and_their_name_with_them)
{
	struct build *build = assemble_build(
		TWO_FUNCTIONS
		".data\n.globl d\nd: .quad 1\n.type d, @object\n.size d, 8\n"
		".section __ksymtab_strings, \"aMS\", @progbits, 1\n"
		"1: .asciz \"f\"\n2: .asciz \"variable\"\n3: .asciz \"\"\n"
		".section __ksymtab, \"a\"\n.balign 4\n"
		".long f - ., 1b - ., 3b - .\n.long d - ., 2b - ., 3b - .\n"
		".section __kcrctab, \"a\"\n.long 0x1234, 0x5678\n", LINKED);

	ck_assert_uint_eq(records(build, "__ksymtab", "f"), 12);
	ck_assert_uint_eq(records(build, "__ksymtab", "d"), 12);
	ck_assert_uint_eq(records(build, "__kcrctab", "d"), 4);
	ck_assert_uint_eq(owned(build, "__ksymtab_strings", "d",
				NATURE_STRING), 8);
	/* the linker merged the empty name space into a name's NUL */
	ck_assert_uint_eq(owned(build, "__ksymtab_strings", NULL,
				NATURE_STRING), 1);
	free_build(build);
}
END_TEST

START_TEST(a_record_without_a_symbol_stays_with_the_section)
{
	struct build *build = assemble_build(
		".text\n.globl f\n.type f, @function\nf: .skip 16, 0x41\n"
		".size f, 16\n1: .skip 100, 0x42\n"
		".section .return_sites, \"a\"\n.long f - ., 1b+50 - .\n",
		LINKED);

	ck_assert_uint_eq(records(build, ".return_sites", "f"), 4);
	ck_assert_uint_eq(records(build, ".return_sites", NULL), 4);
	free_build(build);
}
END_TEST

START_TEST(patching_records_belong_to_what_they_patch)
{
	struct build *build = assemble_build(
		".text\n.globl f, g\n"
		".type f, @function\nf: call g\ncall g\n.size f, . - f\n"
		".type g, @function\ng: call f\n.size g, . - g\n"
		".data\n.globl p\np: .quad g\n.type p, @object\n.size p, 8\n",
		NULL);

	ck_assert_uint_eq(owned(build, ".rela.text", "f", NATURE_RELOCATION),
			  48);
	ck_assert_uint_eq(owned(build, ".rela.text", "g", NATURE_RELOCATION),
			  24);
	ck_assert_uint_eq(owned(build, ".rela.data", "p", NATURE_RELOCATION),
			  24);
	free_build(build);
}
END_TEST

/* As sorttable does: contents change places, relocations do not. */
START_TEST(relocations_of_a_sorted_table_follow_what_they_point_at)
{
	struct build *build = calloc(1, sizeof(*build));
	struct ledger_options options = { .open_relocations = true };
	struct err err = { NULL };
	struct image image = assemble_image(
		TWO_FUNCTIONS ".section .orc_unwind_ip, \"a\"\n"
		".long g - ., g+4 - ., f - .\n"
		".section .orc_unwind, \"a\"\n.rept 3\n.short 8, 0, 5\n.endr\n",
		LINKED " -q");
	uint8_t *copy = malloc(image.size);
	uint32_t table = image_find_section(&image, ".orc_unwind_ip");
	uint32_t text = image_find_section(&image, ".text");
	const struct section *s = &image.sections[table];
	static const uint32_t sorted[] = { 0, 16, 20 };

	memcpy(copy, image.data, image.size);
	for (uint32_t i = 0; i < 3; i++) {
		uint32_t value = (uint32_t)(image.more[text].addr +
					    sorted[i] - image.more[table].addr -
					    4 * i);

		memcpy(copy + s->offset + 4 * i, &value, 4);
	}
	ck_assert(!image_open_memory(&build->image, "copy", copy, image.size,
				     &err));
	ck_assert_msg(!ledger_build(build, &options, &err), "%s",
		      err_text(&err));
	ck_assert_uint_eq(records(build, ".orc_unwind_ip", "f"), 4);
	ck_assert_uint_eq(owned(build, ".rela.orc_unwind_ip", "f",
				NATURE_RELOCATION), 24);
	ck_assert_uint_eq(owned(build, ".rela.orc_unwind_ip", "g",
				NATURE_RELOCATION), 48);
	free_build(build);
	image_release(&image);
	free(copy);
}
END_TEST

START_TEST(every_row_is_well_formed)
{
	for (size_t i = 0; i < side_table_row_count; i++) {
		const struct side_table *row = &side_table_rows[i];

		ck_assert_msg(*row->section && *row->source, "row %zu", i);
		ck_assert_msg(!row->start == !row->stop, "row %zu", i);
		ck_assert_msg(row->flags & TABLE_POINTEE || row->sizes[0],
			      "%s has no size", row->section);
		ck_assert_msg(!(row->flags & (TABLE_POINTEE | TABLE_PAIRED |
					      TABLE_ENDS)) || row->peer,
			      "%s has no peer", row->section);
		for (size_t k = 0; k < ARRAY_SIZE(row->sizes); k++)
			ck_assert_msg(!row->sizes[k] ||
				      row->flags & TABLE_PAIRED ||
				      row->field + 4 <= row->sizes[k],
				      "%s: pointer outside", row->section);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tables");
	TCase *tests = tcase_create("tables");
	SRunner *runner;
	int failed;

	tcase_add_test(tests,
		       the_size_of_a_record_is_the_one_whose_targets_are_code);
	tcase_add_test(tests, an_orc_record_of_zeros_ends_the_function_before);
	tcase_add_test(tests, orc_records_go_with_their_addresses);
	tcase_add_test(tests, a_table_between_two_markers_is_a_side_table);
	tcase_add_test(tests, markers_in_the_wrong_order_are_no_table);
	tcase_add_test(tests, zeros_behind_a_table_are_alignment);
	tcase_add_test(tests,
		       replacements_go_with_the_alternative_that_uses_them);
	tcase_add_test(tests, powerpc_alternatives_go_with_what_they_replace);
	tcase_add_test(tests, exports_take_their_crc_and_their_name_with_them);
	tcase_add_test(tests, a_record_without_a_symbol_stays_with_the_section);
	tcase_add_test(tests, patching_records_belong_to_what_they_patch);
	tcase_add_test(tests,
		       relocations_of_a_sorted_table_follow_what_they_point_at);
	tcase_add_test(tests, every_row_is_well_formed);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}

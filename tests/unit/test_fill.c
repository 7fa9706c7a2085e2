/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/fill.h"
#include "ledger/marker.h"

static uint64_t x86(const char *bytes, size_t size)
{
	return fill_front(EM_X86_64, false, true, (const uint8_t *)bytes, size);
}

START_TEST(long_nops_are_fill)
{
	/* What GNU as writes for .p2align, disassembled by objdump. */
	static const char nops[] =
		"\x66\x66\x2e\x0f\x1f\x84\x00\x00\x00\x00\x00"
		"\x0f\x1f\x40\x00\x66\x90\x90\xcc\x0f\x1f\x80\x00\x00\x00\x00";

	ck_assert_uint_eq(x86(nops, sizeof(nops) - 1), sizeof(nops) - 1);
}
END_TEST

START_TEST(fill_ends_where_an_instruction_begins)
{
	ck_assert_uint_eq(x86("\x90\x90\x55\x90", 4), 2);
	ck_assert_uint_eq(x86("\xe8\x00\x00\x00\x00", 5), 0);
}
END_TEST

START_TEST(a_jump_over_fill_is_fill)
{
	ck_assert_uint_eq(x86("\xeb\x03\x01\x02\x03", 5), 5);
	ck_assert_uint_eq(x86("\xeb\x02\x01\x02\x03", 5), 0);
}
END_TEST

START_TEST(a_cut_nop_is_not_read_beyond_its_end)
{
	ck_assert_uint_eq(x86("\x0f\x1f\x84", 3), 0);
	ck_assert_uint_eq(x86("\x66", 1), 0);
}
END_TEST

START_TEST(nops_of_other_machines_follow_the_byte_order)
{
	const uint8_t arm64[] = { 0x1f, 0x20, 0x03, 0xd5 };
	const uint8_t ppc[] = { 0x60, 0, 0, 0 };

	ck_assert_uint_eq(fill_front(EM_AARCH64, true, true, arm64, 4), 4);
	ck_assert_uint_eq(fill_front(EM_PPC64, true, true, ppc, 4), 4);
	ck_assert_uint_eq(fill_front(EM_PPC64, false, true, ppc, 4), 0);
}
END_TEST

START_TEST(operands_that_end_in_zeros_are_no_fill)
{
	/* jmp with a 32-bit displacement, then int3 */
	const uint8_t jump[] = { 0xe9, 0x10, 0, 0, 0, 0xcc, 0xcc };

	ck_assert_uint_eq(fill_back(EM_X86_64, false, true, jump, 7), 2);
}
END_TEST

START_TEST(few_zeros_at_the_end_of_data_stay)
{
	uint8_t data[100] = { 1 };

	ck_assert_uint_eq(fill_back(EM_X86_64, false, false, data, 60), 0);
	ck_assert_uint_eq(fill_back(EM_X86_64, false, false, data, 100), 99);
}
END_TEST

START_TEST(edges_are_told_from_labels)
{
	ck_assert(marker_is_edge("_etext"));
	ck_assert(marker_is_edge("__start___mcount_loc"));
	ck_assert(marker_is_edge("__kprobes_text_start"));
	ck_assert(!marker_is_edge("restart_end"));
	ck_assert(!marker_is_edge("kallsyms_names"));
	ck_assert(!marker_is_edge("_start"));
}
END_TEST

START_TEST(anonymous_names_are_told_from_names)
{
	ck_assert(marker_is_anonymous(".L123"));
	ck_assert(marker_is_anonymous(".str.12.llvm.99"));
	ck_assert(marker_is_anonymous("$d.7"));
	ck_assert(marker_is_anonymous("$x"));
	ck_assert(!marker_is_anonymous(".strange"));
	ck_assert(!marker_is_anonymous("$data"));
	ck_assert(!marker_is_anonymous("str"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fill");
	TCase *tcase = tcase_create("fill");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, long_nops_are_fill);
	tcase_add_test(tcase, fill_ends_where_an_instruction_begins);
	tcase_add_test(tcase, a_jump_over_fill_is_fill);
	tcase_add_test(tcase, a_cut_nop_is_not_read_beyond_its_end);
	tcase_add_test(tcase, nops_of_other_machines_follow_the_byte_order);
	tcase_add_test(tcase, operands_that_end_in_zeros_are_no_fill);
	tcase_add_test(tcase, few_zeros_at_the_end_of_data_stay);
	tcase_add_test(tcase, edges_are_told_from_labels);
	tcase_add_test(tcase, anonymous_names_are_told_from_names);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

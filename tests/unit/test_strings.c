/* SPDX-License-Identifier: MIT */
#include "assemble.h"

#define LINKED "-e f -Ttext=0xffffffff81000000 --no-warn-rwx-segments"

static uint64_t text_of(const struct build *build, const char *section,
			const char *symbol)
{
	return owned(build, section, symbol, NATURE_STRING);
}

/* Two functions, a literal of each, one of both and one that nobody wants. */
#define FOUR_LITERALS \
	".text\n.globl f, g\n" \
	".type f, @function\nf: mov $1f, %rdi\nlea 2f(%rip), %rsi\nret\n" \
	".size f, . - f\n" \
	".type g, @function\ng: mov $3f, %rdi\nmov $2f, %rsi\nret\n" \
	".size g, . - g\n" \
	".section .rodata\n.byte 1\n.byte 0\n" \
	"1: .asciz \"only f\"\n2: .asciz \"both\"\n3: .asciz \"just g\"\n" \
	".asciz \"nobody\"\n"

START_TEST(a_literal_belongs_to_the_only_function_that_refers_to_it)
{
	static const char *const links[] = { NULL, LINKED " -q" };

	for (unsigned i = 0; i < 2; i++) {
		struct build *build = assemble_build(FOUR_LITERALS, links[i]);

		ck_assert_uint_eq(text_of(build, ".rodata", "f"), 7);
		/* with all relocations there, what follows is part of it */
		ck_assert_uint_eq(text_of(build, ".rodata", "g"), 14);
		free_build(build);
	}
}
END_TEST

START_TEST(a_literal_of_two_functions_is_shared)
{
	struct build *build = assemble_build(FOUR_LITERALS, NULL);
	const struct entry *entry = ledger_find(
		&build->ledger, image_find_section(&build->image, ".rodata"),
		9);

	ck_assert_uint_eq(text_of(build, ".rodata", NULL), 5);
	ck_assert_ptr_nonnull(entry);
	ck_assert(entry->flags & ENTRY_SHARED);
	free_build(build);
}
END_TEST

START_TEST(without_relocations_references_are_read_from_instructions)
{
	struct build *build = assemble_build(FOUR_LITERALS, LINKED);

	ck_assert_uint_eq(text_of(build, ".rodata", "f"), 7);
	ck_assert_uint_eq(text_of(build, ".rodata", "g"), 7);
	ck_assert_uint_eq(text_of(build, ".rodata", NULL), 5);
	/* what nobody is seen to refer to stays with the section */
	ck_assert_uint_ge(owned(build, ".rodata", NULL, NATURE_UNNAMED), 7);
	free_build(build);
}
END_TEST

START_TEST(whatever_instruction_an_address_is_in_it_is_seen)
{
	static const char *const forms[] = {
		"mov $1f, %rdi", "mov $1f, %r12", "lea 1f(%rip), %rsi",
		"cmp $1f, %rbx", "cmp $1f, %rax", "push $1f",
		"movq $1f, (%rdi)", "movq $1f, 8(%rdi)", "movq $1f, 8(%rsp)",
		"movq $1f, 0x1000(%rdi)", "movq $1f, v(%rip)",
		"mov 1f(%rdi), %al", "mov 1f(,%rdi,8), %rax",
	};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct build *build;
		char source[512];

		snprintf(source, sizeof(source),
			 ".text\n.globl f\n.type f, @function\n"
			 "f: nop\nnop\n%s\nret\n.size f, . - f\n"
			 ".data\n.globl v\nv: .quad 0\n.section .rodata\n"
			 ".byte 1, 0\n1: .asciz \"only f\"\n", forms[i]);
		build = assemble_build(source, LINKED);
		ck_assert_msg(text_of(build, ".rodata", "f") == 7, "%s",
			      forms[i]);
		free_build(build);
	}
}
END_TEST

START_TEST(an_object_that_points_at_a_literal_owns_it)
{
	static const char *const links[] = { NULL, LINKED };

	for (unsigned i = 0; i < 2; i++) {
		struct build *build = assemble_build(
			".text\n.globl f\n.type f, @function\nf: ret\n"
			".size f, 1\n.data\n.balign 8\n"
			"d: .quad 1f\n.type d, @object\n.size d, 8\n"
			".section .rodata\n.byte 1, 0\n1: .asciz \"name\"\n",
			links[i]);

		ck_assert_uint_eq(text_of(build, ".rodata", "d"), 5);
		free_build(build);
	}
}
END_TEST

START_TEST(a_relocation_of_a_symbol_means_the_symbol)
{
	struct build *build = assemble_build(
		".text\n.globl f\n.type f, @function\n"
		"f: mov $table+9, %rdi\nret\n.size f, . - f\n"
		".section .rodata\n.globl table\n"
		"table: .quad 0\n.byte 0\n.asciz \"inside\"\n", NULL);

	ck_assert_uint_eq(text_of(build, ".rodata", "f"), 0);
	ck_assert_uint_eq(owned(build, ".rodata", "table", NATURE_DATA), 16);
	free_build(build);
}
END_TEST

START_TEST(a_label_does_not_own_the_literals_behind_it)
{
	struct build *build = assemble_build(
		".text\n.globl f\n.type f, @function\n"
		"f: mov $1f, %rdi\nret\n.size f, . - f\n"
		".section .rodata\nconstant: .quad 0x11223344, 0\n"
		"1: .asciz \"a literal\"\n", NULL);

	ck_assert_uint_eq(text_of(build, ".rodata", "f"), 10);
	ck_assert_uint_eq(owned(build, ".rodata", "constant", NATURE_DATA),
			  16);
	free_build(build);
}
END_TEST

START_TEST(an_unnamed_constant_belongs_to_who_refers_to_it)
{
	struct build *build = assemble_build(
		".text\n.globl f\n.type f, @function\n"
		"f: movsd 1f(%rip), %xmm0\nret\n.size f, . - f\n"
		".section .rodata.cst8, \"aM\", @progbits, 8\n"
		"1: .quad 0x4005bf0a8b145769\n", NULL);

	ck_assert_uint_eq(owned(build, ".rodata.cst8", "f", NATURE_DATA), 8);
	free_build(build);
}
END_TEST

#define KALLSYMS \
	".section .rodata\n.globl kallsyms_num_syms, kallsyms_names\n" \
	".globl kallsyms_token_index, kallsyms_token_table\n" \
	"kallsyms_num_syms: .long 2\n.balign 8\n" \
	"kallsyms_names: .byte 2, 7, 7, 0x81, 0\n.skip 1, 9\n.balign 8\n" \
	"kallsyms_token_table: .rept 256\n.asciz \"t\"\n.endr\n" \
	"kallsyms_token_index: .skip 512, 1\n.asciz \"no token\"\n"

START_TEST(tables_of_kallsyms_end_where_their_contents_say)
{
	struct build *build = assemble_build(
		".text\n.globl f\nf: ret\n" KALLSYMS, LINKED);

	ck_assert_uint_eq(owned(build, ".rodata", "kallsyms_num_syms",
				NATURE_DATA), 4);
	ck_assert_uint_eq(owned(build, ".rodata", "kallsyms_names",
				NATURE_DATA), 6);
	ck_assert_uint_eq(owned(build, ".rodata", "kallsyms_token_table",
				NATURE_DATA), 512);
	ck_assert_uint_eq(owned(build, ".rodata", "kallsyms_token_index",
				NATURE_DATA), 512);
	free_build(build);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("strings");
	TCase *tests = tcase_create("strings");
	SRunner *runner;
	int failed;

	tcase_add_test(
		tests, a_literal_belongs_to_the_only_function_that_refers_to_it);
	tcase_add_test(tests, a_literal_of_two_functions_is_shared);
	tcase_add_test(
		tests,
		without_relocations_references_are_read_from_instructions);
	tcase_add_test(tests, whatever_instruction_an_address_is_in_it_is_seen);
	tcase_add_test(tests, an_object_that_points_at_a_literal_owns_it);
	tcase_add_test(tests, a_relocation_of_a_symbol_means_the_symbol);
	tcase_add_test(tests, a_label_does_not_own_the_literals_behind_it);
	tcase_add_test(tests, an_unnamed_constant_belongs_to_who_refers_to_it);
	tcase_add_test(tests, tables_of_kallsyms_end_where_their_contents_say);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}

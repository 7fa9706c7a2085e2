/* SPDX-License-Identifier: MIT */
#include "match/section.h"

#include <check.h>
#include <stdlib.h>

#include "base/util.h"

static const struct {
	const char *input;
	const char *output; /* NULL: keeps its name */
	char relocations;
} folds[] = {
	{ ".text.vfs_read", ".text", 0 },
	{ ".text.unlikely.", ".text", 0 },
	{ ".text..__x86.indirect_thunk", ".text", 0 },
	{ ".textual", NULL, 0 },
	{ ".rela.text.vfs_read", ".text", 'a' },
	{ ".rel.text", ".text", 'l' },
	{ ".rela.dyn", NULL, 'a' },
	{ ".relro_padding", NULL, 0 },
	{ ".ref.text", ".text", 0 },
	{ ".ref.textual", NULL, 0 },
	{ ".noinstr.text", ".text", 0 },
	{ ".rodata.str1.8", ".rodata", 0 },
	{ ".rodata..Lswitch.table.do_rmdir", ".rodata", 0 },
	{ ".rodata1", NULL, 0 },
	{ ".data..Lfoo", ".data", 0 },
	{ ".data..L.str", ".data", 0 },
	{ ".data..read_mostly", ".data", 0 },
	{ ".data..ro_after_init", ".rodata", 0 },
	{ ".data..percpu..page_aligned", ".data..percpu", 0 },
	{ ".data..percpu", ".data..percpu", 0 },
	{ ".data_nosave", NULL, 0 },
	{ ".bss..compoundliteral.3", ".bss", 0 },
	{ ".bss..brk", ".brk", 0 },
	{ ".init.text.foo", ".init.text", 0 },
	{ ".initcall6s.init", ".init.data", 0 },
	{ "___ksymtab_gpl+yield_to", "__ksymtab_gpl", 0 },
	{ ".rela___ksymtab+kfree", "__ksymtab", 'a' },
	{ "__ksymtab", NULL, 0 },
	{ ".note.Linux", ".notes", 0 },
	{ ".debug_info", NULL, 0 },
	{ "", NULL, 0 },
	{ ".", NULL, 0 },
	{ ".rela", NULL, 0 },
};

START_TEST(an_input_section_goes_where_the_linker_script_puts_it)
{
	char relocations;
	int row = section_fold(folds[_i].input, &relocations);

	ck_assert_int_eq(relocations, folds[_i].relocations);
	if (!folds[_i].output) {
		ck_assert_msg(row == SECTION_KEEPS, "%s", folds[_i].input);
		return;
	}
	ck_assert_msg(row != SECTION_KEEPS, "%s", folds[_i].input);
	ck_assert_str_eq(section_fold_output(row), folds[_i].output);
}
END_TEST

START_TEST(an_output_section_folds_to_itself)
{
	for (int i = 0; i < section_fold_rows(); i++) {
		const char *output = section_fold_output(i);
		char relocations;
		int row = section_fold(output, &relocations);

		if (row != SECTION_KEEPS)
			ck_assert_str_eq(section_fold_output(row), output);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("section");
	TCase *table = tcase_create("table");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(table,
			    an_input_section_goes_where_the_linker_script_puts_it,
			    0, ARRAY_SIZE(folds));
	tcase_add_test(table, an_output_section_folds_to_itself);
	suite_add_tcase(suite, table);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

/* SPDX-License-Identifier: MIT */
#include "ledger/class.h"

#include <check.h>
#include <elf.h>
#include <stdlib.h>

#include "base/util.h"
#include "ledger/ledger.h"

static const struct {
	const char *name;
	enum section_class section_class;
} known[] = {
	{ ".text", CLASS_TEXT },
	{ ".text.unlikely.foo", CLASS_TEXT },
	{ ".textual", CLASS_OTHER },
	{ ".init.text", CLASS_INIT },
	{ ".init.data.foo", CLASS_INIT },
	{ ".exit.text", CLASS_INIT },
	{ ".altinstr_replacement", CLASS_INIT },
	{ ".data..percpu..page_aligned", CLASS_PERCPU },
	{ ".data..read_mostly", CLASS_DATA },
	{ ".data..ro_after_init", CLASS_RODATA },
	{ ".rodata.str1.8", CLASS_RODATA },
	{ ".rodata.text", CLASS_TEXT },
	{ ".bss..compoundliteral.3", CLASS_BSS },
	{ ".brk", CLASS_BSS },
	{ ".orc_unwind_ip", CLASS_SIDE_TABLES },
	{ "___ksymtab_gpl+xas_load", CLASS_SIDE_TABLES },
	{ ".BTF", CLASS_BTF },
	{ ".BTF.base", CLASS_BTF },
	{ ".BTF.ext", CLASS_BTF_EXT },
	{ ".BTF_ids", CLASS_BTF_IDS },
	{ ".debug_info", CLASS_DEBUG },
	{ ".rela.debug_info", CLASS_RELOCATIONS },
	{ ".rela__param", CLASS_RELOCATIONS },
	{ ".symtab_shndx", CLASS_SYMBOLS },
	{ ".comment", CLASS_OTHER },
};

START_TEST(class_goes_by_name_even_where_everything_is_nobits)
{
	ck_assert_int_eq(class_of_section(known[_i].name, SHT_NOBITS, 0),
			 known[_i].section_class);
}
END_TEST

START_TEST(class_of_unknown_names_goes_by_type_and_flags)
{
	ck_assert_int_eq(class_of_section("x", SHT_PROGBITS,
					  SHF_ALLOC | SHF_EXECINSTR),
			 CLASS_TEXT);
	ck_assert_int_eq(class_of_section("x", SHT_PROGBITS, SHF_ALLOC),
			 CLASS_RODATA);
	ck_assert_int_eq(class_of_section("x", SHT_NOBITS,
					  SHF_ALLOC | SHF_WRITE), CLASS_BSS);
	ck_assert_int_eq(class_of_section("x", SHT_RELA, 0),
			 CLASS_RELOCATIONS);
	ck_assert_int_eq(class_of_section("x", SHT_PROGBITS, 0), CLASS_OTHER);
}
END_TEST

START_TEST(class_of_fill_is_padding_wherever_it_lies)
{
	ck_assert_int_eq(class_of_entry(CLASS_TEXT, NATURE_PADDING),
			 CLASS_PADDING);
	ck_assert_int_eq(class_of_entry(CLASS_DEBUG, NATURE_GAP),
			 CLASS_PADDING);
	ck_assert_int_eq(class_of_entry(CLASS_INIT, NATURE_RECORD),
			 CLASS_SIDE_TABLES);
	ck_assert_int_eq(class_of_entry(CLASS_BSS, NATURE_ZERO_FILL),
			 CLASS_BSS);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("class");
	TCase *tcase = tcase_create("class");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tcase,
			    class_goes_by_name_even_where_everything_is_nobits,
			    0, ARRAY_SIZE(known));
	tcase_add_test(tcase, class_of_unknown_names_goes_by_type_and_flags);
	tcase_add_test(tcase, class_of_fill_is_padding_wherever_it_lies);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}

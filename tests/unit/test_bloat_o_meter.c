/* SPDX-License-Identifier: MIT */
/*
 * Images made by hand. tests/check/nm_letters.py asks nm itself about all
 * combinations, and tests/real compares whole kernels.
 */
#include <check.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/bloat_o_meter.h"
#include "vmdelta.h"

enum { TEXT = 1, DATA, RODATA, BSS, DEBUG, NOTE, SECTIONS };

static struct section sections[SECTIONS] = {
	[TEXT] = { .name = 1, .type = SHT_PROGBITS,
		   .flags = SHF_ALLOC | SHF_EXECINSTR },
	[DATA] = { .name = 1, .type = SHT_PROGBITS,
		   .flags = SHF_ALLOC | SHF_WRITE },
	[RODATA] = { .name = 1, .type = SHT_PROGBITS, .flags = SHF_ALLOC },
	[BSS] = { .name = 1, .type = SHT_NOBITS,
		  .flags = SHF_ALLOC | SHF_WRITE },
	[DEBUG] = { .name = 3, .type = SHT_PROGBITS },
	[NOTE] = { .name = 1, .type = SHT_NOTE },
};
static const char section_names[] = "\0x\0.debug_info";

/* An image under construction; names lie one after the other. */
struct made {
	struct image image;
	struct symbol symbols[32];
	char names[1024];
};

static void made_init(struct made *made)
{
	*made = (struct made){ 0 };
	made->image.machine = EM_X86_64;
	made->image.path = (char *)(uintptr_t)"made";
	made->image.sections = sections;
	made->image.section_count = SECTIONS;
	made->image.symbols = made->symbols;
	made->image.symbol_count = 1;
	made->image.section_names =
		(struct strings){ section_names, sizeof(section_names), 0 };
	made->image.symbol_names = (struct strings){ made->names, 1, 0 };
}

static struct symbol *made_add(struct made *made, const char *name,
			       uint32_t section, uint64_t size, uint8_t bind)
{
	struct strings *names = &made->image.symbol_names;
	struct symbol *symbol = &made->symbols[made->image.symbol_count++];

	*symbol = (struct symbol){
		.name = (uint32_t)names->size, .section = section,
		.size = size, .type = STT_OBJECT, .bind = bind,
	};
	strcpy(made->names + names->size, name);
	names->size += strlen(name) + 1;
	return symbol;
}

static char letter_of(struct made *made)
{
	char *letters = nm_section_letters(&made->image);
	char letter = nm_letter(&made->image, made->image.symbol_count - 1,
				letters);

	free(letters);
	return letter;
}

static void check_letter(uint32_t section, uint8_t bind, uint8_t type,
			 char want)
{
	struct made made;

	made_init(&made);
	made_add(&made, "f", section, 1, bind)->type = type;
	ck_assert_int_eq(letter_of(&made), want);
}

START_TEST(a_letter_is_the_section_s_and_upper_case_if_global)
{
	check_letter(TEXT, STB_LOCAL, STT_FUNC, 't');
	check_letter(TEXT, STB_GLOBAL, STT_FUNC, 'T');
	check_letter(DATA, STB_GLOBAL, STT_OBJECT, 'D');
	check_letter(RODATA, STB_LOCAL, STT_OBJECT, 'r');
	check_letter(BSS, STB_GLOBAL, STT_OBJECT, 'B');
	check_letter(DEBUG, STB_LOCAL, STT_OBJECT, 'N');
	check_letter(NOTE, STB_LOCAL, STT_OBJECT, 'n');
}
END_TEST

START_TEST(weak_unique_and_indirect_symbols_have_their_own)
{
	check_letter(TEXT, STB_WEAK, STT_FUNC, 'W');
	check_letter(TEXT, STB_WEAK, STT_OBJECT, 'V');
	check_letter(DATA, STB_GNU_UNIQUE, STT_OBJECT, 'u');
	check_letter(TEXT, STB_GLOBAL, STT_GNU_IFUNC, 'i');
	check_letter(SECTION_COMMON, STB_GLOBAL, STT_OBJECT, 'C');
	check_letter(DATA, 13, STT_OBJECT, '?');
}
END_TEST

START_TEST(undefined_absolute_and_file_symbols_have_none)
{
	check_letter(SECTION_UNDEF, STB_GLOBAL, STT_FUNC, 0);
	check_letter(SECTION_ABS, STB_GLOBAL, STT_OBJECT, 0);
	check_letter(TEXT, STB_LOCAL, STT_SECTION, 0);
	check_letter(TEXT, STB_LOCAL, STT_FILE, 0);
}
END_TEST

static char *render(const struct made *old, const struct made *new,
		    const struct vmd_options *options, int *result)
{
	struct err err = { 0 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	*result = bloat_o_meter_render(old ? &old->image : NULL, &new->image,
				       options, out, &err);
	err_release(&err);
	fclose(out);
	return text;
}

static void check_text(const struct made *old, const struct made *new,
		       const struct vmd_options *options, const char *want)
{
	int result;
	char *text = render(old, new, options, &result);

	ck_assert_int_eq(result, 0);
	ck_assert_str_eq(text, want);
	free(text);
}

START_TEST(equal_deltas_stand_by_name_from_the_end)
{
	struct made old, new;

	made_init(&old);
	made_init(&new);
	made_add(&old, "a", TEXT, 10, STB_GLOBAL);
	made_add(&old, "same", TEXT, 7, STB_GLOBAL);
	made_add(&new, "same", TEXT, 7, STB_GLOBAL);
	made_add(&new, "a", TEXT, 20, STB_GLOBAL);
	made_add(&new, "ab", TEXT, 10, STB_GLOBAL);
	made_add(&new, "b", DATA, 10, STB_GLOBAL);
	check_text(&old, &new, &(struct vmd_options){ 0 },
		"add/remove: 2/0 grow/shrink: 1/0 up/down: 30/0 (30)\n"
		"Function                                     old     new   delta\n"
		"b                                              -      10     +10\n"
		"ab                                             -      10     +10\n"
		"a                                             10      20     +10\n"
		"Total: Before=17, After=47, chg +176.47%\n");
}
END_TEST

START_TEST(numbers_are_removed_and_equal_names_added)
{
	struct made new;

	made_init(&new);
	made_add(&new, "f.1.2x.34", TEXT, 1, STB_LOCAL);
	made_add(&new, "fx", TEXT, 2, STB_LOCAL);
	made_add(&new, "f.isra.0", TEXT, 4, STB_LOCAL);
	check_text(NULL, &new, &(struct vmd_options){ .text = true },
		"add/remove: 2/0 grow/shrink: 0/0 up/down: 7/0 (7)\n"
		"Function                                     old     new   delta\n"
		"f.isra                                         -       4      +4\n"
		"fx                                             -       3      +3\n"
		"Total: Before=0, After=7, chg +0.00%\n");
}
END_TEST

START_TEST(generated_names_and_names_with_a_colon_are_left_out)
{
	static const char *const names[] = {
		"__mod_x", "__se_sys_read", "__se_compat_sys_x",
		"__addressable_y", "linux_banner", "vermagic", "a:b",
	};
	struct made new;

	made_init(&new);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		made_add(&new, names[i], DATA, 8, STB_LOCAL);
	made_add(&new, "linux_banner2", RODATA, 1, STB_LOCAL);
	check_text(NULL, &new, &(struct vmd_options){ .data = true },
		"add/remove: 1/0 grow/shrink: 0/0 up/down: 1/0 (1)\n"
		"Data                                         old     new   delta\n"
		"linux_banner2                                  -       1      +1\n"
		"Total: Before=0, After=1, chg +0.00%\n");
}
END_TEST

START_TEST(categories_are_three_tables)
{
	struct made old;
	struct made new;

	made_init(&old);
	made_init(&new);
	made_add(&old, "v", RODATA, 3, STB_LOCAL);
	made_add(&new, "v", BSS, 3, STB_LOCAL);
	check_text(&old, &new, &(struct vmd_options){ .categories = true },
		"add/remove: 0/0 grow/shrink: 0/0 up/down: 0/0 (0)\n"
		"Function                                     old     new   delta\n"
		"Total: Before=0, After=0, chg +0.00%\n"
		"add/remove: 1/0 grow/shrink: 0/0 up/down: 3/0 (3)\n"
		"Data                                         old     new   delta\n"
		"v                                              -       3      +3\n"
		"Total: Before=0, After=3, chg +0.00%\n"
		"add/remove: 0/1 grow/shrink: 0/0 up/down: 0/-3 (-3)\n"
		"RO Data                                      old     new   delta\n"
		"v                                              3       -      -3\n"
		"Total: Before=3, After=0, chg -100.00%\n");
}
END_TEST

START_TEST(names_pad_by_characters_and_cannot_drive_the_terminal)
{
	struct made new;

	made_init(&new);
	made_add(&new, "\u00e4\033[31m\xff", TEXT, 1, STB_LOCAL);
	check_text(NULL, &new, &(struct vmd_options){ 0 },
		"add/remove: 1/0 grow/shrink: 0/0 up/down: 1/0 (1)\n"
		"Function                                     old     new   delta\n"
		"\u00e4\\x1b[31m\\xff                                  -       1"
		"      +1\n"
		"Total: Before=0, After=1, chg +0.00%\n");
}
END_TEST

START_TEST(sizes_that_overflow_are_an_error)
{
	struct made new;
	int result;
	char *text;

	made_init(&new);
	made_add(&new, "a", TEXT, INT64_MAX, STB_LOCAL);
	made_add(&new, "b", TEXT, 1, STB_LOCAL);
	text = render(NULL, &new, &(struct vmd_options){ 0 }, &result);
	ck_assert_int_eq(result, -1);
	free(text);
}
END_TEST

START_TEST(a_failed_write_is_an_error)
{
	struct made new;
	struct err err = { 0 };
	FILE *out = fopen("/dev/full", "w");

	made_init(&new);
	setvbuf(out, NULL, _IONBF, 0);
	ck_assert_int_eq(bloat_o_meter_render(NULL, &new.image,
					      &(struct vmd_options){ 0 }, out,
					      &err), -1);
	fclose(out);
	err_release(&err);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("bloat_o_meter");
	TCase *tests = tcase_create("bloat_o_meter");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, a_letter_is_the_section_s_and_upper_case_if_global);
	tcase_add_test(tests, weak_unique_and_indirect_symbols_have_their_own);
	tcase_add_test(tests, undefined_absolute_and_file_symbols_have_none);
	tcase_add_test(tests, equal_deltas_stand_by_name_from_the_end);
	tcase_add_test(tests, numbers_are_removed_and_equal_names_added);
	tcase_add_test(tests,
		       generated_names_and_names_with_a_colon_are_left_out);
	tcase_add_test(tests, categories_are_three_tables);
	tcase_add_test(tests,
		       names_pad_by_characters_and_cannot_drive_the_terminal);
	tcase_add_test(tests, sizes_that_overflow_are_an_error);
	tcase_add_test(tests, a_failed_write_is_an_error);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}

/* SPDX-License-Identifier: MIT */
#include "assemble.h"
#include "image/targets.h"
#include "ledger/side_tables.h"

#include <elf.h>

/* Assembles for another machine with clang; links with ld.lld if `link`. */
static struct build *foreign_build(const char *target, const char *source,
				   const char *link)
{
	char dir[] = "/tmp/vmdelta-test.XXXXXX", command[512], path[64];
	struct build *build = calloc(1, sizeof(*build));
	struct ledger_options options = { .open_relocations = true };
	struct err err = { NULL };
	FILE *as;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(command, sizeof(command),
		 "clang --target=%s -c -x assembler -o %s/a.o -", target, dir);
	as = popen(command, "w");
	ck_assert_ptr_nonnull(as);
	fputs(source, as);
	ck_assert_int_eq(pclose(as), 0);
	snprintf(path, sizeof(path), "%s/%s", dir, link ? "vmlinux" : "a.o");
	snprintf(command, sizeof(command), "ld.lld %s -o %s %s/a.o",
		 link ? link : "", path, dir);
	if (link)
		ck_assert_int_eq(system(command), 0);
	ck_assert_msg(!image_open(&build->image, path, &err), "%s",
		      err_text(&err));
	snprintf(command, sizeof(command), "rm -r %s", dir);
	ck_assert_int_eq(system(command), 0);
	ck_assert_msg(!ledger_build(build, &options, &err), "%s",
		      err_text(&err));
	return build;
}

static uint64_t records(const struct build *build, const char *section,
			const char *symbol)
{
	return owned(build, section, symbol, NATURE_RECORD);
}

#define FUNCTIONS(type) \
	".text\n.globl f, g\n" \
	".type f, " type "function\nf: .skip 16, 0x41\n.size f, 16\n" \
	".type g, " type "function\ng: .skip 16, 0x42\n.size g, 16\n"

START_TEST(per_cpu_sections_at_address_zero_have_no_addresses)
{
	struct image image = assemble_image(
		".text\n.globl f\nf: ret\n"
		".section .data..percpu, \"aw\"\n.skip 64, 1\n",
		"-e f -Ttext=0x1000 --section-start=.data..percpu=0");
	struct address_index index;
	struct err err = { NULL };
	const struct address_span *span;

	ck_assert(!address_index_init(&index, &image, &err));
	ck_assert_ptr_null(address_find(&index, 0));
	ck_assert_ptr_null(address_find(&index, 63));
	span = address_find(&index, 0x1000);
	ck_assert_ptr_nonnull(span);
	ck_assert_uint_eq(span->section, image_find_section(&image, ".text"));
	ck_assert_ptr_null(address_find(&index, 0x1001));
	address_index_release(&index);
	image_release(&image);
}
END_TEST

START_TEST(code_wins_an_address_that_sections_share)
{
	struct section sections[4] = {
		{ .type = SHT_NULL },
		{ .size = 0x100, .type = SHT_PROGBITS,
		  .flags = SHF_ALLOC },
		{ .size = 0x40, .type = SHT_PROGBITS,
		  .flags = SHF_ALLOC | SHF_EXECINSTR },
		{ .size = 8, .type = SHT_PROGBITS,
		  .flags = SHF_ALLOC },
	};
	struct section_more more[4] = {
		{ 0 }, { .addr = 0x1000 }, { .addr = 0x1000 },
		{ .addr = UINT64_MAX - 1 },
	};
	struct image image = { .type = ET_EXEC, .sections = sections,
			       .more = more, .section_count = 4,
			       .section_names = { "", 1, 0 } };
	struct address_index index;
	struct err err = { NULL };

	ck_assert(!address_index_init(&index, &image, &err));
	ck_assert_uint_eq(address_find(&index, 0x1000)->section, 2);
	ck_assert_uint_eq(address_find(&index, 0x103f)->section, 2);
	ck_assert_ptr_null(address_find(&index, UINT64_MAX));
	address_index_release(&index);
}
END_TEST

START_TEST(a_relocatable_file_has_no_addresses)
{
	struct image image = assemble_image(".text\nf: ret\n", NULL);
	struct address_index index;
	struct err err = { NULL };

	ck_assert(!address_index_init(&index, &image, &err));
	ck_assert_ptr_null(address_find(&index, 0));
	address_index_release(&index);
	image_release(&image);
}
END_TEST

/* .long f - . is an ADD32 of f and a SUB32 of the place. */
START_TEST(riscv_tables_are_read_by_the_added_symbol)
{
	struct build *build = foreign_build(
		"riscv64-linux-gnu",
		FUNCTIONS("@") ".section __ex_table, \"a\"\n"
		".long f - ., f+8 - .\n.short 1, 0\n"
		".long g - ., g+8 - .\n.short 1, 0\n"
		".long g+4 - ., g+8 - .\n.short 1, 0\n", NULL);

	ck_assert_uint_eq(records(build, "__ex_table", "f"), 12);
	ck_assert_uint_eq(records(build, "__ex_table", "g"), 24);
	free_build(build);
}
END_TEST

/* SHT_REL keeps addends in the table; EHABI's have 31 bits. */
START_TEST(arm_unwind_tables_are_read_with_31_bits)
{
	static const char source[] =
		FUNCTIONS("%") ".section .ARM.unwind_idx, \"a\"\n"
		".long f(PREL31), 1\n.long g(PREL31), 0x80b0b0b0\n"
		".long g(PREL31), 1\n";
	static const char *const links[] = {
		NULL, "-e f -Ttext=0x20000 --image-base=0x10000"
	};

	for (unsigned i = 0; i < 2; i++) {
		struct build *build = foreign_build("armv7-linux-gnueabi",
						    source, links[i]);

		ck_assert_uint_eq(records(build, ".ARM.unwind_idx", "f"), 8);
		ck_assert_uint_eq(records(build, ".ARM.unwind_idx", "g"), 16);
		free_build(build);
	}
}
END_TEST

START_TEST(arm_tables_of_addresses_have_4_bytes_each)
{
	struct build *build = foreign_build(
		"armv7-linux-gnueabi",
		FUNCTIONS("%") ".section __ex_table, \"a\"\n"
		".long f, f+8, g, g+8, g+4, g+8\n",
		"-e f -Ttext=0x20000 --image-base=0x10000");

	ck_assert_uint_eq(records(build, "__ex_table", "f"), 8);
	ck_assert_uint_eq(records(build, "__ex_table", "g"), 16);
	free_build(build);
}
END_TEST

START_TEST(s390_tables_are_read_in_their_byte_order)
{
	struct build *build = foreign_build(
		"s390x-linux-gnu",
		FUNCTIONS("@") ".section __bug_table, \"a\"\n"
		".long f - ., 0\n.short 1, 2\n"
		".long g - ., 0\n.short 3, 4\n", NULL);

	ck_assert(build->image.big_endian);
	ck_assert_uint_eq(records(build, "__bug_table", "f"), 12);
	ck_assert_uint_eq(records(build, "__bug_table", "g"), 12);
	free_build(build);
}
END_TEST

/* { mask, value, start, end, alternative start, end } from the record. */
START_TEST(powerpc_fixups_are_relative_to_their_record)
{
	static const char *const links[] = {
		NULL, "-e f -Ttext=0x20000 --image-base=0x10000"
	};

	for (unsigned i = 0; i < 2; i++) {
		struct build *build = foreign_build(
			"powerpc64le-linux-gnu",
			FUNCTIONS("@") ".section __ftr_fixup, \"a\"\n"
			"1: .quad 1, 1, f - 1b, f+8 - 1b, f - 1b, f - 1b\n"
			"2: .quad 1, 0, g - 2b, g+8 - 2b, g - 2b, g - 2b\n",
			links[i]);

		ck_assert_uint_eq(records(build, "__ftr_fixup", "f"), 48);
		ck_assert_uint_eq(records(build, "__ftr_fixup", "g"), 48);
		free_build(build);
	}
}
END_TEST

/* arm64's stored pointers are zero: they are in .rela.dyn alone. */
START_TEST(pointers_that_only_the_loader_stores_are_found)
{
	struct build *build = foreign_build(
		"aarch64-linux-gnu",
		FUNCTIONS("%") ".data\n"
		".globl __start_mcount_loc, __stop_mcount_loc\n"
		"__start_mcount_loc: .quad f, g, g+4\n"
		"__stop_mcount_loc: .quad 1\n",
		"-e f -shared -Bsymbolic -z notext --no-apply-dynamic-relocs");

	ck_assert_uint_eq(records(build, ".data", "f"), 8);
	ck_assert_uint_eq(records(build, ".data", "g"), 16);
	ck_assert_uint_eq(owned(build, ".rela.dyn", "g", NATURE_RELOCATION),
			  48);
	free_build(build);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("targets");
	TCase *tests = tcase_create("targets");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests,
		       per_cpu_sections_at_address_zero_have_no_addresses);
	tcase_add_test(tests, code_wins_an_address_that_sections_share);
	tcase_add_test(tests, a_relocatable_file_has_no_addresses);
	tcase_add_test(tests, riscv_tables_are_read_by_the_added_symbol);
	tcase_add_test(tests, arm_unwind_tables_are_read_with_31_bits);
	tcase_add_test(tests, arm_tables_of_addresses_have_4_bytes_each);
	tcase_add_test(tests, s390_tables_are_read_in_their_byte_order);
	tcase_add_test(tests, powerpc_fixups_are_relative_to_their_record);
	tcase_add_test(tests, pointers_that_only_the_loader_stores_are_found);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}

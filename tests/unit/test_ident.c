/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <stdio.h>
#include <zlib.h>

#include "image/ident.h"
#include "image/kconfig.h"

static const char banner[] =
	"Linux version 6.1.0-t (a@b) (gcc-12 (Debian 12.2.0-14) 12.2.0, "
	"GNU ld (GNU Binutils for Debian) 2.40) #1 SMP";

/* Assembles `source` and opens the object; the file is gone again. */
static struct image assemble(const char *source)
{
	char dir[] = "/tmp/test_ident.XXXXXX", command[256], path[64];
	struct image image = { 0 };
	struct err err = { NULL };
	FILE *as;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/vmlinux.o", dir);
	snprintf(command, sizeof(command), "as -o %s -", path);
	as = popen(command, "w");
	ck_assert_ptr_nonnull(as);
	fputs(source, as);
	ck_assert_int_eq(pclose(as), 0);
	ck_assert_int_eq(image_open(&image, path, &err), 0);
	unlink(path);
	rmdir(dir);
	return image;
}

static struct ident identify(const struct image *image)
{
	struct ident ident;
	struct err err = { NULL };

	ck_assert_int_eq(ident_read(&ident, image, &err), 0);
	return ident;
}

START_TEST(the_banner_names_release_and_tools)
{
	char source[1024];
	struct image image;
	struct ident ident;

	snprintf(source, sizeof(source),
		 ".section .rodata\n.globl linux_banner\nlinux_banner:\n"
		 ".asciz \"%s\\n\"\n", banner);
	image = assemble(source);
	ident = identify(&image);
	ck_assert_str_eq(ident.banner, banner);
	ck_assert_str_eq(ident.release, "6.1.0-t");
	ck_assert_str_eq(ident.compiler, "gcc 12.2.0");
	ck_assert_str_eq(ident.linker, "GNU ld 2.40");
	ck_assert_str_eq(ident_lto(&ident), "none");
	ident_release(&ident);
	image_release(&image);
}
END_TEST

START_TEST(a_banner_without_a_symbol_is_found)
{
	char source[1024];
	struct image image;
	struct ident ident;

	snprintf(source, sizeof(source), ".section .rodata\n.space 999\n"
		 ".asciz \"%s\"\n", banner);
	image = assemble(source);
	ident = identify(&image);
	ck_assert_str_eq(ident.banner, banner);
	ident_release(&ident);
	image_release(&image);
}
END_TEST

START_TEST(comment_names_tools_where_there_is_no_banner)
{
	struct image image = assemble(
		".section .comment,\"MS\",@progbits,1\n"
		".asciz \"Linker: Debian LLD 14.0.6\"\n"
		".asciz \"Debian clang version 14.0.6\"\n");
	struct ident ident = identify(&image);

	ck_assert_ptr_null(ident.banner);
	ck_assert_str_eq(ident.compiler, "clang 14.0.6");
	ck_assert_str_eq(ident.linker, "LLD 14.0.6");
	ident_release(&ident);
	image_release(&image);
}
END_TEST

START_TEST(promoted_names_mean_thin_lto)
{
	struct image image = assemble("foo.llvm.123:\n.byte 1\n"
				      "bar:\n.byte 1\n");
	struct ident ident = identify(&image);

	ck_assert_str_eq(ident_lto(&ident), "thin");
	ck_assert_str_eq(ident_cfi(&ident), "none");
	ident_release(&ident);
	image_release(&image);
}
END_TEST

START_TEST(one_module_file_means_full_lto)
{
	struct image image = assemble(".file \"ld-temp.o\"\nfoo:\n.byte 1\n");
	struct ident ident = identify(&image);

	ck_assert_str_eq(ident_lto(&ident), "full");
	ident_release(&ident);
	image_release(&image);
}
END_TEST

START_TEST(notes_give_build_id_and_lto)
{
	struct image image = assemble(
		".section .notes,\"a\",@note\n"
		".long 6, 4, 0x101\n.asciz \"Linux\"\n.balign 4\n.long 1\n"
		".long 4, 4, 3\n.asciz \"GNU\"\n.byte 1, 2, 0xab, 0xff\n");
	struct ident ident = identify(&image);

	ck_assert_str_eq(ident.build_id, "0102abff");
	ck_assert_str_eq(ident_lto(&ident), "yes");
	ident_release(&ident);
	image_release(&image);
}
END_TEST

START_TEST(a_note_beyond_its_section_is_not_read)
{
	struct image image = assemble(
		".section .notes,\"a\",@note\n"
		".long 4, 0xfffffff0, 3\n.asciz \"GNU\"\n.long 1\n"
		".section .note.b,\"a\",@note\n"
		".long 0xfffffffd, 4, 3\n.asciz \"GNU\"\n.long 1\n");
	struct ident ident = identify(&image);

	ck_assert_ptr_null(ident.build_id);
	ident_release(&ident);
	image_release(&image);
}
END_TEST

START_TEST(sections_tell_unwinder_cfi_and_btf)
{
	struct image image = assemble(
		".section .orc_unwind_ip\n.long 1\n.section .BTF\n.long 1\n"
		".section .kcfi_traps\n.long 1\n"
		".section .ibt_endbr_seal\n.long 1\n"
		".section .debug_info\n.long 20\n.word 5\n.space 18\n");
	struct ident ident = identify(&image);

	ck_assert_str_eq(ident_unwinder(&ident), "orc");
	ck_assert_str_eq(ident_cfi(&ident), "kcfi");
	ck_assert(ident.btf && ident.ibt && ident.debug_info);
	ck_assert_uint_eq(ident.dwarf_version, 5);
	ident_release(&ident);
	image_release(&image);
}
END_TEST

/* Writes .byte lines of gzip'd `text` between the kernel's markers. */
static char *config_source(const char *text, size_t cut)
{
	static uint8_t packed[4096];
	static char source[32768];
	z_stream stream = { .next_in = (Bytef *)(uintptr_t)text,
			    .avail_in = (uInt)strlen(text),
			    .next_out = packed,
			    .avail_out = sizeof(packed) };
	size_t length;

	ck_assert_int_eq(deflateInit2(&stream, 9, Z_DEFLATED, 31, 8, 0), Z_OK);
	ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
	length = (size_t)sprintf(source, ".section .rodata\n"
		".ascii \"IKCFG_ST\"\n.globl kernel_config_data\n"
		"kernel_config_data:\n");
	for (size_t i = 0; i + cut < stream.total_out; i++)
		length += (size_t)sprintf(source + length, ".byte %u\n",
					  packed[i]);
	sprintf(source + length, ".ascii \"IKCFG_ED\"\n");
	deflateEnd(&stream);
	return source;
}

START_TEST(the_embedded_configuration_is_read)
{
	struct image image = assemble(config_source("CONFIG_LTO_NONE=y\n", 0));
	struct ident ident = identify(&image);
	struct kconfig kconfig;
	struct err err = { NULL };

	ck_assert_int_eq(kconfig_read(&kconfig, &image, &ident, NULL, &err), 0);
	ck_assert_str_eq(kconfig.origin, "embedded");
	ck_assert_str_eq(kconfig_value(&kconfig, "CONFIG_LTO_NONE"), "y");
	kconfig_release(&kconfig);
	ident_release(&ident);
	image_release(&image);
}
END_TEST

START_TEST(a_configuration_without_a_symbol_is_found)
{
	char *source = config_source("CONFIG_LTO_NONE=y\n", 0);
	struct image image;
	struct ident ident;
	struct kconfig kconfig;
	struct err err = { 0 };

	for (char *at = source; (at = strstr(at, "kernel_config_data"));)
		*at = 'x';
	image = assemble(source);
	ident = identify(&image);
	ck_assert_int_eq(kconfig_read(&kconfig, &image, &ident, NULL, &err), 0);
	ck_assert_str_eq(kconfig.origin, "embedded");
	kconfig_release(&kconfig);
	ident_release(&ident);
	image_release(&image);
}
END_TEST

START_TEST(a_damaged_configuration_is_a_warning)
{
	struct image image = assemble(config_source("CONFIG_LTO_NONE=y\n", 9));
	struct ident ident = identify(&image);
	struct kconfig kconfig;
	struct err err = { NULL };

	ck_assert_int_eq(kconfig_read(&kconfig, &image, &ident, NULL, &err), 0);
	ck_assert_ptr_null(kconfig.origin);
	ck_assert_uint_eq(image.warning_count, 1);
	kconfig_release(&kconfig);
	ident_release(&ident);
	image_release(&image);
}
END_TEST

START_TEST(tools_are_named_with_their_version)
{
	static const struct {
		const char *text, *tool;
	} rows[] = {
		{ "GCC: (Debian 12.2.0-14+deb12u1) 12.2.0", "gcc 12.2.0" },
		{ "gcc version 8.3.0 (Debian 8.3.0-6)", "gcc 8.3.0" },
		{ "clang version 15.0.0 (https://x/llvm 4ba6a9c)",
		  "clang 15.0.0" },
		{ "GNU C11 12.2.0 -O2", "gcc 12.2.0" },
		{ "gcc", "gcc" },
		{ "something else 1.2", NULL },
	};
	struct arena arena = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *tool = ident_tool(&arena, rows[i].text,
					      strlen(rows[i].text));

		if (rows[i].tool)
			ck_assert_str_eq(tool, rows[i].tool);
		else
			ck_assert_ptr_null(tool);
	}
	arena_release(&arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ident");
	TCase *all = tcase_create("ident");
	SRunner *runner;
	int failed;

	tcase_add_test(all, the_banner_names_release_and_tools);
	tcase_add_test(all, a_banner_without_a_symbol_is_found);
	tcase_add_test(all, comment_names_tools_where_there_is_no_banner);
	tcase_add_test(all, promoted_names_mean_thin_lto);
	tcase_add_test(all, one_module_file_means_full_lto);
	tcase_add_test(all, notes_give_build_id_and_lto);
	tcase_add_test(all, a_note_beyond_its_section_is_not_read);
	tcase_add_test(all, sections_tell_unwinder_cfi_and_btf);
	tcase_add_test(all, the_embedded_configuration_is_read);
	tcase_add_test(all, a_configuration_without_a_symbol_is_found);
	tcase_add_test(all, a_damaged_configuration_is_a_warning);
	tcase_add_test(all, tools_are_named_with_their_version);
	suite_add_tcase(suite, all);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}

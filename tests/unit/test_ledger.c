/* SPDX-License-Identifier: MIT */
#include "assemble.h"

static const char nested[] =
	".text\n"
	"outer: .skip 16, 0x41\n"
	"inner: .skip 8, 0x42\n"
	".skip 8, 0x43\n"
	".type outer, @function\n.size outer, 32\n"
	".type inner, @function\n.size inner, 8\n";

START_TEST(the_innermost_symbol_owns_a_byte)
{
	struct build *build = assemble_build(nested, NULL);

	ck_assert_uint_eq(owned(build, ".text", "outer", NATURE_CODE), 24);
	ck_assert_uint_eq(owned(build, ".text", "inner", NATURE_CODE), 8);
	free_build(build);
}
END_TEST

START_TEST(names_of_one_place_are_one_owner)
{
	struct build *build = assemble_build(
		".text\n.type foo.llvm.12, @function\n.type foo, @function\n"
		"foo.llvm.12: foo: label: ret\n"
		".size foo.llvm.12, 1\n.size foo, 1\n", NULL);
	uint32_t foo = image_find_symbol(&build->image, "foo");

	ck_assert_uint_eq(owned(build, ".text", "foo", NATURE_CODE), 1);
	ck_assert_uint_eq(build->ledger.owner[image_find_symbol(
				  &build->image, "foo.llvm.12")], foo);
	ck_assert_uint_eq(build->ledger.owner[image_find_symbol(
				  &build->image, "label")], foo);
	free_build(build);
}
END_TEST

START_TEST(a_label_owns_up_to_the_next_symbol)
{
	struct build *build = assemble_build(
		".section .rodata\nkallsyms_names: .skip 5, 7\n"
		"kallsyms_markers: .skip 3, 7\n", NULL);

	ck_assert_uint_eq(
		owned(build, ".rodata", "kallsyms_names", NATURE_DATA), 5);
	ck_assert_uint_eq(
		owned(build, ".rodata", "kallsyms_markers", NATURE_DATA), 3);
	free_build(build);
}
END_TEST

START_TEST(edges_of_linker_scripts_own_nothing)
{
	struct build *build = assemble_build(
		".text\n.type f, @function\nf: ret\n.size f, 1\n"
		".globl _etext\n_etext: .skip 9, 0x41\n", NULL);

	ck_assert_uint_eq(owned(build, ".text", "_etext", NATURE_CODE), 0);
	ck_assert_uint_eq(owned(build, ".text", NULL, NATURE_UNNAMED), 9);
	free_build(build);
}
END_TEST

static const char padded[] =
	".text\n.globl _start\n.type f, @function\n.type g, @function\n"
	"f: ret\n.size f, 1\n.balign 64, 0xcc\n"
	"g: ret\n.size g, 1\n.p2align 12\n"
	"_start: h: ret\n.type h, @function\n.size h, 1\n";

START_TEST(little_fill_is_padding_of_the_symbol_before_it)
{
	struct build *build = assemble_build(padded, NULL);

	ck_assert_uint_eq(owned(build, ".text", "f", NATURE_PADDING), 63);
	free_build(build);
}
END_TEST

START_TEST(much_fill_is_alignment_of_the_section)
{
	struct build *build = assemble_build(padded, NULL);

	ck_assert_uint_eq(owned(build, ".text", NULL, NATURE_ALIGNMENT),
			  4096 - 65);
	free_build(build);
}
END_TEST

START_TEST(zeros_that_align_nothing_are_data)
{
	struct build *build = assemble_build(
		".data\n.type a, @object\na: .byte 1\n.size a, 1\n"
		".skip 1000\n"
		".type b, @object\nb: .byte 1\n.size b, 1\n", NULL);

	ck_assert_uint_eq(owned(build, ".data", NULL, NATURE_UNNAMED), 1000);
	free_build(build);
}
END_TEST

START_TEST(absolute_symbols_own_nothing)
{
	struct build *build = assemble_build(
		".globl __kcfi_typeid_f\n.set __kcfi_typeid_f, 0x1234\n"
		".data\nx: .quad 1\n", NULL);
	uint32_t symbol = image_find_symbol(&build->image, "__kcfi_typeid_f");

	ck_assert_uint_eq(build->ledger.owner[symbol], NONE);
	free_build(build);
}
END_TEST

START_TEST(each_symbol_owns_its_record_and_its_name)
{
	struct build *build = assemble_build(nested, NULL);

	ck_assert_uint_eq(owned(build, ".symtab", "outer", NATURE_SYMBOL), 24);
	ck_assert_uint_eq(owned(build, ".strtab", "outer", NATURE_NAME), 6);
	free_build(build);
}
END_TEST

START_TEST(a_shared_name_tail_counts_once)
{
	struct build *build = assemble_build(
		".data\n.globl foobar, bar\nfoobar: .byte 1\nbar: .byte 2\n",
		"-r --relocatable");
	uint64_t names = owned(build, ".strtab", "foobar", NATURE_NAME) +
			 owned(build, ".strtab", "bar", NATURE_NAME);
	uint32_t strtab = image_find_section(&build->image, ".strtab");

	ck_assert_uint_le(names, build->image.sections[strtab].size);
	ck_assert_uint_eq(owned(build, ".strtab", "foobar", NATURE_NAME), 7);
	free_build(build);
}
END_TEST

static uint64_t name_bytes(const struct build *build, uint32_t symbol)
{
	const struct ledger *ledger = &build->ledger;
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < ledger->column_count; i++)
		if (ledger->columns[i].nature == NATURE_NAME)
			bytes += ledger->columns[i].sizes[symbol];
	return bytes;
}

/* What a linker that shares tails writes: here three names become one. */
START_TEST(a_tail_is_counted_with_the_name_that_begins_first)
{
	struct build *build = assemble_build(
		".data\n.globl tail, headtail, adtail, ail, late\n"
		"tail: .byte 1\nheadtail: .byte 2\nadtail: .byte 3\n"
		"ail: .byte 4\nlate: .byte 5\n", NULL);
	struct image *image = &build->image;
	uint32_t head = image_find_symbol(image, "headtail");
	uint32_t shared[] = { image_find_symbol(image, "tail"),
			      image_find_symbol(image, "adtail"),
			      image_find_symbol(image, "ail") };
	uint32_t own = image->symbols[head].name;

	/* With the head, then without: the longest tail stands for it. */
	for (unsigned with = 2; with--;) {
		image->symbols[head].name = with ? own : 0;
		for (unsigned i = 0; i < 3; i++)
			image->symbols[shared[i]].name =
				own + (uint32_t[]){ 4, 2, 5 }[i];
		ledger_release(&build->ledger);
		ck_assert_int_eq(ledger_build(build, &(struct ledger_options){
						      0 }, &(struct err){ 0 }),
				 0);
		for (unsigned i = 0; i < 3; i++)
			ck_assert_uint_eq(name_bytes(build, shared[i]),
					  i == 1 && !with ? 7 : 0);
		ck_assert_uint_eq(name_bytes(build, head), with ? 9 : 0);
	}
	ck_assert_uint_eq(owned(build, ".strtab", "late", NATURE_NAME), 5);
	free_build(build);
}
END_TEST

/*
 * Two segments whose addresses have nothing to do with their place in memory,
 * as x86's per-cpu segment, with a hole between them.
 */
static const char two_segments[] =
	".section .one, \"a\"\n.globl _start\n_start: .skip 4096, 1\n"
	".section .two, \"aw\"\ntwo: .skip 100, 2\n"
	".section .zero, \"aw\", @nobits\nzero: .skip 50\n";

START_TEST(the_image_is_physical_and_holes_are_gaps)
{
	const char *script = "SECTIONS { .one 0x400000 : AT(0x100000) { *(.one) }"
			     " .two 0x0 : AT(0x110000) { *(.two) }"
			     " .zero : { *(.zero) } /DISCARD/ : { *(.note*) } }";
	char dir[] = "/tmp/vmdelta-test.XXXXXX", path[64], arg[128];
	struct build *build;
	FILE *file;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/script", dir);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs(script, file);
	fclose(file);
	snprintf(arg, sizeof(arg), "--no-warn-rwx-segments -T %s", path);
	build = assemble_build(two_segments, arg);
	unlink(path);
	rmdir(dir);
	ck_assert_uint_ge(build->ledger.image_size, 0x10000 + 100 + 50);
	ck_assert_uint_lt(build->ledger.image_size, 0x10000 + 256);
	ck_assert_uint_ge(booked(build, NATURE_GAP, IN_IMAGE), 0xf000);
	ck_assert(!build->ledger.image_estimated);
	free_build(build);
}
END_TEST

START_TEST(a_relocatable_image_is_an_estimate_without_discards)
{
	struct build *build = assemble_build(
		".section .discard.x, \"a\"\n.skip 1000, 1\n"
		".section .one, \"a\"\n.skip 3, 1\n"
		".section .two, \"a\"\n.balign 8\n.skip 8, 1\n", NULL);

	ck_assert(build->ledger.image_estimated);
	ck_assert_uint_eq(build->ledger.image_size, 16);
	ck_assert_uint_eq(booked(build, NATURE_GAP, IN_IMAGE), 5);
	free_build(build);
}
END_TEST

START_TEST(sums_are_the_file_and_the_image)
{
	struct build *build = assemble_build(nested, NULL);
	uint64_t file = 0;

	for (int nature = 0; nature < NATURE_COUNT; nature++)
		file += booked(build, (enum nature)nature, IN_FILE);
	ck_assert_uint_eq(file, build->image.size);
	free_build(build);
}
END_TEST

START_TEST(a_lost_byte_fails_the_check)
{
	struct build *build = assemble_build(nested, NULL);
	struct err err = { NULL };

	build->ledger.entries[build->ledger.count - 1].size--;
	ck_assert_int_eq(ledger_check(build, &err), -1);
	err_release(&err);
	free_build(build);
}
END_TEST

START_TEST(the_entry_of_a_byte_is_found)
{
	struct build *build = assemble_build(nested, NULL);
	uint32_t text = image_find_section(&build->image, ".text");
	uint32_t inner = image_find_symbol(&build->image, "inner");

	ck_assert_uint_eq(ledger_find(&build->ledger, text, 16)->symbol,
			  inner);
	ck_assert_uint_eq(ledger_find(&build->ledger, text, 23)->symbol,
			  inner);
	ck_assert_uint_ne(ledger_find(&build->ledger, text, 24)->symbol,
			  inner);
	ck_assert_ptr_null(ledger_find(&build->ledger, text, 32));
	free_build(build);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ledger");
	TCase *tcase = tcase_create("ledger");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, the_innermost_symbol_owns_a_byte);
	tcase_add_test(tcase, names_of_one_place_are_one_owner);
	tcase_add_test(tcase, a_label_owns_up_to_the_next_symbol);
	tcase_add_test(tcase, edges_of_linker_scripts_own_nothing);
	tcase_add_test(tcase, little_fill_is_padding_of_the_symbol_before_it);
	tcase_add_test(tcase, much_fill_is_alignment_of_the_section);
	tcase_add_test(tcase, zeros_that_align_nothing_are_data);
	tcase_add_test(tcase, absolute_symbols_own_nothing);
	tcase_add_test(tcase, each_symbol_owns_its_record_and_its_name);
	tcase_add_test(tcase, a_shared_name_tail_counts_once);
	tcase_add_test(tcase,
		       a_tail_is_counted_with_the_name_that_begins_first);
	tcase_add_test(tcase, the_image_is_physical_and_holes_are_gaps);
	tcase_add_test(tcase,
		       a_relocatable_image_is_an_estimate_without_discards);
	tcase_add_test(tcase, sums_are_the_file_and_the_image);
	tcase_add_test(tcase, a_lost_byte_fails_the_check);
	tcase_add_test(tcase, the_entry_of_a_byte_is_found);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

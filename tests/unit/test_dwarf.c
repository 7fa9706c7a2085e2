/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "debug/dwarf_file.h"
#include "debug/dwarf_flatten.h"
#include "debug/dwarf_path.h"
#include "ledger/build.h"

/* Three copies of leaf() in outer(): one below its own frame, two deeper. */
static const char leaf_h[] =
	"extern int sink(int);\n"
	"static inline __attribute__((always_inline)) int leaf(int x)\n"
	"{ return sink(x) * 3; }\n";
static const char a_c[] =
	"#include \"leaf.h\"\n"
	"static inline __attribute__((always_inline)) int middle(int x)\n"
	"{ if (x) x += leaf(x); return sink(x) + leaf(x + 1); }\n"
	"int outer(int x);\n"
	"int outer(int x) { return middle(x) + leaf(x * 5) + sink(7); }\n"
	"int plain(int x);\n"
	"int plain(int x) { return sink(x) - 1; }\n"
	"int counter = 3;\n";

/* A program built by a shell recipe in a directory of its own. */
struct made {
	char dir[40];
	struct image image;
	struct dwarf dwarf;
};

static void write_file(const struct made *made, const char *name,
		       const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", made->dir, name);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

static void made_start(struct made *made)
{
	char command[128];

	memset(made, 0, sizeof(*made));
	strcpy(made->dir, "/tmp/vmdelta-test.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(made->dir));
	snprintf(command, sizeof(command), "mkdir %s/src", made->dir);
	ck_assert_int_eq(system(command), 0);
	write_file(made, "src/leaf.h", leaf_h);
	write_file(made, "src/a.c", a_c);
}

/* Runs a recipe, which leaves `out`; false where a tool is missing. */
static bool made_run(struct made *made, const char *recipe)
{
	char command[2048];

	snprintf(command, sizeof(command), "cd %s && (%s) >log 2>&1",
		 made->dir, recipe);
	return system(command) == 0;
}

static void made_read(struct made *made, bool inlines)
{
	struct dwarf_options options = { .inlines = inlines, .threads = 2 };
	struct err err = { 0 };
	char path[64];

	snprintf(path, sizeof(path), "%s/out", made->dir);
	ck_assert_msg(!image_open(&made->image, path, &err), "%s",
		      err_text(&err));
	ck_assert_msg(!dwarf_read(&made->dwarf, &made->image, &options, &err),
		      "%s", err_text(&err));
}

static void made_end(struct made *made)
{
	char command[64];

	dwarf_release(&made->dwarf);
	image_release(&made->image);
	snprintf(command, sizeof(command), "rm -r %s", made->dir);
	ck_assert_int_eq(system(command), 0);
}

static const char *name_of(const struct dwarf *dwarf, uint32_t function)
{
	return function == NONE ? "" : dwarf->functions[function].name;
}

/* "leaf<middle" for code of leaf() in middle(), "" for the host's own. */
static void describe(const struct dwarf *dwarf, uint32_t node, char *text,
		     size_t size)
{
	text[0] = '\0';
	for (; node != NONE; node = dwarf->nodes[node].parent) {
		size_t used = strlen(text);

		snprintf(text + used, size - used, "%s%s", used ? "<" : "",
			 name_of(dwarf, dwarf->nodes[node].function));
	}
}

/* Bytes of a symbol whose inline path is `path`; NULL: any. */
static uint64_t bytes_of(const struct made *made, const char *name,
			 const char *path)
{
	uint32_t index = image_find_symbol(&made->image, name);
	const struct symbol *symbol = &made->image.symbols[index];
	uint64_t sum = 0;
	uint32_t at;

	ck_assert_msg(index, "no symbol %s", name);
	at = dwarf_piece_at(&made->dwarf, symbol->section, symbol->value, 0);
	for (; at < made->dwarf.piece_count; at++) {
		const struct dwarf_piece *piece = &made->dwarf.pieces[at];
		char text[256];

		if (piece->section != symbol->section ||
		    piece->offset >= symbol->value + symbol->size)
			break;
		ck_assert_str_eq(name_of(&made->dwarf, piece->host), name);
		describe(&made->dwarf, piece->node, text, sizeof(text));
		if (!path || strcmp(text, path) == 0)
			sum += piece->size;
	}
	return sum;
}

static uint64_t size_of(const struct made *made, const char *name)
{
	return made->image.symbols[image_find_symbol(&made->image, name)].size;
}

static unsigned copies_of(const struct dwarf *dwarf, const char *name)
{
	unsigned copies = 0;

	for (uint32_t i = 0; i < dwarf->node_count; i++)
		copies += strcmp(name_of(dwarf, dwarf->nodes[i].function),
				 name) == 0;
	return copies;
}

static const struct dwarf_function *function_named(const struct dwarf *dwarf,
						   const char *name)
{
	for (uint32_t i = 0; i < dwarf->function_count; i++)
		if (strcmp(dwarf->functions[i].name, name) == 0)
			return &dwarf->functions[i];
	return NULL;
}

/* What must be true of the two functions of a.c, whoever compiled them. */
static void check_functions(const struct made *made)
{
	const struct dwarf_function *leaf;

	ck_assert(made->dwarf.present);
	ck_assert_uint_eq(bytes_of(made, "outer", NULL),
			  size_of(made, "outer"));
	ck_assert_uint_eq(bytes_of(made, "plain", ""), size_of(made, "plain"));
	ck_assert_uint_gt(bytes_of(made, "outer", ""), 0);
	ck_assert_uint_gt(bytes_of(made, "outer", "leaf<middle"), 0);
	ck_assert_uint_gt(bytes_of(made, "outer", "leaf"), 0);
	ck_assert_uint_eq(copies_of(&made->dwarf, "leaf"), 3);
	ck_assert_uint_eq(copies_of(&made->dwarf, "middle"), 1);
	leaf = function_named(&made->dwarf, "leaf");
	ck_assert_ptr_nonnull(leaf);
	ck_assert_str_eq(leaf->decl_file, "src/leaf.h");
	ck_assert_uint_eq(leaf->decl_line, 2);
	ck_assert_str_eq(made->dwarf.units[leaf->unit].name, "src/a.c");
}

static void check_call_lines(const struct dwarf *dwarf)
{
	for (uint32_t i = 0; i < dwarf->node_count; i++) {
		const struct dwarf_node *node = &dwarf->nodes[i];
		const char *host = node->parent == NONE ? "outer" : "middle";

		ck_assert_uint_ne(node->call_file, NONE);
		ck_assert_str_eq(dwarf->files[node->call_file], "src/a.c");
		ck_assert_uint_eq(node->call_line,
				  strcmp(host, "outer") == 0 ? 5 : 3);
	}
}

static void check_line(const struct made *made, const char *name,
		       const char *file, uint32_t line)
{
	const struct symbol *symbol =
		&made->image.symbols[image_find_symbol(&made->image, name)];
	struct dwarf_lines lines = { 0 };
	const char *found;
	uint32_t number;

	ck_assert_int_eq(dwarf_line_find(&made->dwarf, &lines, 0,
					 symbol->section, symbol->value,
					 &found, &number), 0);
	ck_assert_str_eq(found, file);
	ck_assert_uint_eq(number, line);
	dwarf_lines_release(&made->dwarf, &lines);
}

static const char *const compilers[] = { "gcc", "clang" };

static void check_versions(const char *flags, const char *after)
{
	for (size_t c = 0; c < 2; c++) {
		for (unsigned version = 2; version <= 5; version++) {
			struct made made;
			char recipe[512];

			made_start(&made);
			snprintf(recipe, sizeof(recipe),
				 "%s -gdwarf-%u -O2 %s src/a.c && %s",
				 compilers[c], version, flags, after);
			if (made_run(&made, recipe)) {
				made_read(&made, true);
				ck_assert_uint_eq(made.dwarf.unit_count, 1);
				ck_assert_uint_eq(
					made.dwarf.units[0].version, version);
				check_functions(&made);
				check_call_lines(&made.dwarf);
				check_line(&made, "plain", "src/a.c", 7);
			}
			made_end(&made);
		}
	}
}

START_TEST(every_version_gives_chains_in_relocatable_files)
{
	check_versions("-c -o out", "true");
}
END_TEST

START_TEST(sections_of_one_function_each_do_not_overlap)
{
	check_versions("-c -o out -ffunction-sections", "true");
}
END_TEST

START_TEST(every_version_gives_chains_in_linked_files)
{
	check_versions("-c -o a.o",
		       "ld -e outer --unresolved-symbols=ignore-all -o out a.o");
}
END_TEST

START_TEST(compressed_sections_are_read)
{
	check_versions("-gz=zlib -c -o out", "true");
#ifdef HAVE_ZSTD
	/* Only a newer objcopy can; then this one is run as well. */
	check_versions("-c -o out",
		       "objcopy --compress-debug-sections=zstd out");
#endif
}
END_TEST

START_TEST(stripped_files_find_their_debug_information_by_its_link)
{
	check_versions("-c -o a.o",
		"ld -e outer --unresolved-symbols=ignore-all -o b a.o && "
		"objcopy --only-keep-debug b b.debug && "
		"objcopy -g --add-gnu-debuglink=b.debug b out");
}
END_TEST

START_TEST(functions_that_the_linker_dropped_are_counted_not_booked)
{
	struct made made;
	const char *recipe =
		"gcc -g -O2 -c -o a.o -ffunction-sections src/a.c && ld -e "
		"plain --gc-sections --unresolved-symbols=ignore-all -o out a.o";

	made_start(&made);
	ck_assert(made_run(&made, recipe));
	made_read(&made, true);
	ck_assert_uint_eq(bytes_of(&made, "plain", ""),
			  size_of(&made, "plain"));
	ck_assert_uint_gt(made.image.warning_count, 0);
	for (uint32_t i = 0; i < made.dwarf.piece_count; i++)
		ck_assert_str_eq(name_of(&made.dwarf,
					 made.dwarf.pieces[i].host), "plain");
	made_end(&made);
}
END_TEST

/* Relocations of debug sections, for machines that clang can compile for. */
START_TEST(other_machines_are_relocated)
{
	static const char *const targets[] = {
		"i386-linux-gnu", "aarch64-linux-gnu", "arm-linux-gnueabi",
		"riscv64-linux-gnu", "riscv32-linux-gnu", "s390x-linux-gnu",
		"powerpc64-linux-gnu -mabi=elfv2", "powerpc64le-linux-gnu",
		"powerpc-linux-gnu", "mips-linux-gnu", "sparcv9-linux-gnu",
	};

	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		struct made made;
		char recipe[256];

		made_start(&made);
		snprintf(recipe, sizeof(recipe), "clang --target=%s -g -O2 "
			 "-ffunction-sections -c -o out src/a.c", targets[i]);
		if (made_run(&made, recipe)) {
			made_read(&made, true);
			check_functions(&made);
			check_call_lines(&made.dwarf);
		}
		made_end(&made);
	}
}
END_TEST

START_TEST(functions_of_other_units_are_found_across_lto)
{
	static const char b_c[] =
		"extern int sink(int);\n"
		"int helper(int x);\n"
		"__attribute__((always_inline)) inline int helper(int x)\n"
		"{ return sink(x) ^ sink(x + 2); }\n"
		"int other(int x);\n"
		"int other(int x) { return helper(x); }\n";
	static const char c_c[] =
		"int helper(int x);\nint user(int x);\n"
		"int user(int x) { return helper(x) + 1; }\n";
	const struct dwarf_function *helper;
	struct made made;

	made_start(&made);
	write_file(&made, "src/b.c", b_c);
	write_file(&made, "src/c.c", c_c);
	if (made_run(&made, "clang -g -O2 -flto -std=gnu89 -c -o b.o src/b.c && "
		     "clang -g -O2 -flto -c -o c.o src/c.c && ld.lld -r -o out "
		     "b.o c.o")) {
		made_read(&made, true);
		ck_assert_uint_eq(made.dwarf.unit_count, 2);
		ck_assert_uint_gt(bytes_of(&made, "user", "helper"), 0);
		ck_assert_uint_gt(bytes_of(&made, "other", "helper"), 0);
		helper = function_named(&made.dwarf, "helper");
		ck_assert_ptr_nonnull(helper);
		ck_assert_str_eq(helper->decl_file, "src/b.c");
		ck_assert_str_eq(made.dwarf.units[helper->unit].name,
				 "src/b.c");
	}
	made_end(&made);
}
END_TEST

START_TEST(units_without_code_repeat_the_one_with_code)
{
	struct made made;

	made_start(&made);
	write_file(&made, "src/b.c",
		   "int used(int x);\nint sink(int);\n"
		   "int used(int x) { return sink(x) * sink(x + 1); }\n");
	write_file(&made, "src/c.c",
		   "int used(int x);\nint user(int x);\n"
		   "int user(int x) { return used(x) + 1; }\n");
	if (made_run(&made, "for i in b c; do clang -g -O2 -flto=thin -c -o "
		     "$i.o src/$i.c || exit 1; done; ld.lld -e user "
		     "--unresolved-symbols=ignore-all -o out b.o c.o")) {
		uint32_t copies = 0;

		made_read(&made, true);
		for (uint32_t i = 0; i < made.dwarf.unit_count; i++) {
			if (!dwarf_unit_repeats(made.dwarf.units, i))
				continue;
			copies++;
			ck_assert_str_eq(made.dwarf.units[i].name, "src/b.c");
		}
		ck_assert_uint_eq(copies, 1);
	}
	made_end(&made);
}
END_TEST

START_TEST(members_of_classes_are_walked_into)
{
	struct made made;

	made_start(&made);
	write_file(&made, "src/d.cc",
		   "extern int sink(int);\n"
		   "namespace n { struct s { int f(int x) {\n"
		   "struct local { static __attribute__((noinline)) int g(int y)"
		   " { return sink(y) * 2; } };\n"
		   "return local::g(x) + 1; } }; }\n"
		   "int entry(int x) { n::s o; return o.f(x); }\n");
	if (made_run(&made, "g++ -g -O2 -fdebug-types-section -c -o out "
		     "src/d.cc")) {
		const struct dwarf_function *f, *g;
		bool found = false;

		made_read(&made, true);
		f = function_named(&made.dwarf, "f");
		g = function_named(&made.dwarf, "g");
		ck_assert_ptr_nonnull(f);
		ck_assert_ptr_nonnull(g);
		for (uint32_t i = 0; i < made.dwarf.piece_count; i++)
			found |= &made.dwarf.functions[
					 made.dwarf.pieces[i].host] == g;
		ck_assert(found);
		ck_assert_uint_eq(copies_of(&made.dwarf, "f"), 1);
	}
	made_end(&made);
}
END_TEST

START_TEST(assembly_units_have_code_and_lines)
{
	struct made made;

	made_start(&made);
	write_file(&made, "src/e.S", ".globl entry\n.type entry,@function\n"
		   "entry:\n nop\n ret\n.size entry, .-entry\n");
	ck_assert(made_run(&made, "gcc -g -c -o out src/e.S"));
	made_read(&made, true);
	ck_assert_uint_eq(made.dwarf.unit_count, 1);
	ck_assert_str_eq(made.dwarf.units[0].name, "src/e.S");
	ck_assert(made.dwarf.units[0].has_code);
	ck_assert_uint_eq(made.dwarf.piece_count, 1);
	ck_assert_uint_eq(made.dwarf.pieces[0].size, 2);
	check_line(&made, "entry", "src/e.S", 4);
	made_end(&made);
}
END_TEST

/* The answer must not depend on the hint. */
static uint32_t unit_at(const struct made *made, const struct symbol *symbol,
			uint64_t offset)
{
	uint32_t hint = 0;
	uint32_t unit = dwarf_variable_unit(&made->dwarf, symbol->section,
					    symbol->value + offset, &hint);

	for (uint32_t i = 0; i <= made->dwarf.variable_count; i++) {
		hint = i;
		ck_assert_uint_eq(dwarf_variable_unit(&made->dwarf,
						      symbol->section,
						      symbol->value + offset,
						      &hint), unit);
	}
	return unit;
}

/* A unit whose only range list is that of a block inside a function. */
START_TEST(range_lists_of_blocks_are_the_units)
{
	static const char block_s[] =
		".text\nf:\tnop\n\tnop\nf_end:\n"
		".section .debug_abbrev\n"
		".byte 1,0x11,1,0x11,0x01,0x12,0x06,0,0\n"
		".byte 2,0x2e,1,0x03,0x08,0x11,0x01,0x12,0x06,0,0\n"
		".byte 3,0x0b,0,0x55,0x17,0,0,0\n"
		".section .debug_info\n"
		".long end - version\nversion:\t.short 4\n.long 0\n.byte 8\n"
		".byte 1\n.quad f\n.long f_end - f\n"
		".byte 2\n.asciz \"f\"\n.quad f\n.long f_end - f\n"
		".byte 3\n.long 0x40\n.byte 0,0\nend:\n"
		".section .debug_ranges\n.fill 0x40\n.quad 0,1,0,0\n";
	struct made made;

	made_start(&made);
	write_file(&made, "src/block.s", block_s);
	ck_assert(made_run(&made, "gcc -c -o out src/block.s"));
	made_read(&made, true);
	ck_assert_uint_eq(made.dwarf.unit_count, 1);
	ck_assert(made.dwarf.units[0].has_code);
	ck_assert_uint_eq(made.dwarf.units[0].parts.ranges, 0x40);
	made_end(&made);
}
END_TEST

START_TEST(variables_know_their_unit)
{
	for (size_t c = 0; c < 2; c++) {
		struct made made;
		const struct symbol *symbol;
		char recipe[128];

		made_start(&made);
		snprintf(recipe, sizeof(recipe),
			 "%s -g -O2 -c -o out src/a.c", compilers[c]);
		ck_assert(made_run(&made, recipe));
		made_read(&made, true);
		symbol = &made.image.symbols[image_find_symbol(&made.image,
							       "counter")];
		ck_assert_uint_eq(unit_at(&made, symbol, 0), 0);
		ck_assert_uint_eq(unit_at(&made, symbol, 1), NONE);
		made_end(&made);
	}
}
END_TEST

START_TEST(without_inlines_code_has_units)
{
	struct made made;

	made_start(&made);
	ck_assert(made_run(&made, "gcc -g -O2 -c -o out src/a.c"));
	made_read(&made, false);
	ck_assert_uint_eq(made.dwarf.node_count, 0);
	ck_assert_uint_gt(made.dwarf.piece_count, 0);
	for (uint32_t i = 0; i < made.dwarf.piece_count; i++)
		ck_assert_uint_eq(made.dwarf.pieces[i].unit, 0);
	made_end(&made);
}
END_TEST

START_TEST(file_symbols_stand_in_for_units_of_locals)
{
	struct made made;
	uint32_t local, global, hint = 0;

	made_start(&made);
	write_file(&made, "src/f.c",
		   "extern int sink(int);\nint g(int);\n"
		   "static __attribute__((noinline)) int l(int x)"
		   "{ return sink(x) * 3; }\n"
		   "int g(int x) { return l(x) + 1; }\n");
	ck_assert(made_run(&made, "gcc -O1 -c -o out src/f.c"));
	made_read(&made, true);
	ck_assert(!made.dwarf.present);
	ck_assert_uint_eq(made.dwarf.unit_count, 1);
	ck_assert_str_eq(made.dwarf.units[0].name, "f.c");
	local = image_find_symbol(&made.image, "l");
	global = image_find_symbol(&made.image, "g");
	ck_assert_uint_eq(dwarf_file_unit(&made.dwarf, &made.image, local,
					  &hint), 0);
	ck_assert_uint_eq(dwarf_file_unit(&made.dwarf, &made.image, global,
					  &hint), NONE);
	made_end(&made);
}
END_TEST

/* Every prefix of a file's debug information, and zeros in it. */
START_TEST(cut_and_zeroed_debug_information_is_survived)
{
	struct made made;
	uint32_t info;
	uint8_t *copy;

	made_start(&made);
	ck_assert(made_run(&made, "gcc -g -O2 -c -o out src/a.c"));
	made_read(&made, true);
	info = image_find_section(&made.image, ".debug_info");
	copy = malloc(made.image.size);
	ck_assert_ptr_nonnull(copy);
	for (uint64_t at = 0; at < made.image.sections[info].size; at += 3) {
		struct dwarf_options options = { .inlines = true };
		struct image image;
		struct dwarf dwarf;
		struct err err = { 0 };

		memcpy(copy, made.image.data, made.image.size);
		memset(copy + made.image.sections[info].offset + at, 0,
		       made.image.sections[info].size - at);
		ck_assert_int_eq(image_open_memory(&image, "cut", copy,
						   made.image.size, &err), 0);
		ck_assert_int_eq(dwarf_read(&dwarf, &image, &options, &err),
				 0);
		dwarf_release(&dwarf);
		image_release(&image);
	}
	free(copy);
	made_end(&made);
}
END_TEST

/* -- flatten -- */

#define RANGE(from, to, deep) { .start = (from), .end = (to), \
	.depth = (deep), .node = (deep) }

static uint32_t owner_at(const struct piece_list *pieces, uint64_t at)
{
	for (size_t i = 0; i < pieces->count; i++)
		if (at >= pieces->list[i].offset &&
		    at < pieces->list[i].offset + pieces->list[i].size)
			return pieces->list[i].node;
	return NONE;
}

/* The deepest range, the later one of equals: by looking at each byte. */
static uint32_t expected_at(const struct code_range *ranges, size_t count,
			    uint64_t at)
{
	const struct code_range *best = NULL;

	for (size_t i = 0; i < count; i++)
		if (at >= ranges[i].start && at < ranges[i].end &&
		    (!best || ranges[i].depth >= best->depth))
			best = &ranges[i];
	return best ? best->node : NONE;
}

static void check_flatten(const struct code_range *ranges, size_t count,
			  uint64_t limit)
{
	struct flatten_scratch scratch = { 0 };
	struct piece_list pieces = { 0 };

	ck_assert_int_eq(flatten(ranges, count, &pieces, &scratch), 0);
	for (size_t i = 1; i < pieces.count; i++)
		ck_assert_uint_ge(pieces.list[i].offset,
				  pieces.list[i - 1].offset +
					  pieces.list[i - 1].size);
	for (uint64_t at = 0; at < limit; at++)
		ck_assert_uint_eq(owner_at(&pieces, at),
				  expected_at(ranges, count, at));
	free(pieces.list);
	flatten_scratch_release(&scratch);
}

START_TEST(the_innermost_range_owns_a_byte)
{
	static const struct code_range nested[] = {
		RANGE(0, 100, 1), RANGE(10, 90, 2), RANGE(20, 30, 3),
		RANGE(30, 40, 3), RANGE(95, 100, 2),
	};
	static const struct code_range crossing[] = {
		RANGE(0, 50, 1), RANGE(40, 60, 2), RANGE(30, 45, 3),
		RANGE(55, 80, 1), RANGE(55, 58, 1),
	};

	check_flatten(nested, ARRAY_SIZE(nested), 101);
	check_flatten(crossing, ARRAY_SIZE(crossing), 81);
}
END_TEST

START_TEST(random_ranges_are_flattened_exactly)
{
	uint32_t state = 1;

	for (unsigned round = 0; round < 300; round++) {
		struct code_range ranges[40] = { 0 };

		for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
			state = state * 1664525u + 1013904223u;
			ranges[i].start = state >> 24;
			ranges[i].end = ranges[i].start + 1 +
					(state >> 16 & 63);
			ranges[i].depth = state >> 12 & 3;
			ranges[i].node = (uint32_t)i;
		}
		check_flatten(ranges, ARRAY_SIZE(ranges), 330);
	}
}
END_TEST

/* -- paths -- */

START_TEST(paths_lose_the_build_directory)
{
	static const struct {
		const char *build, *folder, *name, *path;
	} rows[] = {
		{ "/b", "", "kernel/fork.c", "kernel/fork.c" },
		{ "/b", "", "/b/kernel/fork.c", "kernel/fork.c" },
		{ "/b/", "", "/b/./kernel//fork.c", "kernel/fork.c" },
		{ "/b", "./include/linux", "list.h", "include/linux/list.h" },
		{ "/s/b", "", "../kernel/fork.c", "/s/kernel/fork.c" },
		{ "debian/build/x", "", "../../../mm/slab.c", "mm/slab.c" },
		{ "/b", "a/b", "../c.h", "a/c.h" },
		{ "/b", "/b", "x.c", "x.c" },
		{ "/b", "/bc", "x.c", "/bc/x.c" },
		{ "/b", "x", "/abs/y.c", "/abs/y.c" },
		{ "", "", "../../..", "" },
		{ "/", "", "/x.c", "/x.c" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char path[64];

		ck_assert(path_make(path, sizeof(path), rows[i].build,
				    rows[i].folder, rows[i].name));
		ck_assert_str_eq(path, rows[i].path);
	}
}
END_TEST

START_TEST(paths_that_do_not_fit_are_no_paths)
{
	char path[8];

	ck_assert(!path_make(path, sizeof(path), "", "", "12345678"));
	ck_assert_str_eq(path, "");
	ck_assert(path_make(path, sizeof(path), "", "", "1234567"));
	ck_assert_str_eq(path, "1234567");
}
END_TEST

START_TEST(the_source_tree_is_what_units_agree_on)
{
	static const char *const names[] = {
		"/home/fs/linux/kernel/fork.c", "/home/fs/linux/mm/slab.c",
		"/home/fs/linux/drivers/net/tun.c", "kernel/own.c",
	};
	struct path_root root = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		ck_assert_int_eq(path_root_vote(&root, names[i]), 0);
	path_root_decide(&root);
	ck_assert_str_eq(path_root_strip(&root, names[2]),
			 "drivers/net/tun.c");
	ck_assert_str_eq(path_root_strip(&root, names[3]), "kernel/own.c");
	path_root_release(&root);
}
END_TEST

static Suite *dwarf_suite(void)
{
	Suite *suite = suite_create("dwarf");
	TCase *tests = tcase_create("dwarf");

	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, every_version_gives_chains_in_relocatable_files);
	tcase_add_test(tests, sections_of_one_function_each_do_not_overlap);
	tcase_add_test(tests, every_version_gives_chains_in_linked_files);
	tcase_add_test(tests, compressed_sections_are_read);
	tcase_add_test(tests,
		       stripped_files_find_their_debug_information_by_its_link);
	tcase_add_test(tests,
		       functions_that_the_linker_dropped_are_counted_not_booked);
	tcase_add_test(tests, other_machines_are_relocated);
	tcase_add_test(tests, functions_of_other_units_are_found_across_lto);
	tcase_add_test(tests, units_without_code_repeat_the_one_with_code);
	tcase_add_test(tests, members_of_classes_are_walked_into);
	tcase_add_test(tests, assembly_units_have_code_and_lines);
	tcase_add_test(tests, range_lists_of_blocks_are_the_units);
	tcase_add_test(tests, variables_know_their_unit);
	tcase_add_test(tests, without_inlines_code_has_units);
	tcase_add_test(tests, file_symbols_stand_in_for_units_of_locals);
	tcase_add_test(tests, cut_and_zeroed_debug_information_is_survived);
	tcase_add_test(tests, the_innermost_range_owns_a_byte);
	tcase_add_test(tests, random_ranges_are_flattened_exactly);
	tcase_add_test(tests, paths_lose_the_build_directory);
	tcase_add_test(tests, paths_that_do_not_fit_are_no_paths);
	tcase_add_test(tests, the_source_tree_is_what_units_agree_on);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(void)
{
	SRunner *runner = srunner_create(dwarf_suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

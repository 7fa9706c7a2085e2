/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_TESTS_ASSEMBLE_H
#define VMDELTA_TESTS_ASSEMBLE_H

/* Builds small ELF files from assembly, for tests of what stages make of them. */

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/build.h"

/*
 * Assembles `source` for x86-64; `link` NULL leaves it relocatable, else it is
 * ld's further arguments. The file is gone again when this returns.
 */
static inline struct image assemble_image(const char *source, const char *link)
{
	char dir[] = "/tmp/vmdelta-test.XXXXXX", command[2048], path[64];
	struct image image = { 0 };
	struct err err = { NULL };
	FILE *as;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/%s", dir, link ? "vmlinux" : "a.o");
	snprintf(command, sizeof(command), "as --64 -o %s/a.o -", dir);
	as = popen(command, "w");
	ck_assert_ptr_nonnull(as);
	fputs(source, as);
	ck_assert_int_eq(pclose(as), 0);
	if (link) {
		snprintf(command, sizeof(command), "ld %s -o %s %s/a.o", link,
			 path, dir);
		ck_assert_int_eq(system(command), 0);
	}
	ck_assert_msg(!image_open(&image, path, &err), "%s", err_text(&err));
	snprintf(command, sizeof(command), "rm -r %s", dir);
	ck_assert_int_eq(system(command), 0);
	return image;
}

/* Books an assembled file, as deep as is possible without DWARF. */
static inline struct build *assemble_build(const char *source, const char *link)
{
	struct ledger_options options = { .open_relocations = true };
	struct build *build = calloc(1, sizeof(*build));
	struct err err = { NULL };

	ck_assert_ptr_nonnull(build);
	build->image = assemble_image(source, link);
	ck_assert_msg(!ledger_build(build, &options, &err), "%s",
		      err_text(&err));
	return build;
}

/* A question about entries: which of them to add up. */
struct question {
	uint32_t section; /* NONE: any */
	uint32_t symbol;  /* asked only with a section */
	enum nature nature;
	unsigned domain;
};

static inline uint64_t add_up(const struct build *build,
			      const struct question *question)
{
	struct entry buffer[16];
	const struct entry *block;
	uint64_t at = 0, sum = 0;
	size_t count;

	while ((count = ledger_read(&build->ledger, &at, buffer, 16, &block)))
		for (size_t i = 0; i < count; i++)
			if (block[i].nature == question->nature &&
			    (block[i].domains & question->domain) &&
			    (question->section == NONE ||
			     (block[i].section == question->section &&
			      block[i].symbol == question->symbol)))
				sum += block[i].size;
	return sum;
}

/* Bytes that a symbol owns in one section, of one nature. */
static inline uint64_t owned(const struct build *build, const char *section,
			     const char *symbol, enum nature nature)
{
	struct question question = {
		.section = image_find_section(&build->image, section),
		.symbol = symbol ? image_find_symbol(&build->image, symbol)
				 : NONE,
		.nature = nature,
		.domain = IN_FILE | IN_IMAGE,
	};

	ck_assert_msg(question.section, "no section %s", section);
	ck_assert_msg(question.symbol, "no symbol %s", symbol ? symbol : "");
	return add_up(build, &question);
}

/* Bytes of one nature in all of the ledger, in one domain. */
static inline uint64_t booked(const struct build *build, enum nature nature,
			      unsigned domain)
{
	struct question question = { .section = NONE, .nature = nature,
				     .domain = domain };

	return add_up(build, &question);
}

static inline void free_build(struct build *build)
{
	build_release(build);
	free(build);
}

#endif

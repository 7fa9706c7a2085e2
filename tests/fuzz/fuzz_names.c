/* SPDX-License-Identifier: MIT */
/*
 * The rules for names: a symbol's name taken apart, as code and as data; the
 * section that an input section is folded into; plain names of C++ and Rust.
 */

#include <stdlib.h>
#include <string.h>

#include "match/section.h"
#include "match/symname.h"
#include "report/demangle.h"

static bool lies_in(const char *part, size_t length, const char *name,
		    size_t size)
{
	return part >= name && part <= name + size &&
	       length <= (size_t)(name + size - part);
}

/* Returns a sum of all that the result points at: reads past it are seen. */
static unsigned read_all(const char *part, size_t length)
{
	unsigned sum = 0;

	for (size_t i = 0; i < length; i++)
		sum += (uint8_t)part[i];
	return sum;
}

static void check_symbol(const char *name, size_t size, bool function,
			 bool special)
{
	struct arena arena = { 0 };
	struct symname result;
	unsigned sum = 0;

	if (symname_parse(&result, name, size, function, &arena))
		abort();
	if (result.class >= SYM_COUNT || !symbol_class_name(result.class))
		abort();
	sum += read_all(result.text, result.length);
	if (result.parent)
		sum += read_all(result.parent, result.parent_length);
	if (result.module && !lies_in(result.module, result.module_length,
				      name, size))
		abort();
	/* What the quick look calls plain has to be. */
	if (!special && (result.text != name || result.length != size ||
			 result.parent || result.module))
		abort();
	if (sum == 1u << 31)
		abort(); /* never: the sum is used */
	arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *name = malloc(size + 1), *plain;
	bool special;
	size_t length;
	char relocations;
	int row;

	if (!name)
		return 0;
	memcpy(name, data, size);
	name[size] = 0;
	length = strlen(name);
	if (symname_scan(name, name + size + 1, &special) != length ||
	    symname_scan(name, name + length, &special) != length)
		abort();
	check_symbol(name, length, true, special);
	check_symbol(name, length, false, special);
	row = section_fold(name, &relocations);
	if (row != SECTION_KEEPS && (row < 0 || row >= section_fold_rows() ||
				     !*section_fold_output(row)))
		abort();
	plain = demangle_name(name, length);
	if (plain && !*plain)
		abort();
	free(plain);
	free(name);
	return 0;
}

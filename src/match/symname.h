/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_MATCH_SYMNAME_H
#define VMDELTA_MATCH_SYMNAME_H

/*
 * What a symbol's name says: the canonical name that survives a rebuild, what
 * kind of thing the compiler made (its class), whose child it is, and which
 * module promoted it. A pure function of the name and of what it names.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum symbol_class {
	SYM_PLAIN,
	SYM_CLONE,        /* foo.isra.0, foo.constprop.0: foo, specialized */
	SYM_ALIAS,        /* foo.localalias */
	SYM_PART,         /* foo.part.0: split off by inlining the rest */
	SYM_COLD,         /* foo.cold: split off as unlikely */
	SYM_PREFIX,       /* __pfx_foo: padding in front of foo */
	SYM_CFI,          /* __cfi_foo, foo.cfi_jt */
	SYM_STATIC_LOCAL, /* var.123, func.var.4 */
	SYM_ANONYMOUS,    /* .str.12, .Lswitch.table.foo */
	SYM_EXPORT,       /* __ksymtab_foo, __kstrtab_foo, __crc_foo */
	SYM_INITCALL,     /* the entry of an initcall table */
	SYM_UNIQUE_ID,    /* __UNIQUE_ID_name123 */
	SYM_BTF_ID,       /* __BTF_ID__func__foo__123 */
	SYM_GENERATED,    /* __SCT__foo, __tracepoint_foo: beside foo */
	SYM_OUTLINED,     /* OUTLINED_FUNCTION_12 */
	SYM_STUB,         /* what LTO puts in front of a hook or initcall */
	SYM_COPY,         /* __pi_foo, __kvm_nvhe_foo: a separate copy */
	SYM_VENEER,       /* made by the linker to reach far code */
	SYM_MAPPING,      /* $x, $d: what the bytes are, not whose */
	SYM_COUNT
};

/* "clone", "cold", ...; static text. */
const char *symbol_class_name(enum symbol_class class);

/* True for what rolls up into a parent: cold, part, prefix, cfi, stub. */
bool symbol_class_is_child(enum symbol_class class);

struct symname {
	const char *text;   /* canonical name, in the given name or the arena */
	size_t length;
	const char *parent; /* name of the symbol it belongs to, or NULL */
	size_t parent_length;
	const char *module; /* digits behind ".llvm.", or NULL */
	size_t module_length;
	enum symbol_class class;
};

/*
 * Takes the name of a function (or of code) or of data apart. `arena` serves
 * the few names that must be rebuilt. Returns 0, or -1 when out of memory.
 */
int symname_parse(struct symname *result, const char *name, size_t length,
		  bool function, struct arena *arena);

/*
 * The length of a name and whether symname_parse() could find anything in it:
 * one pass, the only one for nine names of ten. No byte at or behind `end` is
 * read, and the name ends there at the latest.
 */
size_t symname_scan(const char *name, const char *end, bool *special);

#endif

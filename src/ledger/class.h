/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_LEDGER_CLASS_H
#define VMDELTA_LEDGER_CLASS_H

/* Classes of sections: the dozen words in which a kernel's size is told. */

#include <stdint.h>

enum section_class {
	CLASS_TEXT,
	CLASS_RODATA,
	CLASS_DATA,
	CLASS_BSS,
	CLASS_INIT,         /* freed after boot, text and data */
	CLASS_PERCPU,
	CLASS_SIDE_TABLES,  /* tables about code: ORC, alternatives, ... */
	CLASS_BTF,
	CLASS_DEBUG,
	CLASS_RELOCATIONS,  /* of what is loaded, and kept for KASLR */
	CLASS_DEBUG_RELOCATIONS,
	CLASS_SYMBOLS,      /* symbol tables and their names */
	CLASS_HEADERS,      /* ELF, program and section headers */
	CLASS_OTHER,        /* notes, .comment and what no row knows */
	CLASS_PADDING,      /* padding, alignment, gaps, zero fill in a file */
	CLASS_COUNT
};

/* "text", "rodata", ...; static text. */
const char *class_name(enum section_class section_class);

/*
 * The class of a section, by its name first (--only-keep-debug makes every
 * section NOBITS), then by its type (SHT_*) and flags (SHF_*).
 */
enum section_class class_of_section(const char *name, uint32_t type,
				    uint32_t flags);

/*
 * The class of an entry: its section's, unless its nature (enum nature) says
 * more: fill is padding wherever it lies.
 */
enum section_class class_of_entry(enum section_class of_section,
				  unsigned nature);

#endif

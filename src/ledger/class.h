/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_LEDGER_CLASS_H
#define VMDELTA_LEDGER_CLASS_H

/* Classes of sections: the dozen words in which a kernel's size is told. */

#include <stddef.h>
#include <stdint.h>

enum section_class {
	CLASS_TEXT,
	CLASS_RODATA,
	CLASS_DATA,
	CLASS_BSS,
	CLASS_INIT,         /* freed after boot, text and data */
	CLASS_PERCPU,
	CLASS_SIDE_TABLES,  /* tables about code: ORC, alternatives, ... */
	CLASS_BTF,          /* .BTF: types */
	CLASS_BTF_EXT,      /* .BTF.ext: lines and relocations of BPF code */
	CLASS_BTF_IDS,      /* .BTF_ids: types that the kernel's code asks for */
	CLASS_DEBUG,
	CLASS_RELOCATIONS,  /* of code, data and debug information */
	CLASS_SYMBOLS,      /* symbol tables and their names */
	CLASS_HEADERS,      /* ELF, program and section headers */
	CLASS_OTHER,        /* notes, .comment and what no row knows */
	CLASS_PADDING,      /* padding, alignment, gaps */
	CLASS_COUNT
};

/* "text", "rodata", ...; static text. */
const char *class_name(enum section_class section_class);

/* The class that a name alone tells, or CLASS_COUNT. */
enum section_class class_of_name(const char *name, size_t length);

/* The class that type (SHT_*) and flags (SHF_*) tell, for other names. */
enum section_class class_of_kind(uint32_t type, uint32_t flags);

/*
 * The class of a section, by its name first (--only-keep-debug makes every
 * section NOBITS), then by its type and flags.
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

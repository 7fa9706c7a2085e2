/* SPDX-License-Identifier: MIT */
/*
 * The type letters of `nm`, from section flags and symbol binding. Source:
 * the manual of GNU binutils, "nm", and what nm 2.40 prints for files made to
 * have each combination (tests/unit/test_bloat_o_meter.c keeps them).
 *
 *	binding and type                        letter
 *	STT_GNU_IFUNC                           i
 *	STB_WEAK, STT_OBJECT (or STT_COMMON)    V
 *	STB_WEAK                                W
 *	STB_GNU_UNIQUE                          u
 *	STB_LOCAL, STB_GLOBAL                   the section's, upper case if
 *	                                        global
 *	other bindings                          ?
 *
 *	section                                 letter
 *	named .pdata, .idata, .edata, .drectve  p i e i  (also .pdata$x, ...)
 *	SHF_EXECINSTR                           t
 *	SHF_ALLOC with contents, SHF_WRITE      d
 *	SHF_ALLOC with contents                 r
 *	SHT_NOBITS                              b
 *	not loaded, debugging by its name       N
 *	not loaded, not writable                n
 *	the rest                                ?
 *
 * With --size-sort nm prints neither STT_SECTION and STT_FILE symbols, nor
 * undefined and absolute ones, nor those of size 0. A symbol in a section
 * that holds the symbol table's own parts counts as absolute there. Names that
 * a machine's assembler makes for itself are left out too.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "report/bloat_o_meter.h"

/* PE's sections, which nm tells by name in every file format. */
static const struct {
	const char *name;
	char letter;
} named_sections[] = {
	{ ".drectve", 'i' },
	{ ".edata", 'e' },
	{ ".idata", 'i' },
	{ ".pdata", 'p' },
};

static const char *const debug_prefixes[] = {
	".debug", ".gnu.debuglto_.debug_", ".gnu.linkonce.wi.",
	".zdebug", ".line", ".stab",
};

static bool starts_with(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

static char letter_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(named_sections); i++) {
		size_t length = strlen(named_sections[i].name);

		if (!strncmp(name, named_sections[i].name, length) &&
		    (!name[length] || strchr(".$0123456789", name[length])))
			return named_sections[i].letter;
	}
	return 0;
}

static bool is_debug_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(debug_prefixes); i++)
		if (starts_with(name, debug_prefixes[i]))
			return true;
	return !strcmp(name, ".gdb_index");
}

/* Small data that the machine's ABI marks by a flag: nm says g and s. */
static bool is_small_data(const struct image *image,
			  const struct section *section)
{
	switch (image->machine) {
	case EM_ALPHA:
	case EM_IA_64:
		/* SHF_ALPHA_GPREL, SHF_IA_64_SHORT */
		return section->flags & 0x10000000u;
	default:
		return false;
	}
}

static char section_letter(const struct image *image, uint32_t index)
{
	const struct section *section = &image->sections[index];
	const char *name = image_section_name(image, index);
	bool contents = section->type != SHT_NOBITS;
	char letter = letter_by_name(name);

	if (letter)
		return letter;
	if (section->flags & SHF_EXECINSTR)
		return 't';
	if ((section->flags & SHF_ALLOC) && contents) {
		if (!(section->flags & SHF_WRITE))
			return 'r';
		return is_small_data(image, section) ? 'g' : 'd';
	}
	if (!contents)
		return is_small_data(image, section) ? 's' : 'b';
	if (!(section->flags & SHF_ALLOC) && is_debug_name(name))
		return 'N';
	return section->flags & SHF_WRITE ? '?' : 'n';
}

char *nm_section_letters(const struct image *image)
{
	char *letters = malloc((size_t)image->section_count + 1);

	if (!letters)
		return NULL;
	for (uint32_t i = 0; i < image->section_count; i++)
		letters[i] = section_letter(image, i);
	return letters;
}

static bool is_local_label(const char *name)
{
	return starts_with(name, ".L") || starts_with(name, "..") ||
	       starts_with(name, "_.L_");
}

/* Mapping symbols and local labels, as the machine's own nm knows them. */
static bool is_special_name(const struct image *image, const char *name)
{
	switch (image->machine) {
	case EM_ARM:
		return name[0] == '$' && name[1] >= 'a' && name[1] <= 'z' &&
		       (!name[2] || name[2] == '.');
	case EM_RISCV:
		return starts_with(name, "$d") || starts_with(name, "$x") ||
		       is_local_label(name);
	case EM_MIPS:
		return is_local_label(name);
	default:
		return false;
	}
}

static bool is_left_out(const struct image *image, const struct symbol *symbol)
{
	if (!symbol->size || symbol->type == STT_SECTION ||
	    symbol->type == STT_FILE)
		return true;
	if (symbol->section == SECTION_COMMON)
		return false;
	if (symbol->section == SECTION_UNDEF ||
	    symbol->section >= image->section_count)
		return true;
	switch (image->sections[symbol->section].type) {
	case SHT_NULL:
	case SHT_SYMTAB:
	case SHT_SYMTAB_SHNDX:
		return true;
	default:
		return symbol->section == image->symbol_names.section ||
		       symbol->section == image->section_names.section;
	}
}

char nm_letter(const struct image *image, uint32_t index,
	       const char *section_letters)
{
	const struct symbol *symbol = &image->symbols[index];
	char letter;

	if (is_left_out(image, symbol) ||
	    is_special_name(image, image_symbol_name(image, index)))
		return 0;
	if (symbol->section == SECTION_COMMON)
		return 'C';
	if (symbol->type == STT_GNU_IFUNC)
		return 'i';
	letter = section_letters[symbol->section];
	switch (symbol->bind) {
	case STB_WEAK:
		return symbol->type == STT_OBJECT ||
			symbol->type == STT_COMMON ? 'V' : 'W';
	case STB_GNU_UNIQUE:
		return 'u';
	case STB_LOCAL:
		return letter;
	case STB_GLOBAL:
		return letter == '?' ? '?' : (char)(letter & ~0x20);
	default:
		return '?';
	}
}

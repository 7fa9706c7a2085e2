/* SPDX-License-Identifier: MIT */
/*
 * Section names to classes: one table, the first row that fits wins. A row
 * fits the name itself and the name followed by a dot (".text" fits
 * ".text.unlikely"); a row that ends in a star fits whatever begins like it.
 * Names come first, for files made by objcopy --only-keep-debug have sections
 * of type SHT_NOBITS everywhere; what no row knows goes by type and flags.
 *
 * Source of the names: include/asm-generic/vmlinux.lds.h and the vmlinux.lds.S
 * of the architectures.
 */
#include "ledger/class.h"

#include <elf.h>
#include <stdbool.h>
#include <string.h>

#include "base/util.h"
#include "ledger/ledger.h"

static const char *const names[CLASS_COUNT] = {
	[CLASS_TEXT] = "text",
	[CLASS_RODATA] = "rodata",
	[CLASS_DATA] = "data",
	[CLASS_BSS] = "bss",
	[CLASS_INIT] = "init",
	[CLASS_PERCPU] = "per-cpu",
	[CLASS_SIDE_TABLES] = "side tables",
	[CLASS_BTF] = "BTF",
	[CLASS_BTF_EXT] = "BTF.ext",
	[CLASS_BTF_IDS] = "BTF_ids",
	[CLASS_DEBUG] = "debug",
	[CLASS_RELOCATIONS] = "relocations",
	[CLASS_SYMBOLS] = "symbol tables",
	[CLASS_HEADERS] = "headers",
	[CLASS_OTHER] = "other",
	[CLASS_PADDING] = "padding",
};

const char *class_name(enum section_class section_class)
{
	return names[section_class];
}

#define ROW(pattern, section_class) \
	{ pattern, sizeof(pattern) - 1, section_class }

static const struct row {
	const char *pattern;
	uint8_t length; /* with the star */
	uint8_t section_class;
} rows[] = {
	/* What vmlinux.o has by the million stands first. */
	ROW(".text", CLASS_TEXT),
	ROW(".rela*", CLASS_RELOCATIONS),
	ROW(".rodata.text", CLASS_TEXT),
	ROW(".rodata", CLASS_RODATA),
	ROW(".data..percpu*", CLASS_PERCPU),
	ROW(".data..ro_after_init", CLASS_RODATA),
	ROW(".data.rel.ro", CLASS_RODATA),
	ROW(".data", CLASS_DATA),
	ROW(".bss*", CLASS_BSS),
	ROW(".init*", CLASS_INIT),

	ROW(".debug_*", CLASS_DEBUG),
	ROW(".zdebug_*", CLASS_DEBUG),
	ROW(".gdb_index", CLASS_DEBUG),
	ROW(".gnu_debuglink", CLASS_DEBUG),
	ROW(".gnu_debugaltlink", CLASS_DEBUG),
	ROW(".stab*", CLASS_DEBUG),

	ROW(".relr.*", CLASS_RELOCATIONS),
	ROW(".rel.*", CLASS_RELOCATIONS),
	ROW(".rel_*", CLASS_RELOCATIONS),
	ROW(".rel", CLASS_RELOCATIONS),
	ROW(".hyp.reloc", CLASS_RELOCATIONS),

	ROW(".init.scratch", CLASS_INIT),
	ROW(".exit*", CLASS_INIT),
	ROW(".exitcall*", CLASS_INIT),
	ROW(".meminit*", CLASS_INIT),
	ROW(".memexit*", CLASS_INIT),
	ROW(".devinit*", CLASS_INIT),
	ROW(".cpuinit*", CLASS_INIT),
	ROW(".con_initcall*", CLASS_INIT),
	ROW(".altinstr_replacement", CLASS_INIT),
	ROW(".altinstr_aux", CLASS_INIT),
	ROW(".apicdrivers", CLASS_INIT),
	ROW(".x86_cpu_dev*", CLASS_INIT),
	ROW(".x86_intel_mid*", CLASS_INIT),
	ROW(".iommu_table*", CLASS_INIT),
	ROW(".taglist*", CLASS_INIT),
	ROW(".arch.info*", CLASS_INIT),
	ROW(".proc.info*", CLASS_INIT),
	ROW(".dtb.init*", CLASS_INIT),
	ROW("__init_rodata", CLASS_INIT),
	ROW("_ftrace_events", CLASS_INIT),
	ROW("_ftrace_eval_map", CLASS_INIT),
	ROW("__syscalls_metadata", CLASS_INIT),
	ROW("__earlycon_table", CLASS_INIT),
	ROW("__governor_thermal_table", CLASS_INIT),
	ROW("_kprobe_blacklist", CLASS_INIT),
	ROW("_error_injection_whitelist", CLASS_INIT),

	ROW(".hyp.data..percpu*", CLASS_PERCPU),

	ROW(".orc_*", CLASS_SIDE_TABLES),
	ROW("__ex_table", CLASS_SIDE_TABLES),
	ROW("__bug_table", CLASS_SIDE_TABLES),
	ROW(".altinstructions", CLASS_SIDE_TABLES),
	ROW(".return_sites", CLASS_SIDE_TABLES),
	ROW(".retpoline_sites", CLASS_SIDE_TABLES),
	ROW(".call_sites", CLASS_SIDE_TABLES),
	ROW(".ibt_endbr_seal", CLASS_SIDE_TABLES),
	ROW(".cfi_sites", CLASS_SIDE_TABLES),
	ROW(".kcfi_traps", CLASS_SIDE_TABLES),
	ROW(".smp_locks", CLASS_SIDE_TABLES),
	ROW(".parainstructions", CLASS_SIDE_TABLES),
	ROW(".static_call_sites", CLASS_SIDE_TABLES),
	ROW(".static_call_tramp_key", CLASS_SIDE_TABLES),
	ROW("__mcount_loc", CLASS_SIDE_TABLES),
	ROW("__patchable_function_entries", CLASS_SIDE_TABLES),
	ROW("__jump_table", CLASS_SIDE_TABLES),
	ROW("__ksymtab*", CLASS_SIDE_TABLES),
	ROW("___ksymtab*", CLASS_SIDE_TABLES),
	ROW("__kcrctab*", CLASS_SIDE_TABLES),
	ROW("___kcrctab*", CLASS_SIDE_TABLES),
	ROW(".export_symbol", CLASS_SIDE_TABLES),
	ROW("runtime_*", CLASS_SIDE_TABLES),
	ROW(".eh_frame*", CLASS_SIDE_TABLES),
	ROW(".ARM.ex*", CLASS_SIDE_TABLES),
	ROW(".alt.smp.init", CLASS_SIDE_TABLES),
	ROW(".pv_table", CLASS_SIDE_TABLES),
	ROW("__ftr_*", CLASS_SIDE_TABLES),
	ROW("__lwsync_fixup", CLASS_SIDE_TABLES),

	ROW(".BTF.ext", CLASS_BTF_EXT),
	ROW(".BTF_ids", CLASS_BTF_IDS),
	ROW(".BTF", CLASS_BTF),

	ROW(".symtab*", CLASS_SYMBOLS),
	ROW(".strtab", CLASS_SYMBOLS),
	ROW(".shstrtab", CLASS_SYMBOLS),
	ROW(".dynsym", CLASS_SYMBOLS),
	ROW(".dynstr", CLASS_SYMBOLS),
	ROW(".hash", CLASS_SYMBOLS),
	ROW(".gnu.hash", CLASS_SYMBOLS),
	ROW(".gnu.version*", CLASS_SYMBOLS),

	ROW(".head.text", CLASS_TEXT),
	ROW(".fixup", CLASS_TEXT),

	ROW(".rodata1", CLASS_RODATA),
	ROW(".hyp.rodata", CLASS_RODATA),
	ROW(".pci_fixup*", CLASS_RODATA),
	ROW("__param", CLASS_RODATA),
	ROW("__modver", CLASS_RODATA),
	ROW(".tracedata", CLASS_RODATA),
	ROW(".builtin_fw", CLASS_RODATA),
	ROW("__tracepoints_*", CLASS_RODATA),
	ROW("__tracepoint_str", CLASS_RODATA),

	ROW(".brk", CLASS_BSS),
	ROW(".bss_brk", CLASS_BSS),
	ROW(".sbss", CLASS_BSS),
	ROW(".dynbss", CLASS_BSS),
	ROW(".hyp.bss", CLASS_BSS),

	ROW(".data1", CLASS_DATA),
	ROW(".sdata", CLASS_DATA),
	ROW(".data_nosave", CLASS_DATA),
	ROW(".vvar", CLASS_DATA),

	ROW(".pecoff_edata_padding", CLASS_PADDING),

	ROW(".note*", CLASS_OTHER),
	ROW(".comment", CLASS_OTHER),
	ROW(".modinfo", CLASS_OTHER),
	ROW(".discard*", CLASS_OTHER),
	ROW(".gnu.attributes", CLASS_OTHER),

	ROW(".gnu.linkonce.this_module", CLASS_DATA),
};

static bool fits(const struct row *row, const char *name, size_t length)
{
	size_t plain = row->length;

	if (row->pattern[plain - 1] == '*')
		plain--;
	if (length < plain || name[1] != row->pattern[1] ||
	    memcmp(row->pattern, name, plain) != 0)
		return false;
	return plain < row->length || length == plain || name[plain] == '.';
}

enum section_class class_of_name(const char *name, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (fits(&rows[i], name, length))
			return rows[i].section_class;
	return CLASS_COUNT;
}

enum section_class class_of_kind(uint32_t type, uint32_t flags)
{
	if (type == SHT_REL || type == SHT_RELA)
		return CLASS_RELOCATIONS;
	if (type == SHT_SYMTAB || type == SHT_STRTAB ||
	    type == SHT_SYMTAB_SHNDX || type == SHT_DYNSYM)
		return CLASS_SYMBOLS;
	if (!(flags & SHF_ALLOC))
		return CLASS_OTHER;
	if (flags & SHF_EXECINSTR)
		return CLASS_TEXT;
	if (!(flags & SHF_WRITE))
		return CLASS_RODATA;
	return type == SHT_NOBITS ? CLASS_BSS : CLASS_DATA;
}

enum section_class class_of_section(const char *name, uint32_t type,
				    uint32_t flags)
{
	enum section_class by_name = class_of_name(name, strlen(name));

	return by_name != CLASS_COUNT ? by_name : class_of_kind(type, flags);
}

enum section_class class_of_entry(enum section_class of_section,
				  unsigned nature)
{
	switch (nature) {
	case NATURE_PADDING:
	case NATURE_ALIGNMENT:
	case NATURE_GAP:
		return CLASS_PADDING;
	case NATURE_HEADER:
		return CLASS_HEADERS;
	case NATURE_RECORD:
		return CLASS_SIDE_TABLES;
	default:
		return of_section;
	}
}

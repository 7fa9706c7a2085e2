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

static const struct {
	const char *pattern;
	enum section_class section_class;
} rows[] = {
	{ ".debug_*", CLASS_DEBUG },
	{ ".zdebug_*", CLASS_DEBUG },
	{ ".gdb_index", CLASS_DEBUG },
	{ ".gnu_debuglink", CLASS_DEBUG },
	{ ".gnu_debugaltlink", CLASS_DEBUG },
	{ ".stab*", CLASS_DEBUG },
	{ ".rela*", CLASS_RELOCATIONS },
	{ ".relr.*", CLASS_RELOCATIONS },
	{ ".rel.*", CLASS_RELOCATIONS },
	{ ".rel_*", CLASS_RELOCATIONS },
	{ ".rel", CLASS_RELOCATIONS },
	{ ".hyp.reloc", CLASS_RELOCATIONS },

	{ ".init.scratch", CLASS_INIT },
	{ ".init*", CLASS_INIT },
	{ ".exit*", CLASS_INIT },
	{ ".exitcall*", CLASS_INIT },
	{ ".meminit*", CLASS_INIT },
	{ ".memexit*", CLASS_INIT },
	{ ".devinit*", CLASS_INIT },
	{ ".cpuinit*", CLASS_INIT },
	{ ".con_initcall*", CLASS_INIT },
	{ ".altinstr_replacement", CLASS_INIT },
	{ ".altinstr_aux", CLASS_INIT },
	{ ".apicdrivers", CLASS_INIT },
	{ ".x86_cpu_dev*", CLASS_INIT },
	{ ".x86_intel_mid*", CLASS_INIT },
	{ ".iommu_table*", CLASS_INIT },
	{ ".taglist*", CLASS_INIT },
	{ ".arch.info*", CLASS_INIT },
	{ ".proc.info*", CLASS_INIT },
	{ ".dtb.init*", CLASS_INIT },
	{ "__init_rodata", CLASS_INIT },
	{ "_ftrace_events", CLASS_INIT },
	{ "_ftrace_eval_map", CLASS_INIT },
	{ "__syscalls_metadata", CLASS_INIT },
	{ "__earlycon_table", CLASS_INIT },
	{ "__governor_thermal_table", CLASS_INIT },
	{ "_kprobe_blacklist", CLASS_INIT },
	{ "_error_injection_whitelist", CLASS_INIT },

	{ ".data..percpu*", CLASS_PERCPU },
	{ ".hyp.data..percpu*", CLASS_PERCPU },

	{ ".orc_*", CLASS_SIDE_TABLES },
	{ "__ex_table", CLASS_SIDE_TABLES },
	{ "__bug_table", CLASS_SIDE_TABLES },
	{ ".altinstructions", CLASS_SIDE_TABLES },
	{ ".return_sites", CLASS_SIDE_TABLES },
	{ ".retpoline_sites", CLASS_SIDE_TABLES },
	{ ".call_sites", CLASS_SIDE_TABLES },
	{ ".ibt_endbr_seal", CLASS_SIDE_TABLES },
	{ ".cfi_sites", CLASS_SIDE_TABLES },
	{ ".kcfi_traps", CLASS_SIDE_TABLES },
	{ ".smp_locks", CLASS_SIDE_TABLES },
	{ ".parainstructions", CLASS_SIDE_TABLES },
	{ ".static_call_sites", CLASS_SIDE_TABLES },
	{ ".static_call_tramp_key", CLASS_SIDE_TABLES },
	{ "__mcount_loc", CLASS_SIDE_TABLES },
	{ "__patchable_function_entries", CLASS_SIDE_TABLES },
	{ "__jump_table", CLASS_SIDE_TABLES },
	{ "__ksymtab*", CLASS_SIDE_TABLES },
	{ "___ksymtab*", CLASS_SIDE_TABLES },
	{ "__kcrctab*", CLASS_SIDE_TABLES },
	{ "___kcrctab*", CLASS_SIDE_TABLES },
	{ ".export_symbol", CLASS_SIDE_TABLES },
	{ "runtime_*", CLASS_SIDE_TABLES },
	{ ".eh_frame*", CLASS_SIDE_TABLES },
	{ ".ARM.ex*", CLASS_SIDE_TABLES },
	{ ".alt.smp.init", CLASS_SIDE_TABLES },
	{ ".pv_table", CLASS_SIDE_TABLES },
	{ "__ftr_*", CLASS_SIDE_TABLES },
	{ "__lwsync_fixup", CLASS_SIDE_TABLES },

	{ ".BTF*", CLASS_BTF },

	{ ".symtab*", CLASS_SYMBOLS },
	{ ".strtab", CLASS_SYMBOLS },
	{ ".shstrtab", CLASS_SYMBOLS },
	{ ".dynsym", CLASS_SYMBOLS },
	{ ".dynstr", CLASS_SYMBOLS },
	{ ".hash", CLASS_SYMBOLS },
	{ ".gnu.hash", CLASS_SYMBOLS },
	{ ".gnu.version*", CLASS_SYMBOLS },

	{ ".text", CLASS_TEXT },
	{ ".head.text", CLASS_TEXT },
	{ ".rodata.text", CLASS_TEXT },
	{ ".fixup", CLASS_TEXT },

	{ ".data..ro_after_init", CLASS_RODATA },
	{ ".data.rel.ro", CLASS_RODATA },
	{ ".rodata", CLASS_RODATA },
	{ ".rodata1", CLASS_RODATA },
	{ ".hyp.rodata", CLASS_RODATA },
	{ ".pci_fixup*", CLASS_RODATA },
	{ "__param", CLASS_RODATA },
	{ "__modver", CLASS_RODATA },
	{ ".tracedata", CLASS_RODATA },
	{ ".builtin_fw", CLASS_RODATA },
	{ "__tracepoints_*", CLASS_RODATA },
	{ "__tracepoint_str", CLASS_RODATA },

	{ ".bss*", CLASS_BSS },
	{ ".brk", CLASS_BSS },
	{ ".bss_brk", CLASS_BSS },
	{ ".sbss", CLASS_BSS },
	{ ".dynbss", CLASS_BSS },
	{ ".hyp.bss", CLASS_BSS },

	{ ".data", CLASS_DATA },
	{ ".data1", CLASS_DATA },
	{ ".sdata", CLASS_DATA },
	{ ".data_nosave", CLASS_DATA },
	{ ".vvar", CLASS_DATA },

	{ ".pecoff_edata_padding", CLASS_PADDING },
	{ ".note*", CLASS_OTHER },
	{ ".comment", CLASS_OTHER },
	{ ".modinfo", CLASS_OTHER },
	{ ".discard*", CLASS_OTHER },
	{ ".gnu.attributes", CLASS_OTHER },
	{ ".gnu.linkonce.this_module", CLASS_DATA },
};

static bool fits(const char *pattern, const char *name, size_t length)
{
	size_t plain;

	/* Asked of millions of names: two characters decide most rows. */
	if (pattern[0] != name[0] || (pattern[1] != name[1] &&
				      pattern[1] != '*'))
		return false;
	plain = strcspn(pattern, "*");
	if (length < plain || memcmp(pattern, name, plain))
		return false;
	return pattern[plain] || length == plain || name[plain] == '.';
}

enum section_class class_of_name(const char *name, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (fits(rows[i].pattern, name, length))
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
	case NATURE_BTF:
		return CLASS_BTF;
	default:
		return of_section;
	}
}

/* SPDX-License-Identifier: MIT */

/*
 * The formats of side tables, one row each. Where a name has several rows or
 * a row several sizes, formats changed over time or with the configuration:
 * the booker takes the one whose records point at code.
 *
 * section  name of the section; a final '*' stands for any ending
 * start, stop  symbols that mark it inside another section of a linked file
 * peer     TABLE_ENDS: section whose record of zeros ends a function;
 *          TABLE_PAIRED, TABLE_POINTEE: the table that says who owns
 * machine, bits  EM_*, ELF class; 0: all
 * sizes    of a record, in the order of preference
 * field    offset of the pointer in the record; TABLE_POINTEE: which of the
 *          pointers in the peer's record, counted from 0
 * pointer  how it is written; TABLE_POINTEE: as in the peer
 * source   kernel header, and since when
 */
#include "ledger/side_tables.h"

#include <elf.h>
#include <string.h>

#define ABSOLUTE POINTER_ABSOLUTE
#define PC32 POINTER_PC32
#define PREL31 POINTER_PREL31
#define BASE POINTER_BASE

#define SITES(section, machine, source) \
	{ section, NULL, NULL, NULL, machine, 0, { 4 }, 0, PC32, 0, source }
#define BRACKETED(section, start, stop, bits, sizes, field, pointer, flags, \
		  source) \
	{ section, start, stop, NULL, 0, bits, sizes, field, pointer, flags, \
	  source }
#define DISCARDED(section) \
	{ section, NULL, NULL, NULL, 0, 0, { 4, 8 }, 0, PC32, 0, \
	  "linux/objtool.h" }
#define SIZES(...) { __VA_ARGS__ }
#define ALTERNATIVE(peer) \
	{ "__ftr_alt_*", NULL, NULL, peer, 0, 0, { 0 }, 4, 0, TABLE_POINTEE, \
	  "asm/feature-fixups.h" }

const struct side_table side_table_rows[] = {
	/* objtool's unwind table: an address and what is known from there on */
	{ ".orc_unwind_ip", NULL, NULL, ".orc_unwind", 0, 0, { 4 }, 0, PC32,
	  TABLE_SORTED | TABLE_ENDS, "asm/orc_types.h, 4.14" },
	{ ".orc_unwind", NULL, NULL, ".orc_unwind_ip", 0, 0, { 6, 4 }, 0, PC32,
	  TABLE_PAIRED, "asm/orc_types.h, 4.14" },

	/* what ORC record each 256 bytes of .text begin with; filled at boot */
	{ ".orc_lookup", NULL, NULL, NULL, 0, 0, { 4 }, 0, 0, TABLE_WHOLE,
	  "asm/orc_lookup.h, 4.14" },

	/* { insn, fixup, type and data }; powerpc and old ones have no data */
	{ "__ex_table", NULL, NULL, NULL, 0, 0, { 12, 8 }, 0, PC32,
	  TABLE_SORTED, "asm/extable.h, 12 bytes since 4.6 (x86), 5.16" },
	{ "__ex_table", NULL, NULL, NULL, 0, 32, { 8 }, 0, ABSOLUTE,
	  TABLE_SORTED, "asm-generic/extable.h (arm)" },
	{ "__ex_table", NULL, NULL, NULL, 0, 64, { 16 }, 0, ABSOLUTE,
	  TABLE_SORTED, "asm-generic/extable.h (riscv until 5.17)" },
	{ "__ex_table", NULL, NULL, NULL, EM_S390, 0, { 16 }, 0, PC32,
	  TABLE_SORTED, "asm/extable.h (5.8 to 5.17: and a handler)" },
	{ ".amode31.ex_table", NULL, NULL, NULL, EM_S390, 0, { 12, 16, 8 }, 0,
	  PC32, TABLE_SORTED, "asm/extable.h, 5.15" },
	{ "__kvm_ex_table", "__start___kvm_ex_table", "__stop___kvm_ex_table",
	  NULL, EM_AARCH64, 0, { 8 }, 0, PC32, 0, "asm/kvm_asm.h, 5.10" },

	/* { address, [format,] [file, line,] flags }, by DEBUG_BUGVERBOSE */
	{ "__bug_table", NULL, NULL, NULL, 0, 0, { 12, 8, 16 }, 0, PC32, 0,
	  "asm-generic/bug.h, GENERIC_BUG_RELATIVE_POINTERS" },
	{ "__bug_table", NULL, NULL, NULL, 0, 32, { 12, 8 }, 0, ABSOLUTE, 0,
	  "asm-generic/bug.h" },
	{ "__bug_table", NULL, NULL, NULL, 0, 64, { 24, 16 }, 0, ABSOLUTE, 0,
	  "asm-generic/bug.h" },

	/* { instruction, replacement, feature, lengths } */
	{ ".altinstructions", NULL, NULL, NULL, EM_X86_64, 0, { 12, 14, 13 },
	  0, PC32, 0, "asm/alternative.h, 14 bytes since 6.3, 13: 4.1 to 5.12" },
	{ ".altinstructions", NULL, NULL, NULL, EM_386, 0, { 12, 14, 13 }, 0,
	  PC32, 0, "asm/alternative.h, as x86-64" },
	{ ".altinstructions", NULL, NULL, NULL, EM_S390, 0, { 11, 13, 12 }, 0,
	  PC32, 0, "asm/alternative.h, 13 bytes since 6.12, 12 until 5.18" },
	{ ".altinstructions", NULL, NULL, NULL, 0, 0, { 12 }, 0, PC32, 0,
	  "asm/alternative.h (arm64, loongarch)" },
	{ ".alternative", NULL, NULL, NULL, EM_RISCV, 0, { 16 }, 0, PC32, 0,
	  "asm/alternative.h, 6.4" },
	{ ".alternative", NULL, NULL, NULL, EM_RISCV, 64, { 36, 40 }, 0,
	  ABSOLUTE, 0, "asm/alternative.h, until 6.3" },
	{ ".alternative", NULL, NULL, NULL, EM_RISCV, 32, { 20 }, 0, ABSOLUTE,
	  0, "asm/alternative.h, until 6.3" },
	{ ".altinstr_replacement", NULL, NULL, ".altinstructions", 0, 0, { 0 },
	  1, 0, TABLE_POINTEE | TABLE_LENGTH, "asm/alternative.h" },

	/* objtool's lists of places to patch at boot */
	SITES(".return_sites", EM_X86_64, "arch/x86/kernel/alternative.c, 5.19"),
	SITES(".retpoline_sites", EM_X86_64,
	      "arch/x86/kernel/alternative.c, 5.16"),
	SITES(".call_sites", EM_X86_64, "arch/x86/kernel/callthunks.c, 6.2"),
	SITES(".ibt_endbr_seal", EM_X86_64,
	      "arch/x86/kernel/alternative.c, 5.18"),
	SITES(".cfi_sites", EM_X86_64, "arch/x86/kernel/alternative.c, 6.2"),
	SITES(".smp_locks", EM_X86_64, "asm/alternative.h, 2.6.34"),
	SITES(".smp_locks", EM_386, "asm/alternative.h, 2.6.34"),
	SITES("runtime_shift_*", 0, "asm/runtime-const.h, 6.11"),
	SITES("runtime_ptr_*", 0, "asm/runtime-const.h, 6.11"),
	SITES(".nospec_call_table", EM_S390, "asm/nospec-branch.h, 4.16"),
	SITES(".nospec_return_table", EM_S390, "asm/nospec-branch.h, 4.16"),
	SITES(".s390_indirect*", EM_S390, "asm/nospec-branch.h, 4.16"),
	SITES(".s390_return*", EM_S390, "asm/nospec-branch.h, 4.16"),
	{ ".parainstructions", NULL, NULL, NULL, EM_X86_64, 0, { 16 }, 0,
	  ABSOLUTE, 0, "asm/paravirt_types.h, until 6.7" },
	{ ".parainstructions", NULL, NULL, NULL, EM_386, 0, { 8 }, 0, ABSOLUTE,
	  0, "asm/paravirt_types.h, until 6.7" },
	BRACKETED(".kcfi_traps", "__start___kcfi_traps", "__stop___kcfi_traps",
		  0, SIZES(4), 0, PC32, 0, "linux/cfi.h, 6.1"),

	/* tables inside .rodata, .data and .init.data once linked */
	BRACKETED("__mcount_loc", "__start_mcount_loc", "__stop_mcount_loc",
		  64, SIZES(8), 0, ABSOLUTE, TABLE_SORTED,
		  "linux/ftrace.h, sorted since 5.17 (x86), 6.15 (arm64)"),
	BRACKETED("__mcount_loc", "__start_mcount_loc", "__stop_mcount_loc",
		  32, SIZES(4), 0, ABSOLUTE, TABLE_SORTED, "linux/ftrace.h, 32 bit"),
	BRACKETED("__patchable_function_entries", NULL, NULL, 64, SIZES(8), 0,
		  ABSOLUTE, 0, "-fpatchable-function-entry"),
	BRACKETED("__patchable_function_entries", NULL, NULL, 32, SIZES(4), 0,
		  ABSOLUTE, 0, "-fpatchable-function-entry, 32 bit"),
	BRACKETED("__jump_table", "__start___jump_table",
		  "__stop___jump_table", 0, SIZES(16, 12), 0, PC32, 0,
		  "linux/jump_label.h, HAVE_ARCH_JUMP_LABEL_RELATIVE"),
	BRACKETED("__jump_table", "__start___jump_table",
		  "__stop___jump_table", 64, SIZES(24), 0, ABSOLUTE, 0,
		  "linux/jump_label.h"),
	BRACKETED("__jump_table", "__start___jump_table",
		  "__stop___jump_table", 32, SIZES(12), 0, ABSOLUTE, 0,
		  "linux/jump_label.h (arm)"),
	BRACKETED(".static_call_sites", "__start_static_call_sites",
		  "__stop_static_call_sites", 0, SIZES(8), 0, PC32, 0,
		  "linux/static_call_types.h, 5.10"),
	BRACKETED(".static_call_tramp_key", "__start_static_call_tramp_key",
		  "__stop_static_call_tramp_key", 0, SIZES(8), 0, PC32, 0,
		  "linux/static_call_types.h, 5.12"),
	BRACKETED("__tracepoints_ptrs", "__start___tracepoints_ptrs",
		  "__stop___tracepoints_ptrs", 0, SIZES(4), 0, PC32, TABLE_DATA,
		  "linux/tracepoint-defs.h, 4.19"),
	BRACKETED("__tracepoints_ptrs", "__start___tracepoints_ptrs",
		  "__stop___tracepoints_ptrs", 64, SIZES(8), 0, ABSOLUTE,
		  TABLE_DATA, "linux/tracepoint-defs.h"),
	BRACKETED("__tracepoints_ptrs", "__start___tracepoints_ptrs",
		  "__stop___tracepoints_ptrs", 32, SIZES(4), 0, ABSOLUTE,
		  TABLE_DATA, "linux/tracepoint-defs.h (arm)"),
	BRACKETED("_kprobe_blacklist", "__start_kprobe_blacklist",
		  "__stop_kprobe_blacklist", 64, SIZES(8), 0, ABSOLUTE, 0,
		  "asm-generic/kprobes.h"),
	BRACKETED("_kprobe_blacklist", "__start_kprobe_blacklist",
		  "__stop_kprobe_blacklist", 32, SIZES(4), 0, ABSOLUTE, 0,
		  "asm-generic/kprobes.h, 32 bit"),
	BRACKETED("_error_injection_whitelist",
		  "__start_error_injection_whitelist",
		  "__stop_error_injection_whitelist", 64, SIZES(16), 0,
		  ABSOLUTE, 0, "asm-generic/error-injection.h, 4.16"),

	/* { vendor, device, class, shift, hook } */
	{ ".pci_fixup*", NULL, NULL, NULL, 0, 0, { 16 }, 12, PC32, 0,
	  "linux/pci.h, HAVE_ARCH_PREL32_RELOCATIONS, 4.19" },
	{ ".pci_fixup*", NULL, NULL, NULL, 0, 64, { 24 }, 16, ABSOLUTE, 0,
	  "linux/pci.h" },
	{ ".pci_fixup*", NULL, NULL, NULL, 0, 32, { 16 }, 12, ABSOLUTE, 0,
	  "linux/pci.h" },

	/* for objtool alone: not in a linked kernel */
	{ ".discard.unwind_hints", NULL, NULL, NULL, 0, 0, { 12, 8 }, 0, PC32,
	  0, "linux/objtool.h" },
	{ ".discard.annotate_insn", NULL, NULL, NULL, 0, 0, { 8 }, 0, PC32, 0,
	  "linux/annotate.h, 6.14" },
	DISCARDED(".discard.reachable"), DISCARDED(".discard.unreachable"),
	DISCARDED(".discard.noendbr"), DISCARDED(".discard.retpoline_safe"),
	DISCARDED(".discard.instr_begin"), DISCARDED(".discard.instr_end"),
	DISCARDED(".discard.intra_function_calls"),

	/* exports: the record, its CRC and its name go with what is exported */
	{ "__ksymtab", NULL, NULL, NULL, 0, 0, { 12, 8 }, 0, PC32, TABLE_DATA,
	  "linux/export.h, HAVE_ARCH_PREL32_RELOCATIONS, 4.19" },
	{ "__ksymtab", NULL, NULL, NULL, 0, 64, { 24, 16 }, 0, ABSOLUTE,
	  TABLE_DATA, "linux/export.h" },
	{ "__ksymtab", NULL, NULL, NULL, 0, 32, { 12, 8 }, 0, ABSOLUTE,
	  TABLE_DATA, "linux/export.h" },
	{ "__ksymtab_gpl", NULL, NULL, NULL, 0, 0, { 12, 8 }, 0, PC32,
	  TABLE_DATA, "linux/export.h, HAVE_ARCH_PREL32_RELOCATIONS, 4.19" },
	{ "__ksymtab_gpl", NULL, NULL, NULL, 0, 64, { 24, 16 }, 0, ABSOLUTE,
	  TABLE_DATA, "linux/export.h" },
	{ "__ksymtab_gpl", NULL, NULL, NULL, 0, 32, { 12, 8 }, 0, ABSOLUTE,
	  TABLE_DATA, "linux/export.h" },
	{ "___ksymtab*", NULL, NULL, NULL, 0, 0, { 12, 8 }, 0, PC32,
	  TABLE_DATA, "linux/export.h, HAVE_ARCH_PREL32_RELOCATIONS, 4.19" },
	{ "___ksymtab*", NULL, NULL, NULL, 0, 64, { 24, 16 }, 0, ABSOLUTE,
	  TABLE_DATA, "linux/export.h" },
	{ "___ksymtab*", NULL, NULL, NULL, 0, 32, { 12, 8 }, 0, ABSOLUTE,
	  TABLE_DATA, "linux/export.h" },
	{ "__kcrctab", NULL, NULL, "__ksymtab", 0, 0, { 4, 8 }, 0, PC32,
	  TABLE_PAIRED, "linux/export.h, 4 bytes since 4.10" },
	{ "__kcrctab_gpl", NULL, NULL, "__ksymtab_gpl", 0, 0, { 4, 8 }, 0,
	  PC32, TABLE_PAIRED, "linux/export.h, 4 bytes since 4.10" },
	{ "__ksymtab_strings", NULL, NULL, "__ksymtab", 0, 0, { 0 }, 1, 0,
	  TABLE_POINTEE | TABLE_TEXT, "linux/export.h" },
	{ "__ksymtab_strings", NULL, NULL, "__ksymtab_gpl", 0, 0, { 0 }, 1, 0,
	  TABLE_POINTEE | TABLE_TEXT, "linux/export.h" },
	{ "__ksymtab_strings", NULL, NULL, "__ksymtab", 0, 0, { 0 }, 2, 0,
	  TABLE_POINTEE | TABLE_TEXT, "linux/export.h, name space, 5.4" },
	{ "__ksymtab_strings", NULL, NULL, "__ksymtab_gpl", 0, 0, { 0 }, 2, 0,
	  TABLE_POINTEE | TABLE_TEXT, "linux/export.h, name space, 5.4" },

	/* arm: unwind index (EHABI 5), SMP and physical-address fixups */
	{ ".ARM.exidx*", NULL, NULL, NULL, EM_ARM, 0, { 8 }, 0, PREL31, 0,
	  "arch/arm/kernel/unwind.c; EHABI 5" },
	{ ".ARM.unwind_idx", NULL, NULL, NULL, EM_ARM, 0, { 8 }, 0, PREL31, 0,
	  "arch/arm/kernel/unwind.c; EHABI 5" },
	{ ".ARM.unwind_tab", NULL, NULL, ".ARM.unwind_idx", EM_ARM, 0, { 0 },
	  1, 0, TABLE_POINTEE, "arch/arm/kernel/unwind.c; EHABI 6" },
	{ ".ARM.extab", NULL, NULL, ".ARM.exidx", EM_ARM, 0, { 0 }, 1, 0,
	  TABLE_POINTEE, "arch/arm/kernel/unwind.c; EHABI 6" },
	{ ".init.smpalt", NULL, NULL, NULL, EM_ARM, 0, { 8 }, 0, PC32, 0,
	  "asm/assembler.h, 5.11" },
	{ ".init.smpalt", NULL, NULL, NULL, EM_ARM, 0, { 8 }, 0, ABSOLUTE, 0,
	  "asm/assembler.h, until 5.10" },
	{ ".alt.smp.init", NULL, NULL, NULL, EM_ARM, 0, { 8 }, 0, PC32, 0,
	  "asm/assembler.h, 5.11" },
	{ ".alt.smp.init", NULL, NULL, NULL, EM_ARM, 0, { 8 }, 0, ABSOLUTE, 0,
	  "asm/assembler.h, until 5.10" },
	{ ".init.pv_table", NULL, NULL, NULL, EM_ARM, 0, { 4 }, 0, PC32, 0,
	  "asm/memory.h, 5.11" },
	{ ".init.pv_table", NULL, NULL, NULL, EM_ARM, 0, { 4 }, 0, ABSOLUTE, 0,
	  "asm/memory.h, until 5.10" },
	{ ".pv_table", NULL, NULL, NULL, EM_ARM, 0, { 4 }, 0, PC32, 0,
	  "asm/memory.h, 5.11" },
	{ ".pv_table", NULL, NULL, NULL, EM_ARM, 0, { 4 }, 0, ABSOLUTE, 0,
	  "asm/memory.h, until 5.10" },

	/* powerpc: { mask, value, start, end, alternative start, end } */
	{ "__ftr_fixup", NULL, NULL, NULL, 0, 64, { 48 }, 16, BASE, 0,
	  "asm/feature-fixups.h" },
	{ "__mmu_ftr_fixup", NULL, NULL, NULL, 0, 64, { 48 }, 16, BASE, 0,
	  "asm/feature-fixups.h" },
	{ "__fw_ftr_fixup", NULL, NULL, NULL, 0, 64, { 48 }, 16, BASE, 0,
	  "asm/feature-fixups.h" },
	{ "__ftr_fixup", NULL, NULL, NULL, EM_PPC, 32, { 24 }, 8, BASE, 0,
	  "asm/feature-fixups.h" },
	{ "__mmu_ftr_fixup", NULL, NULL, NULL, EM_PPC, 32, { 24 }, 8, BASE, 0,
	  "asm/feature-fixups.h" },
	/* the code of the other side, in vmlinux.o; mask and value count, too */
	ALTERNATIVE("__ftr_fixup"), ALTERNATIVE("__mmu_ftr_fixup"),
	ALTERNATIVE("__fw_ftr_fixup"),
	{ "__lwsync_fixup", NULL, NULL, NULL, 0, 0, { 8, 4 }, 0, BASE, 0,
	  "asm/feature-fixups.h" },
	{ "__spec_btb_flush_fixup", NULL, NULL, NULL, 0, 0, { 16, 8 }, 0, BASE,
	  0, "asm/feature-fixups.h, 5.0" },
	{ "__btb_flush_fixup", NULL, NULL, NULL, 0, 0, { 16, 8 }, 0, BASE, 0,
	  "asm/feature-fixups.h, 5.0" },
	{ "__spec_barrier_fixup", NULL, NULL, NULL, 0, 0, { 8, 4 }, 0, BASE, 0,
	  "asm/feature-fixups.h, 4.18" },
	{ "__barrier_nospec_fixup", NULL, NULL, NULL, 0, 0, { 8, 4 }, 0, BASE,
	  0, "asm/feature-fixups.h, 4.18" },
	{ "__rfi_flush_fixup", NULL, NULL, NULL, EM_PPC64, 0, { 8 }, 0, BASE, 0,
	  "asm/feature-fixups.h, 4.15" },
	{ "__entry_flush_fixup", NULL, NULL, NULL, EM_PPC64, 0, { 8 }, 0, BASE,
	  0, "asm/feature-fixups.h, 5.10" },
	{ "__scv_entry_flush_fixup", NULL, NULL, NULL, EM_PPC64, 0, { 8 }, 0,
	  BASE, 0, "asm/feature-fixups.h, 5.13" },
	{ "__uaccess_flush_fixup", NULL, NULL, NULL, EM_PPC64, 0, { 8 }, 0,
	  BASE, 0, "asm/feature-fixups.h, 5.10" },
	{ "__stf_entry_barrier_fixup", NULL, NULL, NULL, EM_PPC64, 0, { 8 }, 0,
	  BASE, 0, "asm/feature-fixups.h, 4.17" },
	{ "__stf_exit_barrier_fixup", NULL, NULL, NULL, EM_PPC64, 0, { 8 }, 0,
	  BASE, 0, "asm/feature-fixups.h, 4.17" },
	BRACKETED("__soft_mask_table", "__start___soft_mask_table",
		  "__stop___soft_mask_table", 64, SIZES(16), 0, ABSOLUTE, 0,
		  "arch/powerpc/lib/restart_table.c, 5.14"),
	BRACKETED("__restart_table", "__start___restart_table",
		  "__stop___restart_table", 64, SIZES(24), 0, ABSOLUTE, 0,
		  "arch/powerpc/lib/restart_table.c, 5.14"),

	/* Not here: .eh_frame and .debug_frame. Their entries are of variable
	   length and the booker of debug information decodes them. */
};

const size_t side_table_row_count = ARRAY_SIZE(side_table_rows);

static bool name_fits(const char *pattern, const char *name)
{
	while (*pattern && *pattern == *name) {
		pattern++;
		name++;
	}
	return *pattern == '*' || (!*pattern && !*name);
}

bool side_table_fits(const struct image *image, uint32_t index)
{
	const struct side_table *row = &side_table_rows[index];

	return (!row->machine || row->machine == image->machine) &&
	       (!row->bits || (row->bits == 64) == image->is64);
}

uint32_t side_table_find(const struct image *image, uint32_t section)
{
	const struct section *s = &image->sections[section];
	const char *name;

	if (s->own)
		return NONE;
	/* The kernel's own tables are PROGBITS; .ARM.exidx has its own type */
	name = image_section_name(image, section);
	if (!(s->flags & SHF_ALLOC) && strncmp(name, ".discard.", 9))
		return NONE;
	for (uint32_t i = 0; i < side_table_row_count; i++)
		if (name_fits(side_table_rows[i].section, name) &&
		    side_table_fits(image, i))
			return s->type != SHT_NOBITS ||
					       side_table_rows[i].flags &
						       TABLE_WHOLE ? i : NONE;
	return NONE;
}

uint32_t side_table_next(const struct image *image, uint32_t row)
{
	for (uint32_t i = row + 1; i < side_table_row_count; i++)
		if (!strcmp(side_table_rows[i].section,
			    side_table_rows[row].section) &&
		    side_table_fits(image, i))
			return i;
	return NONE;
}

/* SPDX-License-Identifier: MIT */
/*
 * The linker script as a table, read from the top: the first row that fits is
 * taken, as by the linker. The rows of the millions (one section a symbol)
 * come first, so that their names meet two or three comparisons.
 *
 * The table is that of a linked kernel on x86-64. Where architectures differ
 * (.data..nosave, .head.text) a wrong row only names a section otherwise than
 * this architecture's script would: both builds are folded alike.
 */
#include "match/section.h"

#include <string.h>

#include "base/util.h"

enum fit {
	TREE,   /* the name itself, or the name and a '.' and more */
	PREFIX, /* everything that begins so */
	WHOLE,  /* the name itself */
};

#define ROW(fit, input, output) { (input), sizeof(input) - 1, (fit), (output) }

static const struct row {
	const char *input;
	size_t length;
	enum fit fit;
	const char *output;
} rows[] = {
	/* -ffunction-sections and ThinLTO: .text.foo, .text.unlikely.foo */
	ROW(TREE, ".text", ".text"),
	/* .rodata.str1.8, .rodata.cst16, .rodata..L.str.53 */
	ROW(TREE, ".rodata", ".rodata"),
	ROW(TREE, ".data..percpu", ".data..percpu"),
	ROW(TREE, ".data..ro_after_init", ".rodata"),
	ROW(PREFIX, ".data.rel.ro", ".rodata"),
	ROW(TREE, ".data..nosave", ".data_nosave"),
	/* .data.foo, .data..read_mostly, .data..compoundliteral.5 */
	ROW(TREE, ".data", ".data"),
	ROW(TREE, ".bss..brk", ".brk"),
	/* .bss.foo, .bss..page_aligned, .bss..compoundliteral.2 */
	ROW(TREE, ".bss", ".bss"),
	ROW(PREFIX, "___ksymtab+", "__ksymtab"),
	ROW(PREFIX, "___ksymtab_gpl+", "__ksymtab_gpl"),
	ROW(PREFIX, "___kcrctab+", "__kcrctab"),
	ROW(PREFIX, "___kcrctab_gpl+", "__kcrctab_gpl"),

	ROW(TREE, ".init.text", ".init.text"),
	ROW(TREE, ".init.data", ".init.data"),
	ROW(TREE, ".init.rodata", ".init.data"),
	ROW(TREE, ".init.setup", ".init.data"),
	ROW(TREE, ".init.ramfs", ".init.data"),
	ROW(TREE, ".init_array", ".init.data"),
	ROW(TREE, ".ctors", ".init.data"),
	ROW(PREFIX, ".initcall", ".init.data"),
	ROW(WHOLE, ".con_initcall.init", ".init.data"),
	ROW(WHOLE, ".lsm_info.init", ".init.data"),
	ROW(WHOLE, ".early_lsm_info.init", ".init.data"),
	ROW(WHOLE, ".dtb.init.rodata", ".init.data"),
	ROW(WHOLE, ".taglist.init", ".init.data"),
	ROW(TREE, ".meminit.text", ".init.text"),
	ROW(TREE, ".meminit.data", ".init.data"),
	ROW(TREE, ".meminit.rodata", ".init.data"),
	ROW(PREFIX, ".kunit_", ".init.data"),
	ROW(PREFIX, "___kentry+", ".init.data"),
	ROW(WHOLE, "__earlycon_table", ".init.data"),
	ROW(WHOLE, "__governor_thermal_table", ".init.data"),
	ROW(WHOLE, "__lsm_info.init", ".init.data"),
	ROW(WHOLE, "__mcount_loc", ".init.data"),
	ROW(WHOLE, "__syscalls_metadata", ".init.data"),
	ROW(WHOLE, "_ftrace_events", ".init.data"),
	ROW(WHOLE, "_ftrace_eval_map", ".init.data"),
	ROW(WHOLE, "_kprobe_blacklist", ".init.data"),
	ROW(WHOLE, "_error_injection_whitelist", ".init.data"),
	ROW(TREE, ".exit.text", ".exit.text"),
	ROW(TREE, ".exit.data", ".exit.data"),

	ROW(WHOLE, ".ref.text", ".text"),
	ROW(TREE, ".noinstr.text", ".text"),
	ROW(TREE, ".cpuidle.text", ".text"),
	ROW(TREE, ".sched.text", ".text"),
	ROW(TREE, ".spinlock.text", ".text"),
	ROW(TREE, ".kprobes.text", ".text"),
	ROW(TREE, ".entry.text", ".text"),
	ROW(TREE, ".irqentry.text", ".text"),
	ROW(TREE, ".softirqentry.text", ".text"),
	ROW(TREE, ".static_call.text", ".text"),
	ROW(TREE, ".head.text", ".text"),
	ROW(WHOLE, ".fixup", ".text"),

	ROW(WHOLE, ".ref.data", ".data"),
	ROW(WHOLE, "__tracepoints", ".data"),
	ROW(WHOLE, "__tracepoint_str", ".data"),
	ROW(WHOLE, "__trace_printk_fmt", ".data"),
	ROW(WHOLE, "__bpf_raw_tp_map", ".data"),
	ROW(TREE, "__dyndbg", ".data"),

	ROW(WHOLE, "__tracepoints_strings", ".rodata"),
	ROW(WHOLE, "__tracepoints_ptrs", ".rodata"),
	ROW(WHOLE, "__jump_table", ".rodata"),
	ROW(WHOLE, ".static_call_sites", ".rodata"),
	ROW(WHOLE, ".static_call_tramp_key", ".rodata"),
	ROW(WHOLE, "__stop_sched_class", ".rodata"),
	ROW(WHOLE, "__dl_sched_class", ".rodata"),
	ROW(WHOLE, "__rt_sched_class", ".rodata"),
	ROW(WHOLE, "__fair_sched_class", ".rodata"),
	ROW(WHOLE, "__ext_sched_class", ".rodata"),
	ROW(WHOLE, "__idle_sched_class", ".rodata"),
	ROW(WHOLE, ".ref.rodata", "__init_rodata"),
	ROW(PREFIX, ".pci_fixup_", ".pci_fixup"),

	ROW(TREE, ".sbss", ".bss"),
	ROW(TREE, ".dynbss", ".bss"),
	ROW(PREFIX, ".vvar_", ".vvar"),
	/* .note.GNU-stack is thrown away; see the last row */
	ROW(WHOLE, ".note.GNU-stack", ".note.GNU-stack"),
	ROW(WHOLE, ".note.gnu.property", ".note.gnu.property"),
	ROW(TREE, ".note", ".notes"),
};

int section_fold_rows(void)
{
	return (int)ARRAY_SIZE(rows);
}

const char *section_fold_output(int row)
{
	return rows[row].output;
}

static int fits(const struct row *row, const char *name)
{
	char next;

	/* The second character tells most rows apart at no cost. */
	if (!name[0] || row->input[1] != name[1] ||
	    strncmp(name, row->input, row->length))
		return 0;
	next = name[row->length];
	switch (row->fit) {
	case TREE:
		return !next || next == '.';
	case PREFIX:
		return 1;
	case WHOLE:
		return !next;
	}
	return 0;
}

int section_fold(const char *name, char *relocations)
{
	*relocations = 0;
	if (!strncmp(name, ".rela", 5) && (name[5] == '.' || name[5] == '_')) {
		*relocations = 'a';
		name += 5;
	} else if (!strncmp(name, ".rel", 4) &&
		   (name[4] == '.' || name[4] == '_')) {
		*relocations = 'l';
		name += 4;
	}
	if (!*name)
		return SECTION_KEEPS;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (fits(&rows[i], name))
			return (int)i;
	return SECTION_KEEPS;
}

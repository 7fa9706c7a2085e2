/* SPDX-License-Identifier: MIT */
/*
 * Where _end will be: the layout of arch/x86/kernel/vmlinux.lds.S on the
 * sections of a vmlinux.o.
 *
 * A vmlinux.o lacks three things that the last link adds: the symbol table
 * kallsyms, the BTF, and the lookup table of ORC. The last one is computed;
 * kallsyms is predicted from the symbols there are; BTF counts where its file
 * is given with --add, as the kernel's build gives it to the linker. Small
 * errors are hidden or shown by the steps of 2 MiB that the script makes.
 */

#include "explain/limit.h"

#include <elf.h>
#include <string.h>

#include "ledger/class.h"

#define PAGE 4096ull
#define PMD (2ull << 20)
#define LOAD_ADDRESS (16ull << 20) /* CONFIG_PHYSICAL_START */
#define BRK_SLOP (64ull << 10)     /* head room in front of .bss..brk */

/* Parts of the image in the order of the script. */
enum part {
	PART_TEXT,
	PART_ENTRY,       /* mapped on its own for page table isolation */
	PART_AFTER_ENTRY,
	PART_RODATA,
	PART_DATA,
	PART_VVAR,
	PART_PERCPU,
	PART_INIT_TEXT,
	PART_INIT_DATA,
	PART_SMP_LOCKS,
	PART_NOSAVE,
	PART_BSS,
	PART_DECRYPTED,   /* shared with the hypervisor */
	PART_BRK,
	PARTS,
	PART_NONE = PARTS /* discarded */
};

/* Section names of parts, '*' for any ending; the first that fits wins. */
static const struct {
	const char *name;
	enum part part;
} part_names[] = {
	{ ".discard*", PART_NONE },
	{ ".modinfo", PART_NONE },
	{ ".exitcall.exit", PART_NONE },
	{ ".export_symbol", PART_NONE },
	{ ".llvm.*", PART_NONE },
	{ ".eh_frame*", PART_NONE },
	{ ".entry.text*", PART_ENTRY },
	{ ".softirqentry.text", PART_AFTER_ENTRY },
	{ ".irqentry.text", PART_AFTER_ENTRY },
	{ ".static_call.text", PART_AFTER_ENTRY },
	{ ".static_call_tramp.text", PART_AFTER_ENTRY },
	{ ".text..__x86.*", PART_AFTER_ENTRY },
	{ ".init.text*", PART_INIT_TEXT },
	{ ".altinstr_aux", PART_INIT_TEXT },
	{ ".data..percpu*", PART_PERCPU },
	{ ".vvar*", PART_VVAR },
	{ ".data..nosave", PART_NOSAVE },
	{ ".smp_locks", PART_SMP_LOCKS },
	{ ".bss..decrypted", PART_DECRYPTED },
	{ ".bss..brk", PART_BRK },
	{ ".brk_reservation", PART_NONE },
	{ ".bss*", PART_BSS },
	{ ".data..ro_after_init", PART_RODATA },
	{ "__jump_table", PART_RODATA },
	{ ".static_call_sites", PART_RODATA },
	{ ".static_call_tramp_key", PART_RODATA },
	{ "__tracepoints_*", PART_RODATA },
	{ "__tracepoint_str", PART_DATA },
	{ "__ksymtab*", PART_RODATA },
	{ "___ksymtab*", PART_RODATA },
	{ "__kcrctab*", PART_RODATA },
	{ "___kcrctab*", PART_RODATA },
	{ "__param", PART_RODATA },
	{ "__modver", PART_RODATA },
	{ "__ex_table", PART_RODATA },
	{ "__mcount_loc", PART_INIT_DATA },
	{ ".BTF*", PART_RODATA },
	{ ".note*", PART_RODATA },
	{ ".tracedata", PART_RODATA },
	{ ".pci_fixup*", PART_RODATA },
	{ ".rodata*", PART_RODATA },
	{ "__bug_table", PART_DATA },
	{ ".orc_*", PART_DATA },
	{ ".data*", PART_DATA },
	{ ".ref.data", PART_DATA },
	{ "__tracepoints", PART_DATA },
	{ "__dyndbg*", PART_DATA },
	{ ".retpoline_sites", PART_INIT_DATA },
	{ ".return_sites", PART_INIT_DATA },
	{ ".call_sites", PART_INIT_DATA },
	{ ".ibt_endbr_seal", PART_INIT_DATA },
	{ ".cfi_sites", PART_INIT_DATA },
	{ ".parainstructions", PART_INIT_DATA },
	{ ".altinstr*", PART_INIT_DATA },
	{ ".init*", PART_INIT_DATA },
	{ ".exit*", PART_INIT_DATA },
	{ "_ftrace_*", PART_INIT_DATA },
	{ "_kprobe_blacklist", PART_INIT_DATA },
	{ "_error_injection_whitelist", PART_INIT_DATA },
};

/* Alignment before and behind a part; behind also where it is empty. */
static const struct {
	uint64_t before, behind;
} steps[PARTS] = {
	[PART_TEXT] = { PAGE, 1 },
	[PART_ENTRY] = { PMD, PMD },
	[PART_AFTER_ENTRY] = { 1, PMD },
	[PART_RODATA] = { PAGE, PMD },
	[PART_DATA] = { 16384, PAGE },
	[PART_VVAR] = { PAGE, PAGE },
	[PART_PERCPU] = { PAGE, PAGE },
	[PART_INIT_TEXT] = { PAGE, 1 },
	[PART_INIT_DATA] = { 8192, PAGE },
	[PART_SMP_LOCKS] = { PAGE, PAGE },
	[PART_NOSAVE] = { PAGE, PAGE },
	[PART_BSS] = { PAGE, PAGE },
	[PART_DECRYPTED] = { PMD, PMD }, /* also without memory encryption */
	[PART_BRK] = { PAGE, PAGE },
};

static bool fits(const char *pattern, const char *name)
{
	/* By hand: millions of names differ in their second character. */
	for (; *pattern != '*'; pattern++, name++)
		if (*pattern != *name)
			return false;
		else if (*pattern == '\0')
			return true;
	return true;
}

static enum part part_of(const struct image *image, uint32_t index)
{
	const struct section *section = &image->sections[index];
	const char *name = image_section_name(image, index);

	for (size_t i = 0; i < ARRAY_SIZE(part_names); i++)
		if (fits(part_names[i].name, name))
			return part_names[i].part;
	if (section->flags & SHF_EXECINSTR)
		return PART_TEXT;
	if (!(section->flags & SHF_WRITE))
		return PART_RODATA;
	return section->type == SHT_NOBITS ? PART_BSS : PART_DATA;
}

static uint64_t align_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) & ~(align - 1);
}

/* Adds the loaded sections of one file; false on an absurd sum. */
static bool add_sections(uint64_t sizes[PARTS], const struct image *image)
{
	for (uint32_t i = 1; i < image->section_count; i++) {
		const struct section *section = &image->sections[i];
		enum part part;

		if (!(section->flags & SHF_ALLOC) || section->size == 0)
			continue;
		part = part_of(image, i);
		if (part == PART_NONE)
			continue;
		if (section->size > 1ull << 40 || sizes[part] > 1ull << 40)
			return false;
		sizes[part] = align_up(sizes[part],
				       min_u64(section_align(section), PMD)) +
			      section->size;
	}
	return true;
}

/*
 * Bytes of kallsyms: four of address, three of order and one of length a
 * symbol, and its name and type, of which tokens save more than half.
 * Measured: 22.6 bytes a symbol on 6.1 with CONFIG_KALLSYMS_ALL.
 */
static uint64_t predict_kallsyms(const struct image *image)
{
	uint64_t bytes = 0;

	for (uint32_t i = 1; i < image->symbol_count; i++) {
		const struct symbol *symbol = &image->symbols[i];
		const char *name;
		uint32_t flags;

		if (symbol->section == SECTION_UNDEF ||
		    symbol->section >= image->section_count ||
		    symbol->type == STT_SECTION || symbol->type == STT_FILE)
			continue;
		flags = image->sections[symbol->section].flags;
		name = image_symbol_name(image, i);
		if (!(flags & SHF_ALLOC) || name[0] == '\0' ||
		    (name[0] == '.' && name[1] == 'L') ||
		    part_of(image, symbol->section) == PART_NONE)
			continue;
		bytes += 8 + (strlen(name) + 1) / 2;
	}
	return bytes;
}

/* Walks the parts; returns the bytes from __START_KERNEL_map to _end. */
static uint64_t place(const uint64_t sizes[PARTS], bool orc)
{
	uint64_t at = LOAD_ADDRESS, text = 0;

	for (int part = 0; part < PARTS; part++) {
		uint64_t size = sizes[part];

		at = align_up(at, steps[part].before);
		if (part == PART_BRK)
			at += BRK_SLOP;
		if (part == PART_DATA && orc) /* one word for 256 bytes */
			size += (text / 256 + 2) * 4;
		at += size;
		if (part == PART_AFTER_ENTRY)
			text = at - LOAD_ADDRESS;
		at = align_up(at, steps[part].behind);
	}
	return at;
}

static int add_file(uint64_t sizes[PARTS], struct limit *limit,
		    const char *path, struct err *err)
{
	struct image image;
	uint64_t before = 0, after = 0;
	int result = -1;

	memset(&image, 0, sizeof(image));
	for (int i = 0; i < PARTS; i++)
		before += sizes[i];
	if (image_open(&image, path, err) == 0) {
		if (add_sections(sizes, &image))
			result = 0;
		else
			err_set(err, "%s: its sections are too large for a "
				"kernel", path);
	}
	for (int i = 0; i < PARTS; i++)
		after += sizes[i];
	limit->added += after - before;
	image_release(&image);
	return result;
}

int layout_estimate(struct limit *limit, const struct build *build,
		    const char *const *add, struct err *err)
{
	uint64_t sizes[PARTS] = { 0 };
	bool known_names = build->ident.known[KNOWN_KALLSYMS_NAMES] != 0;

	if (!add_sections(sizes, &build->image))
		return 0;
	for (; add && *add; add++)
		if (add_file(sizes, limit, *add, err) != 0)
			return -1;
	if (!known_names)
		limit->kallsyms = predict_kallsyms(&build->image);
	sizes[PART_RODATA] += limit->kallsyms;
	limit->used = place(sizes, build->ident.unwinder == UNWINDER_ORC);
	return 0;
}

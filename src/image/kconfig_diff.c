/* SPDX-License-Identifier: MIT */
/*
 * The options that differ, those that matter for size first.
 *
 * Kconfig writes one decision as many symbols: ThinLTO on changes LTO,
 * LTO_CLANG, LTO_CLANG_THIN and LTO_NONE. Members of a choice and what
 * follows from them are therefore told as one change. An option that is off
 * and one that does not exist are the same here: between two versions
 * thousands of options come and go that nobody set.
 */

#include "image/kconfig.h"

#include <stdlib.h>
#include <string.h>

/*
 * Decisions. The first member that is on is the choice made; `follows` are
 * symbols that only say so again.
 */
static const struct choice {
	const char *members[8];
	const char *follows[6];
} choices[] = {
	{ { "CONFIG_LTO_CLANG_THIN", "CONFIG_LTO_CLANG_FULL",
	    "CONFIG_LTO_GCC", "CONFIG_LTO_NONE" },
	  { "CONFIG_LTO", "CONFIG_LTO_CLANG" } },
	{ { "CONFIG_CC_OPTIMIZE_FOR_PERFORMANCE",
	    "CONFIG_CC_OPTIMIZE_FOR_PERFORMANCE_O3",
	    "CONFIG_CC_OPTIMIZE_FOR_SIZE" }, { NULL } },
	{ { "CONFIG_DEBUG_INFO_DWARF5", "CONFIG_DEBUG_INFO_DWARF4",
	    "CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT",
	    "CONFIG_DEBUG_INFO_NONE" }, { "CONFIG_DEBUG_INFO" } },
	{ { "CONFIG_DEBUG_INFO_COMPRESSED_ZSTD",
	    "CONFIG_DEBUG_INFO_COMPRESSED_ZLIB",
	    "CONFIG_DEBUG_INFO_COMPRESSED_NONE" }, { NULL } },
	{ { "CONFIG_UNWINDER_ORC", "CONFIG_UNWINDER_FRAME_POINTER",
	    "CONFIG_UNWINDER_GUESS" }, { "CONFIG_FRAME_POINTER" } },
	{ { "CONFIG_INIT_STACK_ALL_ZERO", "CONFIG_INIT_STACK_ALL_PATTERN",
	    "CONFIG_INIT_STACK_NONE" }, { NULL } },
	{ { "CONFIG_PREEMPT_NONE", "CONFIG_PREEMPT_VOLUNTARY",
	    "CONFIG_PREEMPT", "CONFIG_PREEMPT_LAZY", "CONFIG_PREEMPT_RT" },
	  { NULL } },
};

/* What changes sizes, the strongest first; a trailing '*' is any ending. */
static const struct {
	const char *name;
	const char *why;
} matters[] = {
	{ "CONFIG_LTO_*", "link-time optimization inlines across files" },
	{ "CONFIG_CC_OPTIMIZE_FOR_*", "the compiler's optimization level" },
	{ "CONFIG_DEBUG_INFO_BTF*", "BTF is loaded with the kernel" },
	{ "CONFIG_DEBUG_INFO*", "debug information in the file" },
	{ "CONFIG_CFI*", "checks of indirect calls" },
	{ "CONFIG_KASAN*", "checks of memory accesses" },
	{ "CONFIG_KCSAN*", "checks of memory accesses" },
	{ "CONFIG_KMSAN*", "checks of memory accesses" },
	{ "CONFIG_UBSAN*", "checks of undefined behaviour" },
	{ "CONFIG_KCOV*", "coverage calls in every block" },
	{ "CONFIG_GCOV*", "coverage counters in every block" },
	{ "CONFIG_PGO_CLANG*", "profiling counters" },
	{ "CONFIG_AUTOFDO_CLANG", "profile-driven inlining" },
	{ "CONFIG_PROPELLER_CLANG", "profile-driven layout" },
	{ "CONFIG_LOCKDEP*", "lock checking" },
	{ "CONFIG_PROVE_LOCKING", "lock checking" },
	{ "CONFIG_KALLSYMS*", "the loaded symbol table" },
	{ "CONFIG_UNWINDER_*", "frame pointers or unwind tables" },
	{ "CONFIG_FUNCTION_ALIGNMENT*", "padding between functions" },
	{ "CONFIG_DEBUG_FORCE_FUNCTION_ALIGN*", "padding between functions" },
	{ "CONFIG_X86_KERNEL_IBT", "a landing pad in every function" },
	{ "CONFIG_CALL_PADDING", "padding in front of functions" },
	{ "CONFIG_CALL_THUNKS*", "padding in front of functions" },
	{ "CONFIG_FINEIBT", "checks of indirect calls" },
	{ "CONFIG_RETPOLINE", "indirect calls through thunks" },
	{ "CONFIG_MITIGATION_*", "mitigations in the code" },
	{ "CONFIG_RETHUNK", "returns through thunks" },
	{ "CONFIG_SLS", "traps after returns" },
	{ "CONFIG_CPU_*_ENTRY", "mitigations in the code" },
	{ "CONFIG_SPECULATION_MITIGATIONS", "mitigations in the code" },
	{ "CONFIG_FUNCTION_TRACER", "a call site in every function" },
	{ "CONFIG_DYNAMIC_FTRACE*", "a record for every function" },
	{ "CONFIG_FTRACE*", "tracing" },
	{ "CONFIG_PATCHABLE_FUNCTION_ENTRY*", "room in every function" },
	{ "CONFIG_STACKPROTECTOR*", "stack checks in functions" },
	{ "CONFIG_INIT_STACK_*", "initialization of locals" },
	{ "CONFIG_INIT_ON_*", "initialization of memory" },
	{ "CONFIG_SHADOW_CALL_STACK", "a second stack" },
	{ "CONFIG_ZERO_CALL_USED_REGS", "cleared registers at returns" },
	{ "CONFIG_FORTIFY_SOURCE", "checks of string functions" },
	{ "CONFIG_HARDENED_USERCOPY*", "checks of copies" },
	{ "CONFIG_LD_DEAD_CODE_DATA_ELIMINATION", "unused code dropped" },
	{ "CONFIG_TRIM_UNUSED_KSYMS", "unused exports dropped" },
	{ "CONFIG_MODVERSIONS", "a checksum for every export" },
	{ "CONFIG_MODULES", "exports for modules" },
	{ "CONFIG_PRINTK*", "messages" },
	{ "CONFIG_BUG*", "messages of BUG()" },
	{ "CONFIG_DEBUG_BUGVERBOSE", "file and line of each BUG()" },
	{ "CONFIG_DYNAMIC_DEBUG*", "a record for each message" },
	{ "CONFIG_PREEMPT*", "preemption points" },
	{ "CONFIG_NR_CPUS*", "arrays of processors" },
	{ "CONFIG_MAXSMP", "arrays of processors" },
	{ "CONFIG_NODES_SHIFT", "arrays of nodes" },
	{ "CONFIG_RANDOMIZE_BASE", "room for the moved kernel" },
	{ "CONFIG_RELOCATABLE", "relocations" },
	{ "CONFIG_INLINE_*", "inlined lock functions" },
	{ "CONFIG_IKCONFIG*", "the embedded configuration" },
	{ "CONFIG_BASE_FULL", "small tables" },
};

/* What the build only says about its tools; never set by a person. */
static const char *const tools[] = {
	"CONFIG_CC_VERSION_TEXT", "CONFIG_CC_IS_*", "CONFIG_CC_HAS_*",
	"CONFIG_CC_CAN_*", "CONFIG_GCC_*", "CONFIG_CLANG_*", "CONFIG_LD_*",
	"CONFIG_LLD_*", "CONFIG_AS_*", "CONFIG_TOOLS_*", "CONFIG_PAHOLE_*",
	"CONFIG_RUSTC_*", "CONFIG_BINDGEN_*", "CONFIG_HAVE_*",
	"CONFIG_ARCH_HAS_*", "CONFIG_ARCH_SUPPORTS_*", "CONFIG_ARCH_WANT*",
	"CONFIG_RUST_IS_AVAILABLE", "CONFIG_BUILD_SALT",
};

#define RANK_OTHER ((uint16_t)ARRAY_SIZE(matters))
#define RANK_TOOLS ((uint16_t)(ARRAY_SIZE(matters) + 1))

/* One '*' stands for any text. */
static bool fits(const char *pattern, const char *name)
{
	const char *star = strchr(pattern, '*');
	size_t head, tail, length = strlen(name);

	if (!star)
		return strcmp(pattern, name) == 0;
	head = (size_t)(star - pattern);
	tail = strlen(star + 1);
	return length >= head + tail && memcmp(pattern, name, head) == 0 &&
	       strcmp(name + length - tail, star + 1) == 0;
}

static void judge(struct kconfig_change *change)
{
	const char *name = change->name[1];

	for (size_t i = 0; i < ARRAY_SIZE(matters); i++) {
		if (fits(matters[i].name, name)) {
			change->rank = (uint16_t)i;
			change->why = matters[i].why;
			return;
		}
	}
	change->rank = RANK_OTHER;
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
		if (fits(tools[i], name))
			change->rank = RANK_TOOLS;
}

static const struct choice *choice_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		for (size_t m = 0; m < ARRAY_SIZE(choices[i].members); m++)
			if (choices[i].members[m] &&
			    strcmp(choices[i].members[m], name) == 0)
				return &choices[i];
		for (size_t f = 0; f < ARRAY_SIZE(choices[i].follows); f++)
			if (choices[i].follows[f] &&
			    strcmp(choices[i].follows[f], name) == 0)
				return &choices[i];
	}
	return NULL;
}

static const char *value_or_off(const struct kconfig *kconfig,
				const char *name)
{
	const char *value = kconfig_value(kconfig, name);

	return value ? value : "n";
}

static const char *chosen(const struct choice *choice,
			  const struct kconfig *kconfig)
{
	for (size_t i = 0; i < ARRAY_SIZE(choice->members); i++)
		if (choice->members[i] &&
		    strcmp(value_or_off(kconfig, choice->members[i]),
			   "y") == 0)
			return choice->members[i];
	return NULL;
}

struct compare {
	struct kconfig_diff *diff;
	const struct kconfig *sides[2];
	size_t capacity;
};

static int add(struct compare *compare, const char *old_name,
	       const char *new_name)
{
	struct kconfig_diff *diff = compare->diff;
	struct kconfig_change *room = array_grow(
		diff->changes, &compare->capacity, (size_t)diff->count + 1,
		sizeof(*diff->changes));
	struct kconfig_change *change;

	if (!room)
		return -1;
	diff->changes = room;
	change = &room[diff->count++];
	*change = (struct kconfig_change){ .name = { old_name, new_name } };
	for (int side = 0; side < 2; side++)
		change->value[side] = value_or_off(compare->sides[side],
						   change->name[side]);
	judge(change);
	if (change->rank == RANK_TOOLS)
		diff->from_tools++;
	return 0;
}

static int add_choice(struct compare *compare, const struct choice *choice)
{
	const char *old = chosen(choice, compare->sides[0]);
	const char *new = chosen(choice, compare->sides[1]);

	if (old == new || (!old && !new))
		return 0;
	return add(compare, old ? old : new, new ? new : old);
}

/* An option that stands on one side at least; adds it where it differs. */
static int add_option(struct compare *compare, const char *name)
{
	if (strcmp(value_or_off(compare->sides[0], name),
		   value_or_off(compare->sides[1], name)) == 0)
		return 0;
	if (choice_of(name) && (chosen(choice_of(name), compare->sides[0]) ||
				chosen(choice_of(name), compare->sides[1])))
		return 0;
	return add(compare, name, name);
}

static int by_rank(const void *a, const void *b)
{
	const struct kconfig_change *one = a, *two = b;

	if (one->rank != two->rank)
		return one->rank < two->rank ? -1 : 1;
	return strcmp(one->name[1], two->name[1]);
}

/* One .config beside two kernels was written for one of them at most. */
static bool same_file(const struct kconfig *old, const struct kconfig *new)
{
	return !old->given && !new->given &&
	       strcmp(old->origin, "embedded") != 0 &&
	       strcmp(old->origin, new->origin) == 0;
}

int kconfig_compare(struct kconfig_diff *diff, const struct kconfig *old,
		    const struct kconfig *new, struct err *err)
{
	struct compare compare = { diff, { old, new }, 0 };
	uint32_t i = 0, j = 0;
	int failed = 0;

	memset(diff, 0, sizeof(*diff));
	if (!old->origin || !new->origin || same_file(old, new))
		return 0;
	diff->known = true;
	for (size_t c = 0; c < ARRAY_SIZE(choices); c++)
		failed |= add_choice(&compare, &choices[c]);
	while (!failed && (i < old->count || j < new->count)) {
		int order = i == old->count ? 1 : j == new->count ? -1 :
			strcmp(old->options[i].name, new->options[j].name);

		failed = add_option(&compare, order <= 0 ?
				    old->options[i].name :
				    new->options[j].name);
		i += order <= 0;
		j += order >= 0;
	}
	if (failed)
		return err_oom(err, "comparing configurations");
	if (diff->count)
		qsort(diff->changes, diff->count, sizeof(*diff->changes),
		      by_rank);
	return 0;
}

void kconfig_diff_release(struct kconfig_diff *diff)
{
	if (!diff)
		return;
	free(diff->changes);
	memset(diff, 0, sizeof(*diff));
}

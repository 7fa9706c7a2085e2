/* SPDX-License-Identifier: MIT */
/*
 * Edges of the kernel's linker scripts (include/asm-generic/vmlinux.lds.h and
 * arch/.../vmlinux.lds.S), as patterns: a script of another architecture or
 * version invents new names in the same style. A wrong "edge" costs a label
 * its bytes, a missed one gives a whole section's fill to a name that nobody
 * wrote, so the patterns want the leading underscore of the scripts.
 */
#include "ledger/marker.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "base/util.h"

static const char *const edge_names[] = {
	"_text", "_stext", "_etext", "_sdata", "_edata", "_end", "_sinittext",
	"_einittext", "_sexittext", "_eexittext", "_srodata", "_erodata",
	"__bss_start", "__bss_stop", "__end_rodata", "__init_begin",
	"__init_end", "__nosave_begin", "__nosave_end", "_einitdata",
	"__end_rodata_aligned", "__end_rodata_hpage_align", "__end_data",
	"__end_of_kernel_reserve", "__brk_base", "__brk_limit",
	"__security_initcall_start", "_sbss", "_ebss", "__exittext_begin",
	"__exittext_end", "__inittext_begin", "__inittext_end",
	"__initdata_begin", "__initdata_end", "__pecoff_data_rawsize",
	"__pecoff_data_size", "_edata_loc", "__tramp_start", "__tramp_end",
};

static const char *const edge_prefixes[] = {
	"__start_", "__stop_", "__begin_", "__end_",
};

static const char *const edge_suffixes[] = {
	"_start", "_end", "_begin", "_stop", "_limit",
};

static bool ends_with(const char *name, size_t length, const char *suffix)
{
	size_t n = strlen(suffix);

	return length > n && !memcmp(name + length - n, suffix, n);
}

bool marker_is_edge(const char *name)
{
	size_t length = strlen(name);

	if (name[0] != '_')
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(edge_names); i++)
		if (!strcmp(name, edge_names[i]))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(edge_prefixes); i++)
		if (!strncmp(name, edge_prefixes[i], strlen(edge_prefixes[i])))
			return true;
	/* `__initcall__kmod_..._start7` never ends in one of these. */
	if (name[1] != '_')
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(edge_suffixes); i++)
		if (ends_with(name, length, edge_suffixes[i]))
			return true;
	return false;
}

bool marker_is_anonymous(const char *name)
{
	if (name[0] == '.')
		return name[1] == 'L' ||
		       (!strncmp(name, ".str", 4) &&
			(!name[4] || name[4] == '.'));
	if (name[0] == '$')
		return name[1] && strchr("xdat", name[1]) &&
		       (!name[2] || name[2] == '.' || isdigit(name[2]));
	return false;
}

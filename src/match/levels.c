/* SPDX-License-Identifier: MIT */
/*
 * The levels of evidence, the surest first: each sees only what the earlier
 * ones left. A level is a key; symbols with one key are the same thing where
 * only one free owner has it on each side.
 */
#include <stdlib.h>

#include "base/map.h"
#include "base/util.h"
#include "match/matcher.h"

static uint64_t mix(uint64_t key, uint64_t more)
{
	return map_mix(map_mix(key) + more + 1);
}

static uint64_t key_exact(const struct matcher *matcher, unsigned side,
			  uint32_t symbol)
{
	const struct side *from = &matcher->sides[side];

	return mix(mix(side_exact_name(from, symbol), unit_of(from, symbol)),
		   from->tag[symbol]) | 1;
}

static uint64_t key_canonical(const struct matcher *matcher, unsigned side,
			      uint32_t symbol)
{
	const struct side *from = &matcher->sides[side];

	return mix(mix(from->name[symbol], unit_of(from, symbol)),
		   from->tag[symbol]) | 1;
}

static uint64_t key_name(const struct matcher *matcher, unsigned side,
			 uint32_t symbol)
{
	const struct side *from = &matcher->sides[side];

	return mix(from->name[symbol], from->tag[symbol]) | 1;
}

static const struct {
	enum level level;
	join_key key;
	bool aliases;
} levels[] = {
	/* vfs_read in both; a static show() of kernel/cpu.c in both */
	{ LEVEL_EXACT, key_exact, false },
	/* get_regno.isra.0 of insn-eval.c, get_regno.isra.1 of the same */
	{ LEVEL_CANONICAL, key_canonical, false },
	/* __se_sys_read with __x64_sys_read beside it, then that one alone */
	{ LEVEL_EXACT, key_exact, true },
	{ LEVEL_CANONICAL, key_canonical, true },
	/* pci_mmcfg_write, promoted to pci_mmcfg_write.llvm.1113974616637 */
	{ LEVEL_NAME, key_name, false },
	{ LEVEL_NAME, key_name, true },
};

static const char *const level_names[LEVEL_COUNT] = {
	[LEVEL_NONE] = "none",
	[LEVEL_EXACT] = "exact",
	[LEVEL_CANONICAL] = "canonical",
	[LEVEL_NAME] = "name",
	[LEVEL_FILE] = "file",
	[LEVEL_MODULE] = "module",
	[LEVEL_SIZE] = "size",
	[LEVEL_CONTENT] = "content",
	[LEVEL_ORDER] = "order",
	[LEVEL_RENAMED] = "renamed",
	[LEVEL_CHILD] = "child",
};

const char *level_name(enum level level)
{
	return (unsigned)level < LEVEL_COUNT ? level_names[level] : "?";
}

int levels_run(struct matcher *matcher, struct err *err)
{
	if (!matcher->sides[OLD].contested_count ||
	    !matcher->sides[NEW].contested_count)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		if (join_unique(matcher, levels[i].key, levels[i].aliases,
				levels[i].level, err))
			return -1;
	return 0;
}

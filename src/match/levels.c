/* SPDX-License-Identifier: MIT */
/*
 * The levels of evidence, the surest first: each sees only what the earlier
 * ones left. A level is a key; symbols with one key are the same thing where
 * only one free owner has it on each side. What a level needs to know beyond
 * names and files is gathered just before it, and not at all where nothing is
 * left to settle.
 */
#include <elf.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/util.h"
#include "match/matcher.h"

static uint64_t mix(uint64_t key, uint64_t more)
{
	return map_mix(map_mix(key) + more + 1);
}

static enum symbol_class class_of(uint8_t tag)
{
	return tag & TAG_CLASS;
}

/* Names that a compiler or macro numbers: one name stands for many things. */
static bool is_numbered(uint8_t tag)
{
	enum symbol_class class = class_of(tag);

	return class == SYM_STATIC_LOCAL || class == SYM_UNIQUE_ID ||
	       class == SYM_ANONYMOUS;
}

static bool is_any(uint8_t tag)
{
	(void)tag;
	return true;
}

static uint64_t key_exact(const struct matcher *matcher, unsigned side,
			  const struct candidate *candidate)
{
	(void)matcher, (void)side;
	return mix(mix(candidate->exact, candidate->unit), candidate->tag) | 1;
}

static uint64_t key_name(const struct matcher *matcher, unsigned side,
			 const struct candidate *candidate)
{
	(void)matcher, (void)side;
	return mix(candidate->name, candidate->tag) | 1;
}

/* Globals have no file: "none" is what both sides know of them. */
static uint64_t key_canonical(const struct matcher *matcher, unsigned side,
			      const struct candidate *candidate)
{
	return mix(key_name(matcher, side, candidate), candidate->unit) | 1;
}

static uint64_t key_unit(const struct matcher *matcher, unsigned side,
			 const struct candidate *candidate)
{
	return candidate->unit ? key_canonical(matcher, side, candidate) : 0;
}

/* The exact name with the same bytes behind it, in one file. */
static uint64_t key_exact_content(const struct matcher *matcher, unsigned side,
				  const struct candidate *candidate)
{
	return candidate->content ?
		mix(key_exact(matcher, side, candidate), candidate->content) :
		0;
}

static uint64_t key_content(const struct matcher *matcher, unsigned side,
			    const struct candidate *candidate)
{
	return candidate->content ?
		mix(key_name(matcher, side, candidate), candidate->content) :
		0;
}

static uint64_t key_unit_content(const struct matcher *matcher, unsigned side,
				 const struct candidate *candidate)
{
	return candidate->unit && candidate->content ?
		mix(key_unit(matcher, side, candidate), candidate->content) :
		0;
}

static uint64_t key_size(const struct matcher *matcher, unsigned side,
			 const struct candidate *candidate)
{
	const struct symbol *symbol =
		&matcher->sides[side].image->symbols[candidate->symbol];
	uint32_t section = symbol->section <
			   matcher->sides[side].image->section_count ?
		matcher->match->section_name[side][symbol->section] : 0;

	return mix(mix(key_name(matcher, side, candidate), symbol->size),
		   section) | 1;
}

static uint64_t key_unit_size(const struct matcher *matcher, unsigned side,
			      const struct candidate *candidate)
{
	return candidate->unit ?
		mix(key_size(matcher, side, candidate), candidate->unit) : 0;
}

static uint64_t key_unit_section(const struct matcher *matcher, unsigned side,
				 const struct candidate *candidate)
{
	const struct symbol *symbol =
		&matcher->sides[side].image->symbols[candidate->symbol];

	if (!candidate->unit ||
	    symbol->section >= matcher->sides[side].image->section_count)
		return 0;
	return mix(key_unit(matcher, side, candidate),
		   matcher->match->section_name[side][symbol->section]) | 1;
}

/*
 * The name alone, whatever the compiler made of the function: inlined but for
 * a piece (foo.part.0), specialized (foo.isra.0), or whole again.
 */
static uint64_t key_any_class(const struct matcher *matcher, unsigned side,
			      const struct candidate *candidate)
{
	(void)matcher, (void)side;
	switch (class_of(candidate->tag)) {
	case SYM_PLAIN:
	case SYM_CLONE:
	case SYM_ALIAS:
	case SYM_PART:
		return mix(candidate->name, candidate->tag & TAG_CODE) | 1;
	default:
		return 0;
	}
}

static uint64_t key_unit_any_class(const struct matcher *matcher,
				   unsigned side,
				   const struct candidate *candidate)
{
	uint64_t key = key_any_class(matcher, side, candidate);

	return key && candidate->unit ? mix(key, candidate->unit) : 0;
}

static uint64_t key_numbered(const struct matcher *matcher, unsigned side,
			     const struct candidate *candidate)
{
	return is_numbered(candidate->tag) ?
		key_unit_section(matcher, side, candidate) : 0;
}

/* Two files that both are known and not the same. */
static bool veto_units(const struct matcher *matcher,
		       const struct candidate *old,
		       const struct candidate *new)
{
	(void)matcher;
	return old->unit && new->unit && old->unit != new->unit;
}

static bool is_constant(const struct side *side, uint32_t symbol)
{
	const struct symbol *which = &side->image->symbols[symbol];

	return which->section < side->image->section_count &&
	       !(side->image->sections[which->section].flags & SHF_WRITE);
}

/*
 * A numbered thing of another size, or a constant with other bytes: the
 * __func__.17 of ec.c is another function's name when one before it went away.
 */
static bool veto_numbered(const struct matcher *matcher,
			  const struct candidate *old,
			  const struct candidate *new)
{
	const struct side *sides = matcher->sides;

	if (!is_numbered(new->tag))
		return false;
	if (sides[OLD].image->symbols[old->symbol].size !=
	    sides[NEW].image->symbols[new->symbol].size)
		return true;
	return old->content && new->content && old->content != new->content &&
	       is_constant(&sides[OLD], old->symbol) &&
	       is_constant(&sides[NEW], new->symbol);
}

/* What a row needs to be known first. */
enum prepare { NOTHING, NUMBERED_CONTENT, MODULES, NEIGHBOURS, CONTENT };

enum rule { UNIQUE, EQUAL_ORDER, ORDER };

static const struct row {
	enum prepare prepare;
	enum rule rule;
	struct join join;
} levels[] = {
	/* __func__.8 in both, and it holds the same function's name */
	{ NUMBERED_CONTENT, UNIQUE,
	  { LEVEL_EXACT, key_exact_content, NULL, false } },
	{ NOTHING, UNIQUE,
	  { LEVEL_CONTENT, key_unit_content, NULL, false } },
	/* __already_done.3, .4 and .5, now .7, .8 and .9: all moved on by 4 */
	{ NOTHING, EQUAL_ORDER, { LEVEL_ORDER, key_numbered, NULL, false } },
	/* vfs_read in both; a static show() of kernel/cpu.c in both */
	{ NOTHING, UNIQUE, { LEVEL_EXACT, key_exact, veto_numbered, false } },
	/* get_regno.isra.0 of insn-eval.c, get_regno.isra.1 of the same */
	{ NOTHING, UNIQUE,
	  { LEVEL_CANONICAL, key_canonical, veto_numbered, false } },
	/* __se_sys_read with __x64_sys_read beside it, then that one alone */
	{ NOTHING, UNIQUE, { LEVEL_EXACT, key_exact, veto_numbered, true } },
	{ NOTHING, UNIQUE,
	  { LEVEL_CANONICAL, key_canonical, veto_numbered, true } },
	/* pci_mmcfg_write, promoted to pci_mmcfg_write.llvm.1113974616637 */
	{ NOTHING, UNIQUE, { LEVEL_NAME, key_name, veto_units, false } },
	{ NOTHING, UNIQUE, { LEVEL_NAME, key_name, veto_units, true } },
	/* c_start.llvm.1622 and c_start.llvm.4583: c_next told whose 1622 is */
	{ MODULES, UNIQUE, { LEVEL_MODULE, key_unit, NULL, false } },
	/* show(), made global by ThinLTO, between others of cpufreq.c */
	{ NEIGHBOURS, UNIQUE, { LEVEL_FILE, key_unit, NULL, false } },
	{ NOTHING, UNIQUE, { LEVEL_NAME, key_name, veto_units, false } },
	/* __UNIQUE_ID_ddebug613.2: the line number inside is the same */
	{ CONTENT, UNIQUE,
	  { LEVEL_CONTENT, key_unit_content, NULL, false } },
	{ NOTHING, UNIQUE, { LEVEL_CONTENT, key_content, veto_units, false } },
	/* two opt_array[] of one file, 64 bytes and 96 */
	{ NOTHING, UNIQUE, { LEVEL_SIZE, key_unit_size, NULL, false } },
	{ NOTHING, UNIQUE, { LEVEL_SIZE, key_size, veto_units, false } },
	/* __already_done.3 to .9 of sched/core.c, all one byte */
	{ NOTHING, ORDER, { LEVEL_ORDER, key_unit_section, NULL, false } },
	/* opt_array.1 of 64 bytes, then of 96: it grew after all */
	{ NOTHING, UNIQUE, { LEVEL_EXACT, key_exact, veto_units, false } },
	/* vfs_getxattr, then vfs_getxattr.part.0 with the rest inlined */
	{ NOTHING, UNIQUE, { LEVEL_CHILD, key_unit_any_class, NULL, false } },
	{ NOTHING, UNIQUE, { LEVEL_CHILD, key_any_class, veto_units, false } },
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

static int read_contents(struct matcher *matcher, bool (*wants)(uint8_t tag),
			 struct err *err)
{
	return content_read(matcher, OLD, wants, err) ||
	       content_read(matcher, NEW, wants, err) ? -1 : 0;
}

static int prepare(struct matcher *matcher, enum prepare what, struct err *err)
{
	switch (what) {
	case NOTHING:
		return 0;
	case NUMBERED_CONTENT:
		return read_contents(matcher, is_numbered, err);
	case MODULES:
		return files_learn(matcher, err) ||
		       units_learn(matcher, err) ? -1 : 0;
	case NEIGHBOURS:
		return units_infer(matcher, err);
	case CONTENT:
		return read_contents(matcher, is_any, err);
	}
	return 0;
}

/* What is paired by module teaches more modules; the end is when it stops. */
#define MOST_ROUNDS 8

static int run_row(struct matcher *matcher, const struct row *row,
		   struct err *err)
{
	for (unsigned round = 0; round < MOST_ROUNDS; round++) {
		uint32_t before = matcher->paired;

		if (prepare(matcher, row->prepare, err))
			return -1;
		if (row->rule == UNIQUE ?
			    join_unique(matcher, &row->join, err) :
			    join_in_order(matcher, &row->join,
					  row->rule == EQUAL_ORDER, err))
			return -1;
		if (row->prepare != MODULES ||
		    matcher->paired == before)
			return 0;
	}
	return 0;
}

int levels_run(struct matcher *matcher, struct err *err)
{
	size_t left = matcher->sides[OLD].contested_count +
		      matcher->sides[NEW].contested_count;

	if (declared_set_units(matcher, err))
		return -1;
	for (size_t i = 0; left && i < ARRAY_SIZE(levels); i++) {
		uint32_t before = matcher->paired;

		if (run_row(matcher, &levels[i], err))
			return -1;
		if (matcher->paired - before > left / 8 ||
		    levels[i + 1 < ARRAY_SIZE(levels) ? i + 1 : i].prepare)
			left = join_winnow(matcher);
	}
	return 0;
}

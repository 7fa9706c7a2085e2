/* SPDX-License-Identifier: MIT */
/*
 * What can be said about a family as a whole.
 *
 * Two nets have a plain reason. GCC splits foo.cold off foo: foo shrinks by
 * what foo.cold gains; as long as the net is smaller than the part that came
 * or went, the family has only been cut differently. And control-flow
 * integrity puts one instruction in front of every function that may be
 * called indirectly: when it starts one side's code and not the other's, and
 * the net is no more than a few instructions, that is the reason.
 */

#include "explain/family.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "explain/comparison.h"
#include "match/symname.h"

/* A landing pad with the "notrack" prefixes that may come along. */
#define LANDING_PAD_NET 16

/* Symbols that are asked whether a build has any. */
#define PADS_SAMPLE 256

/* Steps to a root that are followed; the matcher makes one or two. */
#define PARENT_STEPS 16

static const struct {
	uint16_t machine;
	uint8_t bytes[4];
} landing_pads[] = {
	{ EM_X86_64, { 0xf3, 0x0f, 0x1e, 0xfa } }, /* endbr64 */
	{ EM_386, { 0xf3, 0x0f, 0x1e, 0xfb } },    /* endbr32 */
	{ EM_AARCH64, { 0x5f, 0x24, 0x03, 0xd5 } }, /* bti c */
};

static void find_roots(struct families *families, const struct match *match)
{
	for (uint32_t i = 0; i < match->pair_count; i++) {
		uint32_t root = i;

		for (int step = 0; step < PARENT_STEPS; step++) {
			uint32_t parent = match->pairs[root].parent;

			if (parent >= match->pair_count || parent == root)
				break;
			root = parent;
		}
		families->root[i] = root;
	}
	for (uint32_t i = 0; i < match->pair_count; i++) {
		uint8_t *flags = &families->flags[families->root[i]];

		if (match->pairs[i].symbol[OLD] != NONE)
			*flags |= FAMILY_HAS_OLD;
		if (match->pairs[i].symbol[NEW] != NONE)
			*flags |= FAMILY_HAS_NEW;
	}
}

static bool is_split_part(const struct pair *pair)
{
	return (pair->symbol_class == SYM_COLD ||
		pair->symbol_class == SYM_PART) &&
	       (pair->symbol[OLD] == NONE || pair->symbol[NEW] == NONE);
}

static void add_bytes(uint32_t *sum, uint64_t bytes)
{
	*sum = (uint32_t)min_u64(*sum + min_u64(bytes, UINT32_MAX),
				 UINT32_MAX);
}

/* Sums the code of families; `moved` what one-sided parts hold. */
static void sum_code(struct families *families,
		     const struct comparison *comparison, uint32_t *moved)
{
	const struct match *match = &comparison->match;

	for (unsigned side = OLD; side < SIDES; side++) {
		const struct build *build = comparison_build(comparison, side);

		for (uint32_t i = 0; build && i < build->ledger.count; i++) {
			const struct entry *entry = &build->ledger.entries[i];
			uint32_t pair;

			if (entry->nature != NATURE_CODE)
				continue;
			pair = pair_of_symbol(match, side, entry->symbol);
			if (pair == NONE)
				continue;
			add_bytes(&families->code[families->root[pair]][side],
				  entry->size);
			if (is_split_part(&match->pairs[pair]))
				add_bytes(&moved[families->root[pair]],
					  entry->size);
		}
	}
}

/* LTO puts initcalls and PCI fixups into stubs, where they are inlined. */
static void find_stubs(struct families *families, const struct match *match)
{
	for (uint32_t i = 0; i < match->pair_count; i++) {
		uint32_t root = families->root[i];
		const struct pair *pair = &match->pairs[i];

		if (root != i && pair->symbol_class == SYM_STUB &&
		    (match->pairs[root].symbol[NEW] == NONE) ==
			    (pair->symbol[OLD] == NONE) &&
		    (match->pairs[root].symbol[OLD] == NONE) ==
			    (pair->symbol[NEW] == NONE))
			families->flags[root] |= FAMILY_STUB;
	}
}

static bool starts_with_pad(const struct build *build, uint32_t symbol)
{
	const struct image *image = &build->image;
	uint64_t available;
	const uint8_t *code = ident_symbol_data(image, symbol, &available);

	if (!code || available < 4)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(landing_pads); i++)
		if (landing_pads[i].machine == image->machine &&
		    memcmp(code, landing_pads[i].bytes, 4) == 0)
			return true;
	return false;
}

/*
 * Whether a build uses landing pads at all, from a sample of its functions:
 * to look at the first bytes of each would read all of a vmlinux.o's code.
 */
static bool build_has_pads(const struct build *build)
{
	const struct image *image = &build->image;
	uint32_t step = image->symbol_count / PADS_SAMPLE + 1;

	for (uint32_t i = 1; i < image->symbol_count; i += step)
		if (image->symbols[i].type == STT_FUNC &&
		    starts_with_pad(build, i))
			return true;
	return false;
}

static bool pad_came_or_went(const struct comparison *comparison,
			     const struct pair *pair)
{
	if (pair->symbol[OLD] == NONE || pair->symbol[NEW] == NONE)
		return false;
	return starts_with_pad(&comparison->builds[OLD], pair->symbol[OLD]) !=
	       starts_with_pad(&comparison->builds[NEW], pair->symbol[NEW]);
}

static void judge_nets(struct families *families,
		       const struct comparison *comparison,
		       const uint32_t *moved, bool pads)
{
	const struct match *match = &comparison->match;

	for (uint32_t i = 0; i < match->pair_count; i++) {
		const uint32_t *code = families->code[i];
		uint64_t net = max_u64(code[OLD], code[NEW]) -
			       min_u64(code[OLD], code[NEW]);

		if (moved[i] && net <= moved[i])
			families->flags[i] |= FAMILY_SPLIT;
		else if (pads && net && net <= LANDING_PAD_NET &&
			 pad_came_or_went(comparison, &match->pairs[i]))
			families->flags[i] |= FAMILY_LANDING_PAD;
	}
}

static void mark_kallsyms(struct families *families,
			  const struct comparison *comparison)
{
	for (unsigned side = OLD; side < SIDES; side++) {
		const struct build *build = comparison_build(comparison, side);

		for (int i = KNOWN_KALLSYMS_FIRST;
		     build && i <= KNOWN_KALLSYMS_LAST; i++) {
			uint32_t symbol = build->ident.known[i], pair;

			if (symbol == 0)
				continue;
			symbol = build->ledger.owner[symbol];
			pair = pair_of_symbol(&comparison->match, side,
					      symbol);
			if (pair != NONE)
				families->flags[families->root[pair]] |=
					FAMILY_KALLSYMS;
		}
	}
}

static bool has_split_parts(const struct match *match)
{
	for (uint32_t i = 0; i < match->pair_count; i++)
		if (is_split_part(&match->pairs[i]))
			return true;
	return false;
}

/* Sums code and judges it, where there is a reason for which it may differ. */
static int judge_code(struct families *families,
		      const struct comparison *comparison, bool with_code)
{
	size_t count = (size_t)comparison->match.pair_count + 1;
	bool pads = build_has_pads(&comparison->builds[OLD]) ||
		    build_has_pads(&comparison->builds[NEW]);
	uint32_t *moved;

	if (!pads && !with_code &&
	    !has_split_parts(&comparison->match))
		return 0;
	moved = calloc(count, sizeof(*moved));
	families->code = calloc(count, sizeof(*families->code));
	if (moved && families->code) {
		sum_code(families, comparison, moved);
		judge_nets(families, comparison, moved, pads);
	}
	free(moved);
	return moved && families->code ? 0 : -1;
}

int families_find(struct families *families,
		  const struct comparison *comparison, bool with_code,
		  struct err *err)
{
	size_t count = (size_t)comparison->match.pair_count + 1;

	families->root = malloc(count * sizeof(*families->root));
	families->flags = calloc(count, sizeof(*families->flags));
	if (!families->root || !families->flags)
		return err_oom(err, "joining families of symbols");
	find_roots(families, &comparison->match);
	find_stubs(families, &comparison->match);
	if (judge_code(families, comparison, with_code))
		return err_oom(err, "joining families of symbols");
	mark_kallsyms(families, comparison);
	return 0;
}

void families_release(struct families *families)
{
	free(families->root);
	free(families->flags);
	free(families->code);
	memset(families, 0, sizeof(*families));
}

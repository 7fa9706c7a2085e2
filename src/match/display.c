/* SPDX-License-Identifier: MIT */
/*
 * Which of its names a thing is shown under. That is settled when a row is
 * printed, not when it is paired: of millions of pairs few are ever shown.
 */
#include <elf.h>
#include <string.h>

#include "match/match.h"

/* As many aliases of one place are looked at. */
#define MOST_ALIASES 64

static bool has_name(const struct build *build, uint32_t symbol,
		     const char *name)
{
	for (unsigned i = 0; symbol && symbol < build->image.symbol_count &&
	     i < MOST_ALIASES; i++) {
		if (!strcmp(image_symbol_name(&build->image, symbol), name))
			return true;
		symbol = build->ledger.next_alias[symbol];
	}
	return false;
}

static unsigned rank(const struct build *build, uint32_t symbol,
		     const struct build *other, uint32_t partner)
{
	const struct symbol *s = &build->image.symbols[symbol];
	const char *name = image_symbol_name(&build->image, symbol);

	return (partner != NONE && has_name(other, partner, name) ? 8 : 0) +
	       (s->size ? 4 : 0) +
	       (s->type == STT_FUNC || s->type == STT_OBJECT ? 2 : 0) +
	       (strpbrk(name, ".$") ? 0 : 1);
}

uint32_t match_display(const struct build builds[SIDES],
		       const struct pair *pair, unsigned side)
{
	const struct build *build = &builds[side];
	uint32_t symbol = pair->symbol[side];
	uint32_t best = symbol;
	unsigned best_rank;

	if (symbol == NONE || !build->ledger.next_alias[symbol])
		return symbol;
	best_rank = rank(build, symbol, &builds[!side], pair->symbol[!side]);
	for (unsigned i = 0; i < MOST_ALIASES; i++) {
		unsigned value;

		symbol = build->ledger.next_alias[symbol];
		if (!symbol || symbol >= build->image.symbol_count)
			break;
		value = rank(build, symbol, &builds[!side],
			     pair->symbol[!side]);
		if (value > best_rank) {
			best_rank = value;
			best = symbol;
		}
	}
	return best;
}

/* SPDX-License-Identifier: MIT */
/*
 * What DWARF knows of contested functions, where both builds have it: their
 * unit, by path and not only by basename, of locals and globals alike, and
 * where the source declares them. It takes the place of FILE symbols for the
 * contested alone: what one name a side settles needs no unit.
 */
#include "match/matcher.h"

#include <string.h>

/* The piece of code at the beginning of a symbol, or NULL. */
static const struct dwarf_piece *piece_of(const struct side *side,
					  uint32_t symbol)
{
	const struct symbol *s = &side->image->symbols[symbol];
	const struct dwarf *dwarf = &side->build->dwarf;
	uint32_t at = dwarf_piece_at(dwarf, s->section, s->value, 0);
	const struct dwarf_piece *piece = &dwarf->pieces[at];

	return at < dwarf->piece_count && piece->section == s->section &&
	       piece->offset <= s->value ? piece : NULL;
}

static uint32_t dwarf_unit_of(const struct side *side, uint32_t symbol)
{
	const struct symbol *s = &side->image->symbols[symbol];
	const struct dwarf_piece *piece;
	uint32_t hint = 0;

	if (!(side->tag[symbol] & TAG_CODE))
		return dwarf_variable_unit(&side->build->dwarf, s->section,
					   s->value, &hint);
	piece = piece_of(side, symbol);
	return piece ? piece->unit : NONE;
}

bool declared_known(const struct matcher *matcher)
{
	for (unsigned i = 0; i < SIDES; i++)
		if (!matcher->sides[i].build ||
		    !matcher->sides[i].build->dwarf.present ||
		    !matcher->sides[i].build->dwarf.piece_count)
			return false;
	return true;
}

/* Numbers of paths, apart from those of FILE symbols. */
#define PATH_UNIT 0x80000000u

static int set_units(struct matcher *matcher, struct side *side)
{
	for (size_t i = 0; i < side->contested_count; i++) {
		struct candidate *candidate = &side->contested[i];
		uint32_t unit = dwarf_unit_of(side, candidate->symbol);
		uint32_t name;

		/* Variables of both builds or of none: they may be left out. */
		if (unit >= side->build->dwarf.unit_count &&
		    !(side->tag[candidate->symbol] & TAG_CODE))
			continue;
		candidate->unit = 0;
		if (unit >= side->build->dwarf.unit_count)
			continue;
		name = names_intern_cstr(matcher->names,
			side->build->dwarf.units[unit].name);
		if (name == NAME_ERROR)
			return -1;
		candidate->unit = name ? PATH_UNIT | name : 0;
	}
	return 0;
}

int declared_set_units(struct matcher *matcher, struct err *err)
{
	if (!declared_known(matcher))
		return 0;
	for (unsigned i = 0; i < SIDES; i++)
		if (set_units(matcher, &matcher->sides[i]))
			return err_oom(err, "finding units of functions");
	return 0;
}

uint64_t declared_at(const struct side *side, uint32_t symbol)
{
	const struct dwarf *dwarf = &side->build->dwarf;
	const struct dwarf_piece *piece = piece_of(side, symbol);
	const struct dwarf_function *function;

	if (!piece || piece->host >= dwarf->function_count ||
	    piece->unit >= dwarf->unit_count)
		return 0;
	function = &dwarf->functions[piece->host];
	if (!function->decl_line)
		return 0;
	return map_mix(map_mix(names_hash(function->decl_file,
					  strlen(function->decl_file)) +
			       function->decl_line) +
		       names_hash(dwarf->units[piece->unit].name,
				  strlen(dwarf->units[piece->unit].name))) | 1;
}

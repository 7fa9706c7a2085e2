/* SPDX-License-Identifier: MIT */
/*
 * Units of symbols that no FILE symbol speaks for: what ThinLTO promoted, and
 * what it made local. The key behind ".llvm." is one number a module: a pair
 * of one of its symbols tells where all of them come from. What has no key is
 * asked for its neighbours: a unit's code and data are written in one piece.
 */
#include <stdlib.h>

#include "base/map.h"
#include "match/matcher.h"

/* A module's unit by majority: each vote for another one weakens it. */
struct module {
	uint32_t unit;
	uint32_t weight;
};

static uint64_t module_key(unsigned side, uint32_t module)
{
	return (uint64_t)side << 32 | module;
}

static struct module *module_at(struct matcher *matcher, unsigned side,
				uint32_t name)
{
	uint32_t fresh = (uint32_t)matcher->module_count;
	uint32_t *at = map_at(&matcher->module_index, module_key(side, name),
			      fresh);
	struct module *modules;

	if (!at)
		return NULL;
	if (*at == fresh) {
		uint32_t index = *at;

		modules = array_grow(matcher->modules,
				     &matcher->module_capacity,
				     matcher->module_count + 1,
				     sizeof(*modules));
		if (!modules)
			return NULL;
		matcher->modules = modules;
		modules[matcher->module_count++] = (struct module){ 0, 0 };
		return &modules[index];
	}
	return &matcher->modules[*at];
}

static void vote(struct module *module, uint32_t unit)
{
	if (module->unit == unit)
		module->weight++;
	else if (module->weight)
		module->weight--;
	else
		*module = (struct module){ unit, 1 };
}

static uint32_t module_unit(const struct matcher *matcher, unsigned side,
			    uint32_t symbol)
{
	const struct special *special =
		side_special(&matcher->sides[side], symbol);
	const uint32_t *at;

	if (!special || !special->module)
		return 0;
	at = map_find(&matcher->module_index,
		      module_key(side, special->module));
	return at ? matcher->modules[*at].unit : 0;
}

static uint32_t any_unit(const struct matcher *matcher, unsigned side,
			 uint32_t symbol)
{
	uint32_t unit = unit_of(&matcher->sides[side], symbol);

	return unit ? unit : module_unit(matcher, side, symbol);
}

/* What a pair tells about the module of one of its symbols. */
static int learn_from(struct matcher *matcher, unsigned side,
		      const struct special *special)
{
	uint32_t owner = side_owner(&matcher->sides[side], special->symbol);
	const struct special *other;
	struct module *module;
	uint32_t partner, unit;

	if (owner == NONE || matcher->mate[side][owner] == NONE)
		return 0;
	partner = matcher->mate[side][owner];
	unit = any_unit(matcher, !side, partner);
	if (!unit) {
		/* Two ThinLTO builds: a number for both keys. */
		other = side_special(&matcher->sides[!side], partner);
		if (!other || !other->module)
			return 0;
		unit = module_unit(matcher, side, special->symbol);
		if (!unit)
			unit = matcher->unit_count++;
	}
	module = module_at(matcher, side, special->module);
	if (!module)
		return -1;
	vote(module, unit);
	return 0;
}

int units_learn(struct matcher *matcher, struct err *err)
{
	matcher->module_count = 0;
	map_release(&matcher->module_index);
	for (unsigned which = 0; which < SIDES; which++) {
		const struct side *side = &matcher->sides[which];

		for (size_t i = 0; i < side->special_count; i++)
			if (side->specials[i].module &&
			    learn_from(matcher, which, &side->specials[i]))
				return err_oom(err, "learning modules");
	}
	for (unsigned which = 0; which < SIDES; which++) {
		struct side *side = &matcher->sides[which];

		for (size_t i = 0; i < side->contested_count; i++) {
			struct candidate *candidate = &side->contested[i];

			if (!candidate->unit)
				candidate->unit = any_unit(
					matcher, which, candidate->symbol);
		}
	}
	return 0;
}

/* As far as a neighbour is looked for: assembly and globals lie between. */
#define NEIGHBOURS 256

/*
 * The unit of the nearest symbol before or behind an entry whose unit is
 * known, in sections of the same kind. Compilers write a unit's code and data
 * in one piece, and one section a symbol changes nothing about their order.
 */
static uint32_t neighbour_unit(const struct matcher *matcher, unsigned which,
			       const struct entry *from, int step)
{
	const struct side *side = &matcher->sides[which];
	const struct ledger *ledger = &side->build->ledger;
	const uint32_t *names = matcher->match->section_name[which];
	const struct entry *entry = from;

	for (unsigned i = 0; i < NEIGHBOURS; i++) {
		uint32_t unit;

		entry += step;
		if (entry < ledger->entries ||
		    entry >= ledger->entries + ledger->count)
			return 0;
		if (entry->section == NONE ||
		    names[entry->section] != names[from->section])
			return 0;
		if (entry->symbol == NONE || entry->symbol >= side->count)
			continue;
		unit = any_unit(matcher, which, entry->symbol);
		if (unit)
			return unit;
	}
	return 0;
}

static void infer(struct matcher *matcher, unsigned which,
		  struct candidate *candidate)
{
	const struct side *side = &matcher->sides[which];
	const struct symbol *symbol = &side->image->symbols[candidate->symbol];
	const struct entry *entry;
	uint32_t before, behind;

	if (symbol->section >= side->image->section_count)
		return;
	entry = ledger_find(&side->build->ledger, symbol->section,
			    symbol->value);
	if (!entry || entry->section != symbol->section)
		return;
	before = neighbour_unit(matcher, which, entry, -1);
	behind = neighbour_unit(matcher, which, entry, 1);
	if (before == behind)
		candidate->unit = before;
}

int units_infer(struct matcher *matcher, struct err *err)
{
	(void)err;
	for (unsigned which = 0; which < SIDES; which++) {
		struct side *side = &matcher->sides[which];

		for (size_t i = 0; i < side->contested_count; i++)
			if (!side->contested[i].unit)
				infer(matcher, which, &side->contested[i]);
	}
	return 0;
}

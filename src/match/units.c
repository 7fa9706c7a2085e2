/* SPDX-License-Identifier: MIT */
/*
 * Source files from STT_FILE symbols. A FILE symbol names only the basename
 * (core.c 28 times in a kernel), but both builds are linked in the same order:
 * the two sequences are aligned, and equal numbers are given to files that
 * stand at the same place in it. What stands at no common place gets a number
 * of its own, unless its basename is the only one left on each side.
 *
 * Only STV_DEFAULT locals of a plausible file are believed: after ThinLTO all
 * globals were made local, hidden, under whatever FILE symbol came last (all
 * 20,404 of them "in" usercopy_64.c), and full LTO writes one FILE "ld-temp.o".
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "match/matcher.h"

static bool is_plausible(const char *name, size_t length)
{
	if (!length || name[0] == '<')
		return false;
	return length < 2 || memcmp(name + length - 2, ".o", 2);
}

bool units_believe(const struct symbol *symbol)
{
	return symbol->file && symbol->bind == STB_LOCAL &&
	       symbol->visibility == STV_DEFAULT;
}

int units_add_file(struct side *side, uint32_t symbol)
{
	uint32_t *files = array_grow(side->files, &side->file_capacity,
				     side->file_count + 1, sizeof(*files));

	if (!files)
		return -1;
	side->files = files;
	files[side->file_count++] = symbol;
	return 0;
}

/* The names of the files, interned; 0 for what is no source file. */
static int name_files(struct matcher *matcher, struct side *side,
		      uint32_t *names)
{
	for (size_t i = 0; i < side->file_count; i++) {
		const char *text = image_symbol_name(side->image,
						     side->files[i]);
		size_t length = strlen(text);

		names[i] = 0;
		if (!is_plausible(text, length))
			continue;
		names[i] = names_intern(matcher->names, text, length);
		if (names[i] == NAME_ERROR)
			return -1;
	}
	return 0;
}

struct sequence {
	uint32_t *names[SIDES];
	uint32_t *mate; /* of old files: index of the new one, or NONE */
};

/* Occurrences of each name on each side; only one is remembered. */
struct occurrence {
	uint32_t count[SIDES];
	uint32_t last[SIDES];
};

/*
 * The longest run of mates that grows on both sides (patience sorting): what
 * is out of it is set aside as moved. `mate` of NONE is skipped.
 */
static int keep_ascending(uint32_t *mate, size_t count)
{
	uint32_t *tail = malloc((count + 1) * sizeof(*tail));
	uint32_t *before = malloc((count + 1) * sizeof(*before));
	size_t length = 0;
	uint32_t at;

	if (!tail || !before) {
		free(tail);
		free(before);
		return -1;
	}
	for (uint32_t i = 0; i < count; i++) {
		size_t low = 0, high = length;

		if (mate[i] == NONE)
			continue;
		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (mate[tail[middle]] < mate[i])
				low = middle + 1;
			else
				high = middle;
		}
		before[i] = low ? tail[low - 1] : NONE;
		tail[low] = i;
		if (low == length)
			length++;
	}
	at = length ? tail[length - 1] : NONE;
	for (uint32_t i = (uint32_t)count; i-- > 0;) {
		if (i == at)
			at = before[i];
		else
			mate[i] = NONE;
	}
	free(tail);
	free(before);
	return 0;
}

/* Files whose basename occurs once on each side: the anchors. */
static void find_anchors(const struct matcher *matcher,
			 struct sequence *sequence,
			 struct occurrence *occurrences)
{
	for (unsigned side = 0; side < SIDES; side++) {
		for (size_t i = 0; i < matcher->sides[side].file_count; i++) {
			struct occurrence *occurrence =
				&occurrences[sequence->names[side][i]];

			occurrence->count[side]++;
			occurrence->last[side] = (uint32_t)i;
		}
	}
	for (size_t i = 0; i < matcher->sides[OLD].file_count; i++) {
		uint32_t name = sequence->names[OLD][i];
		const struct occurrence *occurrence = &occurrences[name];

		sequence->mate[i] = NONE;
		if (name && occurrence->count[OLD] == 1 &&
		    occurrence->count[NEW] == 1)
			sequence->mate[i] = occurrence->last[NEW];
	}
}

/*
 * Between two anchors the same basenames in the same order are the same
 * files; both pieces are short, and equal names are searched for from where
 * the last one was found, so that this is linear but for files that are gone.
 */
static void align_between(const struct sequence *sequence, size_t old_from,
			  size_t old_to, size_t new_from, size_t new_to)
{
	const size_t window = 64;

	for (size_t i = old_from; i < old_to; i++) {
		size_t limit = new_to - new_from < window ?
			new_to : new_from + window;

		if (!sequence->names[OLD][i])
			continue;
		for (size_t j = new_from; j < limit; j++) {
			if (sequence->names[OLD][i] != sequence->names[NEW][j])
				continue;
			sequence->mate[i] = (uint32_t)j;
			new_from = j + 1;
			break;
		}
	}
}

static void align(const struct matcher *matcher,
		  const struct sequence *sequence)
{
	size_t old_count = matcher->sides[OLD].file_count;
	size_t new_count = matcher->sides[NEW].file_count;
	size_t old_from = 0, new_from = 0;

	for (size_t i = 0; i < old_count; i++) {
		uint32_t mate = sequence->mate[i];

		if (mate == NONE)
			continue;
		align_between(sequence, old_from, i, new_from, mate);
		old_from = i + 1;
		new_from = (size_t)mate + 1;
	}
	align_between(sequence, old_from, old_count, new_from, new_count);
}

static int number_units(struct matcher *matcher,
			const struct sequence *sequence)
{
	struct side *old = &matcher->sides[OLD];
	struct side *new = &matcher->sides[NEW];

	old->file_units = calloc(old->file_count + 1, sizeof(uint32_t));
	new->file_units = calloc(new->file_count + 1, sizeof(uint32_t));
	if (!old->file_units || !new->file_units)
		return -1;
	matcher->unit_count = 1;
	for (size_t i = 0; i < old->file_count; i++) {
		if (!sequence->names[OLD][i])
			continue;
		old->file_units[i] = matcher->unit_count++;
		if (sequence->mate[i] != NONE)
			new->file_units[sequence->mate[i]] = old->file_units[i];
	}
	for (size_t i = 0; i < new->file_count; i++)
		if (sequence->names[NEW][i] && !new->file_units[i])
			new->file_units[i] = matcher->unit_count++;
	return 0;
}

int units_align(struct matcher *matcher, struct err *err)
{
	struct side *sides = matcher->sides;
	struct sequence sequence = { { NULL, NULL }, NULL };
	struct occurrence *occurrences = NULL;
	uint32_t *moved = NULL;
	int result = -1;

	for (unsigned side = 0; side < SIDES; side++) {
		sequence.names[side] = calloc(sides[side].file_count + 1,
					      sizeof(uint32_t));
		if (!sequence.names[side] ||
		    name_files(matcher, &sides[side], sequence.names[side]))
			goto out;
	}
	occurrences = calloc(matcher->names->count, sizeof(*occurrences));
	sequence.mate = calloc(sides[OLD].file_count + 1, sizeof(uint32_t));
	moved = calloc(sides[OLD].file_count + 1, sizeof(uint32_t));
	if (!occurrences || !sequence.mate || !moved)
		goto out;
	find_anchors(matcher, &sequence, occurrences);
	memcpy(moved, sequence.mate, sides[OLD].file_count * sizeof(*moved));
	if (keep_ascending(sequence.mate, sides[OLD].file_count))
		goto out;
	align(matcher, &sequence);
	/* An anchor out of the order is the same file all the same. */
	for (size_t i = 0; i < sides[OLD].file_count; i++)
		if (sequence.mate[i] == NONE)
			sequence.mate[i] = moved[i];
	result = number_units(matcher, &sequence);
out:
	free(occurrences);
	free(moved);
	free(sequence.mate);
	free(sequence.names[OLD]);
	free(sequence.names[NEW]);
	return result ? err_oom(err, "aligning source files") : 0;
}

static uint32_t unit_of_file(const struct side *side, uint32_t file)
{
	size_t low = 0, high = side->file_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (side->files[middle] < file)
			low = middle + 1;
		else
			high = middle;
	}
	return low < side->file_count && side->files[low] == file ?
		side->file_units[low] : 0;
}

uint32_t unit_near(const struct side *side, uint32_t symbol,
		   struct unit_hint *hint)
{
	uint32_t file;

	if (!(side->tag[symbol] & TAG_FILE))
		return 0;
	file = side->image->symbols[symbol].file;
	if (file != hint->file)
		*hint = (struct unit_hint){ file, unit_of_file(side, file) };
	return hint->unit;
}

uint32_t unit_of(const struct side *side, uint32_t symbol)
{
	struct unit_hint hint = { 0, 0 };

	return unit_near(side, symbol, &hint);
}

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
	const struct match *match = matcher->match;
	uint32_t owner = side_owner(&matcher->sides[side], special->symbol);
	const struct special *other;
	struct module *module;
	uint32_t pair, partner, unit;

	if (owner == NONE || match->pair_of[side][owner] == NONE)
		return 0;
	pair = match->pair_of[side][owner];
	partner = match->pairs[pair].symbol[!side];
	if (partner == NONE)
		return 0;
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
				candidate->unit = module_unit(
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

/* SPDX-License-Identifier: MIT */
/*
 * Pairing, in steps: intern the canonical name of each symbol; pair the
 * buckets that hold one symbol a side; let the levels settle the others; give
 * what is left a one-sided pair; link children to their parents.
 *
 * A name that is one symbol in each build needs no further evidence, and nine
 * of ten are: this first step is one walk over the buckets. Sorting all
 * symbols by key for each level was rejected: it costs five times as much on
 * 2.5 million symbols. Aliases are entered under each of their names, so that
 * an owner is found whichever of its names the other build kept.
 *
 * The invariant: each owner is in exactly one pair.
 */
#include "match/match.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/pages.h"
#include "match/matcher.h"
#include "match/section.h"

const struct special *side_special(const struct side *side, uint32_t symbol)
{
	size_t low = 0, high = side->special_count;

	if (!(side->tag[symbol] & TAG_SPECIAL))
		return NULL;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (side->specials[middle].symbol < symbol)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < side->special_count && side->specials[low].symbol == symbol)
		return &side->specials[low];
	return NULL;
}

uint32_t side_exact_name(const struct side *side, uint32_t symbol)
{
	const struct special *special = side_special(side, symbol);

	return special ? special->exact : side->name[symbol];
}

void matcher_pair(struct matcher *matcher, uint32_t old_owner,
		  uint32_t new_owner, enum level level)
{
	matcher->mate[OLD][old_owner] = new_owner;
	matcher->mate[NEW][new_owner] = old_owner;
	matcher->level[new_owner] = (uint8_t)level;
	matcher->paired++;
}

/* Code, by what the symbol says or else by where it lies. */
static bool is_code(const struct image *image, const struct symbol *symbol)
{
	switch (symbol->type) {
	case STT_FUNC:
	case STT_GNU_IFUNC:
		return true;
	case STT_OBJECT:
	case STT_TLS:
	case STT_COMMON:
		return false;
	}
	return symbol->section < image->section_count &&
	       (image->sections[symbol->section].flags & SHF_EXECINSTR);
}

static int keep_special(struct matcher *matcher, struct side *side,
			uint32_t symbol, const char *text, size_t length,
			const struct symname *parsed)
{
	struct names *names = matcher->names;
	struct special *list = array_grow(side->specials,
					  &side->special_capacity,
					  side->special_count + 1,
					  sizeof(*list));
	struct special special = { symbol, 0, 0, 0 };

	if (!list)
		return -1;
	side->specials = list;
	special.exact = names_intern(names, text, length);
	if (parsed->parent)
		special.parent = names_intern(names, parsed->parent,
					      parsed->parent_length);
	if (parsed->module)
		special.module = names_intern(names, parsed->module,
					      parsed->module_length);
	list[side->special_count++] = special;
	side->tag[symbol] |= TAG_SPECIAL;
	return special.exact == NAME_ERROR || special.parent == NAME_ERROR ||
	       special.module == NAME_ERROR ? -1 : 0;
}

/* Symbols whose names are interned together. */
struct batch {
	uint32_t symbols[256];
	struct name_request requests[256];
	size_t count;
};

static int batch_flush(struct matcher *matcher, struct side *side,
		       struct batch *batch)
{
	if (names_intern_many(matcher->names, batch->requests, batch->count))
		return -1;
	for (size_t i = 0; i < batch->count; i++)
		side->name[batch->symbols[i]] = batch->requests[i].name;
	batch->count = 0;
	return 0;
}

/* Puts a symbol's canonical name into the batch. */
static int name_symbol(struct matcher *matcher, struct side *side,
		       uint32_t symbol, struct batch *batch)
{
	const struct image *image = side->image;
	const struct strings *strings = &image->symbol_names;
	const struct symbol *which = &image->symbols[symbol];
	const char *text = strings->data + which->name;
	struct symname parsed;
	bool code = is_code(image, which);
	bool special;
	size_t length;

	if (which->name >= strings->size)
		return 0;
	length = symname_scan(text, strings->data + strings->size, &special);
	parsed = (struct symname){ .text = text, .length = length };
	if (special && !matcher->exact_names &&
	    symname_parse(&parsed, text, length, code, &matcher->match->arena))
		return -1;
	side->tag[symbol] = (uint8_t)(parsed.class | (code ? TAG_CODE : 0) |
				      (files_believe(which) ? TAG_FILE : 0));
	if ((parsed.text != text || parsed.length != length ||
	     parsed.parent) &&
	    keep_special(matcher, side, symbol, text, length, &parsed))
		return -1;
	batch->symbols[batch->count] = symbol;
	batch->requests[batch->count++] = (struct name_request){
		.text = parsed.text, .length = parsed.length
	};
	return batch->count == ARRAY_SIZE(batch->symbols) ?
		batch_flush(matcher, side, batch) : 0;
}

static int walk_symbols(struct matcher *matcher, struct side *side)
{
	const struct symbol *symbols = side->image->symbols;
	struct batch batch;

	batch.count = 0;
	for (uint32_t i = 1; i < side->count; i++) {
		if (symbols[i].type == STT_FILE && files_add(side, i))
			return -1;
		if (side_owner(side, i) != NONE &&
		    name_symbol(matcher, side, i, &batch))
			return -1;
	}
	return batch_flush(matcher, side, &batch);
}

/* Names all symbols that own bytes, or that stand beside one that does. */
static int name_symbols(struct matcher *matcher, struct side *side,
			struct err *err)
{
	if (!side->build)
		return 0;
	side->name = calloc((size_t)side->count + 1, sizeof(*side->name));
	side->tag = calloc((size_t)side->count + 1, sizeof(*side->tag));
	side->next = calloc((size_t)side->count + 1, sizeof(*side->next));
	pages_expect(side->name, side->count * sizeof(*side->name));
	pages_expect(side->tag, side->count);
	if (!side->name || !side->tag || !side->next ||
	    walk_symbols(matcher, side))
		return err_oom(err, "naming symbols");
	return 0;
}

/* Backwards, so that a bucket lists its symbols in their order. */
static void fill_buckets(struct matcher *matcher, unsigned which)
{
	struct side *side = &matcher->sides[which];

	for (uint32_t i = side->count; i-- > 1;) {
		struct bucket *bucket = &matcher->buckets[side->name[i]];

		if (!side->name[i])
			continue;
		/* Most names are alone: their pages are never touched. */
		if (bucket->head[which])
			side->next[i] = bucket->head[which];
		bucket->head[which] = i;
	}
}

static int make_buckets(struct matcher *matcher, struct err *err)
{
	matcher->bucket_count = matcher->names->count;
	matcher->buckets = calloc(matcher->bucket_count,
				  sizeof(*matcher->buckets));
	if (!matcher->buckets)
		return err_oom(err, "sorting symbols by name");
	pages_expect(matcher->buckets,
		     matcher->bucket_count * sizeof(*matcher->buckets));
	fill_buckets(matcher, OLD);
	fill_buckets(matcher, NEW);
	return 0;
}

static int contest(struct side *side, uint32_t symbol)
{
	for (; symbol; symbol = side->next[symbol]) {
		struct candidate *list = array_grow(side->contested,
						    &side->contested_capacity,
						    side->contested_count + 1,
						    sizeof(*list));

		if (!list)
			return -1;
		side->contested = list;
		list[side->contested_count++] = (struct candidate){
			.symbol = symbol,
			.owner = side_owner(side, symbol),
			.name = side->name[symbol],
			.exact = side_exact_name(side, symbol),
			.unit = unit_of(side, symbol),
			.tag = side_tag(side, symbol),
		};
	}
	return 0;
}

/* What one symbol a side has in common, if that is enough to pair them. */
static enum level level_of_two(const struct matcher *matcher, uint32_t old,
			       uint32_t new, struct unit_hint hints[SIDES])
{
	const struct side *sides = matcher->sides;

	if (side_tag(&sides[OLD], old) != side_tag(&sides[NEW], new) ||
	    side_owner(&sides[OLD], old) != old ||
	    side_owner(&sides[NEW], new) != new)
		return LEVEL_NONE;
	if (unit_near(&sides[OLD], old, &hints[OLD]) !=
	    unit_near(&sides[NEW], new, &hints[NEW]))
		return LEVEL_NAME;
	if (side_exact_name(&sides[OLD], old) !=
	    side_exact_name(&sides[NEW], new))
		return LEVEL_CANONICAL;
	return LEVEL_EXACT;
}

static int walk_buckets(struct matcher *matcher, struct err *err)
{
	struct unit_hint hints[SIDES] = { { 0, 0 }, { 0, 0 } };
	struct side *sides = matcher->sides;

	for (uint32_t i = 1; i < matcher->bucket_count; i++) {
		uint32_t old = matcher->buckets[i].head[OLD];
		uint32_t new = matcher->buckets[i].head[NEW];
		enum level level = LEVEL_NONE;

		if (!old || !new)
			continue;
		if (!sides[OLD].next[old] && !sides[NEW].next[new])
			level = level_of_two(matcher, old, new, hints);
		if (level != LEVEL_NONE) {
			matcher_pair(matcher, old, new, level);
			continue;
		}
		if (contest(&sides[OLD], old) || contest(&sides[NEW], new))
			return err_oom(err, "collecting equal names");
	}
	return 0;
}

/* Mates become pairs in place: pair_of[] is where they are kept. */
static int make_mates(struct matcher *matcher, struct err *err)
{
	struct match *match = matcher->match;

	for (unsigned which = 0; which < SIDES; which++) {
		size_t bytes = ((size_t)matcher->sides[which].count + 1) *
			       sizeof(uint32_t);

		match->pair_of[which] = arena_alloc(&match->arena, bytes);
		if (!match->pair_of[which])
			return err_oom(err, "pairing symbols");
		pages_expect(match->pair_of[which], bytes);
		memset(match->pair_of[which], 0xff, bytes);
		matcher->mate[which] = match->pair_of[which];
	}
	matcher->level = calloc((size_t)matcher->sides[NEW].count + 1, 1);
	return matcher->level ? 0 : err_oom(err, "pairing symbols");
}

/* A symbol may claim any size, its section has one. */
static uint64_t believable_size(const struct image *image, uint32_t symbol)
{
	const struct symbol *s = &image->symbols[symbol];

	return s->section < image->section_count ?
		       min_u64(s->size, image->sections[s->section].size) : 0;
}

static uint32_t add_pair(struct matcher *matcher, uint32_t old_owner,
			 uint32_t new_owner)
{
	struct match *match = matcher->match;
	unsigned which = new_owner != NONE ? NEW : OLD;
	uint32_t owner = which == NEW ? new_owner : old_owner;
	enum level level = LEVEL_NONE;

	if (new_owner != NONE)
		level = matcher->level[new_owner];
	if (__builtin_add_overflow(
		    match->level_bytes[level],
		    believable_size(matcher->sides[which].image, owner),
		    &match->level_bytes[level]))
		match->level_bytes[level] = UINT64_MAX;
	match->pairs[match->pair_count] = (struct pair){
		.symbol = { old_owner, new_owner },
		.level = (uint8_t)level,
		.symbol_class = matcher->sides[which].tag[owner] & TAG_CLASS,
	};
	return match->pair_count++;
}

/*
 * Pairs in the order of the new symbols, one-sided ones of what is left in the
 * old build behind them: later stages walk ledgers and pairs side by side.
 */
static int make_pairs(struct matcher *matcher, struct err *err)
{
	struct match *match = matcher->match;
	size_t owners = 0;

	for (unsigned which = 0; which < SIDES; which++)
		for (uint32_t i = 1; i < matcher->sides[which].count; i++)
			owners += side_owner(&matcher->sides[which], i) == i;
	match->pairs = arena_array(&match->arena, owners - matcher->paired + 1,
				   sizeof(*match->pairs));
	if (!match->pairs)
		return err_oom(err, "pairing symbols");
	pages_expect(match->pairs, (owners - matcher->paired) *
					   sizeof(*match->pairs));
	for (uint32_t i = 1; i < matcher->sides[NEW].count; i++)
		if (side_owner(&matcher->sides[NEW], i) == i)
			match->pair_of[NEW][i] =
				add_pair(matcher, matcher->mate[NEW][i], i);
	for (uint32_t i = 1; i < matcher->sides[OLD].count; i++) {
		uint32_t mate = matcher->mate[OLD][i];

		if (side_owner(&matcher->sides[OLD], i) == i)
			match->pair_of[OLD][i] =
				mate != NONE ? match->pair_of[NEW][mate] :
					       add_pair(matcher, i, NONE);
	}
	return 0;
}

/* The folded names of sections, one interning a row of the table. */
struct folder {
	uint32_t *rows[3]; /* by row, for "", ".rela" and ".rel" */
	uint32_t own[OWN_HEADS]; /* of all sections with one head */
	struct arena *arena;
	struct names *names;
};

static int folded_name(struct folder *folder, const char *name,
		       uint32_t *result)
{
	static const char *const heads[] = { "", ".rela", ".rel" };
	char relocations;
	int row = section_fold(name, &relocations);
	unsigned head = relocations ? relocations == 'a' ? 1 : 2 : 0;
	uint32_t *known;

	if (row == SECTION_KEEPS) {
		*result = names_intern_cstr(folder->names, name);
		return *result == NAME_ERROR ? -1 : 0;
	}
	known = &folder->rows[head][row];
	if (!*known) {
		const char *text = arena_printf(folder->arena, "%s%s",
						heads[head],
						section_fold_output(row));

		if (!text)
			return -1;
		*known = names_intern_cstr(folder->names, text);
	}
	*result = *known;
	return *known == NAME_ERROR ? -1 : 0;
}

/* Only a relocatable file has input sections; a linked one shows its own. */
static int name_section(struct folder *folder, const struct image *image,
			uint32_t section, uint32_t *result)
{
	const char *name = image_section_name(image, section);

	if (image->type == ET_REL)
		return folded_name(folder, name, result);
	*result = names_intern_cstr(folder->names, name);
	return *result == NAME_ERROR ? -1 : 0;
}

static int fold_sections(struct matcher *matcher, unsigned which,
			 struct err *err)
{
	struct match *match = matcher->match;
	const struct image *image = matcher->sides[which].image;
	struct folder folder = { .arena = &match->arena,
				 .names = matcher->names };
	uint32_t *list;

	if (!image)
		return 0;
	list = arena_array(&match->arena, (size_t)image->section_count + 1,
			   sizeof(*list));
	match->section_name[which] = list;
	for (unsigned i = 0; i < ARRAY_SIZE(folder.rows); i++) {
		folder.rows[i] = arena_array(&match->arena,
					     (size_t)section_fold_rows(),
					     sizeof(uint32_t));
		if (!list || !folder.rows[i])
			return err_oom(err, "naming sections");
	}
	for (uint32_t i = 1; i < image->section_count; i++) {
		uint32_t *known = &folder.own[image->sections[i].own];

		if (!image->sections[i].own)
			known = &list[i];
		if (!*known && name_section(&folder, image, i, known))
			return err_oom(err, "naming sections");
		list[i] = *known;
	}
	image_forget_strings(image, &image->section_names);
	return 0;
}

static void side_release(struct side *side)
{
	free(side->name);
	free(side->tag);
	free(side->next);
	free(side->specials);
	free(side->contested);
	free(side->files);
	free(side->file_names);
	free(side->file_units);
}

int match_run(struct match *match, struct names *names,
	      const struct build *const builds[SIDES],
	      const struct match_options *options, struct err *err)
{
	struct matcher matcher = {
		.match = match,
		.names = names,
		.exact_names = options && options->exact_names,
	};
	int result = -1;

	memset(match, 0, sizeof(*match));
	for (unsigned i = 0; i < SIDES; i++) {
		if (!builds[i])
			continue;
		matcher.sides[i].build = builds[i];
		matcher.sides[i].image = &builds[i]->image;
		matcher.sides[i].count = builds[i]->image.symbol_count;
	}
	if (fold_sections(&matcher, OLD, err) ||
	    fold_sections(&matcher, NEW, err) ||
	    make_mates(&matcher, err) ||
	    name_symbols(&matcher, &matcher.sides[OLD], err) ||
	    name_symbols(&matcher, &matcher.sides[NEW], err))
		goto out;
	/* From here on a name is a number: few texts are read again. */
	for (unsigned i = 0; i < SIDES; i++)
		if (builds[i])
			image_forget_strings(&builds[i]->image,
					     &builds[i]->image.symbol_names);
	if (files_align(&matcher, err) ||
	    make_buckets(&matcher, err) ||
	    walk_buckets(&matcher, err) ||
	    levels_run(&matcher, err) ||
	    children_pair(&matcher, err) ||
	    renamed_pair(&matcher, err) ||
	    make_pairs(&matcher, err))
		goto out;
	children_link(&matcher);
	result = 0;
out:
	free(matcher.buckets);
	free(matcher.modules);
	free(matcher.level);
	map_release(&matcher.module_index);
	side_release(&matcher.sides[OLD]);
	side_release(&matcher.sides[NEW]);
	if (result)
		match_release(match);
	return result;
}

void match_release(struct match *match)
{
	arena_release(&match->arena);
	memset(match, 0, sizeof(*match));
}

/* SPDX-License-Identifier: MIT */
#include "report/dimension.h"

#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "ledger/class.h"

static struct text text_of(const char *string)
{
	return (struct text){ string, strlen(string) };
}

static struct text name_label(const struct keys *keys, uint32_t key)
{
	struct text text;

	text.at = names_text(&keys->names, key, &text.length);
	return text;
}

static uint32_t name_limit(const struct keys *keys)
{
	return keys->names.count;
}

static void fill_places(const uint32_t *plain, const uint32_t *gap,
			const struct entry *entries, size_t count,
			uint32_t *out)
{
	for (size_t i = 0; i < count; i++) {
		const struct entry *entry = &entries[i];

		if (entry->section == NONE)
			out[i] = NONE;
		else if (entry->flags & ENTRY_GAP_BEFORE)
			out[i] = gap[entry->section];
		else
			out[i] = plain[entry->section];
	}
}

static void fill_section(const struct keys *keys, unsigned side,
			 const struct entry *entries, size_t count,
			 uint32_t *out)
{
	fill_places(keys->section[side], keys->section_gap[side], entries,
		    count, out);
}

static void fill_input_section(const struct keys *keys, unsigned side,
			       const struct entry *entries, size_t count,
			       uint32_t *out)
{
	fill_places(keys->input_section[side], keys->input_section_gap[side],
		    entries, count, out);
}

static void fill_class(const struct keys *keys, unsigned side,
		       const struct entry *entries, size_t count,
		       uint32_t *out)
{
	const uint8_t *classes = keys->section_class[side];

	for (size_t i = 0; i < count; i++) {
		uint32_t section = entries[i].section;

		out[i] = class_of_entry(section == NONE ? CLASS_OTHER
							: classes[section],
					entries[i].nature);
	}
}

static uint32_t class_limit(const struct keys *keys)
{
	(void)keys;
	return CLASS_COUNT;
}

static struct text class_label(const struct keys *keys, uint32_t key)
{
	(void)keys;
	return text_of(class_name(key));
}

/* The pair that each entry's symbol is shown as, or NONE. */
static void fill_symbol(const struct keys *keys, unsigned side,
			const struct entry *entries, size_t count,
			uint32_t *out)
{
	const struct match *match = &keys->comparison->match;

	/* In two walks: pairs of the old build are all over the place. */
	for (size_t i = 0; i < count; i++) {
		uint32_t symbol = entries[i].symbol;

		out[i] = symbol == NONE ? NONE : match->pair_of[side][symbol];
		if (out[i] != NONE)
			__builtin_prefetch(&match->pairs[out[i]]);
	}
	for (size_t i = 0; i < count && !keys->no_rollup; i++)
		if (out[i] != NONE)
			out[i] = match->pairs[out[i]].parent;
}

static uint32_t symbol_limit(const struct keys *keys)
{
	return keys->comparison->match.pair_count;
}

static struct text symbol_label(const struct keys *keys, uint32_t key)
{
	const struct pair *pair = keys_pair(keys, key);
	unsigned side = pair->symbol[NEW] != NONE ? NEW : OLD;

	return keys_pair_name(keys, pair, side);
}

/* The pair, its symbol, and the symbol's name. */
static void symbol_prefetch(const struct keys *keys, uint32_t key,
			    unsigned step)
{
	const struct match *match = &keys->comparison->match;
	const struct pair *pair = &match->pairs[key];
	const struct build *build;
	uint32_t symbol;
	unsigned side;

	if (key >= match->pair_count)
		return;
	if (step == 0) {
		__builtin_prefetch(pair);
		return;
	}
	side = pair->symbol[NEW] != NONE ? NEW : OLD;
	build = &keys->comparison->builds[side];
	symbol = pair->symbol[side];
	if (step == 1) {
		__builtin_prefetch(&build->image.symbols[symbol]);
		__builtin_prefetch(&build->ledger.next_alias[symbol]);
	} else {
		__builtin_prefetch(image_symbol_name(&build->image, symbol));
	}
}

static void fill_level(const struct keys *keys, unsigned side,
		       const struct entry *entries, size_t count,
		       uint32_t *out)
{
	fill_symbol(keys, side, entries, count, out);
	for (size_t i = 0; i < count; i++)
		if (out[i] != NONE)
			out[i] = keys->comparison->match.pairs[out[i]].level;
}

static uint32_t level_limit(const struct keys *keys)
{
	(void)keys;
	return LEVEL_COUNT;
}

static struct text level_label(const struct keys *keys, uint32_t key)
{
	(void)keys;
	return text_of(level_name(key));
}

static void fill_nature(const struct keys *keys, unsigned side,
			const struct entry *entries, size_t count,
			uint32_t *out)
{
	(void)keys, (void)side;
	for (size_t i = 0; i < count; i++)
		out[i] = entries[i].nature;
}

static uint32_t nature_limit(const struct keys *keys)
{
	(void)keys;
	return NATURE_COUNT;
}

static struct text nature_label(const struct keys *keys, uint32_t key)
{
	(void)keys;
	return text_of(nature_name(key));
}

static void fill_file(const struct keys *keys, unsigned side,
		      const struct entry *entries, size_t count, uint32_t *out)
{
	const struct image *image = &keys->comparison->builds[side].image;

	for (size_t i = 0; i < count; i++) {
		uint32_t symbol = entries[i].symbol;
		uint32_t file = symbol == NONE ? 0
					       : image->symbols[symbol].file;

		out[i] = file ? keys->file[side][file] : NONE;
	}
}

static void fill_units(const uint32_t *table, const struct entry *entries,
		       size_t count, uint32_t *out)
{
	for (size_t i = 0; i < count; i++)
		out[i] = entries[i].unit == NONE ? NONE
						 : table[entries[i].unit];
}

static void fill_unit(const struct keys *keys, unsigned side,
		      const struct entry *entries, size_t count, uint32_t *out)
{
	fill_units(keys->unit[side], entries, count, out);
}

static void fill_dir(const struct keys *keys, unsigned side,
		     const struct entry *entries, size_t count, uint32_t *out)
{
	fill_units(keys->dir[side], entries, count, out);
}

static uint32_t dir_parent(const struct keys *keys, uint32_t key)
{
	struct text text = name_label(keys, key);
	size_t above = keys_dir_parent(text.at, text.length);

	if (!above)
		return NONE;
	return names_find(&keys->names, text.at, above);
}

static void fill_responsible(const struct keys *keys, unsigned side,
			     const struct entry *entries, size_t count,
			     uint32_t *out)
{
	const struct comparison *comparison = keys->comparison;

	for (size_t i = 0; i < count; i++) {
		uint32_t function = causes_function(&comparison->causes,
						    comparison, side,
						    &entries[i]);

		out[i] = function == NONE ? NONE : keys->function[function];
	}
}

static void fill_inlinee(const struct keys *keys, unsigned side,
			 const struct entry *entries, size_t count,
			 uint32_t *out)
{
	if (keys->function) {
		fill_responsible(keys, side, entries, count, out);
		return;
	}
	for (size_t i = 0; i < count; i++)
		out[i] = entries[i].path == NONE
			? NONE : keys->inlinee[side][entries[i].path];
}

/* The key is "name NUL file": the name is what is shown. */
static struct text inlinee_label(const struct keys *keys, uint32_t key)
{
	struct text text = name_label(keys, key);

	text.length = strnlen(text.at, text.length);
	return text;
}

static void fill_btf_kind(const struct keys *keys, unsigned side,
			  const struct entry *entries, size_t count,
			  uint32_t *out)
{
	const struct btf *btf = &keys->comparison->builds[side].btf;

	for (size_t i = 0; i < count; i++)
		out[i] = entries[i].detail == NONE
			? NONE : btf->groups[entries[i].detail].kind;
}

static uint32_t btf_kind_limit(const struct keys *keys)
{
	(void)keys;
	return BTF_PART_END;
}

static struct text btf_kind_label(const struct keys *keys, uint32_t key)
{
	(void)keys;
	return text_of(btf_kind_name(key));
}

/* Entries of a ledger's columns are not in its array: all symbol names. */
static void fill_cause(const struct keys *keys, unsigned side,
		       const struct entry *entries, size_t count,
		       uint32_t *out)
{
	const struct ledger *ledger = &keys->comparison->builds[side].ledger;
	const uint8_t *causes = keys->comparison->causes.of_entry[side];
	bool inside = causes && entries >= ledger->entries &&
		      entries < ledger->entries + ledger->count;

	for (size_t i = 0; i < count; i++)
		out[i] = inside ? causes[entries - ledger->entries + (long)i]
				: causes ? CAUSE_SYMBOL_NAMES : NONE;
}

static uint32_t cause_limit(const struct keys *keys)
{
	(void)keys;
	return CAUSE_COUNT;
}

static struct text cause_label(const struct keys *keys, uint32_t key)
{
	(void)keys;
	return text_of(cause_name(key));
}

const struct dimension dimensions[] = {
	{ "section", "section, folded as the kernel's linker script does",
	  keys_prepare_section, fill_section, name_limit, .label = name_label,
	  .of_section = true },
	{ "input-section", "section as the file names it",
	  keys_prepare_input_section, fill_input_section, name_limit,
	  .label = name_label, .of_section = true },
	{ "class", "kind of section: text, rodata, data, debug, ...",
	  keys_prepare_class, fill_class, class_limit, .label = class_label },
	{ "symbol", "function or object, with its .cold and .part pieces",
	  NULL, fill_symbol, symbol_limit, .label = symbol_label,
	  .prefetch = symbol_prefetch, .needs = NEED_SYMBOLS,
	  .of_symbol = true },
	{ "nature", "what the bytes are: code, data, padding, records, ...",
	  NULL, fill_nature, nature_limit, .label = nature_label },
	{ "file", "source file by the symbol table's FILE symbols",
	  keys_prepare_file, fill_file, name_limit, .label = name_label,
	  .needs = NEED_SYMBOLS, .of_symbol = true },
	{ "unit", "compile unit, by DWARF",
	  keys_prepare_unit, fill_unit, name_limit, .label = name_label,
	  .needs = NEED_DEBUG_INFO | NEED_OWNERS | NEED_TYPES },
	{ "dir", "directory of the compile unit, nested",
	  keys_prepare_dir, fill_dir, name_limit, .label = name_label,
	  .parent = dir_parent,
	  .needs = NEED_DEBUG_INFO | NEED_OWNERS | NEED_TYPES },
	{ "inlinee", "function whose code was inlined here, by DWARF",
	  keys_prepare_inlinee, fill_inlinee, name_limit,
	  .label = inlinee_label,
	  .needs = NEED_DEBUG_INFO | NEED_OWNERS | NEED_TYPES | NEED_SYMBOLS },
	{ "cause", "why the bytes are there: inlined, added, padding, ...",
	  keys_prepare_cause, fill_cause, cause_limit, .label = cause_label,
	  .needs = NEED_ALL, .in_place = true },
	{ "btf-kind", "kind of BTF record: STRUCT, FUNC_PROTO, strings, ...",
	  NULL, fill_btf_kind, btf_kind_limit, .label = btf_kind_label,
	  .needs = NEED_TYPES },
	{ "type", "type, function or variable that BTF describes",
	  keys_prepare_type, keys_fill_type, keys_type_limit,
	  .label = keys_type_label,
	  .needs = NEED_TYPES, .fine = true },
	{ "level", "evidence by which symbols were paired",
	  NULL, fill_level, level_limit, .label = level_label,
	  .needs = NEED_SYMBOLS, .of_symbol = true },
};
const size_t dimension_count = ARRAY_SIZE(dimensions);

const struct dimension *dimension_find(const char *name, size_t length)
{
	for (size_t i = 0; i < dimension_count; i++)
		if (strlen(dimensions[i].name) == length &&
		    !memcmp(dimensions[i].name, name, length))
			return &dimensions[i];
	return NULL;
}

int dimension_prepare(const struct dimension *dimension, struct keys *keys,
		      struct err *err)
{
	bool *ready = &keys->ready[dimension - dimensions];

	_Static_assert(ARRAY_SIZE(dimensions) <= ARRAY_SIZE(keys->ready),
		       "one flag a dimension");
	if (*ready)
		return 0;
	if (dimension->prepare && dimension->prepare(keys, err))
		return -1;
	*ready = true;
	return 0;
}

size_t dimension_texts(const struct dimension *dimension,
		       const struct keys *keys, uint32_t key,
		       struct text texts[SIDES])
{
	const struct pair *pair;
	size_t count = 0;

	if (dimension->fill != fill_symbol) {
		texts[0] = dimension->label(keys, key);
		return 1;
	}
	pair = keys_pair(keys, key);
	for (unsigned side = OLD; side < SIDES; side++)
		if (pair->symbol[side] != NONE)
			texts[count++] = keys_pair_name(keys, pair, side);
	return count;
}

const char *dimension_suggests(const char *word)
{
	const char *known[ARRAY_SIZE(dimensions) + 1] = { NULL };

	for (size_t i = 0; i < dimension_count; i++)
		known[i] = dimensions[i].name;
	return suggest(word, known);
}

static int unknown(const char *word, size_t length, struct err *err)
{
	char *copy = strndup(word, min_u64(length, 100));
	const char *best = copy ? dimension_suggests(copy) : NULL;

	if (best)
		err_set(err, "unknown dimension '%s', did you mean '%s'?",
			copy, best);
	else
		err_set(err, "unknown dimension '%s', write for example "
			"section,symbol", copy ? copy : "");
	free(copy);
	return -1;
}

int dimension_list_parse(struct dimension_list *list, const char *text,
			 struct err *err)
{
	list->count = 0;
	for (;;) {
		size_t length = strcspn(text, ",");
		const struct dimension *found = dimension_find(text, length);

		if (!found)
			return unknown(text, length, err);
		for (size_t i = 0; i < list->count; i++)
			if (list->at[i] == found)
				return err_set(err, "dimension '%s' is given "
					       "twice", found->name);
		if (list->count == DIMENSIONS_MAX)
			return err_set(err, "more than %d dimensions",
				       DIMENSIONS_MAX);
		list->at[list->count++] = found;
		if (!text[length])
			return 0;
		text += length + 1;
	}
}

const struct pair *keys_pair(const struct keys *keys, uint32_t key)
{
	const struct match *match = &keys->comparison->match;

	return key < match->pair_count ? &match->pairs[key] : NULL;
}

struct text keys_pair_name(const struct keys *keys, const struct pair *pair,
			   unsigned side)
{
	uint32_t symbol = match_display(keys->comparison->builds, pair, side);

	if (symbol == NONE)
		return (struct text){ "", 0 };
	return text_of(image_symbol_name(&keys->comparison->builds[side].image,
					 symbol));
}

struct symbol_place keys_symbol_place(const struct keys *keys, unsigned side,
				      uint32_t index)
{
	const struct comparison *comparison = keys->comparison;
	const struct build *build = &comparison->builds[side];
	const struct symbol *symbol = &build->image.symbols[index];
	struct symbol_place place = { { "", 0 }, { "", 0 }, { "", 0 } };
	const struct entry *entry = NULL;

	if (symbol->section < build->image.section_count) {
		uint32_t name =
			comparison->match.section_name[side][symbol->section];

		place.section.at = names_text(&comparison->names, name,
					      &place.section.length);
		/* Units are all that is looked for: a search costs. */
		if (build->dwarf.unit_count)
			entry = ledger_find(&build->ledger, symbol->section,
					    symbol->value);
	}
	if (entry && entry->unit != NONE)
		place.unit = text_of(build->dwarf.units[entry->unit].name);
	if (symbol->file)
		place.file = text_of(image_symbol_name(&build->image,
						       symbol->file));
	return place;
}

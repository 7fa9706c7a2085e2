/* SPDX-License-Identifier: MIT */
#include "explain/cell.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "explain/comparison.h"
#include "explain/types.h"
#include "ledger/class.h"
#include "match/symname.h"

/* Debug sections by what they tell; the longest name first where they nest. */
static const struct {
	const char *name;
	enum cell_section kind;
} debug_sections[] = {
	{ "info", CELL_DEBUG_INFO },
	{ "abbrev", CELL_DEBUG_INFO },
	{ "types", CELL_DEBUG_INFO },
	{ "line", CELL_DEBUG_LINES },
	{ "loc", CELL_DEBUG_LOCATIONS },
	{ "loclists", CELL_DEBUG_LOCATIONS },
	{ "ranges", CELL_DEBUG_CODE },
	{ "rnglists", CELL_DEBUG_CODE },
	{ "aranges", CELL_DEBUG_CODE },
	{ "frame", CELL_DEBUG_CODE },
	{ "addr", CELL_DEBUG_CODE },
	{ "str", CELL_DEBUG_STRINGS },
	{ "line_str", CELL_DEBUG_STRINGS },
	{ "str_offsets", CELL_DEBUG_STRINGS },
};

static enum cell_section debug_kind(const char *name)
{
	name += name[1] == 'z' ? sizeof(".zdebug_") - 1 :
				 sizeof(".debug_") - 1;
	for (size_t i = 0; i < ARRAY_SIZE(debug_sections); i++)
		if (strcmp(name, debug_sections[i].name) == 0)
			return debug_sections[i].kind;
	return CELL_DEBUG_OTHER;
}

static bool is_debug_name(const char *name)
{
	return strncmp(name, ".debug_", 7) == 0 ||
	       strncmp(name, ".zdebug_", 8) == 0;
}

static enum cell_section section_kind(const struct image *image,
				      uint32_t index)
{
	const struct section *section = &image->sections[index];
	uint32_t target;
	const char *name;

	if (section->flags & SHF_EXECINSTR)
		return CELL_CODE;
	if (section->flags & SHF_ALLOC)
		return CELL_OTHER;
	name = image_section_name(image, index);
	if (section->type != SHT_REL && section->type != SHT_RELA)
		return is_debug_name(name) ? debug_kind(name) : CELL_OTHER;
	target = image->more[index].info;
	if (target > 0 && target < image->section_count)
		name = image_section_name(image, target);
	else
		name += section->type == SHT_RELA ? strnlen(name, 5) :
						    strnlen(name, 4);
	return is_debug_name(name) ? CELL_DEBUG_RELOCATIONS : CELL_OTHER;
}

static int classify_sections(struct cells *cells, unsigned side)
{
	const struct build *build = comparison_build(cells->comparison, side);
	uint32_t count = build ? build->image.section_count : 0;

	cells->section[side] = calloc((size_t)count + 1, 1);
	if (!cells->section[side])
		return -1;
	for (uint32_t i = 1; i < count; i++)
		cells->section[side][i] =
			(uint8_t)section_kind(&build->image, i);
	return 0;
}

/*
 * A cell may start elsewhere on both sides, so nothing here depends on the
 * entry's place: only on what its owner became.
 */
struct cell cells_at(const struct cells *cells, unsigned side, uint32_t index)
{
	const struct comparison *comparison = cells->comparison;
	const struct causes *causes = cells->causes;
	const struct build *build = &comparison->builds[side];
	const struct entry *entry = &build->ledger.entries[index];
	struct cell cell = {
		.build = build, .entry = entry, .side = side,
		.root = NONE, .path_cause = CAUSE_COUNT,
	};
	const struct pair *pair;

	if (entry->section < build->image.section_count)
		cell.section = cells->section[side][entry->section];
	cell.btf_copies = entry->nature == NATURE_BTF &&
			  (entry->flags & ENTRY_REPEATED);
	cell.pair = pair_of_symbol(&comparison->match, side, entry->symbol);
	if (causes->inlines && entry->path < build->dwarf.node_count)
		cell.path_cause = causes->cause_of_node[side][entry->path];
	if (cell.pair == NONE)
		return cell;
	pair = &comparison->match.pairs[cell.pair];
	cell.root = cells->families->root[cell.pair];
	cell.flags = cells->families->flags[cell.root];
	cell.symbol_class = pair->symbol_class;
	cell.is_gone = family_is_gone(cells->families, cell.root);
	cell.is_new = !comparison->single &&
		      family_is_new(cells->families, cell.root);
	cell.pair_is_one_sided = pair->symbol[OLD] == NONE ||
				 pair->symbol[NEW] == NONE;
	if (causes->inlines && causes->function_of_pair[cell.root] != NONE)
		cell.fate = causes->functions[
			causes->function_of_pair[cell.root]].fate;
	return cell;
}

int cells_prepare(struct cells *cells, struct causes *causes,
		  const struct families *families,
		  const struct comparison *comparison)
{
	cells->comparison = comparison;
	cells->causes = causes;
	cells->families = families;
	if (classify_sections(cells, OLD) != 0 ||
	    classify_sections(cells, NEW) != 0)
		return -1;
	return types_compare(cells, causes);
}

void cells_release(struct cells *cells)
{
	for (unsigned side = OLD; side < SIDES; side++) {
		free(cells->section[side]);
		free(cells->btf_name[side]);
	}
	memset(cells, 0, sizeof(*cells));
}

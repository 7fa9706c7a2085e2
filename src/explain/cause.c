/* SPDX-License-Identifier: MIT */
/*
 * The table of causes, and its application to every entry.
 *
 * A cause is not a property of one byte but of the cell that the byte is in:
 * its symbol's family on both sides, its inline path, its nature. Therefore
 * the old and the new bytes of what did not change carry one cause and cancel
 * in its sum, and only differences remain. A row's rule is only asked for
 * natures that the row names; the last row takes what is left, so every entry
 * has a cause.
 *
 * Rejected: explaining the rows of a report instead of entries. A symbol may
 * grow for several reasons at once, and such reasons would not sum.
 */

#include "explain/cause.h"

#include <stdlib.h>
#include <string.h>

#include "explain/cell.h"
#include "explain/comparison.h"
#include "explain/example.h"
#include "explain/family.h"
#include "explain/fate.h"
#include "ledger/class.h"
#include "match/symname.h"

#define BIT(nature) (1u << (nature))
#define ALL_NATURES UINT32_MAX
#define CODE BIT(NATURE_CODE)

static bool always(const struct cell *cell)
{
	(void)cell;
	return true;
}

static bool is_repeated(const struct cell *cell)
{
	const struct dwarf *dwarf = &cell->build->dwarf;
	const struct entry *entry = cell->entry;

	if (entry->flags & ENTRY_REPEATED)
		return true;
	return entry->nature == NATURE_RELOCATION &&
	       cell->section == CELL_DEBUG_RELOCATIONS &&
	       entry->unit < dwarf->unit_count &&
	       dwarf_unit_repeats(dwarf->units, entry->unit);
}

static bool is_debug_code(const struct cell *cell)
{
	return cell->section == CELL_DEBUG_CODE ||
	       (cell->section == CELL_DEBUG_INFO &&
		cell->entry->symbol != NONE);
}

static bool is_debug_types(const struct cell *cell)
{
	return cell->section == CELL_DEBUG_INFO;
}

static bool is_debug_lines(const struct cell *cell)
{
	return cell->section == CELL_DEBUG_LINES;
}

static bool is_debug_locations(const struct cell *cell)
{
	return cell->section == CELL_DEBUG_LOCATIONS;
}

static bool is_debug_strings(const struct cell *cell)
{
	return cell->section == CELL_DEBUG_STRINGS;
}

static bool is_debug_relocation(const struct cell *cell)
{
	return cell->section == CELL_DEBUG_RELOCATIONS;
}

static bool is_kallsyms(const struct cell *cell)
{
	return cell->entry->nature >= NATURE_SYMBOL ||
	       (cell->root != NONE && (cell->flags & FAMILY_KALLSYMS));
}

static bool is_prefix(const struct cell *cell)
{
	return cell->entry->nature == NATURE_PADDING ||
	       cell->symbol_class == SYM_PREFIX;
}

static bool is_btf_copy(const struct cell *cell)
{
	return cell->btf_copies;
}

static bool is_not_code(const struct cell *cell)
{
	return cell->entry->nature != NATURE_UNNAMED ||
	       cell->section != CELL_CODE;
}

static bool is_cfi(const struct cell *cell)
{
	return cell->symbol_class == SYM_CFI ||
	       ((cell->flags & FAMILY_LANDING_PAD) &&
		cell->entry->path == NONE);
}

static bool is_gone_with(const struct cell *cell, enum fate fate)
{
	return cell->is_gone && cell->fate == fate;
}

/* Code of a host that was inlined away, and paths through such functions. */
static bool is_inlined_away(const struct cell *cell)
{
	return is_gone_with(cell, FATE_INLINED_AWAY) ||
	       (!cell->is_gone && !cell->is_new &&
		cell->path_cause == CAUSE_INLINED_AWAY);
}

static bool is_no_longer_inlined(const struct cell *cell)
{
	return (cell->is_new && cell->fate == FATE_NO_LONGER_INLINED) ||
	       (!cell->is_gone && !cell->is_new &&
		cell->path_cause == CAUSE_NO_LONGER_INLINED);
}

static bool is_one_sided(const struct cell *cell)
{
	return cell->is_gone || cell->is_new || cell->pair_is_one_sided;
}

static bool is_stub(const struct cell *cell)
{
	if (cell->flags & FAMILY_STUB)
		return true;
	return is_one_sided(cell) && (cell->symbol_class == SYM_STUB ||
				      cell->symbol_class == SYM_VENEER ||
				      cell->symbol_class == SYM_OUTLINED);
}

static bool is_clone(const struct cell *cell)
{
	return (cell->is_gone || cell->is_new) &&
	       cell->symbol_class == SYM_CLONE;
}

static bool is_cold_split(const struct cell *cell)
{
	if (cell->is_gone || cell->is_new)
		return cell->symbol_class == SYM_COLD ||
		       cell->symbol_class == SYM_PART;
	return (cell->flags & FAMILY_SPLIT) && cell->entry->path == NONE;
}

static bool is_added(const struct cell *cell)
{
	return cell->is_new;
}

static bool is_removed(const struct cell *cell)
{
	return cell->is_gone;
}

static bool is_from_unit(const struct cell *cell)
{
	return cell->path_cause == CAUSE_INLINED_FROM_UNIT;
}

static bool is_inlined(const struct cell *cell)
{
	return cell->path_cause == CAUSE_INLINED;
}

static const struct row {
	const char *name;
	const char *sentence;
	const char *dimensions;
	enum example_kind example;
	uint32_t natures; /* bits of enum nature that the rule is asked for */
	bool (*rule)(const struct cell *cell);
} rows[CAUSE_COUNT] = {
	[CAUSE_REPEATED_UNITS] = {
		"debug: repeated units",
		"Debug information of a source file that is there several "
		"times: ThinLTO gives each unit that inlines from another one "
		"a copy without code, relocations included.",
		"cause,unit", EXAMPLE_UNIT,
		BIT(NATURE_DEBUG) | BIT(NATURE_RELOCATION), is_repeated },
	[CAUSE_DEBUG_CODE] = {
		"debug: code",
		"Debug information that describes functions and where their "
		"code lies.",
		"cause,unit", EXAMPLE_UNIT, BIT(NATURE_DEBUG), is_debug_code },
	[CAUSE_DEBUG_TYPES] = {
		"debug: types",
		"Debug information that describes types and declarations.",
		"cause,unit", EXAMPLE_UNIT, BIT(NATURE_DEBUG), is_debug_types },
	[CAUSE_DEBUG_LINES] = {
		"debug: lines",
		"The tables from code to source lines.",
		"cause,unit", EXAMPLE_UNIT, BIT(NATURE_DEBUG), is_debug_lines },
	[CAUSE_DEBUG_LOCATIONS] = {
		"debug: locations",
		"Where variables are while optimized code runs.",
		"cause,unit", EXAMPLE_UNIT, BIT(NATURE_DEBUG),
		is_debug_locations },
	[CAUSE_DEBUG_STRINGS] = {
		"debug: strings",
		"Names that debug information refers to.",
		"cause,section", EXAMPLE_SECTION, BIT(NATURE_DEBUG),
		is_debug_strings },
	[CAUSE_DEBUG_OTHER] = {
		"debug: other",
		"Other debug information.",
		"cause,section", EXAMPLE_SECTION, BIT(NATURE_DEBUG), always },
	[CAUSE_DEBUG_RELOCATIONS] = {
		"debug: relocations",
		"Relocation records of debug information, 24 bytes each where "
		"addresses have 64 bits.",
		"cause,section", EXAMPLE_SECTION, BIT(NATURE_RELOCATION),
		is_debug_relocation },
	[CAUSE_RELOCATIONS] = {
		"relocations",
		"Relocation records of code and data.",
		"cause,section", EXAMPLE_SECTION, BIT(NATURE_RELOCATION),
		always },
	[CAUSE_SYMBOL_NAMES] = {
		"symbol names",
		"Symbol tables and their names, the loaded kallsyms too.",
		"cause,section", EXAMPLE_SECTION,
		BIT(NATURE_SYMBOL) | BIT(NATURE_NAME) | BIT(NATURE_DATA),
		is_kallsyms },
	[CAUSE_HEADERS] = {
		"headers and gaps",
		"ELF, program and section headers, notes, and room between "
		"sections.",
		"cause,section", EXAMPLE_SECTION,
		BIT(NATURE_HEADER) | BIT(NATURE_GAP) | BIT(NATURE_NOTE),
		always },
	[CAUSE_ZERO_FILL] = {
		"zero fill",
		"Zeros in the file that only stand for uninitialized data.",
		"cause,section", EXAMPLE_SECTION, BIT(NATURE_ZERO_FILL),
		always },
	[CAUSE_PADDING] = {
		"padding",
		"Fill between functions and between objects.",
		"cause,section", EXAMPLE_SECTION, BIT(NATURE_PADDING) | CODE,
		is_prefix },
	[CAUSE_ALIGNMENT] = {
		"alignment",
		"Fill that brings the next part to a page or to 2 MiB.",
		"cause,section", EXAMPLE_SECTION, BIT(NATURE_ALIGNMENT),
		always },
	[CAUSE_BTF_COPIES] = {
		"BTF copies",
		"Types that BTF holds several times: the bytes of the copies.",
		"cause,type", EXAMPLE_TYPE, BIT(NATURE_BTF), is_btf_copy },
	[CAUSE_BTF_NEW] = {
		"BTF new",
		"Types, functions and strings of BTF that only one build has, "
		"or that changed.",
		"cause,type", EXAMPLE_TYPE, BIT(NATURE_BTF), always },
	[CAUSE_SIDE_TABLES] = {
		"side tables",
		"Records about code: unwind data, alternatives, exceptions, "
		"bugs, exports. They grow with the code they describe.",
		"cause,section", EXAMPLE_SECTION, BIT(NATURE_RECORD), always },
	[CAUSE_STRINGS] = {
		"strings",
		"String literals, such as messages.",
		"cause,symbol", EXAMPLE_PAIR, BIT(NATURE_STRING), always },
	[CAUSE_DATA] = {
		"data",
		"Variables and tables, initialized or not.",
		"cause,symbol", EXAMPLE_PAIR,
		BIT(NATURE_DATA) | BIT(NATURE_ZERO) | BIT(NATURE_UNNAMED),
		is_not_code },
	[CAUSE_CFI] = {
		"cfi",
		"Control-flow integrity: landing pads, type checks and jump "
		"tables.",
		"cause,symbol", EXAMPLE_PAIR, CODE, is_cfi },
	[CAUSE_INLINED_AWAY] = {
		"inlined away",
		"Functions that have no code of their own any more because "
		"they were inlined: what went and the copies that came, net.",
		"cause,inlinee", EXAMPLE_FUNCTION, CODE, is_inlined_away },
	[CAUSE_NO_LONGER_INLINED] = {
		"no longer inlined",
		"Functions that have code of their own now instead of inlined "
		"copies: what came and the copies that went, net.",
		"cause,inlinee", EXAMPLE_FUNCTION, CODE, is_no_longer_inlined },
	[CAUSE_STUB] = {
		"stub",
		"Small functions that link-time optimization or the linker "
		"puts in front of others.",
		"cause,symbol", EXAMPLE_PAIR, CODE, is_stub },
	[CAUSE_CLONE] = {
		"clone",
		"Specialized copies of a function, made by the compiler.",
		"cause,symbol", EXAMPLE_PAIR, CODE, is_clone },
	[CAUSE_COLD_SPLIT] = {
		"cold split",
		"Functions that were cut differently into a hot and a cold "
		"part, net.",
		"cause,symbol", EXAMPLE_PAIR, CODE, is_cold_split },
	[CAUSE_ADDED] = {
		"added",
		"Functions that only the new build has.",
		"cause,symbol", EXAMPLE_PAIR, CODE, is_added },
	[CAUSE_REMOVED] = {
		"removed",
		"Functions that only the old build has.",
		"cause,symbol", EXAMPLE_PAIR, CODE, is_removed },
	[CAUSE_INLINED_FROM_UNIT] = {
		"inlined from another unit",
		"Code of functions that are at home in another source file: "
		"what link-time optimization inlines.",
		"cause,inlinee", EXAMPLE_FUNCTION, CODE, is_from_unit },
	[CAUSE_INLINED] = {
		"inlined (same unit or header)",
		"Code of functions of the same source file or of headers.",
		"cause,inlinee", EXAMPLE_FUNCTION, CODE, is_inlined },
	[CAUSE_OWN_CODE] = {
		"own code",
		"Code that functions have themselves, inlined calls aside.",
		"cause,symbol", EXAMPLE_PAIR, ALL_NATURES, always },
};

const char *cause_name(enum cause cause)
{
	return rows[cause].name;
}

const char *cause_sentence(enum cause cause)
{
	return rows[cause].sentence;
}

enum example_kind cause_example_kind(enum cause cause)
{
	return rows[cause].example;
}

const char *cause_dimensions(enum cause cause)
{
	return rows[cause].dimensions;
}

/* The rows that can fit each nature, in the table's order. */
struct candidates {
	uint8_t list[NATURE_COUNT][CAUSE_COUNT];
};

static void find_candidates(struct candidates *candidates)
{
	for (unsigned nature = 0; nature < NATURE_COUNT; nature++) {
		unsigned count = 0;

		for (unsigned i = 0; i < CAUSE_COUNT; i++)
			if (rows[i].natures & BIT(nature))
				candidates->list[nature][count++] =
					(uint8_t)i;
	}
}

/* Every list ends in the last row, which fits everything. */
static enum cause cause_of(const struct candidates *candidates,
			   const struct cell *cell)
{
	const uint8_t *at = candidates->list[cell->entry->nature];

	while (!rows[*at].rule(cell))
		at++;
	return *at;
}

/*
 * What the rules of code look at, as one number: what it is, a cause answers
 * for all entries with the same. A rule that looks at more belongs here.
 */
static uint64_t code_case(const struct cell *cell)
{
	uint64_t traits = cell->is_gone | cell->is_new << 1 |
			  cell->pair_is_one_sided << 2 |
			  (cell->entry->path == NONE) << 3 |
			  (cell->root == NONE) << 4 | cell->section << 8;

	return traits | (uint64_t)cell->flags << 16 |
	       (uint64_t)cell->symbol_class << 24 |
	       (uint64_t)cell->fate << 32 | (uint64_t)cell->path_cause << 40;
}

/* The cause that was found last for code, and what for. */
struct recent {
	uint64_t code_case;
	enum cause cause;
};

/* Neighbours in the ledger are mostly alike. */
static enum cause cause_of_next(const struct candidates *candidates,
				const struct cell *cell, struct recent *recent)
{
	uint64_t now;

	if (cell->entry->nature != NATURE_CODE)
		return cause_of(candidates, cell);
	now = code_case(cell);
	if (now != recent->code_case) {
		recent->code_case = now;
		recent->cause = cause_of(candidates, cell);
	}
	return recent->cause;
}

static void add_entry(struct sums *sums, const struct entry *entry)
{
	struct sums more = sums_of_entry(entry);

	sums_add(sums, &more);
}

static int run_side(struct causes *causes, const struct cells *cells,
		    struct examples *examples, unsigned side)
{
	const struct build *build = comparison_build(cells->comparison, side);
	uint32_t count = build ? build->ledger.count : 0;
	struct recent recent = { UINT64_MAX, CAUSE_OWN_CODE };
	struct candidates candidates;

	find_candidates(&candidates);
	causes->of_entry[side] = malloc((size_t)count + 1);
	if (!causes->of_entry[side])
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		struct cell cell = cells_at(cells, side, i);
		enum cause cause = cause_of_next(&candidates, &cell, &recent);

		causes->of_entry[side][i] = (uint8_t)cause;
		add_entry(&causes->sums[cause][side], cell.entry);
		if (examples_add(examples, &cell, cause) != 0)
			return -1;
	}
	return 0;
}

/* Records and names of symbols, which the ledger keeps as columns. */
static int run_columns(struct causes *causes, const struct cells *cells,
		       struct examples *examples, unsigned side)
{
	const struct build *build = comparison_build(cells->comparison, side);

	for (uint32_t c = 0; build && c < build->ledger.column_count; c++) {
		struct entry whole = ledger_column(&build->ledger, c);
		struct cell cell = { .build = build, .entry = &whole,
				     .side = side, .pair = NONE, .root = NONE,
				     .path_cause = CAUSE_COUNT };

		add_entry(&causes->sums[CAUSE_SYMBOL_NAMES][side], &whole);
		causes->sums[CAUSE_SYMBOL_NAMES][side].count +=
			build->ledger.symbol_count;
		if (examples_add(examples, &cell, CAUSE_SYMBOL_NAMES) != 0)
			return -1;
	}
	return 0;
}

int causes_run(struct causes *causes, const struct comparison *comparison,
	       struct err *err)
{
	struct families families = { 0 };
	struct cells cells = { 0 };
	struct examples examples = { 0 };
	int result = -1;

	memset(causes, 0, sizeof(*causes));
	if (names_init(&causes->names, 1024) != 0) {
		err_oom(err, "finding causes");
		goto out;
	}
	causes->inlines = !comparison->single &&
			  comparison->builds[OLD].dwarf.present &&
			  comparison->builds[NEW].dwarf.present;
	if (families_find(&families, comparison, causes->inlines, err) != 0 ||
	    fates_decide(causes, &families, comparison, err) != 0)
		goto out;
	/* Two of the largest tables are not alive at once. */
	free(families.code);
	families.code = NULL;
	if (cells_prepare(&cells, causes, &families, comparison) != 0 ||
	    examples_start(&examples, &cells, causes) != 0 ||
	    run_side(causes, &cells, &examples, OLD) != 0 ||
	    run_side(causes, &cells, &examples, NEW) != 0 ||
	    run_columns(causes, &cells, &examples, OLD) != 0 ||
	    run_columns(causes, &cells, &examples, NEW) != 0 ||
	    examples_finish(&examples, causes) != 0) {
		err_oom(err, "finding causes");
		goto out;
	}
	result = 0;
out:
	examples_release(&examples);
	cells_release(&cells);
	causes->root = families.root;
	families.root = NULL;
	families_release(&families);
	return result;
}

void causes_release(struct causes *causes)
{
	if (!causes)
		return;
	for (unsigned side = OLD; side < SIDES; side++) {
		free(causes->of_entry[side]);
		free(causes->function_of_node[side]);
		free(causes->cause_of_node[side]);
	}
	free(causes->functions);
	free(causes->stories);
	free(causes->function_of_pair);
	free(causes->root);
	names_release(&causes->names);
	arena_release(&causes->arena);
	memset(causes, 0, sizeof(*causes));
}

static bool is_inlining(enum cause cause)
{
	return rows[cause].example == EXAMPLE_FUNCTION;
}

enum cause causes_of(const struct causes *causes,
		     const struct comparison *comparison, unsigned side,
		     const struct entry *entry)
{
	const struct ledger *ledger = &comparison->builds[side].ledger;

	if (entry < ledger->entries || entry >= ledger->entries + ledger->count)
		return CAUSE_SYMBOL_NAMES; /* a row of a column */
	return causes->of_entry[side][entry - ledger->entries];
}

uint32_t causes_function(const struct causes *causes,
			 const struct comparison *comparison, unsigned side,
			 const struct entry *entry)
{
	const struct dwarf *dwarf = &comparison->builds[side].dwarf;
	enum cause cause = causes_of(causes, comparison, side, entry);
	uint32_t pair;

	if (!is_inlining(cause) || !causes->inlines)
		return NONE;
	/* A host of its own right is the function; else the path tells. */
	if (entry->path < dwarf->node_count &&
	    causes->cause_of_node[side][entry->path] == cause)
		return causes->function_of_node[side][entry->path];
	pair = pair_of_symbol(&comparison->match, side, entry->symbol);
	return pair == NONE ? NONE :
		causes->function_of_pair[causes->root[pair]];
}

/* SPDX-License-Identifier: MIT */
/*
 * The fate of functions.
 *
 * DWARF describes one function of the source many times: once in each unit
 * that holds code of it, and after LTO in units that hold none. All of them
 * are joined by name and declaring file. A function is *inlined away* when it
 * lost code of its own (more of its symbols went than came) while the code
 * that was inlined from it grew, counted wherever it is in an inline path:
 * pcie_aspm_cap_init() loses 2,911 bytes and gains 3,032 in the paths of its
 * caller. Looking at innermost functions alone would miss what is inlined
 * into it in turn.
 *
 * A path is then charged to one of its functions, the outermost that explains
 * why it is there: one that was inlined away, else one that is no longer
 * inlined, else one from another source file, else the outermost of all. So
 * bytes are charged once, and a function's story is net.
 */

#include "explain/fate.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "explain/comparison.h"

/* Recursion is looked for this far up a path; paths are rarely so deep. */
#define RECURSION_STEPS 32

struct tally {
	uint32_t gone, came; /* families of that function */
};

struct work {
	struct causes *causes;
	const struct families *families;
	const struct comparison *comparison;
	struct map ids;               /* name and file -> function */
	uint32_t *function_of[SIDES]; /* dwarf function -> function, temporary */
	uint32_t *unit_name[SIDES];   /* unit -> name */
	uint64_t *node_bytes[SIDES];  /* with all below */
	struct tally *tallies;
};

static uint32_t intern(struct causes *causes, const char *text)
{
	return text && text[0] ? names_intern_cstr(&causes->names, text) : 0;
}

static int name_units(struct work *work, unsigned side)
{
	const struct dwarf *dwarf = &work->comparison->builds[side].dwarf;

	for (uint32_t i = 0; i < dwarf->unit_count; i++) {
		uint32_t name = intern(work->causes, dwarf->units[i].name);

		if (name == NAME_ERROR)
			return -1;
		work->unit_name[side][i] = name;
	}
	return 0;
}

/* The function of the source behind one of DWARF's, new or known. */
static int join_function(struct work *work, unsigned side, uint32_t index)
{
	const struct dwarf *dwarf = &work->comparison->builds[side].dwarf;
	const struct dwarf_function *from = &dwarf->functions[index];
	struct causes *causes = work->causes;
	uint32_t name = intern(causes, from->name);
	uint32_t file = intern(causes, from->decl_file), *id;

	if (file == 0 && from->unit < dwarf->unit_count)
		file = work->unit_name[side][from->unit];
	if (name == NAME_ERROR || file == NAME_ERROR)
		return -1;
	id = map_at(&work->ids, (uint64_t)name << 32 | file,
		    causes->function_count);
	if (!id)
		return -1;
	if (*id == causes->function_count) {
		causes->functions[*id].name = name;
		causes->functions[*id].file = file;
		causes->function_count++;
	}
	work->function_of[side][index] = *id;
	return 0;
}

static int join_functions(struct work *work)
{
	const struct build *builds = work->comparison->builds;
	struct causes *causes = work->causes;
	size_t most = (size_t)builds[OLD].dwarf.function_count +
		      builds[NEW].dwarf.function_count;

	causes->functions = calloc(most + 1, sizeof(*causes->functions));
	if (!causes->functions)
		return -1;
	for (unsigned side = OLD; side < SIDES; side++) {
		const struct dwarf *dwarf = &builds[side].dwarf;

		if (name_units(work, side) != 0)
			return -1;
		for (uint32_t i = 0; i < dwarf->function_count; i++)
			if (join_function(work, side, i) != 0)
				return -1;
	}
	work->tallies = calloc((size_t)causes->function_count + 1,
			       sizeof(*work->tallies));
	return work->tallies ? 0 : -1;
}

/* The function whose code starts at a symbol, or NONE. */
static uint32_t function_at(const struct work *work, unsigned side,
			    uint32_t symbol)
{
	const struct build *build = &work->comparison->builds[side];
	const struct dwarf *dwarf = &build->dwarf;
	const struct symbol *sym;
	uint32_t piece;

	if (symbol == NONE)
		return NONE;
	sym = &build->image.symbols[symbol];
	piece = dwarf_piece_at(dwarf, sym->section, sym->value, 0);
	if (piece >= dwarf->piece_count ||
	    dwarf->pieces[piece].section != sym->section ||
	    dwarf->pieces[piece].offset > sym->value ||
	    dwarf->pieces[piece].host >= dwarf->function_count)
		return NONE;
	return work->function_of[side][dwarf->pieces[piece].host];
}

static void find_pair_functions(struct work *work)
{
	const struct match *match = &work->comparison->match;
	struct causes *causes = work->causes;

	for (uint32_t i = 0; i < match->pair_count; i++) {
		const struct pair *pair = &match->pairs[i];
		const uint32_t *code = work->families->code[i];
		uint32_t function = NONE;

		causes->function_of_pair[i] = NONE;
		if (work->families->root[i] != i || !(code[OLD] | code[NEW]))
			continue;
		for (unsigned side = OLD; side < SIDES; side++)
			if (function == NONE)
				function = function_at(work, side,
						       pair->symbol[side]);
		causes->function_of_pair[i] = function;
		if (function == NONE)
			continue;
		for (unsigned side = OLD; side < SIDES; side++)
			causes->functions[function].outside[side] +=
				code[side];
		work->tallies[function].gone +=
			family_is_gone(work->families, i);
		work->tallies[function].came +=
			family_is_new(work->families, i);
	}
}

/* Bytes of each node and of what is inlined below it. */
static void sum_nodes(struct work *work, unsigned side)
{
	const struct build *build = &work->comparison->builds[side];
	const struct dwarf *dwarf = &build->dwarf;
	uint64_t *bytes = work->node_bytes[side];

	for (uint32_t i = 0; i < build->ledger.count; i++) {
		const struct entry *entry = &build->ledger.entries[i];

		if (entry->nature == NATURE_CODE &&
		    entry->path < dwarf->node_count)
			bytes[entry->path] += entry->size;
	}
	for (uint32_t i = dwarf->node_count; i-- > 0;) {
		uint32_t parent = dwarf->nodes[i].parent;

		if (parent < i)
			bytes[parent] += bytes[i];
	}
}

static uint32_t node_function(const struct work *work, unsigned side,
			      uint32_t node)
{
	const struct dwarf *dwarf = &work->comparison->builds[side].dwarf;
	uint32_t function = dwarf->nodes[node].function;

	return function < dwarf->function_count ?
		work->function_of[side][function] : NONE;
}

static bool recurs(const struct work *work, unsigned side, uint32_t node,
		   uint32_t function)
{
	const struct dwarf_node *nodes =
		work->comparison->builds[side].dwarf.nodes;

	for (int step = 0; step < RECURSION_STEPS; step++) {
		uint32_t parent = nodes[node].parent;

		if (parent >= node)
			return false;
		if (node_function(work, side, parent) == function)
			return true;
		node = parent;
	}
	return false;
}

static void sum_functions(struct work *work, unsigned side)
{
	const struct dwarf *dwarf = &work->comparison->builds[side].dwarf;

	for (uint32_t i = 0; i < dwarf->node_count; i++) {
		uint32_t function = node_function(work, side, i);

		if (function == NONE || work->node_bytes[side][i] == 0 ||
		    recurs(work, side, i, function))
			continue;
		work->causes->functions[function].through[side] +=
			work->node_bytes[side][i];
	}
}

static void decide(struct work *work)
{
	for (uint32_t i = 0; i < work->causes->function_count; i++) {
		struct cause_function *function = &work->causes->functions[i];
		const struct tally *tally = &work->tallies[i];
		bool grew = function->through[NEW] > function->through[OLD];
		bool shrank = function->through[NEW] < function->through[OLD];

		if (tally->gone > tally->came)
			function->fate = grew ? FATE_INLINED_AWAY :
						FATE_REMOVED;
		else if (tally->came > tally->gone)
			function->fate = shrank ? FATE_NO_LONGER_INLINED :
						  FATE_ADDED;
	}
}

static bool is_header(const struct work *work, uint32_t file)
{
	size_t length;
	const char *text = names_text(&work->causes->names, file, &length);

	return length < 2 || text[length - 2] != '.' ||
	       text[length - 1] != 'c';
}

/*
 * The cause that one step of a path would have alone. At home in another
 * unit is what that unit's own copy declares: kernel/sched/wait.c is included
 * by a unit of another name, so the file alone would not tell. What a header
 * declares is at home everywhere.
 */
static enum cause step_cause(const struct work *work, unsigned side,
			     uint32_t node, uint32_t function)
{
	const struct dwarf *dwarf = &work->comparison->builds[side].dwarf;
	const struct cause_function *f = &work->causes->functions[function];
	const uint32_t *names = work->unit_name[side];
	uint32_t host = dwarf->nodes[node].host, here, there;

	if (f->fate == FATE_INLINED_AWAY)
		return CAUSE_INLINED_AWAY;
	if (f->fate == FATE_NO_LONGER_INLINED)
		return CAUSE_NO_LONGER_INLINED;
	if (host >= dwarf->function_count || is_header(work, f->file))
		return CAUSE_INLINED;
	here = dwarf->functions[host].unit;
	there = dwarf->functions[dwarf->nodes[node].function].unit;
	if (here >= dwarf->unit_count || there >= dwarf->unit_count ||
	    names[here] == names[there] || names[here] == f->file)
		return CAUSE_INLINED;
	return CAUSE_INLINED_FROM_UNIT;
}

/* The enum is in the order in which causes win; parents come first. */
static void charge_nodes(struct work *work, unsigned side)
{
	const struct dwarf *dwarf = &work->comparison->builds[side].dwarf;
	uint32_t *functions = work->causes->function_of_node[side];
	uint8_t *causes = work->causes->cause_of_node[side];

	for (uint32_t i = 0; i < dwarf->node_count; i++) {
		uint32_t parent = dwarf->nodes[i].parent;
		uint32_t function = node_function(work, side, i);

		functions[i] = function;
		causes[i] = function == NONE ? (uint8_t)CAUSE_INLINED :
			(uint8_t)step_cause(work, side, i, function);
		if (parent < i && causes[parent] <= causes[i]) {
			functions[i] = functions[parent];
			causes[i] = causes[parent];
		}
	}
}

static int reserve(struct work *work)
{
	struct causes *causes = work->causes;

	for (unsigned side = OLD; side < SIDES; side++) {
		const struct dwarf *dwarf =
			&work->comparison->builds[side].dwarf;
		size_t nodes = (size_t)dwarf->node_count + 1;

		work->function_of[side] = calloc(
			(size_t)dwarf->function_count + 1, sizeof(uint32_t));
		work->unit_name[side] = calloc((size_t)dwarf->unit_count + 1,
					       sizeof(uint32_t));
		work->node_bytes[side] = calloc(nodes, sizeof(uint64_t));
		causes->function_of_node[side] = calloc(nodes,
							sizeof(uint32_t));
		causes->cause_of_node[side] = calloc(nodes, 1);
		if (!work->function_of[side] || !work->unit_name[side] ||
		    !work->node_bytes[side] ||
		    !causes->function_of_node[side] ||
		    !causes->cause_of_node[side])
			return -1;
	}
	return 0;
}

static void release(struct work *work)
{
	for (unsigned side = OLD; side < SIDES; side++) {
		free(work->function_of[side]);
		free(work->unit_name[side]);
		free(work->node_bytes[side]);
	}
	free(work->tallies);
	map_release(&work->ids);
}

int fates_decide(struct causes *causes, const struct families *families,
		 const struct comparison *comparison, struct err *err)
{
	struct work work = { .causes = causes, .families = families,
			     .comparison = comparison };
	size_t pairs = (size_t)comparison->match.pair_count + 1;
	int result = 0;

	if (!causes->inlines)
		return 0;
	causes->function_of_pair = malloc(pairs *
					  sizeof(*causes->function_of_pair));
	if (!causes->function_of_pair || reserve(&work) != 0 ||
	    join_functions(&work) != 0) {
		result = err_oom(err, "following functions");
		goto out;
	}
	find_pair_functions(&work);
	for (unsigned side = OLD; side < SIDES; side++) {
		sum_nodes(&work, side);
		sum_functions(&work, side);
	}
	decide(&work);
	for (unsigned side = OLD; side < SIDES; side++)
		charge_nodes(&work, side);
out:
	release(&work);
	return result;
}

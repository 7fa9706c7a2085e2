/* SPDX-License-Identifier: MIT */
/*
 * How right is the pairing? The truth comes from DWARF: a function with code
 * is its unit, name, and place of declaration; a variable with an address
 * likewise, with the function around it. The pairing is made from the same
 * two files without their debug information. libdw's own reader is used here,
 * not the program's, so that an error of ours cannot confirm itself.
 *
 * A pair is right when both sides have the same identity. Symbols that no DIE
 * describes (assembly, side tables) have none and are not judged. Pieces of a
 * function (.cold, .part) share its identity, with their kind.
 *
 * usage: match-quality OLD NEW [WRONG-PAIRS [versions|missed]]
 *
 * Prints recall and precision for functions, hard functions and data, and
 * fails below the figures to reach. Builds of different versions declare
 * things on other lines: with `versions` lines are no part of an identity.
 * With `missed` every one-sided pair is listed that has a partner. With
 * `debug` the pairing may use debug information too, and must be no worse.
 */
#include <ctype.h>
#include <dwarf.h>
#include <elf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xxhash.h>

#include "base/map.h"
#include "base/names.h"
#include "match/match.h"

/* What a DIE says about the thing at one address. */
struct truth {
	uint64_t place;    /* key of section and offset */
	uint64_t identity;
	const char *unit;
	const char *name;
	int line;
	uint32_t next; /* another one of the same place, or NONE */
};

struct truths {
	struct truth *list;
	size_t count, capacity;
	struct map by_place;
};

struct side {
	struct build build;
	struct truths truths;
	struct map identities;     /* how many symbols have each */
	uint64_t *identity;        /* by symbol, 0: unknown */
	const struct truth **truth;
	Dwfl *dwfl;
	GElf_Addr *section_addr;   /* where libdwfl put the sections */
	bool versions;             /* lines are not compared */
	bool debug_info;           /* the pairing may use it */
};


static uint64_t place_of(const struct side *side, uint32_t section,
			 uint64_t offset)
{
	return map_mix(side->section_addr[section] + offset + 1) | 1;
}

static void *must(void *pointer)
{
	if (pointer)
		return pointer;
	fputs("out of memory\n", stderr);
	exit(2);
}

static uint64_t hash_text(uint64_t seed, const char *text)
{
	return XXH3_64bits_withSeed(text, strlen(text), seed);
}

/* __UNIQUE_ID_foo123: the counter is no part of what it is. */
static uint64_t hash_name(uint64_t seed, const char *name)
{
	size_t length = strlen(name);

	if (!strncmp(name, "__UNIQUE_ID_", 12))
		while (length && isdigit((unsigned char)name[length - 1]))
			length--;
	return XXH3_64bits_withSeed(name, length, seed);
}

static Dwarf_Word attribute_number(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value = 0;

	if (dwarf_attr_integrate(die, name, &attribute))
		dwarf_formudata(&attribute, &value);
	return value;
}

static const char *attribute_text(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attribute;
	const char *text = dwarf_formstring(
		dwarf_attr_integrate(die, name, &attribute));

	return text ? text : "";
}

/* Paths of two builds differ in where they were built. */
static const char *source_path(const char *path)
{
	static const char *const roots[] = {
		"arch/", "block/", "certs/", "crypto/", "drivers/", "fs/",
		"include/", "init/", "io_uring/", "ipc/", "kernel/", "lib/",
		"mm/", "net/", "security/", "sound/", "usr/", "virt/",
	};
	const char *best = path;

	while (!strncmp(best, "./", 2))
		best += 2;
	if (*best != '/')
		return best;
	for (const char *at = best; *at; at++) {
		if (*at != '/')
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(roots); i++)
			if (!strncmp(at + 1, roots[i], strlen(roots[i])))
				return at + 1;
	}
	return path;
}

static void add_truth(struct side *side, Dwarf_Die *die, const char *unit,
		      const char *around, Dwarf_Addr address, const char *name)
{
	struct truths *truths = &side->truths;
	struct truth *truth;
	uint64_t hash = hash_name(hash_text(1, unit), name);
	const char *file = dwarf_decl_file(die);
	uint32_t *at;

	truths->list = must(array_grow(truths->list, &truths->capacity,
				       truths->count + 1, sizeof(*truth)));
	truth = &truths->list[truths->count];
	truth->line = (int)attribute_number(die, DW_AT_decl_line);
	/* Where a line tells, the function around may be called otherwise:
	   inlined into its initcall's stub, say. __func__ has no line. */
	if (!truth->line || side->versions)
		hash = hash_text(hash, around);
	hash = hash_text(hash, file ? source_path(file) : "");
	truth->identity = map_mix(hash + (side->versions ?
					  0 : (unsigned)truth->line)) | 1;
	truth->place = map_mix(address + 1) | 1;
	truth->unit = unit;
	truth->name = name;
	at = must(map_at(&truths->by_place, truth->place, NONE));
	truth->next = *at;
	*at = (uint32_t)truths->count++;
}

/* The address of a variable in static memory. */
static bool static_address(Dwarf_Die *die, Dwarf_Addr *address)
{
	Dwarf_Attribute attribute, result;
	Dwarf_Op *ops;
	size_t count;

	if (!dwarf_attr(die, DW_AT_location, &attribute) ||
	    dwarf_getlocation(&attribute, &ops, &count) || count != 1)
		return false;
	if (ops[0].atom == DW_OP_addr) {
		*address = ops[0].number;
		return true;
	}
	if (ops[0].atom != DW_OP_addrx && ops[0].atom != DW_OP_GNU_addr_index)
		return false;
	return !dwarf_getlocation_attr(&attribute, ops, &result) &&
	       !dwarf_formaddr(&result, address);
}

static void walk(struct side *side, Dwarf_Die *die, const char *unit,
		 const char *around, Dwarf_Addr bias)
{
	Dwarf_Die child;

	if (dwarf_child(die, &child))
		return;
	do {
		int tag = dwarf_tag(&child);
		Dwarf_Addr address;
		const char *name;

		if (tag == DW_TAG_variable) {
			name = attribute_text(&child, DW_AT_name);
			if (*name && static_address(&child, &address))
				add_truth(side, &child, unit, around,
					  address + bias, name);
			continue;
		}
		if (tag == DW_TAG_subprogram) {
			name = attribute_text(&child, DW_AT_name);
			if (!dwarf_lowpc(&child, &address))
				add_truth(side, &child, unit, "",
					  address + bias, name);
			walk(side, &child, unit, name, bias);
		} else if (tag == DW_TAG_lexical_block ||
			   tag == DW_TAG_inlined_subroutine) {
			walk(side, &child, unit,
			     tag == DW_TAG_inlined_subroutine ?
			     attribute_text(&child, DW_AT_name) : around, bias);
		}
	} while (!dwarf_siblingof(&child, &child));
}

static void read_truth(struct side *side, const char *path)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
		.section_address = dwfl_offline_section_address,
	};
	struct image *image = &side->build.image;
	Dwfl_Module *module;
	Dwarf_Die *unit = NULL;
	Dwarf_Addr bias;
	GElf_Addr elf_bias;
	Elf *elf;

	side->dwfl = must(dwfl_begin(&callbacks));
	module = dwfl_report_offline(side->dwfl, "", path, -1);
	dwfl_report_end(side->dwfl, NULL, NULL);
	elf = module ? dwfl_module_getelf(module, &elf_bias) : NULL;
	if (!elf || !dwfl_module_getdwarf(module, &bias)) {
		fprintf(stderr, "%s: %s\n", path, dwfl_errmsg(-1));
		exit(2);
	}
	side->section_addr = must(calloc(image->section_count,
					 sizeof(*side->section_addr)));
	for (uint32_t i = 1; i < image->section_count; i++) {
		GElf_Shdr shdr;

		if (gelf_getshdr(elf_getscn(elf, i), &shdr))
			side->section_addr[i] = shdr.sh_addr + elf_bias;
	}
	while ((unit = dwfl_module_nextcu(module, unit, &bias)))
		walk(side, unit, source_path(attribute_text(unit, DW_AT_name)),
		     "", bias);
}

/* What an own piece of a function is called behind its name. */
static uint64_t piece_of(const char *name)
{
	if (strstr(name, ".cold"))
		return 2;
	return strstr(name, ".part.") ? 4 : 0;
}

static bool is_function(const struct side *side, uint32_t symbol)
{
	return side->build.image.symbols[symbol].type == STT_FUNC;
}

/*
 * The DIE that describes a symbol. Variables without size share their place
 * with a neighbour: of several only one that has the symbol's name counts.
 */
static const struct truth *find_truth(const struct side *side, uint32_t symbol)
{
	const struct symbol *which = &side->build.image.symbols[symbol];
	const char *name = image_symbol_name(&side->build.image, symbol);
	const uint32_t *at = map_find(&side->truths.by_place,
				      place_of(side, which->section,
					       which->value));
	const struct truth *list = side->truths.list;
	const struct truth *only;

	if (!at)
		return NULL;
	only = list[*at].next == NONE ? &list[*at] : NULL;
	for (uint32_t i = *at; i != NONE; i = list[i].next) {
		if (strstr(name, list[i].name))
			return &list[i];
		if (list[i].identity != list[*at].identity)
			only = NULL;
	}
	return only;
}

static void identify(struct side *side)
{
	const struct image *image = &side->build.image;

	side->identity = must(calloc(image->symbol_count + 1u,
				     sizeof(*side->identity)));
	side->truth = must(calloc(image->symbol_count + 1u,
				  sizeof(*side->truth)));
	for (uint32_t i = 1; i < image->symbol_count; i++) {
		const struct symbol *symbol = &image->symbols[i];
		uint32_t *count;

		if (side->build.ledger.owner[i] != i ||
		    symbol->section >= image->section_count ||
		    (symbol->type != STT_FUNC && symbol->type != STT_OBJECT))
			continue;
		side->truth[i] = find_truth(side, i);
		if (!side->truth[i])
			continue;
		side->identity[i] = side->truth[i]->identity +
			piece_of(image_symbol_name(image, i)) +
			(symbol->type == STT_FUNC ? 0 : 8);
		count = must(map_at(&side->identities, side->identity[i], 0));
		++*count;
	}
}

static void load(struct side *side, const char *path)
{
	struct ledger_options options = { 0 };
	struct err err = { 0 };

	struct dwarf_options dwarf = { .inlines = true };

	if (image_open(&side->build.image, path, &err) ||
	    (side->debug_info &&
	     dwarf_read(&side->build.dwarf, &side->build.image, &dwarf,
			&err)) ||
	    ledger_build(&side->build, &options, &err)) {
		fprintf(stderr, "%s\n", err_text(&err));
		exit(2);
	}
	read_truth(side, path);
	identify(side);
}

enum set { FUNCTIONS, HARD, DATA, SETS };

static const struct {
	const char *name;
	double recall, precision; /* to reach, per cent */
} sets[SETS] = {
	[FUNCTIONS] = { "functions", 99.9, 99.97 },
	[HARD] = { "hard functions", 99.5, 99.5 },
	[DATA] = { "data", 99.5, 99.5 },
};

struct score {
	uint64_t expected, expected_bytes; /* pairs that the truth has */
	uint64_t right, right_bytes;
	uint64_t wrong, wrong_bytes;
	uint64_t added, removed;           /* one-sided though it is in both */
};

struct wrong {
	uint32_t symbol[SIDES];
	uint64_t bytes;
};

struct judge {
	struct side sides[SIDES];
	struct match match;
	struct names names;
	uint8_t *often[SIDES];  /* by symbol: its name stands for several */
	struct score scores[SETS];
	struct wrong *wrongs;
	size_t wrong_count, wrong_capacity;
	struct map left;        /* identities: pairs not yet counted */
};

static uint64_t bytes_of(const struct judge *judge, unsigned side,
			 uint32_t symbol)
{
	return judge->sides[side].build.image.symbols[symbol].size;
}

static const char *name_of(const struct judge *judge, unsigned side,
			   uint32_t symbol)
{
	return image_symbol_name(&judge->sides[side].build.image, symbol);
}

/* The name of the source behind a symbol's, for telling what is hard. */
static size_t stem(const char *name)
{
	return strcspn(name, ".");
}

static void find_often(struct judge *judge)
{
	struct map counts[SIDES] = { { 0 }, { 0 } };

	for (unsigned side = 0; side < SIDES; side++) {
		const struct side *s = &judge->sides[side];

		for (uint32_t i = 1; i < s->build.image.symbol_count; i++) {
			const char *name = name_of(judge, side, i);

			if (is_function(s, i) && s->build.ledger.owner[i] == i)
				++*(uint32_t *)must(map_at(&counts[side],
					XXH3_64bits(name, stem(name)), 0));
		}
	}
	for (unsigned side = 0; side < SIDES; side++) {
		const struct side *s = &judge->sides[side];

		judge->often[side] = must(calloc(
			s->build.image.symbol_count + 1u, 1));
		for (uint32_t i = 1; i < s->build.image.symbol_count; i++) {
			const char *name = name_of(judge, side, i);
			uint64_t key = XXH3_64bits(name, stem(name));
			const uint32_t *a = map_find(&counts[OLD], key);
			const uint32_t *b = map_find(&counts[NEW], key);

			judge->often[side][i] = name[stem(name)] == '.' ||
				(a && *a > 1) || (b && *b > 1);
		}
	}
	map_release(&counts[OLD]);
	map_release(&counts[NEW]);
}

/* Both sets that a symbol counts in. */
static void sets_of(const struct judge *judge, unsigned side, uint32_t symbol,
		    struct score **one, struct score **other,
		    struct score scores[SETS])
{
	*other = NULL;
	if (!is_function(&judge->sides[side], symbol)) {
		*one = &scores[DATA];
		return;
	}
	*one = &scores[FUNCTIONS];
	if (judge->often[side][symbol])
		*other = &scores[HARD];
}

static uint32_t count_of(const struct map *map, uint64_t identity)
{
	const uint32_t *count = map_find(map, identity);

	return count ? *count : 0;
}

/* All pairs that the truth has: the smaller number of each identity. */
static void expect(struct judge *judge)
{
	const struct side *new = &judge->sides[NEW];

	for (uint32_t i = 1; i < new->build.image.symbol_count; i++) {
		uint64_t identity = new->identity[i];
		struct score *each[2];
		uint32_t *seen;

		if (!identity)
			continue;
		seen = must(map_at(&judge->left, identity, 0));
		if (*seen >= count_of(&judge->sides[OLD].identities, identity))
			continue;
		++*seen;
		sets_of(judge, NEW, i, &each[0], &each[1], judge->scores);
		for (int j = 0; j < 2; j++) {
			if (!each[j])
				continue;
			each[j]->expected++;
			each[j]->expected_bytes += bytes_of(judge, NEW, i);
		}
	}
}

static void judge_two(struct judge *judge, const struct pair *pair)
{
	uint32_t old = pair->symbol[OLD], new = pair->symbol[NEW];
	uint64_t a = judge->sides[OLD].identity[old];
	uint64_t b = judge->sides[NEW].identity[new];
	uint64_t bytes = bytes_of(judge, NEW, new);
	struct score *each[2];

	if (!a || !b)
		return;
	sets_of(judge, NEW, new, &each[0], &each[1], judge->scores);
	for (int i = 0; i < 2; i++) {
		if (!each[i])
			continue;
		*(a == b ? &each[i]->right : &each[i]->wrong) += 1;
		*(a == b ? &each[i]->right_bytes : &each[i]->wrong_bytes) +=
			bytes;
	}
	if (a == b)
		return;
	judge->wrongs = must(array_grow(judge->wrongs, &judge->wrong_capacity,
					judge->wrong_count + 1,
					sizeof(*judge->wrongs)));
	judge->wrongs[judge->wrong_count++] = (struct wrong){
		{ old, new }, bytes
	};
}

static void judge_one(struct judge *judge, unsigned side, uint32_t symbol,
		      bool verbose)
{
	uint64_t identity = judge->sides[side].identity[symbol];
	struct score *each[2];

	if (!identity ||
	    !count_of(&judge->sides[!side].identities, identity))
		return;
	sets_of(judge, side, symbol, &each[0], &each[1], judge->scores);
	for (int i = 0; i < 2; i++)
		if (each[i])
			*(side == OLD ? &each[i]->removed : &each[i]->added) +=
				1;
	if (verbose)
		printf("  missed %s %8lu %s  %s %s:%d\n",
		       side == OLD ? "old" : "new",
		       (unsigned long)bytes_of(judge, side, symbol),
		       name_of(judge, side, symbol),
		       judge->sides[side].truth[symbol]->unit,
		       judge->sides[side].truth[symbol]->name,
		       judge->sides[side].truth[symbol]->line);
}

static void judge_all(struct judge *judge, bool verbose)
{
	for (uint32_t i = 0; i < judge->match.pair_count; i++) {
		const struct pair *pair = &judge->match.pairs[i];

		if (pair->symbol[OLD] == NONE)
			judge_one(judge, NEW, pair->symbol[NEW], verbose);
		else if (pair->symbol[NEW] == NONE)
			judge_one(judge, OLD, pair->symbol[OLD], verbose);
		else
			judge_two(judge, pair);
	}
}

static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 100.0;
}

static int print_scores(const struct judge *judge)
{
	int failed = 0;

	printf("%-15s %8s %9s %9s %9s %9s %7s %7s %7s\n", "", "pairs",
	       "recall", "by bytes", "precision", "by bytes", "wrong",
	       "removed", "added");
	for (int i = 0; i < SETS; i++) {
		const struct score *score = &judge->scores[i];
		double recall = percent(score->right, score->expected);
		double precision = percent(score->right,
					   score->right + score->wrong);
		bool low = recall < sets[i].recall ||
			   precision < sets[i].precision;

		printf("%-15s %8lu %9.4f %9.4f %9.4f %9.4f %7lu %7lu %7lu%s\n",
		       sets[i].name, (unsigned long)score->expected, recall,
		       percent(score->right_bytes, score->expected_bytes),
		       precision,
		       percent(score->right_bytes,
			       score->right_bytes + score->wrong_bytes),
		       (unsigned long)score->wrong,
		       (unsigned long)score->removed,
		       (unsigned long)score->added, low ? "  LOW" : "");
		failed |= low;
	}
	return failed;
}

static int by_bytes(const void *a, const void *b)
{
	const struct wrong *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return x->symbol[NEW] < y->symbol[NEW] ? -1 : 1;
}

static void print_wrongs(struct judge *judge, size_t most)
{
	if (judge->wrong_count)
		qsort(judge->wrongs, judge->wrong_count,
		      sizeof(*judge->wrongs), by_bytes);
	for (size_t i = 0; i < judge->wrong_count && i < most; i++) {
		const struct wrong *wrong = &judge->wrongs[i];
		uint32_t pair = judge->match.pair_of[NEW][wrong->symbol[NEW]];

		printf("  wrong %8lu %s:", (unsigned long)wrong->bytes,
		       level_name(judge->match.pairs[pair].level));
		for (unsigned side = 0; side < SIDES; side++) {
			const struct truth *truth =
				judge->sides[side].truth[wrong->symbol[side]];

			printf("%s %s (%s %s:%d)", side ? " ->" : "",
			       name_of(judge, side, wrong->symbol[side]),
			       truth->unit, truth->name, truth->line);
		}
		putchar('\n');
	}
}

int main(int argc, char **argv)
{
	static struct judge judge;
	const struct build *builds[SIDES];
	struct err err = { 0 };
	size_t most = argc > 3 ? strtoul(argv[3], NULL, 10) : 20;
	const char *word = argc > 4 ? argv[4] : "";
	clock_t start;

	if (argc < 3) {
		fprintf(stderr, "usage: %s OLD NEW [WRONG [WORD]]\n", argv[0]);
		return 2;
	}
	for (unsigned side = 0; side < SIDES; side++) {
		judge.sides[side].versions = !strcmp(word, "versions");
		judge.sides[side].debug_info = !strcmp(word, "debug");
		load(&judge.sides[side], argv[side + 1]);
		builds[side] = &judge.sides[side].build;
	}
	start = clock();
	if (names_init(&judge.names, 1 << 17) ||
	    match_run(&judge.match, &judge.names, builds, NULL, &err)) {
		fprintf(stderr, "%s\n", err_text(&err));
		return 2;
	}
	printf("%s -> %s (paired in %.3f s)\n", argv[1], argv[2],
	       (double)(clock() - start) / CLOCKS_PER_SEC);
	find_often(&judge);
	expect(&judge);
	judge_all(&judge, !strcmp(word, "missed"));
	print_wrongs(&judge, most);
	return print_scores(&judge);
}

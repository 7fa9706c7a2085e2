/* SPDX-License-Identifier: MIT */
/*
 * A kernel's symbol table as it might be, and the same after everything that
 * builds do to names: locals promoted, functions cloned and split, statics
 * numbered anew, files linked in another order. The pairing must give back
 * which was which. Seeds are fixed: a failure can be run again.
 */
#include "match/match.h"

#include <check.h>
#include <stdio.h>

#include "base/map.h"
#include "made_build.h"

enum { FILES = 400, FUNCTIONS = 40, STATICS = 12 };

/* Statics that every other driver has. */
static const char *const common[] = {
	"show", "store", "probe", "remove", "init", "exit", "c_start",
	"c_next", "c_stop", "s_show", "__func__", "release",
};

/* Variables inside functions, numbered by the compiler. */
static const char *const numbered[] = {
	"__already_done", "__key", "__func__", "_rs", "descriptor", "__warned",
};

struct thing {
	char name[64];
	bool function, global;
	uint32_t size;
	uint64_t content;
	uint32_t symbol[SIDES];
};

struct file {
	char name[24];
	struct thing *things;
	size_t count;
	uint32_t module;
};

struct kernel {
	struct file files[FILES];
	uint64_t state;
	struct made_build sides[SIDES];
};

static uint32_t rnd(struct kernel *kernel, uint32_t below)
{
	kernel->state = map_mix(kernel->state + 0x9e3779b97f4a7c15u);
	return (uint32_t)(kernel->state >> 33) % below;
}

static bool one_in(struct kernel *kernel, uint32_t n)
{
	return !rnd(kernel, n);
}

static void make_function(struct kernel *kernel, struct thing *thing,
			  int file, int index)
{
	thing->function = true;
	thing->size = 16 + rnd(kernel, 1000);
	thing->global = one_in(kernel, 3);
	if (!thing->global && one_in(kernel, 8))
		snprintf(thing->name, sizeof(thing->name), "%s",
			 common[rnd(kernel, ARRAY_SIZE(common))]);
	else
		snprintf(thing->name, sizeof(thing->name), "subsys%d_do_%d",
			 file, index);
}

static void make_static(struct kernel *kernel, struct thing *thing)
{
	thing->size = one_in(kernel, 2) ? 1 : 8 + 8 * rnd(kernel, 8);
	snprintf(thing->name, sizeof(thing->name), "%s",
		 numbered[rnd(kernel, ARRAY_SIZE(numbered))]);
}

/* A unit has a name once, but for numbered statics. */
static bool is_twice(const struct file *file, const struct thing *thing)
{
	for (size_t i = 0; i < file->count; i++)
		if (thing->function && file->things[i].function &&
		    !strcmp(file->things[i].name, thing->name))
			return true;
	return false;
}

static void make_kernel(struct kernel *kernel, uint64_t seed)
{
	memset(kernel, 0, sizeof(*kernel));
	kernel->state = seed;
	for (int i = 0; i < FILES; i++) {
		struct file *file = &kernel->files[i];

		if (one_in(kernel, 10))
			strcpy(file->name, one_in(kernel, 2) ? "core.c" :
							      "main.c");
		else
			snprintf(file->name, sizeof(file->name), "f%d.c", i);
		file->things = calloc(FUNCTIONS + STATICS,
				      sizeof(*file->things));
		file->module = 1000003u + (uint32_t)i * 77u;
		for (int j = 0; j < FUNCTIONS + STATICS; j++) {
			struct thing *thing = &file->things[file->count];

			if (j < FUNCTIONS)
				make_function(kernel, thing, i, j);
			else
				make_static(kernel, thing);
			thing->content = map_mix(kernel->state) | 1;
			if (!is_twice(file, thing))
				file->count++;
		}
	}
}

/* What one build does to names; nothing for the old one. */
struct mutation {
	bool promote, clone, split, renumber, shuffle;
};

static const struct mutation none;

static void write_function(struct kernel *kernel, unsigned side,
			   struct thing *thing, const struct file *file,
			   const struct mutation *mutation)
{
	struct made_build *made = &kernel->sides[side];
	char name[128];

	snprintf(name, sizeof(name), "%s", thing->name);
	made->bind = thing->global ? STB_GLOBAL : STB_LOCAL;
	made->visibility = STV_DEFAULT;
	if (mutation->promote && (thing->global || one_in(kernel, 4))) {
		if (!thing->global)
			snprintf(name, sizeof(name), "%s.llvm.%u", thing->name,
				 file->module);
		made_hidden(made);
	} else if (mutation->clone && one_in(kernel, 20)) {
		snprintf(name, sizeof(name), "%s.%s.0", thing->name,
			 one_in(kernel, 2) ? "isra" : "constprop");
	}
	thing->symbol[side] = made_code(made, name, thing->size);
	made->visibility = STV_DEFAULT;
	if (mutation->split && one_in(kernel, 10)) {
		snprintf(name, sizeof(name), "%s.cold", thing->name);
		made->bind = STB_LOCAL;
		made_code(made, name, 16);
	}
}

static void write_static(struct kernel *kernel, unsigned side,
			 struct thing *thing, unsigned number)
{
	struct made_build *made = &kernel->sides[side];
	char name[128];

	made->bind = STB_LOCAL;
	made->visibility = STV_DEFAULT;
	snprintf(name, sizeof(name), "%s.%u", thing->name, number);
	thing->symbol[side] = made_data(made, name, thing->size);
	if (thing->size >= sizeof(thing->content))
		made_bytes(made, thing->symbol[side], &thing->content,
			   sizeof(thing->content));
}

static void write_file(struct kernel *kernel, unsigned side, struct file *file,
		       const struct mutation *mutation)
{
	unsigned number = mutation->renumber ? rnd(kernel, 100) : 0;

	made_file(&kernel->sides[side], file->name);
	for (size_t i = 0; i < file->count; i++) {
		struct thing *thing = &file->things[i];

		if (thing->function)
			write_function(kernel, side, thing, file, mutation);
		else
			write_static(kernel, side, thing, number++);
	}
}

static void write_side(struct kernel *kernel, unsigned side,
		       const struct mutation *mutation)
{
	uint32_t order[FILES];

	for (uint32_t i = 0; i < FILES; i++)
		order[i] = i;
	for (uint32_t i = FILES; mutation->shuffle && i > 1; i--) {
		uint32_t j = rnd(kernel, i);
		uint32_t kept = order[i - 1];

		order[i - 1] = order[j];
		order[j] = kept;
	}
	made_init(&kernel->sides[side]);
	for (uint32_t i = 0; i < FILES; i++)
		write_file(kernel, side, &kernel->files[order[i]], mutation);
	made_book(&kernel->sides[side]);
}

static void release_kernel(struct kernel *kernel)
{
	for (int i = 0; i < FILES; i++)
		free(kernel->files[i].things);
	made_release(&kernel->sides[OLD]);
	made_release(&kernel->sides[NEW]);
	free(kernel);
}

/* The share of things that are paired with themselves, in 1/10,000. */
static unsigned share_right(uint64_t seed, const struct mutation *mutation)
{
	struct kernel *kernel = malloc(sizeof(*kernel));
	const struct build *builds[SIDES];
	struct match match;
	struct names names;
	struct err err = { 0 };
	size_t right = 0, all = 0;

	make_kernel(kernel, seed);
	write_side(kernel, OLD, &none);
	write_side(kernel, NEW, mutation);
	builds[OLD] = &kernel->sides[OLD].build;
	builds[NEW] = &kernel->sides[NEW].build;
	ck_assert_int_eq(names_init(&names, 1000), 0);
	ck_assert_int_eq(match_run(&match, &names, builds, NULL, &err), 0);
	for (int i = 0; i < FILES; i++) {
		const struct file *file = &kernel->files[i];

		for (size_t j = 0; j < file->count; j++) {
			const uint32_t *symbol = file->things[j].symbol;
			uint32_t pair = match.pair_of[NEW][symbol[NEW]];

			all++;
			right += match.pairs[pair].symbol[OLD] == symbol[OLD];
		}
	}
	match_release(&match);
	names_release(&names);
	release_kernel(kernel);
	return (unsigned)(right * 10000 / all);
}

static const struct {
	const char *what;
	struct mutation mutation;
} mutations[] = {
	{ "nothing", { false, false, false, false, false } },
	{ "promoted", { true, false, false, false, false } },
	{ "cloned", { false, true, false, false, false } },
	{ "split", { false, false, true, false, false } },
	{ "renumbered", { false, false, false, true, false } },
	{ "shuffled", { false, false, false, false, true } },
	{ "promoted and renumbered", { true, false, true, true, false } },
	{ "all", { true, true, true, true, true } },
};

START_TEST(what_builds_do_to_names_is_undone)
{
	for (uint64_t seed = 1; seed <= 3; seed++) {
		unsigned share = share_right(seed * 7919,
					     &mutations[_i].mutation);

		ck_assert_msg(share >= 9990, "%s, seed %d: %u of 10,000",
			      mutations[_i].what, (int)seed, share);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mutation");
	TCase *names = tcase_create("names");
	SRunner *runner;
	int failed;

	tcase_set_timeout(names, 60);
	tcase_add_loop_test(names, what_builds_do_to_names_is_undone, 0,
			    ARRAY_SIZE(mutations));
	suite_add_tcase(suite, names);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

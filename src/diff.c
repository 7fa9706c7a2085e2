/* SPDX-License-Identifier: MIT */
/*
 * The whole pipeline on one page: open both files, read what their debug
 * information says, book every byte of each, pair the symbols, explain the
 * difference. The two sides know nothing of each other until match_run(), so
 * they are loaded side by side, each in a thread of its own.
 */
#include "diff.h"

#include <elf.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/check.h"
#include "report/needs.h"
#include "report/report.h"
#include "report/whose.h"
#include "steps.h"

/* How deep a report has to look; what it does not need costs nothing. */
struct loading {
	struct dwarf_options dwarf;
	struct ledger_options ledger;
	struct btf_options btf;
	unsigned needs; /* enum need */
};

/* One side's way from path to ledger. */
struct load {
	struct build *build;
	struct steps *steps;
	unsigned side;
	const char *path;
	const char *config; /* --config, or NULL */
	struct loading how;
	struct err err;
	int result;
};

static struct loading plan(const struct vmd_options *options, unsigned side,
			   bool single, unsigned needs)
{
	struct loading how = { .needs = needs };
	long processors;

	how.btf.base_file = options->btf_base[side];
	how.btf.set = options->add[side];
	how.dwarf.debug_file = options->debug_file[side];
	how.dwarf.inlines = true;
	how.dwarf.symbols_only = needs & NEED_FILE_SYMBOLS;
	how.dwarf.threads = options->threads;
	if (how.dwarf.threads || !(needs & NEED_DEBUG_INFO))
		return how;
	processors = sysconf(_SC_NPROCESSORS_ONLN);
	if (processors > 1)
		how.dwarf.threads = (unsigned)processors / (single ? 1 : 2);
	return how;
}

static int load_build(struct load *load)
{
	struct build *build = load->build;
	struct ledger_options *ledger = &load->how.ledger;
	bool debug_info = load->how.needs & NEED_DEBUG_INFO;

	steps_begin(load->steps, load->side, STEP_OPEN);
	if (image_open(&build->image, load->path, &load->err) ||
	    ident_read(&build->ident, &build->image, &load->err) ||
	    kconfig_read(&build->kconfig, &build->image, &build->ident,
			 load->config, &load->err))
		return -1;
	/* A file that is not laid out yet is compared by its bytes on disk. */
	ledger->open_relocations = load->how.needs & NEED_OWNERS ||
				   build->image.type == ET_REL;
	ledger->open_debug = debug_info && ledger->open_relocations;
	ledger->open_inlines = debug_info;
	steps_begin(load->steps, load->side, STEP_DEBUG_INFO);
	load->how.dwarf.progress = &load->steps->units[load->side];
	if ((debug_info || load->how.dwarf.symbols_only) &&
	    dwarf_read(&build->dwarf, &build->image, &load->how.dwarf,
		       &load->err))
		return -1;
	steps_begin(load->steps, load->side, STEP_TYPES);
	if (load->how.needs & NEED_TYPES &&
	    btf_read(&build->btf, &build->image, &load->how.btf, &load->err))
		return -1;
	steps_begin(load->steps, load->side, STEP_LEDGER);
	if (ledger_build(build, ledger, &load->err))
		return -1;
	image_forget_pages(&build->image);
	return 0;
}

static void *load_thread(void *arg)
{
	struct load *load = arg;

	load->result = load_build(load);
	return NULL;
}

/* Loads both sides; the first error, old before new, is the one that counts. */
static int load_both(struct load loads[SIDES], struct err *err)
{
	pthread_t thread;
	bool threaded = loads[OLD].path &&
			!pthread_create(&thread, NULL, load_thread,
					&loads[OLD]);

	load_thread(&loads[NEW]);
	if (threaded)
		pthread_join(thread, NULL);
	else if (loads[OLD].path)
		load_thread(&loads[OLD]);
	for (unsigned side = 0; side < SIDES; side++) {
		if (loads[side].result && !err->text)
			*err = loads[side].err;
		else
			err_release(&loads[side].err);
	}
	return err->text ? -1 : 0;
}

/* What reports tell beyond sizes. */
static int explain(struct comparison *comparison,
		   const struct vmd_options *options, unsigned needs,
		   struct err *err)
{
	for (unsigned side = 0; side < SIDES; side++)
		if (comparison_build(comparison, side) &&
		    limit_find(&comparison->limits[side],
			       &comparison->builds[side],
			       options->image_limit, options->add[side], err))
			return -1;
	if (kconfig_compare(&comparison->config,
			    &comparison->builds[OLD].kconfig,
			    &comparison->builds[NEW].kconfig, err))
		return -1;
	return needs & NEED_CAUSES
		? causes_run(&comparison->causes, comparison, err) : 0;
}

/* Sizes compare across machines, code does not. */
static void warn_of_machines(struct comparison *comparison)
{
	const struct image *old = &comparison->builds[OLD].image;
	struct image *new = &comparison->builds[NEW].image;

	if (!comparison->single && old->machine != new->machine &&
	    !old->raw_btf && !new->raw_btf)
		image_warn(new, "%s is for %s and %s for %s: only sizes "
			   "compare", old->path,
			   image_machine_name(old->machine), new->path,
			   image_machine_name(new->machine));
}

static int compare(struct comparison *comparison, const char *old_path,
		   const char *new_path, const struct vmd_options *options,
		   struct steps *steps, struct err *err)
{
	struct match_options match = { .exact_names = options->exact_names };
	struct load loads[SIDES] = {
		{ .build = &comparison->builds[OLD], .path = old_path },
		{ .build = &comparison->builds[NEW], .path = new_path },
	};
	const struct build *builds[SIDES];
	size_t expected = 0;
	unsigned needs;

	if (needs_find(&needs, options, err))
		return -1;
	comparison->single = !old_path;
	for (unsigned side = 0; side < SIDES; side++) {
		loads[side].how = plan(options, side, !old_path, needs);
		loads[side].config = options->config[side];
		loads[side].steps = steps;
		loads[side].side = side;
	}
	if (load_both(loads, err))
		return -1;
	warn_of_machines(comparison);
	for (unsigned side = 0; side < SIDES; side++) {
		builds[side] = comparison_build(comparison, side);
		expected = max_u64(expected,
				   comparison->builds[side].image.symbol_count);
	}
	if (names_init(&comparison->names, expected))
		return err_oom(err, "comparing names");
	steps_begin(steps, NEW, STEP_MATCH);
	if (match_run(&comparison->match, &comparison->names, builds,
		      &match, err))
		return -1;
	names_close(&comparison->names);
	for (unsigned side = 0; side < SIDES; side++)
		image_forget_pages(&comparison->builds[side].image);
	steps_begin(steps, NEW, STEP_EXPLAIN);
	if (explain(comparison, options, needs, err))
		return -1;
	/* A report may be poorer, but never without a word. */
	for (unsigned side = 0; side < SIDES; side++)
		if (comparison->builds[side].image.warnings_lost)
			return err_oom(err, "keeping warnings");
	return 0;
}

static void comparison_release(struct comparison *comparison)
{
	causes_release(&comparison->causes);
	kconfig_diff_release(&comparison->config);
	match_release(&comparison->match);
	names_release(&comparison->names);
	build_release(&comparison->builds[OLD]);
	build_release(&comparison->builds[NEW]);
}

void diff_fail(struct err *err, char **error)
{
	if (error)
		*error = strdup(err_text(err));
	err_release(err);
}

vmd_diff *vmd_open(const char *old_path, const char *new_path,
		   const struct vmd_options *options, char **error)
{
	struct err err = { 0 };
	struct vmd_diff *diff = calloc(1, sizeof(*diff));
	struct steps steps;
	int result = -1;

	if (diff) {
		steps_start(&steps, options, !old_path);
		result = compare(&diff->comparison, old_path, new_path,
				 options, &steps, &err);
		steps_stop(&steps);
	} else {
		err_oom(&err, "opening builds");
	}
	if (!result)
		return diff;
	vmd_close(diff);
	diff_fail(&err, error);
	return NULL;
}

void vmd_close(vmd_diff *diff)
{
	if (diff)
		comparison_release(&diff->comparison);
	free(diff);
}

bool vmd_equal(const vmd_diff *diff)
{
	return report_equal(&diff->comparison);
}

int vmd_render(vmd_diff *diff, const struct vmd_options *options, FILE *out,
	       char **error)
{
	struct err err = { 0 };

	if (!report_render(&diff->comparison, options, out, &err))
		return 0;
	diff_fail(&err, error);
	return -1;
}

int vmd_check(vmd_diff *diff, const struct vmd_options *options, FILE *out,
	      char **error)
{
	struct err err = { 0 };
	int broken = check_run(&diff->comparison, options, out, &err);

	if (broken < 0)
		diff_fail(&err, error);
	return broken;
}

int vmd_whose(vmd_diff *diff, const char *const *places, size_t count,
	      const struct vmd_options *options, FILE *out, char **error)
{
	struct err err = { 0 };
	int unknown = whose_render(&diff->comparison, places, count, options,
				   out, &err);

	if (unknown < 0)
		diff_fail(&err, error);
	return unknown;
}

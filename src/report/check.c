/* SPDX-License-Identifier: MIT */
/*
 * Thresholds against a comparison: each rule's figure comes from a group-by,
 * and a broken rule names its three largest contributors: the symbols of a
 * section, the units of a directory, ...
 */
#include "report/check.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report/format.h"
#include "report/ignore.h"
#include "report/report.h"
#include "report/threshold.h"

#define CONTRIBUTORS 3

/* The bytes that a rule is about. */
struct measured {
	uint64_t bytes[SIDES];
	uint32_t *groups; /* that they are of, malloc'ed */
	size_t count;
	bool file;        /* file bytes; else content, or as `total` says */
	bool total;       /* alignment counts */
};

/*
 * What the contributors to a figure are. Symbols are told with their section:
 * for debug information and tables that is all there is to tell.
 */
static const char *contributors_of(const struct threshold *threshold)
{
	const char *name;

	if (threshold->metric == METRIC_FILE)
		return "section";
	if (threshold->metric == METRIC_BTF)
		return "class,type";
	if (threshold->metric != METRIC_KEY)
		return "symbol,section";
	name = threshold->dimension->name;
	if (!strcmp(name, "dir"))
		return "dir,unit";
	if (!strcmp(name, "section"))
		return "section,symbol";
	if (!strcmp(name, "symbol"))
		return "symbol,section,nature";
	return NULL;
}

static uint64_t bytes_of(const struct measured *measured,
			 const struct sums *sums)
{
	if (measured->file)
		return sums->file;
	return measured->total ? sums->image : sums->content;
}

static int64_t delta_of(const struct measured *measured,
			const struct groups *groups, uint32_t group)
{
	struct sums a = groups_sums(groups, group, OLD);
	struct sums b = groups_sums(groups, group, NEW);

	return size_delta(bytes_of(measured, &b), bytes_of(measured, &a));
}

static bool matches(const struct groups *groups, uint32_t group,
		    struct text key)
{
	const struct dimension *dimension = groups_dimension(groups, group);
	struct text texts[SIDES];
	size_t count;
	bool null;

	groups_label(groups, group, &null);
	if (null)
		return false;
	count = dimension_texts(dimension, groups->keys,
				groups->list[group].key, texts);
	for (size_t i = 0; i < count; i++)
		if (texts[i].length == key.length &&
		    !memcmp(texts[i].at, key.at, key.length))
			return true;
	return false;
}

/* The groups of the first dimension that the key names, the widest ones. */
static int find_groups(struct measured *measured, struct groups *groups,
		       struct text key)
{
	measured->groups = malloc((size_t)groups->count *
				  sizeof(*measured->groups));
	if (!measured->groups)
		return -1;
	for (uint32_t i = GROUP_FIRST; i < groups->count; i++) {
		uint32_t parent = groups->list[i].parent;

		if (groups_is_hole(groups, i) ||
		    groups_dimension(groups, i) != groups->dimensions.at[0] ||
		    !matches(groups, i, key))
			continue;
		/* "net/" itself lies below all of "net/". */
		if (parent > GROUP_FILTERED && matches(groups, parent, key))
			continue;
		while (parent > GROUP_FILTERED)
			parent = groups->list[parent].parent;
		if (parent == GROUP_ROOT)
			measured->groups[measured->count++] = i;
	}
	return 0;
}

static void add_up(struct measured *measured, const struct groups *groups)
{
	for (unsigned side = OLD; side < SIDES; side++) {
		measured->bytes[side] = 0;
		for (size_t i = 0; i < measured->count; i++) {
			struct sums sums = groups_sums(
				groups, measured->groups[i], side);

			measured->bytes[side] += bytes_of(measured, &sums);
		}
	}
}

/* Content; where there is none, whatever there is: debug sections, gaps. */
static void choose_domain(struct measured *measured,
			  const struct groups *groups)
{
	add_up(measured, groups);
	if (measured->bytes[OLD] || measured->bytes[NEW])
		return;
	measured->total = true;
	add_up(measured, groups);
	if (measured->bytes[OLD] || measured->bytes[NEW])
		return;
	measured->file = true;
	add_up(measured, groups);
}

static int measure(struct measured *measured, const struct threshold *threshold,
		   struct report *report)
{
	static const struct text btf = { "BTF", 3 };
	struct text key = threshold->metric == METRIC_BTF ? btf
							  : threshold->key;

	measured->file = threshold->metric == METRIC_FILE ||
			 report->order.domain == VMD_DOMAIN_FILE;
	measured->total = threshold->metric == METRIC_IMAGE_TOTAL;
	if (threshold->metric == METRIC_IMAGE ||
	    threshold->metric == METRIC_IMAGE_TOTAL)
		measured->file = false;
	if (threshold->metric != METRIC_KEY &&
	    threshold->metric != METRIC_BTF) {
		measured->groups = calloc(1, sizeof(*measured->groups));
		if (!measured->groups)
			return -1;
		measured->groups[measured->count++] = GROUP_ROOT;
		add_up(measured, &report->groups);
		return 0;
	}
	if (find_groups(measured, &report->groups, key))
		return -1;
	choose_domain(measured, &report->groups);
	return 0;
}

struct contributor {
	int64_t delta;
	uint32_t group;
};

/* Keeps the largest; `sign` tells growth from shrinkage. */
static void offer(struct contributor best[CONTRIBUTORS], int64_t sign,
		  struct contributor candidate)
{
	if ((sign > 0 && candidate.delta <= 0) ||
	    (sign < 0 && candidate.delta >= 0))
		return;
	for (size_t i = 0; i < CONTRIBUTORS; i++) {
		struct contributor swap = best[i];

		if (magnitude(candidate.delta) <= magnitude(swap.delta))
			continue;
		best[i] = candidate;
		candidate = swap;
	}
}

/* Leaves below the measured groups, by the size of their difference. */
static int find_contributors(const struct measured *measured,
			     const struct groups *groups,
			     struct contributor best[CONTRIBUTORS])
{
	uint8_t *below = calloc(groups->count, 1);
	int64_t sign = size_delta(measured->bytes[NEW], measured->bytes[OLD]);

	if (!below)
		return -1;
	for (size_t i = 0; i < measured->count; i++)
		below[measured->groups[i]] = 1;
	for (uint32_t i = GROUP_FIRST; i < groups->count; i++) {
		below[i] |= below[groups->list[i].parent];
		if (below[i] && groups_is_leaf(groups, i))
			offer(best, sign, (struct contributor){
				delta_of(measured, groups, i), i });
	}
	free(below);
	return 0;
}

static void write_name(struct out *out, const struct groups *groups,
		       uint32_t group, bool unicode)
{
	bool null;
	struct text name = groups_label(groups, group, &null);

	out_text(out, null ? "[" : "");
	out_name(out, name, 0, unicode);
	out_text(out, null ? "]" : "");
}

static void write_contributors(struct out *out, const struct groups *groups,
			       const struct contributor best[CONTRIBUTORS],
			       bool unicode)
{
	const struct dimension_list *by = &groups->dimensions;
	const struct dimension *last = by->at[by->count - 1];
	bool above_too = by->count > 2 ||
			 (by->count == 2 && !strcmp(last->name, "section"));

	for (size_t i = 0; i < CONTRIBUTORS && best[i].delta; i++) {
		uint32_t group = best[i].group;
		uint32_t above = groups->list[group].parent;
		char delta[NUMBER_MAX];

		format_delta(delta, best[i].delta);
		out_format(out, "    %14s  ", delta);
		if (above_too) {
			write_name(out, groups, above, unicode);
			out_text(out, ", ");
		}
		write_name(out, groups, group, unicode);
		out_char(out, '\n');
	}
}

/* A text of the user's: as it is, but for control characters. */
static void out_shown(struct out *out, const char *text)
{
	struct text name = { text, strlen(text) };
	struct glyph glyph;

	while (name.length) {
		size_t taken = glyph_read(&glyph, name, true);

		out_bytes(out, glyph.bytes, glyph.length);
		name.at += taken;
		name.length -= taken;
	}
}

static void write_broken(struct out *out, const struct threshold *threshold,
			 const struct measured *measured)
{
	char delta[NUMBER_MAX], old_size[NUMBER_MAX], new_size[NUMBER_MAX];
	char percent[NUMBER_MAX];

	format_delta(delta, size_delta(measured->bytes[NEW],
				       measured->bytes[OLD]));
	format_size(old_size, measured->bytes[OLD]);
	format_size(new_size, measured->bytes[NEW]);
	format_percent(percent, measured->bytes[OLD], measured->bytes[NEW]);
	out_text(out, "threshold exceeded: ");
	out_shown(out, threshold->rule);
	out_format(out, ": old %s, new %s, delta %s%s%s\n", old_size, new_size,
		   delta, *percent ? ", " : "", percent);
}

/* What a run of all rules shares. */
struct checking {
	const struct comparison *comparison;
	struct vmd_options options; /* with the accepted growth excluded */
	struct out out;
};

/* Returns 1 where the rule is broken, 0 where not, or -1. */
static int check_one(struct checking *checking,
		     const struct threshold *threshold, struct report *report,
		     struct err *err)
{
	struct measured measured = { .bytes = { 0, 0 } };
	struct contributor best[CONTRIBUTORS] = { { 0, 0 } };
	int broken = measure(&measured, threshold, report);

	if (!broken)
		broken = threshold_broken(threshold, measured.bytes[OLD],
					  measured.bytes[NEW]);
	if (broken > 0) {
		write_broken(&checking->out, threshold, &measured);
		if (find_contributors(&measured, &report->groups, best))
			broken = -1;
		else
			write_contributors(&checking->out, &report->groups,
					   best, checking->options.unicode);
	}
	free(measured.groups);
	return broken < 0 ? err_oom(err, "testing a threshold") : broken;
}

/* Where _end lies, for what the linker script tests: nothing adds up to it. */
static int check_end(struct checking *checking,
		     const struct threshold *threshold, struct err *err)
{
	const struct comparison *comparison = checking->comparison;
	struct measured measured = { .bytes = { 0, 0 } };

	for (unsigned side = OLD; side < SIDES; side++) {
		const struct limit *limit = &comparison->limits[side];

		if (!comparison_build(comparison, side))
			continue;
		if (!limit->known)
			return err_set(err, "'%s': %s has no _end, or its "
				       "machine's layout is not known",
				       threshold->rule,
				       comparison->builds[side].image.path);
		measured.bytes[side] = limit->used;
	}
	if (!threshold_broken(threshold, measured.bytes[OLD],
			      measured.bytes[NEW]))
		return 0;
	write_broken(&checking->out, threshold, &measured);
	return 1;
}

static int check_rule(struct checking *checking, const char *rule,
		      struct err *err)
{
	struct threshold threshold;
	struct report report = { 0 };
	const char *contributors;
	char by[64];
	int broken = -1;

	if (threshold_parse(&threshold, rule, err))
		return -1;
	if (threshold.metric == METRIC_IMAGE_END)
		return check_end(checking, &threshold, err);
	contributors = contributors_of(&threshold);
	if (contributors)
		snprintf(by, sizeof(by), "%s", contributors);
	else
		snprintf(by, sizeof(by), "%s,symbol,section",
			 threshold.dimension->name);
	if (!report_init(&report, checking->comparison, &checking->options,
			 by, true, err))
		broken = check_one(checking, &threshold, &report, err);
	report_release(&report);
	return broken;
}

static void write_expired(struct out *out, const struct ignore *ignore,
			  const char *path)
{
	for (size_t i = 0; i < ignore->expired_count; i++) {
		const struct ignore_rule *rule = &ignore->expired[i];

		out_shown(out, path);
		out_format(out, ":%u: accepted until %s, no more: ",
			   rule->line, rule->until);
		out_shown(out, rule->what);
		out_text(out, " (");
		out_shown(out, rule->reason);
		out_text(out, ")\n");
	}
}

static void today(char text[16])
{
	time_t now = time(NULL);
	struct tm tm = { 0 };

	gmtime_r(&now, &tm);
	strftime(text, 16, "%Y-%m-%d", &tm);
}

int check_needs(unsigned *needs, const struct vmd_options *options,
		struct err *err)
{
	struct threshold threshold;
	struct ignore ignore;
	char date[16];
	int status;

	for (const char *const *rule = options->fail_if; rule && *rule;
	     rule++) {
		if (threshold_parse(&threshold, *rule, err))
			return -1;
		*needs |= threshold_needs(&threshold);
	}
	today(date);
	status = ignore_read(&ignore, options->ignore_file, date, err);
	if (!status && options->fail_if && *options->fail_if)
		*needs |= ignore.needs;
	ignore_release(&ignore);
	return status;
}

int check_run(const struct comparison *comparison,
	      const struct vmd_options *options, FILE *stream, struct err *err)
{
	struct checking checking = { comparison, *options, { 0 } };
	struct ignore ignore;
	char date[16];
	int count = 0, broken = 0;

	if (!options->fail_if || !*options->fail_if)
		return 0;
	today(date);
	if (ignore_read(&ignore, options->ignore_file, date, err) ||
	    out_begin(&checking.out, stream, err)) {
		ignore_release(&ignore);
		return -1;
	}
	checking.out.demangle = !options->no_demangle;
	checking.options.filters = NULL;
	checking.options.excludes = ignore.excludes;
	write_expired(&checking.out, &ignore, options->ignore_file);
	for (size_t i = 0; options->fail_if[i] && broken >= 0; i++) {
		broken = check_rule(&checking, options->fail_if[i], err);
		count += broken > 0;
	}
	if (out_finish(&checking.out, err))
		broken = -1;
	ignore_release(&ignore);
	return broken < 0 ? -1 : count;
}

/* SPDX-License-Identifier: MIT */
/*
 * The section "BTF" of a text report. Types come by kind first, then what
 * deduplication should have thrown away, with the member that kept it there:
 * where LTO makes BTF large, that is the reason.
 */
#include "report/btf_section.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "explain/types.h"
#include "report/table.h"

#define FOLLOW 28     /* columns for what stands behind the figures */
#define NAME_LEAST 28
#define LINE_NAME 32  /* columns of a name in a line of several */

struct about {
	const struct comparison *comparison;
	const struct vmd_options *options;
	struct out *out;
	const struct btf *btf[SIDES];
	struct types types;
	size_t rows;        /* of each list */
	bool brief;         /* among other things on the first screen */
	struct arena arena; /* texts of the lines */
};

uint64_t btf_hole(const struct build *build)
{
	const struct image *image = &build->image;
	const struct ledger *ledger = &build->ledger;
	uint64_t hole = 0;

	if (!build->btf.section || !image->segment_count)
		return 0;
	for (uint32_t i = 1; i < image->section_count; i++)
		if (i != build->btf.section && image->sections[i].size &&
		    (image->sections[i].flags & SHF_ALLOC))
			return 0;
	for (uint32_t i = 0; i < ledger->count; i++)
		if (ledger->entries[i].nature == NATURE_GAP &&
		    (ledger->entries[i].domains & IN_FILE))
			hole += ledger->entries[i].size;
	return hole;
}

struct btf_load btf_load_of(const struct btf *btf)
{
	struct btf_load load = { btf->type_count, btf->string_bytes };

	for (const struct btf *base = btf->base; base; base = base->base) {
		load.types += base->type_count;
		load.strings += base->string_bytes;
	}
	return load;
}

static struct text text_of(const char *string)
{
	return (struct text){ string, strlen(string) };
}

static struct table begin(const struct about *about, const char *title,
			  size_t longest)
{
	struct table table = {
		.out = about->out,
		.options = about->options,
		.single = about->comparison->single,
	};
	struct figure largest = { { 0 } };

	for (unsigned side = OLD; side < SIDES; side++) {
		if (about->btf[side])
			largest.bytes[side] = about->btf[side]->size;
		table.whole = largest.bytes[side];
	}
	table_layout(&table, largest,
		     longest < NAME_LEAST ? NAME_LEAST : (unsigned)longest,
		     FOLLOW);
	table.bar_width = 0;
	out_char(about->out, '\n');
	table_header(&table, title, "");
	return table;
}

static void row(struct table *table, const char *name, uint64_t old_bytes,
		uint64_t new_bytes, const char *follow)
{
	struct cells cells = { .figure = { { old_bytes, new_bytes } } };

	table_row(table, 2, text_of(name), cells);
	if (follow && *follow)
		table_follow(table, text_of(follow));
	table_end(table);
}

/* "31,002 types, +77"; in the arena, "" when out of memory. */
static const char *count_text(struct about *about, uint64_t old_count,
			      uint64_t new_count, const char *one,
			      const char *many)
{
	const char *what = new_count == 1 ? one : many;
	char count[NUMBER_MAX], delta[NUMBER_MAX];
	const char *text;

	if (!old_count && !new_count)
		return "";
	format_size(count, new_count);
	format_delta(delta, size_delta(new_count, old_count));
	if (about->comparison->single || new_count == old_count)
		text = arena_printf(&about->arena, "%s %s", count, what);
	else
		text = arena_printf(&about->arena, "%s %s, %s", count,
				    what, delta);
	return text ? text : "";
}

static uint64_t kind_bytes(const struct type_sums *sums)
{
	return sums->bytes + sums->name_bytes;
}

static uint64_t change_of(const struct about *about, unsigned kind)
{
	const struct type_sums *sums = about->types.kinds[kind];
	uint64_t old_bytes = kind_bytes(&sums[OLD]);
	uint64_t new_bytes = kind_bytes(&sums[NEW]);

	if (about->comparison->single)
		return new_bytes;
	return old_bytes > new_bytes ? old_bytes - new_bytes
				     : new_bytes - old_bytes;
}

static void write_kinds(struct about *about)
{
	struct table table;
	uint8_t list[BTF_PART_END];
	size_t count = 0;

	for (unsigned kind = 0; kind < BTF_PART_END; kind++) {
		uint64_t change = change_of(about, kind);
		size_t at = count;

		if (!change)
			continue;
		for (; at && change_of(about, list[at - 1]) < change; at--)
			list[at] = list[at - 1];
		list[at] = (uint8_t)kind;
		count++;
	}
	if (!count)
		return;
	table = begin(about, "BTF, by kind", 0);
	for (size_t i = 0; i < count && i < about->rows; i++) {
		const struct type_sums *sums = about->types.kinds[list[i]];

		row(&table, btf_kind_name(list[i]), kind_bytes(&sums[OLD]),
		    kind_bytes(&sums[NEW]),
		    count_text(about, sums[OLD].count, sums[NEW].count,
			       "type", "types"));
	}
	if (count > about->rows)
		out_format(about->out, "  %zu more kinds: -b btf-kind\n",
			   count - about->rows);
}

static void write_whole(struct about *about)
{
	const struct type_sums *total = about->types.total;
	uint64_t size[SIDES] = { 0 }, hole[SIDES] = { 0 };
	struct table table = begin(about, "BTF", 0);

	for (unsigned side = OLD; side < SIDES; side++) {
		const struct build *build =
			comparison_build(about->comparison, side);

		if (!build)
			continue;
		size[side] = build->btf.size;
		hole[side] = btf_hole(build);
	}
	row(&table, ".BTF", size[OLD], size[NEW],
	    count_text(about, total[OLD].count, total[NEW].count, "type",
		       "types"));
	if (hole[OLD] || hole[NEW])
		row(&table, "hole around it", hole[OLD], hole[NEW],
		    max_u64(hole[OLD], hole[NEW]) > max_u64(size[OLD],
							    size[NEW])
			    ? "stands for loadable segments" : "");
	row(&table, "copies of types", total[OLD].copy_bytes,
	    total[NEW].copy_bytes,
	    count_text(about, total[OLD].copies, total[NEW].copies,
		       "copy", "copies"));
}

/* "struct a", with the kind as C says it; "PTR" where there is no name. */
static const char *label(struct about *about, unsigned side,
			 uint32_t group)
{
	const char *text = btf_label(&about->arena,
				     &about->btf[side]->groups[group]);

	return text ? text : "";
}

/* A line below a row. */
static void write_below(struct about *about, const char *text)
{
	out_format(about->out, "      ");
	out_name(about->out, text_of(text ? text : ""),
		 about->options->width ? about->options->width - 6 : 0,
		 about->options->unicode);
	out_char(about->out, '\n');
}

static void write_copy(struct about *about, struct table *table,
		       const struct type_change *change)
{
	unsigned side = change->group[NEW] == NONE ? OLD : NEW;
	uint64_t bytes[SIDES] = { 0 }, copies[SIDES] = { 0 };
	const char *reason = btf_reason_of(about->btf[side],
					   change->group[side]);
	const char *text;

	for (unsigned i = OLD; i < SIDES; i++) {
		const struct btf *btf = about->btf[i];
		const struct btf_copies *copied;

		if (change->group[i] == NONE)
			continue;
		copied = btf_copies_of(btf, &btf->groups[change->group[i]]);
		bytes[i] = copied->bytes;
		copies[i] = copied->count;
	}
	row(table, label(about, side, change->group[side]), bytes[OLD],
	    bytes[NEW], NULL);
	text = arena_printf(&about->arena, "%s; %s",
			    count_text(about, copies[OLD], copies[NEW],
				       "copy", "copies"),
			    reason ? reason : "");
	write_below(about, text);
}

/* Columns of the longest label in a list, its indentation included. */
static size_t longest_label(struct about *about, const struct type_list *list)
{
	size_t longest = 0;

	for (size_t i = 0; i < list->count && i < about->rows; i++) {
		unsigned side = list->at[i].group[NEW] == NONE ? OLD : NEW;
		const struct btf_group *group =
			&about->btf[side]->groups[list->at[i].group[side]];
		size_t length = strlen(btf_kind_name(group->kind)) + 3 +
				group->length;

		longest = length > longest ? length : longest;
	}
	return longest;
}

static void write_more(const struct about *about,
		       const struct type_list *list, const char *what)
{
	char text[NUMBER_MAX];

	if (list->all <= about->rows && list->all <= list->count)
		return;
	format_size(text, list->all - min_u64(about->rows, list->count));
	out_format(about->out, "  %s more%s\n", text, what);
}

/* What most types in the list refer to: where deduplication first failed. */
static void write_roots(struct about *about, const struct btf *btf)
{
	char number[NUMBER_MAX];
	size_t shown;

	if (!btf || about->types.copies.all <= about->rows || !btf->roots.all)
		return;
	shown = min_u64(about->rows, btf->roots.count);
	format_size(number, btf->roots.all);
	out_format(about->out, "  they begin at %s %s:\n", number,
		   btf->roots.all == 1 ? "type" : "types");
	for (size_t i = 0; i < shown; i++) {
		const struct btf_reason *reason = &btf->roots.at[i];
		const char *name = label(about, NEW, reason->group);
		const char *text = arena_printf(&about->arena, "%s: %s", name,
						reason->text);

		write_below(about, text);
	}
}

static void write_copies(struct about *about)
{
	const struct type_list *list = &about->types.copies;
	struct table table;

	if (!list->count)
		return;
	table = begin(about, "Types in BTF several times",
		      longest_label(about, list));
	for (size_t i = 0; i < list->count && i < about->rows; i++)
		write_copy(about, &table, &list->at[i]);
	write_more(about, list, ": --filter='cause:BTF copies' -b type");
	write_roots(about, about->btf[NEW]);
}

static void write_types(struct about *about, const char *title,
			const struct type_list *list)
{
	struct table table;

	if (!list->count)
		return;
	table = begin(about, title, longest_label(about, list));
	for (size_t i = 0; i < list->count && i < about->rows; i++) {
		const struct type_change *change = &list->at[i];
		unsigned side = change->group[NEW] == NONE ? OLD : NEW;
		uint64_t bytes[SIDES] = { 0 };

		for (unsigned j = OLD; j < SIDES; j++)
			if (change->group[j] != NONE)
				bytes[j] = btf_group_bytes(
					&about->btf[j]->groups[
						change->group[j]]);
		row(&table, label(about, side, change->group[side]),
		    bytes[OLD], bytes[NEW], NULL);
	}
	write_more(about, list, ": -b type -d file");
}

/* "  new types: 2,345, +52,111: FUNC foo +87, ..." */
static void write_types_line(struct about *about, const char *title,
			     const struct type_list *list)
{
	char text[NUMBER_MAX];
	unsigned width = about->options->width;
	size_t most = width ? width / (2 * LINE_NAME) : about->rows;

	if (!list->count)
		return;
	format_size(text, list->all);
	out_format(about->out, "  %s: %s", title, text);
	format_delta(text, list->bytes);
	out_format(about->out, ", %s", text);
	for (size_t i = 0; i < list->count && i < most; i++) {
		const struct type_change *change = &list->at[i];
		unsigned side = change->group[NEW] == NONE ? OLD : NEW;

		out_text(about->out, i ? ", " : ": ");
		out_name(about->out,
			 text_of(label(about, side, change->group[side])),
			 LINE_NAME, about->options->unicode);
		format_delta(text, change->delta);
		out_format(about->out, " %s", text);
	}
	out_char(about->out, '\n');
}

/* On the first screen a line each; at length, tables. */
static void write_lists(struct about *about)
{
	const struct types *types = &about->types;

	if (about->comparison->single)
		return;
	if (about->brief) {
		write_types_line(about, "new types", &types->added);
		write_types_line(about, "gone types", &types->gone);
		return;
	}
	write_types(about, "New types", &types->added);
	write_types(about, "Gone types", &types->gone);
	write_types(about, "Changed types", &types->changed);
}

static void write_limit(struct about *about, const char *what,
			uint64_t used, uint64_t limit, const char *unit)
{
	char number[NUMBER_MAX], most[NUMBER_MAX];
	struct table table = { .out = about->out,
			       .options = about->options };
	const char *text;

	format_size(number, used);
	format_size(most, limit);
	text = arena_printf(&about->arena, "  %s: %s of the %s%s that a "
			    "kernel accepts, %.1f%%%s\n", what, number, most,
			    unit, 100.0 * (double)used / (double)limit,
			    used > limit ? ": TOO MANY" : "");
	if (text)
		out_coloured(&table, used > limit ? "1;31" : "", text,
			     strlen(text));
}

/* The kernel counts the types of a base, too. */
static void write_load(struct about *about, unsigned side,
		       const struct btf *btf)
{
	struct btf_load load = btf_load_of(btf);
	const char *whose = btf->base && btf->base->present
		? ", with the base's" : "";
	const char *when = side == OLD ? ", old" : "";
	const char *types = arena_printf(&about->arena, "types%s%s", when,
					 whose);
	const char *strings = arena_printf(&about->arena, "strings%s%s", when,
					   whose);

	write_limit(about, types ? types : "types", load.types,
		    BTF_TYPE_LIMIT, "");
	write_limit(about, strings ? strings : "strings", load.strings,
		    BTF_STRING_LIMIT, " bytes");
}

static void write_limits(struct about *about)
{
	for (unsigned side = OLD; side < SIDES; side++) {
		const struct btf *btf = about->btf[side];
		struct btf_load load;

		if (!btf || !btf->present)
			continue;
		load = btf_load_of(btf);
		/* The old one is of interest where it was too large already. */
		if (side == OLD && load.types <= BTF_TYPE_LIMIT &&
		    load.strings <= BTF_STRING_LIMIT)
			continue;
		write_load(about, side, btf);
	}
}

static int section_init(struct about *about,
			const struct comparison *comparison, struct err *err)
{
	for (unsigned side = OLD; side < SIDES; side++) {
		const struct build *build = comparison_build(comparison, side);

		about->btf[side] = build ? &build->btf : NULL;
	}
	about->comparison = comparison;
	return types_diff(&about->types, about->btf, err);
}

static void write_section(struct about *about)
{
	const struct type_sums *total = about->types.total;

	write_whole(about);
	write_limits(about);
	write_kinds(about);
	if (!about->brief || about->comparison->single ||
	    total[OLD].copy_bytes != total[NEW].copy_bytes)
		write_copies(about);
	write_lists(about);
}

static bool holes_differ(const struct comparison *comparison)
{
	return btf_hole(&comparison->builds[OLD]) !=
	       btf_hole(&comparison->builds[NEW]);
}

int btf_section_write(struct out *out, const struct comparison *comparison,
		      const struct vmd_options *options, size_t rows,
		      struct err *err)
{
	struct about *about = calloc(1, sizeof(*about));
	int status;

	if (!about)
		return err_oom(err, "writing about BTF");
	about->options = options;
	about->out = out;
	about->rows = rows;
	about->brief = rows < TYPES_MAX;
	status = section_init(about, comparison, err);
	if (!status && about->types.present &&
	    (about->types.differ || holes_differ(comparison)))
		write_section(about);
	arena_release(&about->arena);
	free(about);
	return status;
}

/* SPDX-License-Identifier: MIT */
/* What the builds are, where the limit is, and what burdens the tools. */
#include "report/why.h"

#include <elf.h>
#include <string.h>

#include "explain/flags.h"
#include "explain/load.h"
#include "explain/repeated.h"
#include "ledger/class.h"

#define OPTIONS_SHOWN 3
#define ROWS_SHOWN 10
#define CLASSES_SHOWN 3

/* Below this many relocations no tool is burdened, and the line says nothing. */
#define HEAVY_RELOCATIONS 1000000u

static struct text text_of(const char *string)
{
	return (struct text){ string, strlen(string) };
}

static void write_change(const struct why *why,
			 const struct kconfig_change *change)
{
	bool unicode = why->options->unicode;
	bool choice = strcmp(change->name[OLD], change->name[NEW]) != 0;

	out_name(why->out, text_of(change->name[NEW]), 0, unicode);
	out_char(why->out, '=');
	out_name(why->out, text_of(change->value[NEW]), 24, unicode);
	out_text(why->out, " (was ");
	if (choice) {
		out_name(why->out, text_of(change->name[OLD]), 0, unicode);
		out_char(why->out, '=');
	}
	out_name(why->out, text_of(change->value[OLD]), 24, unicode);
	out_char(why->out, ')');
}

static void write_config(const struct why *why)
{
	const struct kconfig_diff *diff = &why->comparison->config;
	uint32_t own = diff->count - diff->from_tools;
	uint32_t shown = own, limit = OPTIONS_SHOWN;

	if (own == 0) {
		out_text(why->out, "no option of the configuration differs");
	} else {
		out_format(why->out, "%u option%s: ", own, own == 1 ?
			   " differs" : "s differ");
		if (why->options->explain || why->options->all_rows)
			limit = own;
		shown = own < limit ? own : limit;
	}
	for (uint32_t i = 0; i < shown; i++) {
		if (i)
			out_text(why->out, own > 1 ? ",\n  " : ", ");
		else if (own > 1)
			out_text(why->out, "\n  ");
		write_change(why, &diff->changes[i]);
	}
	if (shown < own)
		out_format(why->out, ", %u more", own - shown);
	if (diff->from_tools && own)
		out_format(why->out, "; %u more follow from the tools",
			   diff->from_tools);
	out_char(why->out, '\n');
}

static void write_fact(const struct why *why, const char *what,
		       const char *old, const char *new, unsigned *count)
{
	if (!old || !new || strcmp(old, new) == 0)
		return;
	out_format(why->out, "%s%s %s (was %s)", (*count)++ ? ", " : "",
		   what, new, old);
}

static const char *yes(bool value)
{
	return value ? "yes" : "no";
}

/* What the files themselves tell, where no configuration does. */
static void write_ident(const struct why *why)
{
	const struct ident *a = &why->comparison->builds[OLD].ident;
	const struct ident *b = &why->comparison->builds[NEW].ident;
	unsigned count = 0;

	write_fact(why, "LTO", ident_lto(a), ident_lto(b), &count);
	write_fact(why, "CFI", ident_cfi(a), ident_cfi(b), &count);
	write_fact(why, "IBT", yes(a->ibt), yes(b->ibt), &count);
	write_fact(why, "unwinder", ident_unwinder(a), ident_unwinder(b),
		   &count);
	write_fact(why, "kallsyms", ident_kallsyms(a), ident_kallsyms(b),
		   &count);
	write_fact(why, "BTF", yes(a->btf), yes(b->btf), &count);
	write_fact(why, "DWARF", yes(a->debug_info), yes(b->debug_info),
		   &count);
	if (a->dwarf_version && b->dwarf_version &&
	    a->dwarf_version != b->dwarf_version)
		out_format(why->out, "%sDWARF version %u (was %u)",
			   count++ ? ", " : "", b->dwarf_version,
			   a->dwarf_version);
	if (count)
		out_char(why->out, '\n');
}

void why_write_differences(const struct why *why)
{
	if (why->comparison->single)
		return;
	if (why->comparison->config.known)
		write_config(why);
	else
		write_ident(why);
}

/* The side to speak of: the new one, unless only the old one is known. */
static const struct limit *limit_of(const struct why *why, unsigned *side)
{
	for (*side = NEW;; *side = OLD) {
		const struct limit *limit = &why->comparison->limits[*side];

		if (limit->known)
			return limit;
		if (*side == OLD || why->comparison->single)
			return NULL;
	}
}

static void write_short(const struct why *why, uint64_t size)
{
	char text[NUMBER_MAX];

	format_short(text, size);
	out_text(why->out, text);
}

/* BTF comes with the last link, unless the configuration says otherwise. */
static bool expects_btf(const struct why *why, unsigned side)
{
	const struct kconfig *kconfig = &why->comparison->builds[side].kconfig;
	const char *value = kconfig_value(kconfig, "CONFIG_DEBUG_INFO_BTF");

	return !kconfig->origin || (value && strcmp(value, "y") == 0);
}

void why_write_limit(const struct why *why)
{
	unsigned side;
	const struct limit *limit = limit_of(why, &side);
	const struct limit *old = &why->comparison->limits[OLD];

	if (!limit || !limit->limit)
		return;
	out_text(why->out, limit->estimated ? "_end at about " : "_end at ");
	write_short(why, limit->used);
	if (side == NEW && !why->comparison->single && old->known &&
	    old->used != limit->used) {
		out_text(why->out, " (was ");
		write_short(why, old->used);
		out_char(why->out, ')');
	}
	out_text(why->out, " of ");
	write_short(why, limit->limit);
	out_format(why->out, ", %.1f%% used (%s%s)\n",
		   100.0 * (double)limit->used / (double)limit->limit,
		   limit->source, limit->estimated && !limit->added &&
		   expects_btf(why, side) ? "; no BTF: --add" : "");
}

/* The largest classes of the image: what would have to go. */
static void write_classes(const struct why *why, unsigned side)
{
	const struct build *build = &why->comparison->builds[side];
	uint64_t bytes[CLASS_COUNT] = { 0 };

	for (uint32_t i = 0; i < build->ledger.count; i++) {
		const struct entry *entry = &build->ledger.entries[i];
		enum section_class class = CLASS_HEADERS;

		if (!(entry->domains & IN_IMAGE))
			continue;
		if (entry->section < build->image.section_count) {
			const struct section *section =
				&build->image.sections[entry->section];

			class = class_of_section(
				image_section_name(&build->image,
						   entry->section),
				section->type, section->flags);
		}
		bytes[class_of_entry(class, entry->nature)] += entry->size;
	}
	for (int shown = 0; shown < CLASSES_SHOWN; shown++) {
		unsigned largest = 0;

		for (unsigned i = 1; i < CLASS_COUNT; i++)
			if (bytes[i] > bytes[largest])
				largest = i;
		out_format(why->out, "%s%s ", shown ? ", " : "  in it: ",
			   class_name(largest));
		write_short(why, bytes[largest]);
		bytes[largest] = 0;
	}
	out_char(why->out, '\n');
}

void why_write_over_limit(const struct why *why)
{
	unsigned side;
	const struct limit *limit = limit_of(why, &side);
	bool colour = why->options->colour;

	if (!limit || !limit->limit || limit->used <= limit->limit)
		return;
	if (colour)
		out_text(why->out, "\033[1;31m");
	out_format(why->out, "The kernel image is too big: _end %s ",
		   limit->estimated ? "estimated at" : "at");
	write_short(why, limit->used);
	out_text(why->out, ", ");
	write_short(why, limit->used - limit->limit);
	out_text(why->out, " beyond the limit of ");
	write_short(why, limit->limit);
	out_format(why->out, " (%s)", limit->source);
	if (colour)
		out_text(why->out, "\033[0m");
	out_char(why->out, '\n');
	write_classes(why, side);
}

void why_write_slack(const struct why *why)
{
	unsigned side;
	const struct limit *limit = limit_of(why, &side);
	const struct build *build;
	struct slacks slacks;

	if (!limit)
		return;
	build = &why->comparison->builds[side];
	slacks = limit_slacks(limit, build);
	if (!slacks.count)
		return;
	out_text(why->out, "\nRoom before the next step of alignment\n");
	for (uint32_t i = 0; i < slacks.count; i++) {
		char text[NUMBER_MAX];
		size_t length = format_size(text, slacks.list[i].bytes);

		out_text(why->out, "  ");
		out_name_padded(why->out, text_of(image_section_name(
			&build->image, slacks.list[i].section)), 24,
			why->options->unicode);
		out_right(why->out, text, length, 14);
		out_char(why->out, '\n');
	}
}

static void write_load_row(const struct why *why, const char *name,
			   uint64_t old, uint64_t new)
{
	char text[NUMBER_MAX];
	size_t length;

	if (!old && !new)
		return;
	out_format(why->out, "  %-28s", name);
	if (!why->comparison->single) {
		length = format_size(text, old);
		out_right(why->out, text, length, 14);
	}
	length = format_size(text, new);
	out_right(why->out, text, length, 15);
	length = format_percent(text, old, new);
	if (!why->comparison->single)
		out_right(why->out, text, length, 10);
	out_char(why->out, '\n');
}

static void write_carried(const struct why *why, const char *before,
			  uint64_t old, uint64_t new, const char *what)
{
	char text[NUMBER_MAX];

	if (!old && !new)
		return;
	format_size(text, new);
	out_format(why->out, "%s%s %s", before, text, what);
	if (why->comparison->single || old == new)
		return;
	format_size(text, old);
	out_format(why->out, " (was %s)", text);
}

void why_write_load_line(const struct why *why)
{
	struct load loads[SIDES];
	const struct load *a = &loads[OLD], *b = &loads[NEW];

	if (why->comparison->builds[NEW].image.type != ET_REL)
		return;
	for (unsigned side = OLD; side < SIDES; side++)
		loads[side] = load_of(&why->comparison->builds[side]);
	if (a->relocations + a->debug_relocations + b->relocations +
	    b->debug_relocations < HEAVY_RELOCATIONS)
		return;
	write_carried(why, "The tools carry ", a->sections, b->sections,
		      "sections");
	write_carried(why, ", ", a->symbols, b->symbols, "symbols");
	write_carried(why, ",\n  ", a->units, b->units, "compile units");
	write_carried(why, ", ", a->relocations + a->debug_relocations,
		      b->relocations + b->debug_relocations, "relocations");
	out_char(why->out, '\n');
}

void why_write_load(const struct why *why)
{
	struct load loads[SIDES];

	for (unsigned side = OLD; side < SIDES; side++)
		loads[side] = load_of(&why->comparison->builds[side]);
	out_text(why->out, "\nWhat objtool, pahole and the linker carry\n");
	write_load_row(why, "sections", loads[OLD].sections,
		       loads[NEW].sections);
	write_load_row(why, "symbols", loads[OLD].symbols,
		       loads[NEW].symbols);
	write_load_row(why, "relocations of code, data",
		       loads[OLD].relocations, loads[NEW].relocations);
	write_load_row(why, "relocations of debug info",
		       loads[OLD].debug_relocations,
		       loads[NEW].debug_relocations);
	write_load_row(why, "bytes of code", loads[OLD].code,
		       loads[NEW].code);
	write_load_row(why, "bytes of .debug_info", loads[OLD].debug_info,
		       loads[NEW].debug_info);
	write_load_row(why, "compile units", loads[OLD].units,
		       loads[NEW].units);
	write_load_row(why, "of them repeated", loads[OLD].repeated_units,
		       loads[NEW].repeated_units);
}

static void write_repeated_rows(const struct why *why, const char *title,
				const struct repeated_rows *rows)
{
	char text[NUMBER_MAX];
	size_t length;

	if (rows->count)
		out_format(why->out, "  %s\n", title);
	for (uint32_t i = 0; i < rows->count && i < ROWS_SHOWN; i++) {
		const struct repeated_row *row = &rows->list[i];
		struct text name = { row->name, row->length };

		out_text(why->out, "    ");
		out_name_padded(why->out, name, 40, why->options->unicode);
		length = format_delta(text, size_delta(row->bytes[NEW],
						       row->bytes[OLD]));
		out_right(why->out, text, length, 14);
		if (row->units[OLD] || (row->units[NEW] &&
					!why->comparison->single))
			out_format(why->out, "  %u -> %u copies",
				   row->units[OLD], row->units[NEW]);
		else if (row->units[NEW])
			out_format(why->out, "  %u copies", row->units[NEW]);
		out_char(why->out, '\n');
	}
	if (rows->count > ROWS_SHOWN)
		out_format(why->out, "    %u more\n",
			   rows->count - ROWS_SHOWN);
}

static void write_repeated_title(const struct why *why,
				 const struct repeated *repeated)
{
	char old[NUMBER_MAX], new[NUMBER_MAX];

	format_size(old, repeated->bytes[OLD]);
	format_size(new, repeated->bytes[NEW]);
	out_text(why->out, "\nRepeated debug information: ");
	if (why->comparison->single)
		out_format(why->out, "%s bytes, %u copies of %u files\n", new,
			   repeated->units[NEW], repeated->sources[NEW]);
	else
		out_format(why->out, "%s -> %s bytes, %u -> %u copies of "
			   "%u -> %u files\n", old, new,
			   repeated->units[OLD], repeated->units[NEW],
			   repeated->sources[OLD], repeated->sources[NEW]);
}

int why_write_repeated(const struct why *why, struct err *err)
{
	struct repeated repeated = { 0 };
	int status = repeated_find(&repeated, why->comparison, err);

	if (!status && (repeated.bytes[OLD] || repeated.bytes[NEW])) {
		write_repeated_title(why, &repeated);
		write_repeated_rows(why, "by file", &repeated.files);
		write_repeated_rows(why, "by directory", &repeated.dirs);
		write_repeated_rows(why, "by section", &repeated.sections);
	}
	repeated_release(&repeated);
	return status;
}

int why_write_flags(const struct why *why, struct err *err)
{
	struct flags flags = { 0 };
	int status = flags_compare(&flags, why->comparison, err);

	for (unsigned side = OLD; side < SIDES && !status; side++) {
		if (!flags.count[side])
			continue;
		out_format(why->out, "compiler flags of the %s build alone:",
			   side == OLD ? "old" : "new");
		for (uint32_t i = 0; i < flags.count[side]; i++) {
			out_char(why->out, ' ');
			out_name(why->out, text_of(flags.only[side][i]), 0,
				 why->options->unicode);
		}
		out_char(why->out, '\n');
	}
	flags_release(&flags);
	return status;
}

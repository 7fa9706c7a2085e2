/* SPDX-License-Identifier: MIT */
#include "report/totals.h"

#include <elf.h>
#include <string.h>

static struct text text_of(const char *string)
{
	return (struct text){ string, strlen(string) };
}

static const char *kind_of(const struct image *image)
{
	switch (image->type) {
	case ET_REL:
		return "relocatable";
	case ET_EXEC:
		return "linked";
	case ET_DYN:
		return "linked (dyn)";
	default:
		return "other";
	}
}

/* "Linux 6.1.192" of a banner, and the tools: what is known of them. */
static void write_origin(struct out *out, const struct ident *ident,
			 bool unicode)
{
	if (ident->release) {
		out_text(out, ", Linux ");
		out_name(out, text_of(ident->release), 0, unicode);
	}
	if (ident->compiler) {
		out_text(out, ", ");
		out_name(out, text_of(ident->compiler), 0, unicode);
	}
	if (ident->linker) {
		out_text(out, ", ");
		out_name(out, text_of(ident->linker), 0, unicode);
	}
	if (!ident->release && ident->build_id)
		out_format(out, ", build-id %s", ident->build_id);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_origin(const struct build *builds)
{
	const struct ident *a = &builds[OLD].ident, *b = &builds[NEW].ident;

	return builds[OLD].image.machine == builds[NEW].image.machine &&
	       builds[OLD].image.type == builds[NEW].image.type &&
	       builds[OLD].image.big_endian == builds[NEW].image.big_endian &&
	       same_text(a->release, b->release) &&
	       same_text(a->compiler, b->compiler) &&
	       same_text(a->linker, b->linker) &&
	       (a->release || same_text(a->build_id, b->build_id));
}

static void write_build(struct out *out, const struct build *build,
			bool unicode)
{
	if (build->image.raw_btf)
		out_format(out, "raw BTF, %s-endian",
			   build->image.big_endian ? "big" : "little");
	else
		out_format(out, "%s, %s",
			   image_machine_name(build->image.machine),
			   kind_of(&build->image));
	write_origin(out, &build->ident, unicode);
	out_char(out, '\n');
}

void totals_write_builds(struct out *out, const struct comparison *comparison,
			 const struct vmd_options *options)
{
	const struct build *builds = comparison->builds;
	bool unicode = options->unicode;

	if (!comparison->single && !same_origin(builds)) {
		for (unsigned side = OLD; side < SIDES; side++) {
			out_text(out, side == OLD ? "old " : "new ");
			out_name(out, text_of(builds[side].image.path), 0,
				 unicode);
			out_text(out, "\n    ");
			write_build(out, &builds[side], unicode);
		}
		return;
	}
	if (!comparison->single) {
		out_name(out, text_of(builds[OLD].image.path), 0, unicode);
		out_text(out, unicode ? " \u2192 " : " -> ");
	}
	out_name(out, text_of(builds[NEW].image.path), 0, unicode);
	out_text(out, comparison->single ? "\n  " : "\n  both ");
	write_build(out, &builds[NEW], unicode);
}

static void line(struct table *table, const char *name, uint64_t old_bytes,
		 uint64_t new_bytes)
{
	struct cells cells = { .figure = { { old_bytes, new_bytes } } };

	table_row(table, 0, text_of(name), cells);
	table_end(table);
}

static bool is_estimated(const struct comparison *comparison)
{
	for (unsigned side = OLD; side < SIDES; side++) {
		const struct build *build = comparison_build(comparison, side);

		if (build && build->ledger.image_estimated)
			return true;
	}
	return false;
}

void totals_write(struct table *table, const struct comparison *comparison,
		  const struct sums total[SIDES])
{
	const struct sums *a = &total[OLD], *b = &total[NEW];
	unsigned bar = table->bar_width;

	table->bar_width = 0;
	table->has_second = false;
	line(table, "content", a->content, b->content);
	line(table, "alignment and gaps", a->image - a->content,
	     b->image - b->content);
	line(table, is_estimated(comparison) ? "image (estimate)" : "image",
	     a->image, b->image);
	line(table, "file", a->file, b->file);
	table->bar_width = bar;
}

void totals_write_levels(struct out *out, const struct comparison *comparison)
{
	const uint64_t *bytes = comparison->match.level_bytes;
	const char *before = "paired by: ";
	char text[NUMBER_MAX];

	if (comparison->single)
		return;
	for (int level = LEVEL_NONE + 1; level < LEVEL_COUNT; level++) {
		if (!bytes[level])
			continue;
		format_size(text, bytes[level]);
		out_format(out, "%s%s %s", before,
			   level_name((enum level)level), text);
		before = ", ";
	}
	if (bytes[LEVEL_NONE]) {
		format_size(text, bytes[LEVEL_NONE]);
		out_format(out, "%s%s", before[0] == ',' ? "; " : "", text);
		out_text(out, " in one build alone");
	}
	if (before[0] == ',' || bytes[LEVEL_NONE])
		out_char(out, '\n');
}

void totals_write_warnings(struct out *out,
			   const struct comparison *comparison,
			   const struct vmd_options *options)
{
	for (unsigned side = OLD; side < SIDES && !options->quiet; side++) {
		const struct build *build = comparison_build(comparison, side);
		size_t count = build ? build->image.warning_count : 0;

		for (size_t i = 0; i < count; i++) {
			out_text(out, "warning: ");
			out_name(out, text_of(build->image.warnings[i]), 0,
				 options->unicode);
			out_char(out, '\n');
		}
	}
}

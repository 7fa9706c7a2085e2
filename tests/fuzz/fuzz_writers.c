/* SPDX-License-Identifier: MIT */
/*
 * Reports of builds whose names are the input: paths, banners, options, units,
 * warnings, functions. Every format has to stay of its format.
 *
 * The first two bytes choose the report, the rest is names, ended by newlines
 * or NULs.
 */

#include "check_output.h"
#include "report/formats.h"
#define MADE_SECTION_SIZE (1u << 16) /* room for every name's bytes */
#include "../unit/made_comparison.h"

#define NAMES 16u

static const char *const groupings[] = {
	NULL, "section,symbol", "symbol", "unit,symbol", "dir", "class",
	"file,nature", "symbol,section",
};

/* Splits what follows the choice; missing names are "". */
static char *split(const uint8_t *data, size_t size, const char *names[NAMES])
{
	char *text = malloc(size + 1), *at = text;

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = 0;
	for (unsigned i = 0; i < NAMES; i++) {
		char *line = at;

		while (at < text + size && *at && *at != '\n')
			at++;
		if (at < text + size)
			*at++ = 0;
		names[i] = line;
	}
	return text;
}

static void fill(struct made_comparison *made, const char *names[NAMES],
		 struct kconfig_change *change)
{
	for (unsigned side = OLD; side < SIDES; side++) {
		struct build *build = &made->side[side].build;

		free(build->image.path);
		build->image.path = strdup(names[side]);
		build->ident.banner = names[2];
		build->ident.compiler = names[3];
		build->ident.build_id = side == NEW ? "c0ffee" : NULL;
		image_warn(&build->image, "%s: odd", names[5]);
		made_unit(made, side, names[6], 7);
	}
	for (unsigned i = 7; i < NAMES; i++) {
		if (i % 3)
			made_function(made, OLD, names[i], 10 * i);
		if (i % 3 != 1)
			made_function(made, NEW, names[i], 5 * (i - 5) * i);
	}
	*change = (struct kconfig_change){
		.name = { names[4], names[4] }, .value = { "y", names[5] },
		.why = "test",
	};
	made->comparison.config = (struct kconfig_diff){
		.known = true, .changes = change, .count = 1,
	};
}

static void render(const struct comparison *comparison,
		   const struct vmd_options *options)
{
	struct err err = { 0 };
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int status = report_render(comparison, options, out, &err);

	fclose(out);
	if (status && options->format != VMD_FORMAT_HTML)
		abort();
	if (!status)
		check_output(options->format, text, size);
	free(text);
	err_release(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vmd_options options = { .all_rows = true };
	struct made_comparison *made = calloc(1, sizeof(*made));
	struct kconfig_change change;
	const char *names[NAMES];
	char *text;

	if (size < 2 || !made) {
		free(made);
		return 0;
	}
	options.by = groupings[data[0] & 7];
	options.format = (enum vmd_format)((data[0] >> 3 & 7) % 6);
	options.unicode = data[0] & 0x40;
	options.explain = data[0] & 0x80;
	options.width = data[1] & 1 ? 40 + (data[1] & 0x7e) : 0;
	options.colour = false;
	text = split(data + 2, size - 2, names);
	made_comparison_init(made);
	fill(made, names, &change);
	made_compare(made);
	render(&made->comparison, &options);
	for (unsigned side = OLD; side < SIDES; side++) {
		struct image *image = &made->side[side].build.image;

		for (size_t i = 0; i < image->warning_count; i++)
			free(image->warnings[i]);
		free(image->warnings);
		arena_release(&image->arena);
	}
	made_comparison_release(made);
	free(made);
	free(text);
	return 0;
}

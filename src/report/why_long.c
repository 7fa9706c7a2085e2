/* SPDX-License-Identifier: MIT */
/* --explain: a paragraph for each cause. */
#include "report/why.h"

#include <string.h>

#define EXAMPLES_LONG 10
#define WRAP 78

static struct text text_of(const char *string)
{
	return (struct text){ string, strlen(string) };
}

/* Words of `text`, broken before column WRAP, each line indented by two. */
static void write_wrapped(struct out *out, const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t word = strcspn(text, " ");

		if (column && column + 1 + word > WRAP) {
			out_char(out, '\n');
			column = 0;
		}
		if (column == 0) {
			out_text(out, "  ");
			column = 2;
		} else {
			out_char(out, ' ');
			column++;
		}
		out_bytes(out, text, word);
		column += word;
		text += word + strspn(text + word, " ");
	}
	out_char(out, '\n');
}

static void write_pair_of(const struct why *why, const char *what,
			  const uint32_t count[SIDES])
{
	if (!count[OLD] && !count[NEW])
		return;
	out_format(why->out, "  %s %u -> %u", what, count[OLD], count[NEW]);
}

static void write_story(const struct why *why, enum cause cause,
			const struct example *example)
{
	const struct causes *causes = &why->comparison->causes;
	const struct cause_function *function =
		&causes->functions[example->key];
	const struct inline_story *story = causes_story(causes, cause,
							example->key);
	char old[NUMBER_MAX], new[NUMBER_MAX];

	if (story) {
		write_pair_of(why, "copies", story->copies);
		write_pair_of(why, "in functions", story->hosts);
	}
	if (function->outside[OLD] == function->outside[NEW])
		return;
	format_size(old, function->outside[OLD]);
	format_size(new, function->outside[NEW]);
	out_format(why->out, "  out of line %s -> %s", old, new);
}

static void write_example(const struct why *why, enum cause cause,
			  const struct example *example)
{
	char text[NUMBER_MAX];
	size_t length = format_delta(text, example->file ? example->file :
							   example->image);

	out_text(why->out, "    ");
	out_name_padded(why->out,
			why_example_name(why->comparison, cause, example), 40,
			why->options->unicode);
	out_right(why->out, text, length, 14);
	write_pair_of(why, "copies", example->copies);
	if (cause_example_kind(cause) == EXAMPLE_FUNCTION)
		write_story(why, cause, example);
	out_char(why->out, '\n');
}

static void write_command(const struct why *why, enum cause cause)
{
	const struct build *builds = why->comparison->builds;
	bool unicode = why->options->unicode;

	out_format(why->out, "  All of it: vmdelta -n 0%s -b %s --filter "
		   "'cause:^%.*s' ",
		   why_delta(&why->comparison->causes, cause,
			     VMD_DOMAIN_IMAGE) ? "" : " -d file",
		   cause_dimensions(cause), (int)strcspn(cause_name(cause), "("), cause_name(cause));
	out_name(why->out, text_of(builds[OLD].image.path), 0, unicode);
	out_char(why->out, ' ');
	out_name(why->out, text_of(builds[NEW].image.path), 0, unicode);
	out_char(why->out, '\n');
}

static void write_paragraph(const struct why *why, enum cause cause)
{
	const struct causes *causes = &why->comparison->causes;
	char content[NUMBER_MAX], file[NUMBER_MAX];
	uint32_t count = causes->example_count[cause];

	format_delta(content, why_delta(causes, cause, VMD_DOMAIN_IMAGE));
	format_delta(file, why_delta(causes, cause, VMD_DOMAIN_FILE));
	out_format(why->out, "\n%s: %s in the image's content, %s in the "
		   "file, ", cause_name(cause), content, file);
	why_write_count(why, cause);
	out_char(why->out, '\n');
	write_wrapped(why->out, cause_sentence(cause));
	for (uint32_t i = 0; i < count && i < EXAMPLES_LONG; i++)
		write_example(why, cause, &causes->examples[cause][i]);
	write_command(why, cause);
}

static int write_paragraphs(const struct why *why, struct err *err)
{
	const struct causes *causes = &why->comparison->causes;
	uint8_t list[CAUSE_COUNT], image[CAUSE_COUNT];
	unsigned count, more;

	if (why_write_flags(why, err))
		return -1;
	count = why_sorted(causes, VMD_DOMAIN_FILE, list);
	for (unsigned i = 0; i < count; i++)
		write_paragraph(why, list[i]);
	/* What differs in memory alone, such as .bss. */
	more = why_sorted(causes, VMD_DOMAIN_IMAGE, image);
	for (unsigned i = 0; i < more; i++)
		if (why_delta(causes, image[i], VMD_DOMAIN_FILE) == 0)
			write_paragraph(why, image[i]);
	return 0;
}

int why_write_long(const struct why *why, struct err *err)
{
	if (!why->comparison->causes.of_entry[NEW])
		return 0;
	if (!why->comparison->single && write_paragraphs(why, err))
		return -1;
	why_write_slack(why);
	why_write_load(why);
	return why_write_repeated(why, err);
}

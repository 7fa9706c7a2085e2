/* SPDX-License-Identifier: MIT */
/*
 * "Why": the causes of a difference, on the first screen.
 *
 * Two blocks, for the loaded content and for the file: what makes a kernel
 * too large to boot and what makes it too large to link are seldom the same
 * thing. Causes are told by the size of their change, growth and shrinkage
 * alike, the large ones with the examples that a reader would look up next.
 * The block that was not asked for (--domain) is the shorter one: both have to
 * fit a screen, with what grew and shrank.
 */
#include "report/why.h"

#include <string.h>

#define CAUSES_SHOWN 6
#define CAUSES_SHOWN_BELOW 3
#define CAUSE_LEAST 1     /* per cent of the whole, for a line */
#define EXAMPLES_LEAST 20 /* and for examples */
#define EXAMPLES_SHOWN 3
#define NAME_WIDTH 31
#define DELTA_WIDTH 14
#define BAR_WIDTH 8
#define EXAMPLE_NAME 48 /* columns of a name among examples */
#define COUNT_WIDTH 110 /* of a terminal that has room for copies, too */

static struct text text_of(const char *string)
{
	return (struct text){ string, strlen(string) };
}

int64_t why_delta(const struct causes *causes, enum cause cause,
		  enum vmd_domain domain)
{
	const struct sums *sums = causes->sums[cause];

	if (domain == VMD_DOMAIN_FILE)
		return size_delta(sums[NEW].file, sums[OLD].file);
	return size_delta(sums[NEW].content, sums[OLD].content);
}

unsigned why_sorted(const struct causes *causes, enum vmd_domain domain,
		    uint8_t list[CAUSE_COUNT])
{
	unsigned count = 0;

	for (unsigned i = 0; i < CAUSE_COUNT; i++) {
		uint64_t size = magnitude(why_delta(causes, i, domain));
		unsigned at = count;

		if (size == 0)
			continue;
		for (; at > 0 && magnitude(why_delta(causes, list[at - 1],
						     domain)) < size; at--)
			list[at] = list[at - 1];
		list[at] = (uint8_t)i;
		count++;
	}
	return count;
}

struct text why_example_name(const struct comparison *comparison,
			     enum cause cause, const struct example *example)
{
	const struct causes *causes = &comparison->causes;
	const struct pair *pair;
	struct text text = { "", 0 };
	unsigned side;

	switch (cause_example_kind(cause)) {
	case EXAMPLE_PAIR:
		pair = &comparison->match.pairs[example->key];
		side = pair->symbol[NEW] != NONE ? NEW : OLD;
		return text_of(image_symbol_name(
			&comparison->builds[side].image, pair->symbol[side]));
	case EXAMPLE_FUNCTION:
		text.at = names_text(&causes->names,
				     causes->functions[example->key].name,
				     &text.length);
		return text;
	case EXAMPLE_SECTION:
		text.at = names_text(&comparison->names, example->key,
				     &text.length);
		return text;
	default:
		text.at = names_text(&causes->names, example->key,
				     &text.length);
		return text;
	}
}

static void write_number(const struct why *why, uint64_t number,
			 const char *what)
{
	char text[NUMBER_MAX];

	format_size(text, number);
	out_format(why->out, "%s %s%s", text, what, number == 1 ? "" : "s");
}

static const char *thing_of(enum cause cause)
{
	switch (cause_example_kind(cause)) {
	case EXAMPLE_FUNCTION:
		return "function";
	case EXAMPLE_UNIT:
		return "file";
	case EXAMPLE_SECTION:
		return "section";
	case EXAMPLE_TYPE:
		return "type";
	default:
		return cause == CAUSE_DATA ? "object" :
		       cause == CAUSE_STRINGS ? "owner" : "function";
	}
}

void why_write_count(const struct why *why, enum cause cause)
{
	const struct causes *causes = &why->comparison->causes;
	const uint64_t *copies = causes->copies[cause];
	char text[NUMBER_MAX];

	if (causes->changed[cause])
		write_number(why, causes->changed[cause], thing_of(cause));
	if (!copies[OLD] && !copies[NEW])
		return;
	format_size(text, copies[OLD]);
	out_format(why->out, "%scopies %s",
		   causes->changed[cause] ? ", " : "", text);
	format_size(text, copies[NEW]);
	out_format(why->out, " -> %s", text);
}

static int64_t example_delta(const struct example *example,
			     enum vmd_domain domain)
{
	return domain == VMD_DOMAIN_FILE ? example->file : example->image;
}

/* How often and where: of the new build, unless it is gone there. */
static uint32_t count_of(const struct why *why, enum cause cause,
			 const struct example *example, const char **what)
{
	const struct inline_story *story = NULL;

	if (cause_example_kind(cause) == EXAMPLE_FUNCTION)
		story = causes_story(&why->comparison->causes, cause,
				     example->key);
	*what = story ? "function" : "copies";
	if (story)
		return story->hosts[NEW] ? story->hosts[NEW]
					 : story->hosts[OLD];
	return example->copies[NEW] ? example->copies[NEW]
				    : example->copies[OLD];
}

/* "+10,561 in 346 functions". */
static void write_example(const struct why *why, enum cause cause,
			  const struct example *example,
			  enum vmd_domain domain, bool first)
{
	struct text name = why_example_name(why->comparison, cause, example);
	const char *what;
	uint32_t count = count_of(why, cause, example, &what);
	char text[NUMBER_MAX];

	out_name(why->out, name, EXAMPLE_NAME, why->options->unicode);
	format_delta(text, example_delta(example, domain));
	out_format(why->out, " %s", text);
	if (count)
		out_format(why->out, " in %u", count);
	if (count && first)
		out_format(why->out, " %s%s", what,
			   what[0] == 'f' && count != 1 ? "s" : "");
}

/* The columns that write_example() needs at most, with what is before it. */
static unsigned example_width(const struct why *why, enum cause cause,
			      const struct example *example,
			      enum vmd_domain domain)
{
	struct text name = why_example_name(why->comparison, cause, example);
	size_t length = name_length(why->out, name);
	const char *what;
	char text[NUMBER_MAX];

	length = length < EXAMPLE_NAME ? length : EXAMPLE_NAME;
	length += format_delta(text, example_delta(example, domain));
	if (count_of(why, cause, example, &what))
		length += sizeof(" in 1,000") - 1;
	return (unsigned)length + (unsigned)sizeof(", ");
}

/*
 * The largest examples that go the way of the cause itself: a cause that grew
 * is not explained by what shrank. One line of them, but always one of them.
 */
static void write_examples(const struct why *why, enum cause cause,
			   enum vmd_domain domain)
{
	const struct causes *causes = &why->comparison->causes;
	bool grew = why_delta(causes, cause, domain) > 0;
	unsigned written = 0, column = sizeof("      ") + sizeof("functions") - 2;

	for (uint32_t i = 0; i < causes->example_count[cause]; i++) {
		const struct example *example = &causes->examples[cause][i];
		int64_t delta = example_delta(example, domain);

		if (delta == 0 || (delta > 0) != grew)
			continue;
		column += example_width(why, cause, example, domain);
		if (written && why->options->width &&
		    column > why->options->width)
			break;
		out_text(why->out, written ? ", " : "      ");
		write_example(why, cause, example, domain, written == 0);
		if (++written == EXAMPLES_SHOWN)
			break;
	}
	if (written)
		out_char(why->out, '\n');
}

static void write_cause(const struct why *why, enum cause cause,
			enum vmd_domain domain, uint64_t largest,
			uint64_t all)
{
	int64_t delta = why_delta(&why->comparison->causes, cause, domain);
	uint64_t size = magnitude(delta);
	struct out *out = why->out;
	char text[NUMBER_MAX];
	size_t length = format_delta(text, delta);
	unsigned bar;

	out_text(out, "  ");
	out_name_padded(out, text_of(cause_name(cause)), NAME_WIDTH - 2,
			why->options->unicode);
	out_right(out, text, length, DELTA_WIDTH);
	out_format(out, "%4.0f%%  ", 100.0 * (double)size / (double)all);
	bar = out_bar(out, size, largest, BAR_WIDTH, why->options->unicode);
	out_repeat(out, ' ', BAR_WIDTH + 1 - bar);
	if (!why->options->width || why->options->width >= COUNT_WIDTH)
		why_write_count(why, cause);
	else if (why->comparison->causes.changed[cause])
		write_number(why, why->comparison->causes.changed[cause],
			     thing_of(cause));
	out_char(out, '\n');
	if (why->options->verbose || size == largest ||
	    (domain == why->domain && size >= all / 100 * EXAMPLES_LEAST))
		write_examples(why, cause, domain);
}

/* How many of a sorted list deserve a line; one left over has it, too. */
static unsigned count_shown(const struct why *why, const uint8_t *list,
			    unsigned count, enum vmd_domain domain,
			    uint64_t all)
{
	const struct causes *causes = &why->comparison->causes;
	unsigned most = domain == why->domain ? CAUSES_SHOWN
					      : CAUSES_SHOWN_BELOW;
	unsigned shown = 0;

	if (why->options->verbose)
		return count;
	while (shown < count && shown < most &&
	       (magnitude(why_delta(causes, list[shown], domain)) >=
		all / 100 * CAUSE_LEAST))
		shown++;
	return count - shown == 1 ? count : shown;
}

static void write_rest(const struct why *why, const uint8_t *list,
		       unsigned count, enum vmd_domain domain)
{
	char text[NUMBER_MAX];
	int64_t rest = 0;
	size_t length;

	for (unsigned i = 0; i < count; i++)
		rest += why_delta(&why->comparison->causes, list[i], domain);
	length = format_delta(text, rest);
	out_text(why->out, "  ");
	out_name_padded(why->out, text_of("others together"), NAME_WIDTH - 2,
			false);
	out_right(why->out, text, length, DELTA_WIDTH);
	out_format(why->out, "       -b cause shows %u more\n", count);
}

static void write_block(const struct why *why, enum vmd_domain domain,
			const char *what)
{
	const struct causes *causes = &why->comparison->causes;
	uint8_t list[CAUSE_COUNT];
	unsigned count = why_sorted(causes, domain, list), shown;
	uint64_t all = 0;
	int64_t total = 0;
	char text[NUMBER_MAX];
	size_t length;

	if (!count)
		return;
	for (unsigned i = 0; i < count; i++) {
		int64_t delta = why_delta(causes, list[i], domain);

		total += delta;
		all += magnitude(delta);
	}
	length = format_delta(text, total);
	out_format(why->out, "\nWhy %s %-*s", what,
		   NAME_WIDTH - 5 - (int)strlen(what),
		   total > 0 ? "grew" : total < 0 ? "shrank" : "changed");
	out_right(why->out, text, length, DELTA_WIDTH);
	out_char(why->out, '\n');
	shown = count_shown(why, list, count, domain, all);
	for (unsigned i = 0; i < shown; i++)
		write_cause(why, list[i], domain,
			    magnitude(why_delta(causes, list[0], domain)),
			    all);
	if (shown < count)
		write_rest(why, list + shown, count - shown, domain);
}

static bool has_code_change(const struct causes *causes)
{
	return why_delta(causes, CAUSE_OWN_CODE, VMD_DOMAIN_FILE) != 0 ||
	       why_delta(causes, CAUSE_REMOVED, VMD_DOMAIN_FILE) != 0;
}

void why_write_causes(const struct why *why)
{
	const struct causes *causes = &why->comparison->causes;
	bool file_first = why->domain == VMD_DOMAIN_FILE;

	if (why->comparison->single || !causes->of_entry[NEW])
		return;
	if (file_first)
		write_block(why, VMD_DOMAIN_FILE, "the file");
	write_block(why, VMD_DOMAIN_IMAGE, "content");
	if (!file_first)
		write_block(why, VMD_DOMAIN_FILE, "the file");
	if (!causes->inlines && has_code_change(causes))
		out_text(why->out, "  (no DWARF in both builds: inlined code "
			 "counts as own code)\n");
}

struct text why_of_pair(struct arena *arena, const struct causes *causes,
			const struct pair_cause *cause)
{
	struct text name = { "", 0 };
	char *text;

	if (cause->cause >= CAUSE_COUNT)
		return name;
	if (cause->function == NONE)
		return text_of(cause_name(cause->cause));
	name.at = names_text(&causes->names,
			     causes->functions[cause->function].name,
			     &name.length);
	text = arena_printf(arena, "%s: %.*s", cause_name(cause->cause),
			    (int)name.length, name.at);
	return text ? text_of(text) : name;
}

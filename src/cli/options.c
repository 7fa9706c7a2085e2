/* SPDX-License-Identifier: MIT */
/*
 * What each option does: a row in one of the small tables below (a flag, a
 * text, a word of a list, a list, a pair of files). Only the two numbers are
 * code.
 */
#include "cli/options.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/message.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct option_row option_table[OPTION_COUNT] = {
#define OPTION(id, letter, name, argument, values, group, help, more) \
	{ letter, name, argument, values, group, help, more },
#include "cli/options.def"
#undef OPTION
};

#define FIELD(name) offsetof(struct command_line, name)

static const struct {
	enum option_id id;
	size_t field; /* of type bool */
} flags[] = {
	{ OPTION_EXPLAIN, FIELD(options.explain) },
	{ OPTION_NO_ROLLUP, FIELD(options.no_rollup) },
	{ OPTION_CATEGORIES, FIELD(options.categories) },
	{ OPTION_DATA, FIELD(options.data) },
	{ OPTION_TEXT, FIELD(options.text) },
	{ OPTION_EXACT_NAMES, FIELD(options.exact_names) },
	{ OPTION_EXIT_CODE, FIELD(exit_code) },
	{ OPTION_NO_PAGER, FIELD(no_pager) },
	{ OPTION_NO_DEMANGLE, FIELD(options.no_demangle) },
	{ OPTION_QUIET, FIELD(options.quiet) },
};

static const struct {
	enum option_id id;
	size_t field; /* of type const char * */
} texts[] = {
	{ OPTION_BY, FIELD(options.by) },
	{ OPTION_OUTPUT, FIELD(output) },
	{ OPTION_IGNORE, FIELD(options.ignore_file) },
	{ OPTION_COMPLETION, FIELD(completion) },
};

static const struct {
	enum option_id id;
	size_t field; /* of type struct word_list */
} lists[] = {
	{ OPTION_FILTER, FIELD(filters) },
	{ OPTION_EXCLUDE, FIELD(excludes) },
	{ OPTION_FAIL_IF, FIELD(fail_if) },
};

static const struct {
	enum option_id id;
	size_t field;   /* of type const char *[2] */
	bool one_is_both; /* a single file serves both builds */
} pairs[] = {
	{ OPTION_DEBUG_FILE, FIELD(options.debug_file), false },
	{ OPTION_BTF_BASE, FIELD(options.btf_base), true },
	{ OPTION_CONFIG, FIELD(options.config), false },
};

/* Commands that an option stands for. */
static const struct {
	enum option_id id;
	enum command command;
} commands[] = {
	{ OPTION_HELP, COMMAND_HELP },
	{ OPTION_VERSION, COMMAND_VERSION },
	{ OPTION_COMPLETION, COMMAND_COMPLETION },
};

int complain_word(const char *what, const char *word,
			 const char *const *known)
{
	const char *meant = vmd_suggest(word, known);

	if (meant)
		return complain("%s '%s' is not known; did you mean '%s'?",
				what, word, meant);
	return complain("%s '%s' is not known; vmdelta --help lists them all",
			what, word);
}

/* The position of the argument among the option's values, or -1. */
static int value_index(enum option_id id, const char *argument)
{
	struct word_list words = { 0 };
	char what[64];
	int index = -1;

	if (word_list_split(&words, option_table[id].values, " "))
		goto out;
	for (size_t i = 0; i < words.count && index < 0; i++)
		if (!strcmp(words.words[i], argument))
			index = (int)i;
	if (index < 0) {
		snprintf(what, sizeof(what), "--%s: value",
			 option_table[id].name);
		complain_word(what, argument, words.words);
	}
out:
	word_list_free_words(&words);
	return index;
}

static int set_value(struct command_line *line, enum option_id id,
		     const char *argument)
{
	int index = value_index(id, argument);

	if (index < 0)
		return -1;
	switch (id) {
	case OPTION_DOMAIN:
		line->options.domain = VMD_DOMAIN_IMAGE + (unsigned)index;
		break;
	case OPTION_SORT:
		line->options.sort = VMD_SORT_DELTA + (unsigned)index;
		break;
	case OPTION_FORMAT:
		line->options.format = VMD_FORMAT_TEXT + (unsigned)index;
		break;
	case OPTION_DEBUG_INFO:
		line->options.debug_info = VMD_DEBUG_INFO_AUTO +
					   (unsigned)index;
		break;
	case OPTION_COLOR:
		line->colour = WHEN_AUTO + (unsigned)index;
		break;
	default:
		break;
	}
	return 0;
}

static int set_rows(struct command_line *line, const char *argument)
{
	unsigned long long rows;
	char *end;

	errno = 0;
	rows = strtoull(argument, &end, 10);
	if (end == argument || *end || errno || strchr(argument, '-') ||
	    rows > SIZE_MAX)
		return complain("--rows: '%s' is not a number of rows; write "
				"-n 50, or -n 0 for all", argument);
	line->options.rows = (size_t)rows;
	line->options.all_rows = !rows;
	return 0;
}

static int set_image_limit(struct command_line *line, const char *argument)
{
	static const char units[] = "kmgt";
	uint64_t limit;
	const char *unit;
	char *end;

	errno = 0;
	limit = strtoull(argument, &end, 0);
	if (end == argument || errno || strchr(argument, '-') || !limit)
		goto bad;
	unit = *end ? strchr(units, *end | 0x20) : NULL;
	if (*end) {
		/* 512M, 512MB and 512MiB are all the same. */
		if (!unit || (end[1] && strcasecmp(end + 1, "b") &&
			      strcasecmp(end + 1, "ib")))
			goto bad;
		if (__builtin_mul_overflow(limit,
					   1ull << (10 * (unit - units + 1)),
					   &limit))
			goto bad;
	}
	line->options.image_limit = limit;
	return 0;
bad:
	return complain("--image-limit: '%s' is not a size; write 512M, 1G or "
			"0x40000000", argument);
}

/* "OLD,NEW": either may be empty. */
static int split_pair(struct command_line *line, const char *argument,
		      const char *files[2], bool one_is_both)
{
	const char *comma = strchrnul(argument, ',');

	files[0] = files[1] = NULL;
	if (comma > argument) {
		files[0] = word_list_keep(&line->pieces, argument,
					  (size_t)(comma - argument));
		if (!files[0])
			return -1;
	}
	if (*comma && comma[1])
		files[1] = comma + 1;
	else if (one_is_both)
		files[1] = files[0];
	return 0;
}

static int set_add(struct command_line *line, const char *argument)
{
	const char *files[2];

	if (split_pair(line, argument, files, false))
		return -1;
	for (int side = 0; side < 2; side++)
		if (files[side] && word_list_add(&line->add[side],
						 files[side]))
			return -1;
	return 0;
}

static int set_from_tables(struct command_line *line, enum option_id id,
			   const char *argument)
{
	char *base = (char *)line;

	for (size_t i = 0; i < COUNT(flags); i++)
		if (flags[i].id == id)
			*(bool *)(base + flags[i].field) = true;
	for (size_t i = 0; i < COUNT(texts); i++)
		if (texts[i].id == id)
			*(const char **)(base + texts[i].field) = argument;
	for (size_t i = 0; i < COUNT(commands); i++)
		/* --help wins over everything beside it. */
		if (commands[i].id == id && line->command != COMMAND_HELP)
			line->command = commands[i].command;
	for (size_t i = 0; i < COUNT(lists); i++)
		if (lists[i].id == id &&
		    word_list_add((void *)(base + lists[i].field), argument))
			return -1;
	for (size_t i = 0; i < COUNT(pairs); i++)
		if (pairs[i].id == id &&
		    split_pair(line, argument, (void *)(base + pairs[i].field),
			       pairs[i].one_is_both))
			return -1;
	return 0;
}

int command_line_set(struct command_line *line, enum option_id id,
		      const char *argument)
{
	switch (id) {
	case OPTION_DOMAIN:
	case OPTION_SORT:
	case OPTION_FORMAT:
	case OPTION_DEBUG_INFO:
	case OPTION_COLOR:
		return set_value(line, id, argument);
	case OPTION_ROWS:
		return set_rows(line, argument);
	case OPTION_IMAGE_LIMIT:
		return set_image_limit(line, argument);
	case OPTION_ADD:
		return set_add(line, argument);
	case OPTION_VERBOSE:
		line->options.verbose++;
		return 0;
	default:
		return set_from_tables(line, id, argument);
	}
}

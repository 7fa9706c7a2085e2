/* SPDX-License-Identifier: MIT */
/*
 * The command line, over getopt_long(), whose own messages are switched off:
 * ours say what was probably meant. What stands in dimensions, filters and
 * thresholds is the library's to read: it does so before it opens a build.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/message.h"
#include "cli/options.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LONG_BASE 256 /* getopt's value of a long option: this + its id */

const char *const command_names[] = {
	[COMMAND_SHOW] = "show",
	[COMMAND_WHOSE] = "whose",
	NULL,
};

/* getopt()'s two descriptions of the table. */
static void fill_getopt(struct option *longs, char *shorts)
{
	*shorts++ = ':'; /* tell a missing argument from an unknown option */
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_table[i];

		longs[i] = (struct option){
			.name = row->name,
			.has_arg = row->argument ? required_argument
						 : no_argument,
			.val = LONG_BASE + (int)i,
		};
		if (!row->letter)
			continue;
		*shorts++ = row->letter;
		if (row->argument)
			*shorts++ = ':';
	}
	longs[OPTION_COUNT] = (struct option){ 0 };
	*shorts = '\0';
}

static int option_by_value(int value)
{
	if (value >= LONG_BASE)
		return value - LONG_BASE;
	for (int i = 0; i < OPTION_COUNT; i++)
		if (option_table[i].letter == value)
			return i;
	return -1;
}

/* The options that `word` could be short for. */
static int complain_ambiguous(const char *word)
{
	char *all = NULL;
	size_t size;
	FILE *list = open_memstream(&all, &size);

	if (!list)
		return complain("out of memory");
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (!strncmp(option_table[i].name, word, strlen(word)))
			fprintf(list, " --%s", option_table[i].name);
	if (fclose(list))
		complain("out of memory");
	else
		complain("option '--%s' could be any of%s; write it out", word,
			 all);
	free(all);
	return -1;
}

static int complain_long(const char *argument)
{
	const char *names[OPTION_COUNT + 1] = { NULL };
	char *word = strndup(argument, strcspn(argument, "="));
	const char *meant;
	bool begins = false;

	if (!word)
		return complain("out of memory");
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		names[i] = option_table[i].name;
		begins |= !strncmp(names[i], word, strlen(word));
	}
	meant = vmd_suggest(word, names);
	if (begins)
		complain_ambiguous(word);
	else if (meant)
		complain("option '--%s' is not known; did you mean '--%s'?",
			 word, meant);
	else
		complain("option '--%s' is not known; vmdelta --help lists "
			 "them all", word);
	free(word);
	return -1;
}

/* getopt_long() returned '?' or ':' for the argument before optind. */
static int complain_option(int result, char **argv)
{
	int id = optopt ? option_by_value(optopt) : -1;

	if (result == ':' && id >= 0)
		return complain("--%s: %s is missing; vmdelta --help has "
				"examples", option_table[id].name,
				option_table[id].argument);
	if (optopt >= LONG_BASE)
		return complain("option '--%s' takes no value",
				option_table[id].name);
	if (optopt)
		return complain("option '-%c' is not known; vmdelta --help "
				"lists them all", optopt);
	return complain_long(argv[optind - 1] + 2);
}

static int read_options(struct command_line *line, int argc, char **argv)
{
	struct option longs[OPTION_COUNT + 1];
	char shorts[2 * OPTION_COUNT + 2];
	int result;

	fill_getopt(longs, shorts);
	opterr = 0;
	optind = 1;
	while ((result = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		int id;

		if (result == '?' || result == ':')
			return complain_option(result, argv);
		id = option_by_value(result);
		if (command_line_set(line, (enum option_id)id, optarg))
			return -1;
	}
	return 0;
}

/* The nearest subcommand to a word that is not a file, or NULL. */
static const char *meant_command(const char *word)
{
	if (strchr(word, '/') || !access(word, F_OK))
		return NULL;
	return vmd_suggest(word, command_names);
}

static int read_whose(struct command_line *line, int count, char **words)
{
	if (count < 2)
		return complain("whose: give a file and a place in it, for "
				"example vmdelta whose vmlinux schedule "
				"(or - to read places from standard input)");
	line->new_path = words[0];
	line->places = (const char *const *)(words + 1);
	line->place_count = (size_t)count - 1;
	return 0;
}

static int read_show(struct command_line *line, int count, char **words)
{
	if (count != 1)
		return complain("show: give one file, for example vmdelta "
				"show -b section,symbol vmlinux");
	line->new_path = words[0];
	return 0;
}

static int read_diff(struct command_line *line, int count, char **words)
{
	const char *meant = count ? meant_command(words[0]) : NULL;

	if (meant)
		return complain("'%s' is neither a file nor a command; did "
				"you mean 'vmdelta %s'?", words[0], meant);
	if (!count)
		return complain("give two builds to compare: vmdelta OLD NEW; "
				"vmdelta --help says more");
	if (count == 1)
		return complain("%s: one build is nothing to compare; write "
				"vmdelta OLD %s, or vmdelta show %s", words[0],
				words[0], words[0]);
	if (count > 2)
		return complain("%s: a third file; vmdelta compares two, OLD "
				"and NEW", words[2]);
	line->old_path = words[0];
	line->new_path = words[1];
	return 0;
}

static int read_operands(struct command_line *line, int count, char **words)
{
	if (line->command != COMMAND_DIFF)
		return 0; /* --help and its like need none */
	for (size_t i = 0; count && command_names[i]; i++)
		if (!strcmp(words[0], command_names[i]))
			line->command = (enum command)i;
	switch (line->command) {
	case COMMAND_SHOW:
		return read_show(line, count - 1, words + 1);
	case COMMAND_WHOSE:
		return read_whose(line, count - 1, words + 1);
	default:
		return read_diff(line, count, words);
	}
}

static int check_file(const char *option, const char *path)
{
	if (!path || !access(path, R_OK))
		return 0;
	return complain("%s: %s (named by --%s)", path, strerror(errno),
			option);
}

/*
 * Files that are named beside the builds. To the library a missing one only
 * makes the answer poorer; who named it wants to know.
 */
static int check_files(const struct command_line *line)
{
	const struct vmd_options *options = &line->options;

	for (int side = 0; side < 2; side++) {
		if (check_file("debug-file", options->debug_file[side]) ||
		    check_file("btf-base", options->btf_base[side]) ||
		    check_file("config", options->config[side]))
			return -1;
		for (size_t i = 0; i < line->add[side].count; i++)
			if (check_file("add", line->add[side].words[i]))
				return -1;
	}
	return check_file("ignore", options->ignore_file);
}

static int check_combinations(const struct command_line *line)
{
	const struct vmd_options *options = &line->options;
	int tables = options->categories + options->data + options->text;

	if (tables && options->format != VMD_FORMAT_BLOAT_O_METER)
		return complain("--categories, --data and --text belong to "
				"--format=bloat-o-meter; write it too, or use "
				"-b class");
	if (tables > 1)
		return complain("--categories, --data and --text exclude each "
				"other; write one");
	if (line->exit_code && !line->old_path)
		return complain("--exit-code compares two builds; write "
				"vmdelta --exit-code OLD NEW");
	if (line->command == COMMAND_WHOSE &&
	    options->format != VMD_FORMAT_TEXT &&
	    options->format != VMD_FORMAT_JSON)
		return complain("whose: knows the formats text and json");
	return 0;
}

/* A single build is the new one: what is said once is said of it. */
static void move_to_new(struct command_line *line)
{
	const char **files[] = { line->options.debug_file,
				 line->options.btf_base,
				 line->options.config };

	for (size_t i = 0; i < COUNT(files); i++)
		if (!files[i][1])
			files[i][1] = files[i][0];
	if (!line->add[1].count) {
		struct word_list none = line->add[1];

		line->add[1] = line->add[0];
		line->add[0] = none;
	}
}

int command_line_parse(struct command_line *line, int argc, char **argv)
{
	*line = (struct command_line){ .command = COMMAND_DIFF };
	if (read_options(line, argc, argv) ||
	    read_operands(line, argc - optind, argv + optind))
		return -1;
	if (!line->new_path)
		return 0;
	if (check_combinations(line) || check_files(line))
		return -1;
	if (!line->old_path)
		move_to_new(line);
	line->options.filters = line->filters.words;
	line->options.excludes = line->excludes.words;
	line->options.fail_if = line->fail_if.words;
	for (int side = 0; side < 2; side++)
		line->options.add[side] = line->add[side].words;
	return 0;
}

void command_line_release(struct command_line *line)
{
	struct word_list *all[] = { &line->filters, &line->excludes,
				    &line->fail_if, &line->add[0],
				    &line->add[1] };

	for (size_t i = 0; i < COUNT(all); i++)
		word_list_release(all[i]);
	word_list_free_words(&line->pieces);
}

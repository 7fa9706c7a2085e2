/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_CLI_OPTIONS_H
#define VMDELTA_CLI_OPTIONS_H

/* The command line: its table, and what one says. */

#include <stdbool.h>
#include <stddef.h>

#include "cli/words.h"
#include "vmdelta.h"

/* Groups of --help, in its order. */
enum option_group {
	GROUP_SHOW,
	GROUP_LOAD,
	GROUP_CHECK,
	GROUP_LOOK,
	GROUP_HIDDEN, /* not in --help, but in the manual */
};

enum option_id {
#define OPTION(id, letter, name, argument, values, group, help, more) \
	OPTION_##id,
#include "cli/options.def"
#undef OPTION
	OPTION_COUNT
};

/* What completion proposes where it is not a list of words. */
#define VALUES_NONE ""
#define VALUES_FILE "<file>"
#define VALUES_PAIR "<pair>"
#define VALUES_DIMENSIONS "<dimensions>"

struct option_row {
	char letter;          /* 0: none */
	const char *name;
	const char *argument; /* as shown, or NULL */
	const char *values;
	enum option_group group;
	const char *help;
	const char *more;
};

extern const struct option_row option_table[OPTION_COUNT];

/* Words that can stand first; index in command_names[], NULL-ended. */
enum command {
	COMMAND_SHOW,
	COMMAND_WHOSE,
	COMMAND_DIFF, /* no word */
	COMMAND_HELP,
	COMMAND_VERSION,
	COMMAND_COMPLETION,
};
extern const char *const command_names[];

enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };

struct command_line {
	enum command command;
	struct vmd_options options; /* what the library needs to know */
	const char *old_path;       /* NULL for show and whose */
	const char *new_path;
	const char *const *places;  /* of whose; "-": standard input */
	size_t place_count;
	const char *output;         /* NULL: standard output */
	const char *completion;     /* name of a shell */
	enum when colour;
	bool no_pager;
	bool exit_code;

	/* Behind options.filters and so on. */
	struct word_list filters, excludes, fail_if, add[2];
	struct word_list pieces; /* malloc'ed parts of OLD,NEW */
};

/*
 * Reads the arguments; all texts are borrowed from them. Returns 0, or -1
 * after saying on standard error what is wrong.
 */
int command_line_parse(struct command_line *line, int argc, char **argv);
void command_line_release(struct command_line *line);

/* Applies one option. Returns 0, or -1 after saying what is wrong. */
int command_line_set(struct command_line *line, enum option_id id,
		     const char *argument);

/* "WHAT 'WORD' is not known; did you mean ...". Always returns -1. */
int complain_word(const char *what, const char *word,
		  const char *const *known);

#endif

/* SPDX-License-Identifier: MIT */
#include "cli/terminal.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Nobody has a wider terminal, and COLUMNS can say anything. */
#define WIDTH_MAX 10000

static unsigned columns_variable(void)
{
	const char *text = getenv("COLUMNS");
	unsigned long columns;
	char *end;

	if (!text || *text < '0' || *text > '9')
		return 0;
	columns = strtoul(text, &end, 10);
	return *end || columns > WIDTH_MAX ? 0 : (unsigned)columns;
}

unsigned terminal_width(int fd)
{
	struct winsize size;

	if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size))
		return 0;
	return size.ws_col ? size.ws_col : 80;
}

bool terminal_is_smart(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && term && *term && strcmp(term, "dumb");
}

static bool wants_colour(const struct command_line *line)
{
	const char *no_colour = getenv("NO_COLOR");

	switch (line->colour) {
	case WHEN_ALWAYS:
		return true;
	case WHEN_NEVER:
		return false;
	default:
		return !line->output && !(no_colour && *no_colour) &&
		       terminal_is_smart(STDOUT_FILENO);
	}
}

void terminal_setup(struct command_line *line)
{
	struct vmd_options *options = &line->options;

	options->colour = wants_colour(line);
	options->unicode = !strcmp(nl_langinfo(CODESET), "UTF-8");
	/* A file is read later, elsewhere: nothing is cut short in it. */
	if (line->output)
		return;
	options->width = columns_variable();
	if (!options->width)
		options->width = terminal_width(STDOUT_FILENO);
}

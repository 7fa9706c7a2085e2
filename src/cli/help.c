/* SPDX-License-Identifier: MIT */
/*
 * --help, on one screen of 80 columns, and the manual's option list.
 */
#include "cli/help.h"

#include <string.h>

#include "cli/options.h"

#define COLUMNS 79
#define HELP_COLUMN 29

static const char *const group_titles[] = {
	[GROUP_SHOW] = "What to show",
	[GROUP_LOAD] = "What to read",
	[GROUP_CHECK] = "Checks",
	[GROUP_LOOK] = "And",
};

static const char usage[] =
	"vmdelta says where a Linux kernel's extra bytes come from, and why.\n"
	"\n"
	"  vmdelta old/vmlinux new/vmlinux             what grew, and why\n"
	"  vmdelta -b dir,symbol old/vmlinux vmlinux   by directory and symbol\n"
	"  vmdelta -f html -o growth.html OLD NEW      everything to look at\n"
	"  vmdelta --fail-if='image > 4K' OLD NEW      exit 1 if it grew by more\n"
	"  vmdelta show -b section,symbol vmlinux      one build\n"
	"  vmdelta whose vmlinux schedule @0x1234      who owns these bytes\n";

static void print_row(FILE *out, const struct option_row *row)
{
	int used = row->letter ? fprintf(out, "  -%c, ", row->letter)
			       : fprintf(out, "      ");

	used += fprintf(out, "--%s", row->name);
	if (row->argument)
		used += fprintf(out, "=%s", row->argument);
	if (used > HELP_COLUMN - 1)
		used = HELP_COLUMN - 1;
	fprintf(out, "%*s%s\n", HELP_COLUMN - used, "", row->help);
}

static void print_dimensions(FILE *out)
{
	const char *name;
	int column = fprintf(out, "\nDimensions:");

	for (size_t i = 0; vmd_dimension(i, &name, NULL); i++) {
		if (column + 1 + (int)strlen(name) > COLUMNS)
			column = fprintf(out, "\n ") - 1;
		column += fprintf(out, " %s", name);
	}
	putc('\n', out);
}

void help_print(FILE *out)
{
	fputs(usage, out);
	for (int group = GROUP_SHOW; group < GROUP_HIDDEN; group++) {
		fprintf(out, "%s:\n", group_titles[group]);
		for (size_t i = 0; i < OPTION_COUNT; i++)
			if (option_table[i].group == (unsigned)group)
				print_row(out, &option_table[i]);
	}
	print_dimensions(out);
	fputs("Exit status: 0 done; 1 --fail-if, --exit-code, or no such place; 2 error.\n",
	      out);
}

/*
 * A dash that begins an option is a minus sign in roff, and a leading dot or
 * quote would be a request. Returns the columns that it took.
 */
static int print_roff_word(FILE *out, const char *text, int length)
{
	int columns = 0;

	if (*text == '.' || *text == '\'')
		columns += fprintf(out, "\\&");
	for (int i = 0; i < length; i++) {
		if (text[i] == '\\')
			columns += fprintf(out, "\\e");
		else if (text[i] == '-' && (!i || text[i - 1] == '-'))
			columns += fprintf(out, "\\-");
		else
			columns += fprintf(out, "%c", text[i]);
	}
	return columns;
}

static void print_roff(FILE *out, const char *text, const char *end)
{
	const char *start = text;
	int column = 0;

	while (text < end) {
		int length = (int)strcspn(text, " ");

		if (length > end - text)
			length = (int)(end - text);
		if (text > start) {
			bool fits = column + 1 + length < COLUMNS - 1;

			putc(fits ? ' ' : '\n', out);
			column = fits ? column + 1 : 0;
		}
		column += print_roff_word(out, text, length);
		text += length + 1;
	}
	putc('\n', out);
}

/* A new sentence starts a new line, as mdoc wants it. */
static void print_sentences(FILE *out, const char *text)
{
	const char *end;

	for (; (end = strstr(text, ".  ")); text = end + 3)
		print_roff(out, text, end + 1);
	print_roff(out, text, text + strlen(text));
}

static void print_item(FILE *out, const struct option_row *row)
{
	fputs(".It ", out);
	if (row->letter && row->argument)
		fprintf(out, "Fl %c Ar %s , ", row->letter, row->argument);
	else if (row->letter)
		fprintf(out, "Fl %c , ", row->letter);
	fprintf(out, "Fl \\-%s", row->name);
	if (row->argument)
		fprintf(out, " Ns = Ns Ar %s", row->argument);
	putc('\n', out);
}

void help_print_mdoc(FILE *out)
{
	fputs(".Bl -tag -width Ds\n", out);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		print_item(out, &option_table[i]);
		print_sentences(out, option_table[i].more);
	}
	fputs(".El\n", out);
}

/* SPDX-License-Identifier: MIT */
/*
 * Completion for bash, zsh and fish, written from the option table, so that
 * no shell knows an option that the program does not, or the other way round.
 */
#include <string.h>

#include "cli/help.h"
#include "cli/message.h"
#include "cli/options.h"

static bool is_file(const struct option_row *row)
{
	return !strcmp(row->values, VALUES_FILE) ||
	       !strcmp(row->values, VALUES_PAIR);
}

static bool is_dimensions(const struct option_row *row)
{
	return !strcmp(row->values, VALUES_DIMENSIONS);
}

static void print_dimensions(FILE *out)
{
	const char *name;

	for (size_t i = 0; vmd_dimension(i, &name, NULL); i++)
		fprintf(out, "%s%s", i ? " " : "", name);
}

static void print_commands(FILE *out)
{
	for (size_t i = 0; command_names[i]; i++)
		fprintf(out, "%s%s", i ? " " : "", command_names[i]);
}

/* Single quotes around `text` for a shell's word. */
static void print_quoted(FILE *out, const char *text)
{
	putc('\'', out);
	for (; *text; text++)
		if (*text == '\'')
			fputs("'\\''", out);
		else
			putc(*text, out);
	putc('\'', out);
}

/* bash: the words in `case` patterns are --by|-b. */
static void bash_case(FILE *out, const struct option_row *row)
{
	if (!row->argument || !strcmp(row->values, VALUES_NONE))
		return;
	fprintf(out, "\t--%s", row->name);
	if (row->letter)
		fprintf(out, "|-%c", row->letter);
	fputs(")\n", out);
	if (is_dimensions(row)) {
		fputs("\t\t_vmdelta_list '", out);
		print_dimensions(out);
		fputs("'\n", out);
	} else if (!strcmp(row->values, VALUES_PAIR)) {
		fputs("\t\t_vmdelta_pair\n", out);
	} else if (is_file(row)) {
		fputs("\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n", out);
	} else {
		fprintf(out, "\t\tCOMPREPLY=($(compgen -W '%s' -- \"$cur\"))\n",
			row->values);
	}
	fputs("\t\treturn ;;\n", out);
}

/*
 * Readline splits words at "=", so `cur` and the option are put together
 * again by hand: bash-completion's helpers may not be installed.
 */
static const char bash_head[] =
	"# bash completion for vmdelta, made by vmdelta --completion=bash\n"
	"_vmdelta_list() {\n"
	"\tlocal done=''\n"
	"\t[[ $cur == *,* ]] && done=${cur%,*},\n"
	"\tCOMPREPLY=($(compgen -P \"$done\" -W \"$1\" -- \"${cur##*,}\"))\n"
	"\tcompopt -o nospace\n"
	"}\n"
	"_vmdelta_pair() {\n"
	"\tlocal done=''\n"
	"\t[[ $cur == *,* ]] && done=${cur%,*},\n"
	"\tCOMPREPLY=($(compgen -P \"$done\" -f -- \"${cur##*,}\"))\n"
	"\tcompopt -o nospace\n"
	"}\n"
	"_vmdelta() {\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=''\n"
	"\t((COMP_CWORD)) && prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	"\tif [[ $cur == '=' ]]; then cur=''\n"
	"\telif [[ $prev == '=' ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
	"\tCOMPREPLY=()\n"
	"\tcase $prev in\n";

static void bash_print(FILE *out)
{
	fputs(bash_head, out);
	for (size_t i = 0; i < OPTION_COUNT; i++)
		bash_case(out, &option_table[i]);
	fputs("\tesac\n\tif [[ $cur == -* ]]; then\n"
	      "\t\tCOMPREPLY=($(compgen -W '", out);
	for (size_t i = 0; i < OPTION_COUNT; i++)
		fprintf(out, "%s--%s%s", i ? " " : "", option_table[i].name,
			option_table[i].argument ? "=" : "");
	fputs("' -- \"$cur\"))\n"
	      "\t\t[[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace\n"
	      "\t\treturn\n\tfi\n"
	      "\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n"
	      "\t((COMP_CWORD == 1)) && "
	      "COMPREPLY+=($(compgen -W '", out);
	print_commands(out);
	fputs("' -- \"$cur\"))\n}\n"
	      "complete -o filenames -F _vmdelta vmdelta\n", out);
}

static void zsh_values(FILE *out, const struct option_row *row)
{
	/* The message is the argument's name, without what zsh would read. */
	fputs(":", out);
	for (const char *at = row->argument; *at; at++)
		if (!strchr("[]:", *at))
			putc(*at, out);
	putc(':', out);
	if (is_dimensions(row)) {
		fputs("_values -s , dimension ", out);
		print_dimensions(out);
	} else if (is_file(row)) {
		fputs("_files", out);
	} else if (*row->values) {
		fprintf(out, "(%s)", row->values);
	}
}

/* One "spec" of _arguments, in single quotes. */
static void zsh_spec(FILE *out, const char *prefix,
		     const struct option_row *row)
{
	fprintf(out, "\t'*%s", prefix);
	putc('[', out);
	for (const char *at = row->help; *at; at++) {
		if (*at == '\'')
			fputs("'\\'", out);
		if (strchr("[]:", *at))
			putc('\\', out);
		putc(*at, out);
	}
	putc(']', out);
	if (row->argument)
		zsh_values(out, row);
	fputs("' \\\n", out);
}

static void zsh_print(FILE *out)
{
	fputs("#compdef vmdelta\n"
	      "# zsh completion for vmdelta, made by vmdelta "
	      "--completion=zsh\n"
	      "_arguments -s \\\n", out);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_table[i];
		char prefix[64];

		snprintf(prefix, sizeof(prefix), "--%s%s", row->name,
			 row->argument ? "=" : "");
		zsh_spec(out, prefix, row);
		if (!row->letter)
			continue;
		snprintf(prefix, sizeof(prefix), "-%c%s", row->letter,
			 row->argument ? "+" : "");
		zsh_spec(out, prefix, row);
	}
	fputs("\t'1:build or command:{_alternative "
	      "\"files:build:_files\" \"commands:command:(", out);
	print_commands(out);
	fputs(")\"}' \\\n\t'*:build:_files'\n", out);
}

static void fish_row(FILE *out, const struct option_row *row)
{
	fputs("complete -c vmdelta", out);
	if (row->letter)
		fprintf(out, " -s %c", row->letter);
	fprintf(out, " -l %s", row->name);
	if (row->argument)
		fputs(is_file(row) ? " -r" : " -x", out);
	if (is_dimensions(row)) {
		fputs(" -a '(__vmdelta_dimensions)'", out);
	} else if (row->argument && !is_file(row) && *row->values) {
		fputs(" -a ", out);
		print_quoted(out, row->values);
	}
	fputs(" -d \"", out);
	for (const char *at = row->help; *at; at++) {
		if (strchr("\"$\\", *at))
			putc('\\', out);
		putc(*at, out);
	}
	fputs("\"\n", out);
}

static void fish_print(FILE *out)
{
	fputs("# fish completion for vmdelta, made by vmdelta "
	      "--completion=fish\n"
	      "function __vmdelta_dimensions\n"
	      "    set -l done (commandline -ct | "
	      "string replace -r '^--by=' '' | "
	      "string replace -r '[^,]*$' '')\n"
	      "    printf \"$done%s\\n\" ", out);
	print_dimensions(out);
	fputs("\nend\n", out);
	for (size_t i = 0; command_names[i]; i++)
		fprintf(out, "complete -c vmdelta -n __fish_is_first_arg "
			"-a %s\n", command_names[i]);
	for (size_t i = 0; i < OPTION_COUNT; i++)
		fish_row(out, &option_table[i]);
}

static const struct {
	const char *name;
	void (*print)(FILE *out);
} shells[] = {
	{ "bash", bash_print },
	{ "zsh", zsh_print },
	{ "fish", fish_print },
	/* Not a shell: how the manual's list is made and checked. */
	{ "mdoc", help_print_mdoc },
};

int completion_print(const char *shell, FILE *out)
{
	const char *names[4] = { NULL };

	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (!strcmp(shells[i].name, shell)) {
			shells[i].print(out);
			return 0;
		}
		if (i < 3)
			names[i] = shells[i].name;
	}
	return complain_word("--completion: shell", shell, names);
}

/* SPDX-License-Identifier: MIT */
/*
 * The program: reads the command line, asks the library, and is the only one
 * who talks. It uses include/vmdelta.h alone, so whatever it can do, other
 * programs can do with libvmdelta.
 */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/fault.h"
#include "cli/heap.h"
#include "cli/help.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/pager.h"
#include "cli/progress.h"
#include "cli/terminal.h"

/* What a run works on. */
struct job {
	const struct command_line *line;
	vmd_diff *diff;
	struct word_list places; /* of whose, those from standard input too */
	int unknown;             /* of them */
};

/* Complains about a failed library call; frees the message. */
static int complain_error(const char *prefix, char *error)
{
	complain("%s%s%s", prefix ? prefix : "", prefix ? ": " : "",
		 error ? error : "out of memory");
	free(error);
	return -1;
}

/* Figures of a file that changes would be of both its states. */
static int refuse_changed(void)
{
	const char *path = fault_changed_input();

	return path ? complain("%s: " FAULT_CHANGED, path) : 0;
}

static int render(struct job *job, FILE *out, char **error)
{
	const struct command_line *line = job->line;

	if (line->command != COMMAND_WHOSE)
		return vmd_render(job->diff, &line->options, out, error);
	job->unknown = vmd_whose(job->diff, job->places.words,
				 job->places.count, &line->options, out,
				 error);
	return job->unknown < 0 ? -1 : 0;
}

/* To standard output or a file. Returns 0 or -1. */
static int report_directly(struct job *job)
{
	const struct command_line *line = job->line;
	const char *inputs[] = { line->old_path, line->new_path };
	struct output output;
	char *error = NULL;

	if (output_open(&output, line->output, inputs, 2))
		return -1;
	if (render(job, output.stream, &error)) {
		complain_error(ferror(output.stream) ? output.name : NULL,
			       error);
		output_discard(&output);
		return -1;
	}
	if (refuse_changed()) {
		output_discard(&output);
		return -1;
	}
	return output_commit(&output);
}

static int report(struct job *job)
{
	const struct command_line *line = job->line;
	const char *command = line->no_pager || line->output ? NULL
							     : pager_command();
	struct pager pager;
	char *error = NULL;
	bool unread;
	int result;

	if (!command || pager_start(&pager, command))
		return report_directly(job);
	result = render(job, pager.stream, &error);
	unread = ferror(pager.stream);
	if (!pager_finish(&pager) && (!result || unread)) {
		free(error);
		return report_directly(job);
	}
	if (result && !unread)
		return complain_error(NULL, error);
	free(error); /* the user left the pager before the end */
	return 0;
}

/* Thresholds, --exit-code and unknown places, after a report was made. */
static int judge(const struct job *job)
{
	const struct command_line *line = job->line;
	char *error = NULL;
	int broken = 0;

	if (line->options.fail_if) {
		broken = vmd_check(job->diff, &line->options, stderr,
				   &error);
		if (broken < 0) {
			complain_error(NULL, error);
			return EXIT_ERROR;
		}
	}
	if (broken || job->unknown || (line->exit_code && !vmd_equal(job->diff)))
		return EXIT_DIFFERS;
	return EXIT_MADE;
}

/* Adds the places on standard input, one a line. Returns 0 or -1. */
static int read_places(struct job *job)
{
	size_t capacity = 0;
	char *text = NULL;
	int result = 0;

	while (!result && getline(&text, &capacity, stdin) >= 0)
		result = word_list_split(&job->places, text, "\r\n");
	if (!result && ferror(stdin))
		result = complain("standard input: cannot read places from it");
	free(text);
	return result;
}

static int collect_places(struct job *job)
{
	const struct command_line *line = job->line;

	for (size_t i = 0; i < line->place_count; i++) {
		const char *place = line->places[i];

		if (!strcmp(place, "-") ? read_places(job) :
		    !word_list_keep(&job->places, place, strlen(place)))
			return -1;
	}
	return 0;
}

static vmd_diff *open_builds(const struct command_line *line)
{
	struct vmd_options options = line->options;
	struct progress progress;
	char *error = NULL;
	vmd_diff *diff;

	progress_start(&progress, !options.quiet, options.unicode);
	if (progress.enabled) /* else nobody need be told, by a thread */
		options.progress = progress_report;
	options.progress_arg = &progress;
	diff = vmd_open(line->old_path, line->new_path, &options, &error);
	progress_finish(&progress);
	if (!diff)
		complain_error(NULL, error);
	return diff;
}

static int run(struct command_line *line)
{
	const char *inputs[] = {
		line->old_path, line->new_path,
		line->options.debug_file[0], line->options.debug_file[1],
		line->options.btf_base[0], line->options.btf_base[1],
	};
	struct job job = { .line = line };
	int status = EXIT_ERROR;

	terminal_setup(line);
	fault_install(inputs, sizeof(inputs) / sizeof(inputs[0]));
	if (collect_places(&job))
		goto out;
	job.diff = open_builds(line);
	if (job.diff && !refuse_changed() && !report(&job))
		status = judge(&job);
	vmd_close(job.diff);
out:
	word_list_free_words(&job.places);
	return status;
}

/* What needs no build: prints it to standard output. */
static int print(const struct command_line *line)
{
	struct output output;

	if (output_open(&output, NULL, NULL, 0))
		return EXIT_ERROR;
	if (line->command == COMMAND_HELP)
		help_print(output.stream);
	else if (line->command == COMMAND_VERSION)
		fprintf(output.stream, "vmdelta %s\n", vmd_version());
	else if (completion_print(line->completion, output.stream))
		return EXIT_ERROR;
	return output_commit(&output) ? EXIT_ERROR : EXIT_MADE;
}

int main(int argc, char **argv)
{
	struct command_line line;
	int status = EXIT_ERROR;

	heap_tune();
	/* Characters are the user's, numbers stay plain. */
	setlocale(LC_CTYPE, "");
	if (!command_line_parse(&line, argc, argv))
		status = line.new_path ? run(&line) : print(&line);
	command_line_release(&line);
	return status;
}

/* SPDX-License-Identifier: MIT */
/*
 * Signal handlers can only be told things by static variables, so this file
 * has the program's only ones. Everything in a handler is on POSIX's list of
 * async-signal-safe functions: sigaction, stat, unlink, write, raise, _exit.
 */
#include "cli/fault.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/message.h"

#define INPUT_MAX 16

static struct {
	const char *path;
	struct stat before; /* when it was about to be opened */
} inputs_seen[INPUT_MAX];
static size_t input_count;
static const char *volatile file_to_remove;
static volatile sig_atomic_t line_is_shown;
static struct sigaction segv_before;

static void say(const char *text)
{
	ssize_t done = write(STDERR_FILENO, text, strlen(text));

	(void)done; /* nobody is left to be told */
}

static void clean_up(void)
{
	if (file_to_remove)
		unlink(file_to_remove);
	if (line_is_shown)
		say("\r\033[K");
}

/* A path may have control characters in it: a terminal shall not get them. */
static void say_path(const char *path)
{
	for (; *path; path++) {
		char shown[2] = { (unsigned char)*path < 0x20 ||
				  *path == 0x7f ? '?' : *path };

		say(shown);
	}
}

/*
 * A linker that makes its output anew leaves what we have mapped alone: then
 * the path leads to another file.
 */
const char *fault_changed_input(void)
{
	for (size_t i = 0; i < input_count; i++) {
		const struct stat *before = &inputs_seen[i].before;
		struct stat now;

		if (!stat(inputs_seen[i].path, &now) &&
		    now.st_dev == before->st_dev &&
		    now.st_ino == before->st_ino &&
		    (now.st_size != before->st_size ||
		     now.st_mtim.tv_sec != before->st_mtim.tv_sec ||
		     now.st_mtim.tv_nsec != before->st_mtim.tv_nsec))
			return inputs_seen[i].path;
	}
	return NULL;
}

/*
 * What was checked when it was read first is not true any more: a name has no
 * end, and the mapping has one.
 */
static void on_segv(int number)
{
	const char *path = fault_changed_input();

	if (!path) {
		/* Ours: it comes again, and ends us as it should. */
		sigaction(number, &segv_before, NULL);
		return;
	}
	clean_up();
	say("vmdelta: ");
	say_path(path);
	say(": " FAULT_CHANGED "\n");
	_exit(EXIT_ERROR);
}

static void on_bus_error(int number)
{
	const char *path = fault_changed_input();

	(void)number;
	clean_up();
	say("vmdelta: ");
	if (path) {
		say_path(path);
		say(": " FAULT_CHANGED "\n");
	} else {
		say("an input file could not be read to its end (it changed, "
		    "or the disk failed); run again on a copy\n");
	}
	_exit(EXIT_ERROR);
}

static void on_end(int number)
{
	clean_up();
	/* SA_RESETHAND: this time it ends us, with the right status. */
	raise(number);
}

void fault_install(const char *const *inputs, size_t count)
{
	static const int endings[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM,
				       SIGXCPU };
	struct sigaction action = { .sa_handler = on_bus_error };
	struct sigaction old;

	for (size_t i = 0; i < count && input_count < INPUT_MAX; i++) {
		if (inputs[i] && !stat(inputs[i],
				       &inputs_seen[input_count].before))
			inputs_seen[input_count++].path = inputs[i];
	}
	sigemptyset(&action.sa_mask);
	sigaction(SIGBUS, &action, NULL);
	action.sa_handler = on_segv;
	sigaction(SIGSEGV, &action, &segv_before);
	action.sa_handler = on_end;
	action.sa_flags = (int)SA_RESETHAND;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		/* What was ignored (nohup) stays ignored. */
		if (!sigaction(endings[i], NULL, &old) &&
		    old.sa_handler != SIG_IGN)
			sigaction(endings[i], &action, NULL);
	/* RLIMIT_FSIZE: write() then fails with EFBIG, which is reported. */
	signal(SIGXFSZ, SIG_IGN);
}

void fault_remove_file(const char *path)
{
	file_to_remove = path;
}

void fault_line_shown(bool shown)
{
	line_is_shown = shown;
}

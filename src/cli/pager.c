/* SPDX-License-Identifier: MIT */
/*
 * The command runs under sh -c, so that it may have arguments; a pager that
 * does not exist then ends with 127, and one that cannot be run with 126.
 * Every other failure is treated alike: better to see a report twice than
 * not at all. SIGPIPE is ignored while the pager lives, so that leaving it
 * early is an EPIPE here, and we outlive it: a shell's prompt must not come
 * back before the pager has restored the terminal.
 */
#include "cli/pager.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char *pager_command(void)
{
	const char *command = getenv("VMDELTA_PAGER");

	if (!isatty(STDOUT_FILENO))
		return NULL;
	if (!command)
		command = getenv("PAGER");
	if (!command)
		command = "less";
	return *command && strcmp(command, "cat") ? command : NULL;
}

static _Noreturn void run(const char *command, const int ends[2])
{
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	close(ends[1]);
	signal(SIGPIPE, SIG_DFL);
	/* Leave at once when all fits, pass colours, keep the screen. */
	setenv("LESS", "FRX", 0);
	setenv("LV", "-c", 0);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

int pager_start(struct pager *pager, const char *command)
{
	int ends[2], error;

	*pager = (struct pager){ .child = -1 };
	if (pipe(ends))
		return -1;
	pager->child = fork();
	if (pager->child == 0)
		run(command, ends);
	error = errno;
	close(ends[0]);
	if (pager->child > 0)
		pager->stream = fdopen(ends[1], "w");
	if (pager->stream) {
		signal(SIGPIPE, SIG_IGN);
		return 0;
	}
	close(ends[1]);
	if (pager->child > 0)
		waitpid(pager->child, NULL, 0);
	errno = error;
	return -1;
}

bool pager_finish(struct pager *pager)
{
	int status;

	fclose(pager->stream);
	pager->stream = NULL;
	while (waitpid(pager->child, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	signal(SIGPIPE, SIG_DFL);
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

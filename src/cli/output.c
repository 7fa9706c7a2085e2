/* SPDX-License-Identifier: MIT */
/*
 * A file is written as ".NAME.XXXXXX" in the same folder and renamed at the
 * end, so that a reader sees the old file or the whole new one. O_TMPFILE
 * would spare the clean-up after signals, but a file made so can only be
 * linked to a name that is free. The name is told to fault.c while signals
 * are held back: there is no moment in which the file is nobody's.
 */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/fault.h"
#include "cli/message.h"

#define BUFFER_SIZE 262144

static int complain_write(const char *name, int error)
{
	const char *advice = error == ENOSPC || error == EDQUOT ?
		"make room or write elsewhere with -o FILE" :
		error == EPIPE ? "whoever read it has gone" :
		"write elsewhere with -o FILE";

	return complain("%s: cannot write: %s; %s", name, strerror(error),
			advice);
}

/* True where `path` is one of the builds: -o would destroy it. */
static bool is_input(const struct stat *status, const char *const *inputs,
		     size_t count)
{
	struct stat input;

	for (size_t i = 0; i < count; i++)
		if (inputs[i] && !stat(inputs[i], &input) &&
		    input.st_dev == status->st_dev &&
		    input.st_ino == status->st_ino)
			return true;
	return false;
}

/* The name without symbolic links, so that a link stays one. */
static char *real_name(const char *path)
{
	char *name = realpath(path, NULL);

	return name ? name : strdup(path);
}

static char *temporary_name(const char *final)
{
	char *folder = strdup(final), *base = strdup(final), *name = NULL;

	if (folder && base &&
	    asprintf(&name, "%s/.%.200s.XXXXXX", dirname(folder),
		     basename(base)) < 0)
		name = NULL;
	free(folder);
	free(base);
	return name;
}

/* What open() would have given a new file, or what the old one has. */
static mode_t file_mode(const char *path)
{
	struct stat status;
	mode_t mask;

	if (!stat(path, &status))
		return status.st_mode & 0777;
	mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

static int create_temporary(struct output *output)
{
	sigset_t all, before;
	int fd, error;

	output->temporary = temporary_name(output->final);
	if (!output->temporary)
		return complain("out of memory");
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	fd = mkostemp(output->temporary, O_CLOEXEC);
	error = errno;
	if (fd >= 0)
		fault_remove_file(output->temporary);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (fd < 0)
		return complain("%s: cannot create a file beside it: %s; "
				"write elsewhere with -o FILE", output->name,
				strerror(error));
	/* Where that is not allowed, mkostemp()'s stricter mode will do. */
	(void)!fchmod(fd, file_mode(output->final));
	output->stream = fdopen(fd, "w");
	if (output->stream)
		return 0;
	close(fd);
	return complain("%s: %s", output->name, strerror(errno));
}

static int open_directly(struct output *output, const char *path)
{
	output->stream = fopen(path, "we");
	if (output->stream)
		return 0;
	return complain("%s: cannot open for writing: %s; write elsewhere "
			"with -o FILE", path, strerror(errno));
}

static int open_file(struct output *output, const char *path,
		     const char *const *inputs, size_t count)
{
	struct stat status;

	if (!stat(path, &status)) {
		if (is_input(&status, inputs, count))
			return complain("%s: is a file to read; -o would "
					"replace it, write another name",
					path);
		if (S_ISDIR(status.st_mode))
			return complain("%s: is a directory; write -o %s/NAME",
					path, path);
		if (!S_ISREG(status.st_mode))
			return open_directly(output, path);
	}
	output->final = real_name(path);
	if (!output->final)
		return complain("out of memory");
	return create_temporary(output);
}

int output_open(struct output *output, const char *path,
		const char *const *inputs, size_t count)
{
	bool to_stdout = !path || !strcmp(path, "-");

	*output = (struct output){
		.name = to_stdout ? "standard output" : path,
		.owned = !to_stdout,
	};
	if (to_stdout) {
		output->stream = stdout;
	} else if (open_file(output, path, inputs, count)) {
		output_discard(output);
		return -1;
	}
	setvbuf(output->stream, NULL, _IOFBF, BUFFER_SIZE);
	return 0;
}

/* Closes the stream; returns 0 or the error that was found. */
static int close_stream(struct output *output)
{
	FILE *stream = output->stream;
	bool failed = ferror(stream);
	int error = 0;

	errno = 0;
	if (fflush(stream) || failed)
		error = errno ? errno : EIO;
	output->stream = NULL;
	/* Standard output is closed too: some errors are only told then. */
	errno = 0;
	if (fclose(stream) && !error)
		error = errno ? errno : EIO;
	return error;
}

static void forget(struct output *output)
{
	fault_remove_file(NULL);
	free(output->final);
	free(output->temporary);
	output->final = output->temporary = NULL;
}

int output_commit(struct output *output)
{
	int error = close_stream(output);

	if (!error && output->temporary &&
	    rename(output->temporary, output->final))
		error = errno;
	if (error && output->temporary)
		unlink(output->temporary);
	forget(output);
	return error ? complain_write(output->name, error) : 0;
}

void output_discard(struct output *output)
{
	if (output->stream && output->owned)
		fclose(output->stream);
	output->stream = NULL;
	if (output->temporary)
		unlink(output->temporary);
	forget(output);
}

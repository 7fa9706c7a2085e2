/* SPDX-License-Identifier: MIT */
/*
 * Preloaded by tests/check/faults.py and terminal.py: makes happen what a test
 * cannot time.
 *
 *	FAULT_SHRINK=PATH	the file is cut to one page once it is mapped
 *	FAULT_CHANGE=PATH	the file is overwritten once it is mapped,
 *	FAULT_AFTER=N		with the Nth calloc() from there on
 *	FAULT_SLOW=PATH		mapping the file takes two seconds
 *	FAULT_SIGNAL=NUMBER	the signal comes just before rename()
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void *__libc_calloc(size_t count, size_t size);

static const char *to_change; /* once it is mapped */
static size_t change_size;
static long change_in;

static int is_same_file(int fd, const char *path)
{
	struct stat a, b;

	return !fstat(fd, &a) && !stat(path, &b) && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/* All of it but the first 64 bytes becomes 0x41. */
static void overwrite(const char *path, size_t size)
{
	char *bytes = malloc(size);
	int fd = open(path, O_WRONLY);

	if (!bytes || fd < 0)
		_exit(99);
	memset(bytes, 0x41, size);
	if (pwrite(fd, bytes, size - 64, 64) != (ssize_t)size - 64)
		_exit(99);
	close(fd);
	free(bytes);
}

void *mmap(void *address, size_t size, int protection, int flags, int fd,
	   off_t offset)
{
	void *(*real)(void *, size_t, int, int, int, off_t) =
		dlsym(RTLD_NEXT, "mmap");
	const char *path = getenv("FAULT_SHRINK");
	const char *changed = getenv("FAULT_CHANGE");
	void *result = real(address, size, protection, flags, fd, offset);

	if (path && fd >= 0 && is_same_file(fd, path) && truncate(path, 4096))
		_exit(99);
	if (changed && fd >= 0 && is_same_file(fd, changed)) {
		to_change = changed;
		change_size = size;
		change_in = getenv("FAULT_AFTER")
			? atol(getenv("FAULT_AFTER")) : 1;
	}
	path = getenv("FAULT_SLOW");
	if (path && fd >= 0 && is_same_file(fd, path))
		sleep(2);
	return result;
}

void *calloc(size_t count, size_t size)
{
	if (to_change && --change_in == 0)
		overwrite(to_change, change_size);
	return __libc_calloc(count, size);
}

int rename(const char *from, const char *to)
{
	int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
	const char *number = getenv("FAULT_SIGNAL");

	if (number)
		raise(atoi(number));
	return real(from, to);
}

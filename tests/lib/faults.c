/* SPDX-License-Identifier: MIT */
/*
 * Preloaded by tests/check/faults.py: makes happen what a test cannot time.
 *
 *	FAULT_SHRINK=PATH	the file is cut to one page once it is mapped
 *	FAULT_SIGNAL=NUMBER	the signal comes just before rename()
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int is_same_file(int fd, const char *path)
{
	struct stat a, b;

	return !fstat(fd, &a) && !stat(path, &b) && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

void *mmap(void *address, size_t size, int protection, int flags, int fd,
	   off_t offset)
{
	void *(*real)(void *, size_t, int, int, int, off_t) =
		dlsym(RTLD_NEXT, "mmap");
	const char *path = getenv("FAULT_SHRINK");
	void *result = real(address, size, protection, flags, fd, offset);

	if (path && fd >= 0 && is_same_file(fd, path) && truncate(path, 4096))
		_exit(99);
	return result;
}

int rename(const char *from, const char *to)
{
	int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
	const char *number = getenv("FAULT_SIGNAL");

	if (number)
		raise(atoi(number));
	return real(from, to);
}

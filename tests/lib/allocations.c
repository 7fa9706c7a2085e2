/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into the program: makes allocations fail on purpose.
 *
 *	FAULT_AT=N      the Nth allocation fails (0: none does)
 *	FAULT_ON=1      and every one after it
 *	FAULT_COUNT=F   at exit, writes to file F how many there were
 *
 * Counted from main() on: what the compiler's own runtime does before it (that
 * of a coverage build maps its counters) is not the program's.
 */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

static atomic_long seen;
static long fail_at;
static int fail_on;
static int ready;

typedef int main_function(int argc, char **argv, char **environment);
typedef int start_function(main_function *run, int argc, char **argv,
			   void (*init)(void), void (*end)(void),
			   void (*end_linker)(void), void *stack);
start_function __libc_start_main;
static main_function *real_main;

static int start(int argc, char **argv, char **environment)
{
	const char *at = getenv("FAULT_AT");

	fail_at = at ? atol(at) : 0;
	fail_on = getenv("FAULT_ON") != NULL;
	ready = 1;
	return real_main(argc, argv, environment);
}

int __libc_start_main(main_function *run, int argc, char **argv,
		      void (*init)(void), void (*end)(void),
		      void (*end_linker)(void), void *stack)
{
	start_function *real = (start_function *)dlsym(RTLD_NEXT,
						       "__libc_start_main");

	real_main = run;
	return real(start, argc, argv, init, end, end_linker, stack);
}

__attribute__((destructor)) static void finish(void)
{
	const char *path = getenv("FAULT_COUNT");
	char text[32];
	int file, length;

	ready = 0;
	file = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644) : -1;
	if (file < 0)
		return;
	length = snprintf(text, sizeof(text), "%ld\n", (long)seen);
	if (write(file, text, (size_t)length) != length)
		_exit(99);
	close(file);
}

static int fails(void)
{
	long number;

	if (!ready)
		return 0;
	number = atomic_fetch_add(&seen, 1) + 1;
	if (!fail_at || number < fail_at || (number > fail_at && !fail_on))
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
	return fails() ? NULL : __libc_realloc(block, size);
}

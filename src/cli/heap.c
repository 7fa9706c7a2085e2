/* SPDX-License-Identifier: MIT */
#include "cli/heap.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef M_TOP_PAD /* glibc */
#define HEAP ((size_t)16 << 20)
#define HUGE_PAGE ((uintptr_t)2 << 20)

/*
 * What many runs need at least, as huge pages: to make small ones, one by one,
 * was a tenth of the time that reading a kernel's BTF takes. The first page is
 * written before the kernel is told: it is to be the last in front of those.
 */
static void begin_heap(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t from = (uintptr_t)sbrk(0) % HUGE_PAGE, to;
	void *volatile first;

	if (from < HUGE_PAGE - page)
		(void)sbrk((intptr_t)(HUGE_PAGE - page - from));
	mallopt(M_TOP_PAD, (int)HEAP);
	first = malloc(1);
	to = (uintptr_t)sbrk(0);
	from = ((uintptr_t)first + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
	if (first && from < to && to - from <= HEAP + HUGE_PAGE)
		(void)madvise((void *)from, to - from, MADV_HUGEPAGE);
	free(first);
	mallopt(M_TOP_PAD, 128 << 10);
}

/*
 * glibc's malloc() takes large blocks from its heap once some were freed, and
 * has to copy them when they grow; mappings are moved instead. What stages free
 * the next ones ask for: it is not given back between.
 */
void heap_tune(void)
{
	mallopt(M_MMAP_THRESHOLD, 4 << 20);
	mallopt(M_TRIM_THRESHOLD, 64 << 20);
	begin_heap();
}
#else
void heap_tune(void)
{
}
#endif

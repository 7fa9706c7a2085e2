/* SPDX-License-Identifier: MIT */
#include "base/pages.h"

#include <sys/mman.h>

#define HUGE_PAGE ((size_t)2 << 20)

static size_t mapped_size(size_t size)
{
	return size ? size : 1;
}

void *pages_alloc(size_t size)
{
	void *pages = mmap(NULL, mapped_size(size), PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (pages == MAP_FAILED)
		return NULL;
	if (size >= HUGE_PAGE)
		(void)madvise(pages, size, MADV_HUGEPAGE);
	return pages;
}

void pages_free(void *pages, size_t size)
{
	if (pages)
		(void)munmap(pages, mapped_size(size));
}

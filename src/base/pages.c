/* SPDX-License-Identifier: MIT */
#include "base/pages.h"

#include <stdint.h>
#include <sys/mman.h>

#define HUGE_PAGE ((size_t)2 << 20)

/*
 * A mapping of whole huge pages is aligned by the kernel to be one. Where half
 * of it is used, a fault for 2 MiB costs less than 256 for 4 KiB.
 */
static size_t mapped_size(size_t size)
{
	if (size >= HUGE_PAGE / 2 && size <= SIZE_MAX - HUGE_PAGE)
		return (size + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
	return size ? size : 1;
}

void *pages_alloc(size_t size)
{
	size_t mapped = mapped_size(size);
	void *pages = mmap(NULL, mapped, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (pages == MAP_FAILED)
		return NULL;
	if (mapped >= HUGE_PAGE)
		(void)madvise(pages, mapped, MADV_HUGEPAGE);
	return pages;
}

void pages_free(void *pages, size_t size)
{
	if (pages)
		(void)munmap(pages, mapped_size(size));
}

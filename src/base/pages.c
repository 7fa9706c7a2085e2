/* SPDX-License-Identifier: MIT */
#include "base/pages.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/util.h"

#define HUGE_PAGE ((size_t)2 << 20)
#define EXPECT_MIN ((size_t)1 << 18) /* less is not worth the call */
#define STEP ((size_t)1 << 20) /* of a growing array, asked for at once */

/*
 * A mapping of whole huge pages is aligned by the kernel to be one. Where more
 * than half of it is used, a fault for 2 MiB costs less than 256 for 4 KiB.
 */
static size_t mapped_size(size_t size)
{
	return size <= SIZE_MAX - HUGE_PAGE
		? (size + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1) : size;
}

/* What is smaller comes from the heap, whose pages stages before have made. */
static bool is_mapped(size_t size)
{
	return size > HUGE_PAGE / 2;
}

static void *map_pages(size_t size)
{
	size_t mapped = mapped_size(size);
	void *pages = mmap(NULL, mapped, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (pages == MAP_FAILED)
		return NULL;
	(void)madvise(pages, mapped, MADV_HUGEPAGE);
	return pages;
}

void *pages_alloc(size_t size)
{
	return is_mapped(size) ? map_pages(size) : calloc(1, size ? size : 1);
}

void *pages_alloc_unset(size_t size)
{
	return is_mapped(size) ? map_pages(size) : malloc(size ? size : 1);
}

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* linux/mman.h */
#endif

/* Makes the whole pages of a range, if the kernel can. */
static void populate(void *start, size_t size)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t from = ((uintptr_t)start + page - 1) & ~(page - 1);
	uintptr_t to = ((uintptr_t)start + size) & ~(page - 1);

	if (to > from)
		(void)madvise((void *)from, to - from, MADV_POPULATE_WRITE);
}

void pages_expect(void *array, size_t size)
{
	if (array && size >= EXPECT_MIN)
		populate(array, size);
}

void *pages_reserve(struct pages_room *room, size_t count, size_t size)
{
	size_t bytes;
	void *array;

	*room = (struct pages_room){ 0 };
	/* Below, the heap may have a hole where there are pages already. */
	if (__builtin_mul_overflow(count, size, &bytes) ||
	    bytes < 2 * HUGE_PAGE)
		return array_move(NULL, &room->allocated, count, size);
	bytes = mapped_size(bytes);
	array = aligned_alloc(HUGE_PAGE, bytes);
	if (!array)
		return NULL;
	(void)madvise(array, bytes, MADV_HUGEPAGE);
	room->allocated = bytes / size;
	return array;
}

void *pages_make_room(void *array, struct pages_room *room, size_t needed,
		      size_t size)
{
	size_t before = room->ready;

	if (!array || needed > room->allocated) {
		array = array_move(array, &room->allocated, needed, size);
		if (!array)
			return NULL;
	}
	room->ready = min_u64(max_u64(needed, before + STEP / size),
			      room->allocated);
	if (room->ready * size >= HUGE_PAGE)
		populate((char *)array + before * size,
			 (room->ready - before) * size);
	return array;
}

void pages_free(void *pages, size_t size)
{
	if (!is_mapped(size))
		free(pages);
	else if (pages)
		(void)munmap(pages, mapped_size(size));
}

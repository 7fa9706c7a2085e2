/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_BASE_PAGES_H
#define VMDELTA_BASE_PAGES_H

/*
 * Large zeroed arrays straight from the kernel: pages that are never touched
 * cost nothing, so an array can be as long as its largest bound; and the
 * kernel is asked for huge pages, for a random access to a table of many
 * megabytes costs most in address translation. Arrays of less than a megabyte
 * come from the heap.
 */

#include <stddef.h>

/* Returns `size` zeroed bytes, or NULL when out of memory. size may be 0. */
void *pages_alloc(size_t size);

/* The same for an array that is written before it is read: not zeroed. */
void *pages_alloc_unset(size_t size);

/* Gives back what either returned for `size`; pages may be NULL. */
void pages_free(void *pages, size_t size);

/*
 * Says that all of a malloc'ed array is about to be written, to have its pages
 * at once. Worth it from some megabytes on; smaller arrays, and kernels before
 * 5.14, are left alone.
 */
void pages_expect(void *array, size_t size);

/* How long an array of pages_grow() is, in elements. */
struct pages_room {
	size_t ready;     /* with pages behind them */
	size_t allocated;
};

/*
 * A first allocation for pages_grow(), or NULL: no pages yet, huge ones once
 * they come. A guess on the large side costs nothing.
 */
void *pages_reserve(struct pages_room *room, size_t count, size_t size);

/* pages_grow() where there is no room. */
void *pages_make_room(void *array, struct pages_room *room, size_t needed,
		      size_t size);

/*
 * As array_grow(), for an array of many megabytes that is filled from front to
 * back: the kernel is asked for some pages at once, before they are touched.
 */
static inline void *pages_grow(void *array, struct pages_room *room,
			       size_t needed, size_t size)
{
	if (__builtin_expect(array && needed <= room->ready, 1))
		return array;
	return pages_make_room(array, room, needed, size);
}

#endif

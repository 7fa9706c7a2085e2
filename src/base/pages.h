/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_BASE_PAGES_H
#define VMDELTA_BASE_PAGES_H

/*
 * Large zeroed arrays straight from the kernel: pages that are never touched
 * cost nothing, so an array can be as long as its largest bound; and the
 * kernel is asked for huge pages, for a random access to a table of many
 * megabytes costs most in address translation.
 */

#include <stddef.h>

/* Returns `size` zeroed bytes, or NULL when out of memory. size may be 0. */
void *pages_alloc(size_t size);

/*
 * The same for an array that will be written from end to end. Where it is too
 * small for huge pages, the kernel makes all pages at once: a fault for each
 * costs five times as much, and twice that where it is read before.
 */
void *pages_alloc_written(size_t size);

/* Gives back what either returned for `size`; pages may be NULL. */
void pages_free(void *pages, size_t size);

/*
 * malloc() for an array that is filled from the front, in huge pages as far as
 * it is: a guess on the large side costs nothing. Goes to realloc() and free().
 */
void *pages_array(size_t size);

/*
 * Says that all of a malloc'ed array is about to be written, to have its pages
 * at once. Worth it from some megabytes on; smaller arrays, and kernels before
 * 5.14, are left alone.
 */
void pages_expect(void *array, size_t size);

#endif

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
 * Says that all of an array is about to be written, to have its pages at once:
 * a fault for each of them costs several times as much. Worth it from some
 * megabytes on; smaller arrays, and kernels before 5.14, are left alone.
 */
void pages_expect(void *array, size_t size);

/* Gives back what pages_alloc() returned for `size`; pages may be NULL. */
void pages_free(void *pages, size_t size);

#endif

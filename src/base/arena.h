/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_BASE_ARENA_H
#define VMDELTA_BASE_ARENA_H

/*
 * Memory that is thrown away whole: one arena an image, one a report. A
 * zeroed struct arena is empty and valid. Not thread-safe: give each thread
 * its own.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks; /* newest first */
	size_t used;                /* bytes used of the newest chunk */
	bool failed;                /* something was refused: ask at the end */
};

/*
 * Returns `size` bytes, aligned for any type and zeroed, or NULL when out of
 * memory. Lives until arena_release().
 */
void *arena_alloc(struct arena *arena, size_t size);

/* As arena_alloc() for `count` elements; NULL if the product overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* A NUL-terminated copy of the `length` bytes at `text`, or NULL. */
char *arena_strndup(struct arena *arena, const char *text, size_t length);

/* printf into the arena, or NULL. */
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Frees everything and leaves an empty arena. */
void arena_release(struct arena *arena);

/* array_grow() where there is no room. */
void *array_move(void *array, size_t *capacity, size_t needed, size_t size);

/*
 * Empties the arena and keeps memory for what comes next, and `failed`: for
 * the texts of one row after another.
 */
void arena_reset(struct arena *arena);

/*
 * Makes room for `needed` elements of `size` bytes in a malloc'ed array and
 * returns it, moved if need be; *capacity is updated. Growth is geometric.
 * Returns NULL when out of memory: the old array is then still the caller's.
 */
static inline void *array_grow(void *array, size_t *capacity, size_t needed,
			       size_t size)
{
	if (__builtin_expect(array && needed <= *capacity, 1))
		return array;
	return array_move(array, capacity, needed, size);
}

#endif

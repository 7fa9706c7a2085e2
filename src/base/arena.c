/* SPDX-License-Identifier: MIT */
/*
 * A list of chunks, filled from the front. Chunks come from calloc(), which
 * takes large ones fresh from the kernel: they are zero without being
 * touched, so an array that is allocated generously costs only what is used.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_MIN ((size_t)16 << 10)
#define CHUNK_MAX ((size_t)256 << 10)

struct arena_chunk {
	struct arena_chunk *next;
	size_t size; /* of data[] */
	alignas(max_align_t) char data[];
};

static struct arena_chunk *chunk_new(size_t size)
{
	struct arena_chunk *chunk;

	if (size > SIZE_MAX - sizeof(*chunk))
		return NULL;
	chunk = calloc(1, sizeof(*chunk) + size);
	if (chunk)
		chunk->size = size;
	return chunk;
}

/* Many arenas hold little, and what calloc() has to zero is not free. */
static size_t next_chunk(const struct arena_chunk *last, size_t needed)
{
	size_t size = last ? last->size * 4 : CHUNK_MIN;

	while (size < needed)
		size *= 4;
	return size < CHUNK_MAX ? size : CHUNK_MAX;
}

static void *refuse(struct arena *arena)
{
	arena->failed = true;
	return NULL;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct arena_chunk *chunk = arena->chunks;
	void *result;

	if (size > SIZE_MAX - align)
		return refuse(arena);
	size = (size + align - 1) & ~(align - 1);
	if (size > CHUNK_MAX / 4) {
		/* Large: a chunk of its own, behind the one being filled. */
		struct arena_chunk *own = chunk_new(size);

		if (!own)
			return refuse(arena);
		if (chunk) {
			own->next = chunk->next;
			chunk->next = own;
		} else {
			arena->chunks = own;
			arena->used = size;
		}
		return own->data;
	}
	if (!chunk || chunk->size - arena->used < size) {
		chunk = chunk_new(next_chunk(chunk, size));
		if (!chunk)
			return refuse(arena);
		chunk->next = arena->chunks;
		arena->chunks = chunk;
		arena->used = 0;
	}
	result = chunk->data + arena->used;
	arena->used += size;
	return result;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		return refuse(arena);
	return arena_alloc(arena, bytes);
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
	char *copy = length < SIZE_MAX ? arena_alloc(arena, length + 1)
				       : refuse(arena);

	if (copy && length)
		memcpy(copy, text, length);
	return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *text;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0)
		return refuse(arena);
	text = arena_alloc(arena, (size_t)length + 1);
	if (!text)
		return refuse(arena);
	va_start(args, format);
	vsnprintf(text, (size_t)length + 1, format, args);
	va_end(args);
	return text;
}

void arena_release(struct arena *arena)
{
	struct arena_chunk *chunk = arena->chunks;

	while (chunk) {
		struct arena_chunk *next = chunk->next;

		free(chunk);
		chunk = next;
	}
	arena->chunks = NULL;
	arena->used = 0;
	arena->failed = false;
}

void arena_reset(struct arena *arena)
{
	struct arena_chunk *kept = arena->chunks;
	bool failed = arena->failed;

	if (!kept)
		return;
	memset(kept->data, 0, arena->used);
	arena->chunks = kept->next;
	arena_release(arena);
	kept->next = NULL;
	arena->chunks = kept;
	arena->failed = failed;
}

void *array_move(void *array, size_t *capacity, size_t needed, size_t size)
{
	size_t grown = *capacity + *capacity / 2 + 16;
	size_t bytes;
	void *moved;

	if (grown < needed)
		grown = needed;
	if (__builtin_mul_overflow(grown, size, &bytes))
		return NULL;
	moved = realloc(array, bytes);
	if (moved)
		*capacity = grown;
	return moved;
}

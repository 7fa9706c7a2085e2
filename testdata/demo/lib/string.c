/* SPDX-License-Identifier: MIT */
#include <linux.h>

size_t string_length(const char *text)
{
	size_t length = 0;

	while (text[length])
		length++;
	return length;
}
EXPORT_SYMBOL(string_length);

int string_compare(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *(const u8 *)a - *(const u8 *)b;
}
EXPORT_SYMBOL(string_compare);

void *memory_set(void *at, int byte, size_t size)
{
	for (volatile u8 *to = at; size; size--)
		*to++ = (u8)byte;
	return at;
}
EXPORT_SYMBOL(memory_set);

void *memory_copy(void *to, const void *from, size_t size)
{
	volatile u8 *out = to;

	for (const u8 *in = from; size; size--)
		*out++ = *in++;
	return to;
}
EXPORT_SYMBOL(memory_copy);

/* Compilers call these by name. */
void *memset(void *at, int byte, size_t size) __used;
void *memset(void *at, int byte, size_t size)
{
	return memory_set(at, byte, size);
}

void *memcpy(void *to, const void *from, size_t size) __used;
void *memcpy(void *to, const void *from, size_t size)
{
	return memory_copy(to, from, size);
}

/* SPDX-License-Identifier: MIT */
#include "match/rust.h"

#include <string.h>

#include "base/util.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

size_t rust_legacy_length(const char *name, size_t length)
{
	const size_t tail = 3 + 16 + 1;
	const char *at;

	if (length <= tail || name[length - 1] != 'E')
		return length;
	at = name + length - tail;
	if (memcmp(at, "17h", 3))
		return length;
	for (size_t i = 3; i < tail - 1; i++)
		if (!is_digit(at[i]) && (at[i] < 'a' || at[i] > 'f'))
			return length;
	return length - tail;
}

/*
 * An identifier is its length and that many bytes: it is copied whole, so
 * that no letter of it is taken for a tag. Returns the bytes it takes.
 */
static size_t identifier_length(const char *name, size_t length)
{
	size_t digits = 0;
	size_t bytes = 0;

	while (digits < length && is_digit(name[digits])) {
		bytes = min_u64(bytes * 10 + (size_t)(name[digits] - '0'),
				length);
		digits++;
	}
	return digits + min_u64(bytes, length - digits);
}

/* The length of "s<base-62>_", the hash of the crate, or 0. */
static size_t disambiguator_length(const char *name, size_t length)
{
	const char *end;

	if (!length || name[0] != 's')
		return 0;
	end = memchr(name, '_', length);
	return end ? (size_t)(end - name) + 1 : 0;
}

size_t rust_v0_canonical(char *text, const char *name, size_t length)
{
	size_t used = 0;
	size_t i = 0;

	while (i < length) {
		size_t take = is_digit(name[i]) ?
			identifier_length(name + i, length - i) : 1;

		memcpy(text + used, name + i, take);
		used += take;
		i += take;
		if (take == 1 && name[i - 1] == 'C')
			i += disambiguator_length(name + i, length - i);
	}
	return used;
}

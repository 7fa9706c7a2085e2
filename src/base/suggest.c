/* SPDX-License-Identifier: MIT */
/*
 * Optimal string alignment distance (insertion, deletion, replacement, and
 * transposition of neighbours), which counts "secton" and "scetion" as one
 * slip each. Soundex-like rules were left out: option names are typed, not
 * spelt by ear.
 */
#include "base/suggest.h"

#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

/* Longer words are not slips of the keyboard; it also bounds the rows. */
#define WORD_MAX 40

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Rows of the usual table, the last three only. */
static unsigned distance(const char *a, size_t a_length, const char *b,
			 size_t b_length)
{
	unsigned rows[3][WORD_MAX + 1];

	for (size_t j = 0; j <= b_length; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a_length; i++) {
		unsigned *row = rows[i % 3];
		const unsigned *above = rows[(i + 2) % 3];
		const unsigned *second = rows[(i + 1) % 3];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_length; j++) {
			bool equal = same(a[i - 1], b[j - 1]);

			row[j] = min3(above[j] + 1, row[j - 1] + 1,
				      above[j - 1] + !equal);
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) &&
			    same(a[i - 2], b[j - 1]))
				row[j] = min3(row[j], second[j - 2] + 1,
					      UINT_MAX);
		}
	}
	return rows[a_length % 3][b_length];
}

const char *suggest(const char *word, const char *const *known)
{
	size_t length = strlen(word);
	/* One slip in short words, about one in three letters in long ones. */
	unsigned best = (unsigned)(length < 3 ? 1 : (length + 2) / 3);
	const char *nearest = NULL;
	unsigned near_enough = best + 1;

	if (!length || length > WORD_MAX)
		return NULL;
	for (; *known; known++) {
		size_t known_length = strlen(*known);
		unsigned far;

		if (known_length > WORD_MAX)
			continue;
		far = distance(word, length, *known, known_length);
		if (length >= 3 && near_enough &&
		    !strncasecmp(word, *known, length))
			far = far < near_enough - 1 ? far : near_enough - 1;
		if (far < near_enough) {
			near_enough = far;
			nearest = *known;
		}
	}
	return nearest;
}

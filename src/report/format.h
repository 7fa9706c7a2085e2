/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_FORMAT_H
#define VMDELTA_REPORT_FORMAT_H

/* Numbers and names as people read them. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/dimension.h"
#include "report/out.h"

/* Room for any number that these functions write, with its NUL. */
#define NUMBER_MAX 32

/* "1,234,567"; returns the length. */
size_t format_size(char text[NUMBER_MAX], uint64_t size);
/* "+1,234", "-5", "0"; returns the length. */
size_t format_delta(char text[NUMBER_MAX], int64_t delta);
/* "+1.4%", "-0.0%", "new", "gone", ""; returns the length. */
size_t format_percent(char text[NUMBER_MAX], uint64_t old_size,
		      uint64_t new_size);
/* "4.2 MiB": short, for prose; returns the length. */
size_t format_short(char text[NUMBER_MAX], uint64_t size);

/* Right-aligned in `width` columns. */
void out_right(struct out *out, const char *text, size_t length,
	       unsigned width);

/*
 * How a character of a name is shown: itself, or as "\x1b" where it is a
 * control character, not valid UTF-8, or would turn the reading direction
 * ("\u202e"). Takes the first character of `text`; returns the bytes it took.
 */
struct glyph {
	char bytes[8];
	uint8_t length;  /* bytes */
	uint8_t columns;
};
size_t glyph_read(struct glyph *glyph, struct text text, bool unicode);

/* The bytes of a name as out_name() shows it where there is room. */
size_t name_length(const struct out *out, struct text name);

/*
 * Writes a name in at most `width` columns (0: any): the middle gives way to
 * an ellipsis, for both the beginning and the end of a symbol tell it apart.
 * Returns the columns written.
 */
unsigned out_name(struct out *out, struct text name, unsigned width,
		  bool unicode);
/* As out_name(), filled up to `width` with spaces. */
void out_name_padded(struct out *out, struct text name, unsigned width,
		     bool unicode);

/*
 * A bar of up to `columns`: eighths of a block where `unicode`, else "#".
 * Returns the columns written.
 */
unsigned out_bar(struct out *out, uint64_t part, uint64_t whole,
		 unsigned columns, bool unicode);

#endif

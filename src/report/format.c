/* SPDX-License-Identifier: MIT */
/*
 * Names come from strangers' files: whatever a terminal would obey is spelt
 * out. Nearly all are plain ASCII and are copied as they are; the others go
 * character by character, without the C library's multibyte functions, which
 * depend on the locale and took twelve seconds for three million rows.
 */
#include "report/format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/demangle.h"
#include "report/utf8.h"

static size_t digits(char *text, uint64_t size)
{
	char reversed[NUMBER_MAX];
	size_t length = 0, count = 0;

	do {
		if (count && count % 3 == 0)
			reversed[length++] = ',';
		reversed[length++] = (char)('0' + size % 10);
		size /= 10;
		count++;
	} while (size);
	for (size_t i = 0; i < length; i++)
		text[i] = reversed[length - 1 - i];
	text[length] = 0;
	return length;
}

size_t format_size(char text[NUMBER_MAX], uint64_t size)
{
	return digits(text, size);
}

size_t format_delta(char text[NUMBER_MAX], int64_t delta)
{
	if (!delta)
		return digits(text, 0);
	text[0] = delta < 0 ? '-' : '+';
	return 1 + digits(text + 1, magnitude(delta));
}

size_t format_percent(char text[NUMBER_MAX], uint64_t old_size,
		      uint64_t new_size)
{
	double percent;
	int length;

	if (old_size == new_size)
		return (size_t)snprintf(text, NUMBER_MAX, "%s", "");
	if (!old_size)
		return (size_t)snprintf(text, NUMBER_MAX, "new");
	if (!new_size)
		return (size_t)snprintf(text, NUMBER_MAX, "gone");
	percent = ((double)new_size - (double)old_size) / (double)old_size *
		  100;
	if (percent >= 9999.5)
		length = snprintf(text, NUMBER_MAX, ">+9999%%");
	else if (fabs(percent) >= 999.5)
		length = snprintf(text, NUMBER_MAX, "%+.0f%%", percent);
	else
		length = snprintf(text, NUMBER_MAX, "%+.1f%%", percent);
	return (size_t)length;
}

size_t format_short(char text[NUMBER_MAX], uint64_t size)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB",
					     "TiB", "PiB", "EiB" };
	double value = (double)size;
	size_t unit = 0;

	for (; value >= 1023.95 && unit + 1 < ARRAY_SIZE(units); unit++)
		value /= 1024;
	return (size_t)snprintf(text, NUMBER_MAX, "%.*f %s",
				unit && value < 99.95 ? 1 : 0, value,
				units[unit]);
}

void out_right(struct out *out, const char *text, size_t length,
	       unsigned width)
{
	if (length < width)
		out_repeat(out, ' ', width - length);
	out_bytes(out, text, length);
}

/* Marks and overrides of direction, and line and paragraph separators. */
static bool is_treacherous(uint32_t c)
{
	return (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0x061c || c == 0xfeff;
}

/* East Asian wide characters, roughly: enough to keep columns straight. */
static bool is_wide(uint32_t c)
{
	return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
	       (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
	       (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
	       (c >= 0x1f300 && c <= 0x1f64f) || (c >= 0x20000 && c <= 0x3fffd);
}

static bool is_combining(uint32_t c)
{
	return (c >= 0x300 && c <= 0x36f) || (c >= 0x20d0 && c <= 0x20ff) ||
	       (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0100 && c <= 0xe01ef);
}

static void spell(struct glyph *glyph, const char *format, uint32_t value)
{
	int length = snprintf(glyph->bytes, sizeof(glyph->bytes), format,
			      value);

	glyph->length = glyph->columns = (uint8_t)length;
}

size_t glyph_read(struct glyph *glyph, struct text text, bool unicode)
{
	const uint8_t *at = (const uint8_t *)text.at;
	uint32_t c = 0;
	size_t size = utf8_decode(text.at, text.length, &c);

	if (!size || c < 0x20 || c == 0x7f || (size > 1 && !unicode)) {
		spell(glyph, "\\x%02x", at[0]);
		return 1;
	}
	if ((c >= 0x80 && c < 0xa0) || is_treacherous(c)) {
		spell(glyph, "\\u%04x", c);
		return size;
	}
	memcpy(glyph->bytes, at, size);
	glyph->length = (uint8_t)size;
	glyph->columns = is_wide(c) ? 2 : is_combining(c) ? 0 : 1;
	return size;
}

static bool is_plain(struct text name)
{
	for (size_t i = 0; i < name.length; i++)
		if ((uint8_t)(name.at[i] - 0x20) >= 0x5f)
			return false;
	return true;
}

/* The first `head` and the last `tail` columns of a plain name. */
static void out_plain(struct out *out, struct text name, size_t head,
		      size_t tail, const char *ellipsis)
{
	out_bytes(out, name.at, head);
	out_text(out, ellipsis);
	out_bytes(out, name.at + name.length - tail, tail);
}

static size_t columns_of(struct text name, bool unicode)
{
	struct glyph glyph;
	size_t columns = 0;

	while (name.length) {
		size_t size = glyph_read(&glyph, name, unicode);

		columns += glyph.columns;
		name.at += size;
		name.length -= size;
	}
	return columns;
}

/* As out_plain(), for names that need a look at each character. */
static size_t out_glyphs(struct out *out, struct text name, size_t head,
			 size_t tail_start, const char *ellipsis, bool unicode)
{
	struct glyph glyph;
	size_t at = 0, written = 0;
	bool cut = false;

	while (name.length) {
		size_t size = glyph_read(&glyph, name, unicode);
		size_t end = at + glyph.columns;

		if (end <= head || at >= tail_start) {
			out_bytes(out, glyph.bytes, glyph.length);
			written += glyph.columns;
		} else if (!cut) {
			out_text(out, ellipsis);
			cut = true;
		}
		at = end;
		name.at += size;
		name.length -= size;
	}
	return written;
}

/*
 * The length of "foo.llvm." where a name goes on with nothing but the number
 * of a module, which is the last thing that anyone reads; else 0.
 */
static size_t promoted_length(struct text name)
{
	static const char mark[] = ".llvm.";
	size_t digits = 0, length;

	while (digits < name.length &&
	       name.at[name.length - 1 - digits] >= '0' &&
	       name.at[name.length - 1 - digits] <= '9')
		digits++;
	length = name.length - digits;
	if (!digits || length < sizeof(mark) ||
	    memcmp(name.at + length - (sizeof(mark) - 1), mark,
		   sizeof(mark) - 1) != 0)
		return 0;
	return length;
}

static unsigned out_cut(struct out *out, struct text name, unsigned width,
			bool unicode)
{
	const char *ellipsis = unicode ? "\u2026" : "...";
	unsigned dots = unicode ? 1 : 3;
	bool plain = is_plain(name);
	size_t columns = plain ? name.length : columns_of(name, unicode);
	size_t head, tail;

	if (!width || columns <= width) {
		if (plain)
			out_bytes(out, name.at, name.length);
		else
			out_glyphs(out, name, columns, columns, "", unicode);
		return (unsigned)columns;
	}
	if (width <= dots) {
		out_repeat(out, '.', width);
		return width;
	}
	if (plain && (head = promoted_length(name)) && head + dots <= width) {
		out_plain(out, name, head, 0, ellipsis);
		return (unsigned)head + dots;
	}
	tail = (width - dots + 1) / 2;
	head = width - dots - tail;
	if (plain) {
		out_plain(out, name, head, tail, ellipsis);
		return width;
	}
	return dots + (unsigned)out_glyphs(out, name, head, columns - tail,
					   ellipsis, unicode);
}

unsigned out_name(struct out *out, struct text name, unsigned width,
		  bool unicode)
{
	char *plain = out->demangle ? demangle_name(name.at, name.length)
				    : NULL;
	unsigned columns;

	if (plain)
		name = (struct text){ plain, strlen(plain) };
	columns = out_cut(out, name, width, unicode);
	free(plain);
	return columns;
}

size_t name_length(const struct out *out, struct text name)
{
	char *plain = out->demangle ? demangle_name(name.at, name.length)
				    : NULL;
	size_t length = plain ? strlen(plain) : name.length;

	free(plain);
	return length;
}

void out_name_padded(struct out *out, struct text name, unsigned width,
		     bool unicode)
{
	unsigned columns = out_name(out, name, width, unicode);

	if (columns < width)
		out_repeat(out, ' ', width - columns);
}

unsigned out_bar(struct out *out, uint64_t part, uint64_t whole,
		 unsigned columns, bool unicode)
{
	static const char *const eighths[] = { "", "\u258f", "\u258e",
		"\u258d", "\u258c", "\u258b", "\u258a", "\u2589" };
	unsigned steps = unicode ? 8 : 1;
	double share = whole ? (double)part / (double)whole : 0;
	unsigned length = (unsigned)(share * columns * steps + 0.5);
	unsigned full;

	if (length > columns * steps)
		length = columns * steps;
	if (!length && part)
		length = 1;
	full = length / steps;
	for (unsigned i = 0; i < full; i++)
		out_text(out, unicode ? "\u2588" : "#");
	if (length % steps)
		out_text(out, eighths[length % steps]);
	return full + (length % steps != 0);
}

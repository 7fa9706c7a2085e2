/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_CURSOR_H
#define VMDELTA_DEBUG_CURSOR_H

/*
 * A reader that cannot leave its bytes: a read that would gives 0, and the
 * cursor has failed and stands at the end from then on. So a parser may read
 * a whole record and ask once whether all of it was there.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct cursor {
	const uint8_t *at, *end;
	bool swap;   /* the file has the other byte order */
	bool failed; /* something was asked for behind the end */
};

static inline uint64_t cursor_left(const struct cursor *cursor)
{
	return (uint64_t)(cursor->end - cursor->at);
}

static inline bool cursor_has(struct cursor *cursor, uint64_t size)
{
	if (__builtin_expect(size <= cursor_left(cursor), 1))
		return true;
	cursor->failed = true;
	cursor->at = cursor->end;
	return false;
}

static inline void cursor_skip(struct cursor *cursor, uint64_t size)
{
	if (cursor_has(cursor, size))
		cursor->at += size;
}

static inline uint8_t cursor_u8(struct cursor *cursor)
{
	return cursor_has(cursor, 1) ? *cursor->at++ : 0;
}

static inline uint16_t cursor_u16(struct cursor *cursor)
{
	uint16_t value;

	if (!cursor_has(cursor, sizeof(value)))
		return 0;
	memcpy(&value, cursor->at, sizeof(value));
	cursor->at += sizeof(value);
	return cursor->swap ? __builtin_bswap16(value) : value;
}

static inline uint32_t cursor_u32(struct cursor *cursor)
{
	uint32_t value;

	if (!cursor_has(cursor, sizeof(value)))
		return 0;
	memcpy(&value, cursor->at, sizeof(value));
	cursor->at += sizeof(value);
	return cursor->swap ? __builtin_bswap32(value) : value;
}

static inline uint64_t cursor_u64(struct cursor *cursor)
{
	uint64_t value;

	if (!cursor_has(cursor, sizeof(value)))
		return 0;
	memcpy(&value, cursor->at, sizeof(value));
	cursor->at += sizeof(value);
	return cursor->swap ? __builtin_bswap64(value) : value;
}

/* An unsigned number of 1, 2, 3, 4 or 8 bytes. */
static inline uint64_t cursor_uint(struct cursor *cursor, unsigned size)
{
	uint64_t low;

	switch (size) {
	case 1:
		return cursor_u8(cursor);
	case 2:
		return cursor_u16(cursor);
	case 3:
		low = cursor_u16(cursor);
		return cursor->swap ? low << 8 | cursor_u8(cursor) :
				      low | (uint64_t)cursor_u8(cursor) << 16;
	case 4:
		return cursor_u32(cursor);
	default:
		return cursor_u64(cursor);
	}
}

/* Bits behind the 64th are dropped; the length is not limited by them. */
static inline uint64_t cursor_uleb(struct cursor *cursor)
{
	uint64_t value = 0;
	unsigned shift = 0;

	/* Nearly all codes, lengths and names are a byte. */
	if (__builtin_expect(cursor->at < cursor->end &&
			     *cursor->at < 0x80, 1))
		return *cursor->at++;
	while (cursor->at < cursor->end) {
		uint8_t byte = *cursor->at++;

		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
		shift += shift < 64 ? 7 : 0;
	}
	cursor->failed = true;
	return 0;
}

static inline int64_t cursor_sleb(struct cursor *cursor)
{
	uint64_t value = 0;
	unsigned shift = 0;

	while (cursor->at < cursor->end) {
		uint8_t byte = *cursor->at++;

		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		shift += shift < 64 ? 7 : 0;
		if (!(byte & 0x80)) {
			if (shift < 64 && (byte & 0x40))
				value |= UINT64_MAX << shift;
			return (int64_t)value;
		}
	}
	cursor->failed = true;
	return 0;
}

/* A NUL-terminated string; "" when it does not end. */
static inline const char *cursor_string(struct cursor *cursor)
{
	const uint8_t *start = cursor->at;
	const uint8_t *nul = start == cursor->end ? NULL :
		memchr(start, 0, cursor_left(cursor));

	if (!nul) {
		cursor->failed = true;
		cursor->at = cursor->end;
		return "";
	}
	cursor->at = nul + 1;
	return (const char *)start;
}

#endif

/* SPDX-License-Identifier: MIT */
#include "report/utf8.h"

size_t utf8_decode(const char *text, size_t length, uint32_t *character)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t *at = (const uint8_t *)text;
	size_t size;

	if (at[0] < 0x80) {
		*character = at[0];
		return 1;
	}
	size = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : at[0] >= 0xc0 ? 2 : 0;
	if (!size || size > length || at[0] >= 0xf8)
		return 0;
	*character = at[0] & (0x7fu >> size);
	for (size_t i = 1; i < size; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		*character = *character << 6 | (at[i] & 0x3f);
	}
	if (*character < least[size] || *character > 0x10ffff ||
	    *character >> 11 == 0xd800 >> 11)
		return 0;
	return size;
}

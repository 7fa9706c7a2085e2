/* SPDX-License-Identifier: MIT */
#include <linux.h>

static u32 table[256];
static int ready;

static void fill_table(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(table); i++) {
		u32 value = i;

		for (int bit = 0; bit < 8; bit++)
			value = value >> 1 ^ (value & 1 ? 0xedb88320 : 0);
		table[i] = value;
	}
	ready = 1;
}

u32 crc32(u32 seed, const void *data, size_t size)
{
	if (!ready)
		fill_table();
	seed = ~seed;
	for (const u8 *at = data; size; size--)
		seed = seed >> 8 ^ table[(seed ^ *at++) & 0xff];
	return ~seed;
}
EXPORT_SYMBOL(crc32);

u32 hash_32(u32 value, unsigned bits)
{
	return value * 0x61c88647u >> (32 - bits);
}
EXPORT_SYMBOL(hash_32);

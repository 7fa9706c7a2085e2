/* SPDX-License-Identifier: MIT */
/* A static table whose size is the only thing that changes. */

#ifndef ENTRIES
#define ENTRIES 2048
#endif

static volatile unsigned int crc_table[ENTRIES] = { 1, 2, 3 };
volatile unsigned int out;

void start(void)
{
	for (int i = 0; i < 256; i++)
		out ^= crc_table[i];
}

/* SPDX-License-Identifier: MIT */
/* Many callers of another file's functions. */
#include "lib.h"

#define USER(name, n)                                                       \
	unsigned int name(unsigned int x)                                   \
	{                                                                   \
		x = checksum(x + n) + hash_name(x) + mix_pool(x * n);       \
		port[4] = x;                                                \
		return checksum(hash_name(x)) + mix_pool(checksum(x ^ n)); \
	}

USER(open_file, 1)
USER(close_file, 2)
USER(read_file, 3)
USER(write_file, 4)
USER(sync_file, 5)

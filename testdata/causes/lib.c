/* SPDX-License-Identifier: MIT */
/* Small functions that ThinLTO imports into user.c and inlines there. */
#include "lib.h"

volatile unsigned int port[16];

#define STEP(n) port[n] = x + n; x += port[n + 1];
#define STEPS(n) STEP(n) STEP(n + 2) STEP(n + 4) STEP(n + 6) STEP(n + 8)
#define MANY STEPS(0) STEPS(1) STEPS(2) STEPS(3) STEPS(4) STEPS(5)

#define HELPER(name, seed)                 \
	unsigned int name(unsigned int x)  \
	{                                  \
		MANY MANY                  \
		return port[3] * seed + x; \
	}

HELPER(checksum, 17)
HELPER(hash_name, 31)
HELPER(mix_pool, 43)

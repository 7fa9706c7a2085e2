/* SPDX-License-Identifier: MIT */
/* One large function and its callers: made inline, it is copied into each. */

#ifdef INLINE
#define MAYBE static inline __attribute__((always_inline))
#else
#define MAYBE static __attribute__((noinline))
#endif

volatile unsigned long port[64];

MAYBE unsigned long scramble(unsigned long x)
{
	/* Volatile stores are as many instructions in every copy. */
#define STEP(n) port[n] = x; x = x * 31 + port[(n + 7) % 64];
#define STEPS(n) STEP(n) STEP(n + 1) STEP(n + 2) STEP(n + 3)
	STEPS(0) STEPS(4) STEPS(8) STEPS(12) STEPS(16) STEPS(20) STEPS(24)
	STEPS(28) STEPS(32) STEPS(36) STEPS(40) STEPS(44) STEPS(48) STEPS(52)
	return x;
}

#define CALLER(name, value)                      \
	__attribute__((noinline))                \
	unsigned long name(unsigned long x)      \
	{                                        \
		port[60] = value;                \
		return scramble(x + value) ^ x;  \
	}

CALLER(read_block, 1)
CALLER(write_block, 2)
CALLER(flush_block, 3)
CALLER(erase_block, 5)

void start(void)
{
	port[0] = read_block(1) + write_block(2) + flush_block(3) +
		  erase_block(4);
}

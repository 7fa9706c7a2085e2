/* SPDX-License-Identifier: MIT */
/* Functions of many sizes: each starts at an alignment of its own. */

volatile unsigned int port;

#define ONE(n) unsigned int step_##n(unsigned int x) { port = x + n; return x * n + port; }
#define TEN(n) ONE(n##0) ONE(n##1) ONE(n##2) ONE(n##3) ONE(n##4) \
	       ONE(n##5) ONE(n##6) ONE(n##7) ONE(n##8) ONE(n##9)

TEN(1) TEN(2) TEN(3) TEN(4) TEN(5) TEN(6) TEN(7) TEN(8) TEN(9)
TEN(11) TEN(12) TEN(13) TEN(14) TEN(15) TEN(16) TEN(17) TEN(18)

void start(void)
{
	port = step_10(1);
}

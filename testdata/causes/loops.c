/* SPDX-License-Identifier: MIT */
/* Loops that -O3 unrolls and turns into vector code. */

float left[1024], right[1024], result[1024];
int counts[1024], sums[1024];
unsigned char text[1024], folded[1024];

void add(void)
{
	for (int i = 0; i < 1024; i++)
		result[i] = left[i] * 3.0f + right[i];
}

void accumulate(int n)
{
	for (int i = 0; i < n; i++)
		sums[i] += counts[i] * 5 + n;
}

void fold(int n)
{
	for (int i = 0; i < n; i++)
		folded[i] = (unsigned char)(text[i] >= 'A' && text[i] <= 'Z' ?
					    text[i] + 32 : text[i]);
}

int peak(int n)
{
	int best = 0;

	for (int i = 0; i < n; i++)
		if (counts[i] > best)
			best = counts[i];
	return best;
}

void start(void)
{
	add();
	accumulate(100);
	fold(100);
	sums[0] = peak(100);
}

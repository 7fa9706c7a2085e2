/* SPDX-License-Identifier: MIT */
/*
 * BTF in memory: read, sum up, and read once more as a split BTF on top of
 * itself. Every byte has to be in some group.
 */

#include <stdlib.h>

#include "debug/btf_at.h"

static void check_sum(const struct btf *btf)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < btf->group_count; i++)
		sum += btf->groups[i].bytes + btf->groups[i].name_bytes;
	if (sum != btf->size)
		abort();
}

/* Places all over the input. */
static void look_around(const struct btf *btf, const uint8_t *data, size_t size)
{
	struct btf_at at;

	for (size_t place = 0; place < size; place += size / 16 + 1)
		btf_find_at(&at, btf, data, place);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct btf_options keep = { .keep = true };
	struct image image = { 0 };
	struct btf btf, *base = calloc(1, sizeof(*base));
	struct err err = { 0 };

	if (!base)
		return 0;
	if (!btf_read_memory(&btf, &image, "input", data, size, NULL, NULL,
			     &err)) {
		check_sum(&btf);
		look_around(&btf, data, size);
	}
	btf_release(&btf);
	if (btf_read_memory(base, &image, "base", data, size, NULL, &keep,
			    &err))
		btf_release(base);
	if (!btf_read_memory(&btf, &image, "split", data, size, base, NULL,
			     &err))
		check_sum(&btf);
	btf_release(&btf);
	err_release(&err);
	image_release(&image);
	return 0;
}

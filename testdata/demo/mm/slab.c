/* SPDX-License-Identifier: MIT */
#include <linux.h>

struct cache {
	size_t size;
	u32 used, lock;
	u8 space[2048];
};

static struct cache caches[4] = {
	{ .size = 32 }, { .size = 64 }, { .size = 128 }, { .size = 256 },
};

static struct cache *find_cache(size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(caches); i++)
		if (size <= caches[i].size)
			return &caches[i];
	return NULL;
}

void *kmalloc(size_t size)
{
	struct cache *cache = find_cache(size);
	void *block = NULL;

	if (!cache)
		return page_order(size) ? NULL : alloc_page();
	spin_lock(&cache->lock);
	if ((cache->used + 1) * cache->size <= sizeof(cache->space))
		block = &cache->space[cache->used++ * cache->size];
	spin_unlock(&cache->lock);
	return block;
}
EXPORT_SYMBOL(kmalloc);

void kfree(const void *block)
{
	for (size_t i = 0; i < ARRAY_SIZE(caches); i++) {
		struct cache *cache = &caches[i];

		if ((const u8 *)block >= cache->space &&
		    (const u8 *)block < cache->space + sizeof(cache->space)) {
			spin_lock(&cache->lock);
			cache->used--;
			spin_unlock(&cache->lock);
			return;
		}
	}
	put_page((struct page *)block);
}
EXPORT_SYMBOL(kfree);

/* SPDX-License-Identifier: MIT */
#include <linux.h>

static struct page pages[256];
static LIST_HEAD(free_list);
static u32 zone_lock;

size_t page_order(size_t size)
{
	size_t order = 0;

	for (size = (size - 1) >> 12; size; size >>= 1)
		order++;
	return order;
}

struct page *alloc_page(void)
{
	struct page *page = NULL;

	spin_lock(&zone_lock);
	if (!list_empty(&free_list)) {
		page = container_of(free_list.next, struct page, lru);
		list_del(&page->lru);
		page->count = 1;
	}
	spin_unlock(&zone_lock);
	return page;
}
EXPORT_SYMBOL(alloc_page);

void put_page(struct page *page)
{
	BUG_ON(!page->count);
	if (--page->count)
		return;
	spin_lock(&zone_lock);
	list_add(&page->lru, &free_list);
	spin_unlock(&zone_lock);
}
EXPORT_SYMBOL(put_page);

void __init mem_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		pages[i].count = 1;
		put_page(&pages[i]);
	}
}

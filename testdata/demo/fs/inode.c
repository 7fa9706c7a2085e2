/* SPDX-License-Identifier: MIT */
#include <linux.h>

#define HASH_BITS 5
static struct list_head buckets[1 << HASH_BITS];
static u32 hash_lock;

static struct list_head *bucket(u32 number)
{
	struct list_head *head = &buckets[hash_32(number, HASH_BITS)];

	if (!head->next)
		head->next = head->prev = head;
	return head;
}

struct inode *inode_get(u32 number)
{
	struct list_head *head = bucket(number), *at;
	struct inode *inode = NULL;

	spin_lock(&hash_lock);
	list_for_each(at, head) {
		inode = container_of(at, struct inode, list);
		if (inode->number == number)
			goto out;
	}
	inode = kmalloc(sizeof(*inode));
	if (inode) {
		memory_set(inode, 0, sizeof(*inode));
		inode->number = number;
		list_add(&inode->list, head);
	}
out:
	if (inode)
		inode->links++;
	spin_unlock(&hash_lock);
	return inode;
}
EXPORT_SYMBOL(inode_get);

void inode_put(struct inode *inode)
{
	if (--inode->links)
		return;
	spin_lock(&hash_lock);
	list_del(&inode->list);
	spin_unlock(&hash_lock);
	kfree(inode);
}
EXPORT_SYMBOL(inode_put);

static int __init inode_init(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(buckets); i++)
		bucket(i);
	return 0;
}
device_initcall(inode_init);

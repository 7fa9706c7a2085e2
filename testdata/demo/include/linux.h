/* SPDX-License-Identifier: MIT */
#ifndef DEMO_LINUX_H
#define DEMO_LINUX_H

#include <list.h>

/* lib/ */
size_t string_length(const char *text);
int string_compare(const char *a, const char *b);
void *memory_set(void *at, int byte, size_t size);
void *memory_copy(void *to, const void *from, size_t size);
u32 crc32(u32 seed, const void *data, size_t size);
u32 hash_32(u32 value, unsigned bits);

/* mm/ */
struct page {
	u64 flags;
	u32 count;
	struct list_head lru;
};
void *kmalloc(size_t size);
void kfree(const void *block);
struct page *alloc_page(void);
void put_page(struct page *page);
size_t page_order(size_t size);

/* kernel/ */
struct task {
	struct list_head run;
	int pid, priority, state;
	u64 runtime;
	char name[16];
};
struct task *fork_task(const char *name, int priority);
void wake_up(struct task *task);
void schedule(void);
int task_weight(const struct task *task);
void spin_lock(u32 *lock);
void spin_unlock(u32 *lock);

/* fs/ */
struct inode {
	struct list_head list;
	u32 number, mode, links;
	u64 size;
};
struct inode *inode_get(u32 number);
void inode_put(struct inode *inode);
long vfs_read(struct inode *inode, char *to, size_t size);

/* drivers/ */
struct driver {
	struct list_head list;
	const char *name;
	int (*probe)(struct driver *driver);
	long (*show)(struct driver *driver, char *to, size_t size);
};
int driver_register(struct driver *driver);
struct driver *driver_find(const char *name);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef DEMO_LIST_H
#define DEMO_LIST_H

#include <kernel.h>

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD(name) struct list_head name = { &(name), &(name) }
#define container_of(pointer, type, member) \
	((type *)((char *)(pointer) - __builtin_offsetof(type, member)))
#define list_for_each(at, head) \
	for (at = (head)->next; at != (head); at = at->next)

static inline void list_add(struct list_head *entry, struct list_head *head)
{
	BUG_ON(head->next->prev != head);
	entry->next = head->next;
	entry->prev = head;
	head->next->prev = entry;
	head->next = entry;
}

static inline void list_del(struct list_head *entry)
{
	BUG_ON(entry->next->prev != entry || entry->prev->next != entry);
	entry->next->prev = entry->prev;
	entry->prev->next = entry->next;
	entry->next = entry->prev = NULL;
}

static inline int list_empty(const struct list_head *head)
{
	return head->next == head;
}

#endif

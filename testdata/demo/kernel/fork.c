/* SPDX-License-Identifier: MIT */
#include <linux.h>

static int last_pid;

static int next_pid(void)
{
	return __atomic_add_fetch(&last_pid, 1, __ATOMIC_RELAXED);
}

static void copy_name(char *to, const char *from, size_t size)
{
	size_t length = string_length(from);

	if (length >= size)
		length = size - 1;
	memory_copy(to, from, length);
	to[length] = 0;
}

struct task *fork_task(const char *name, int priority)
{
	struct task *task = kmalloc(sizeof(*task));

	if (!task)
		return NULL;
	memory_set(task, 0, sizeof(*task));
	copy_name(task->name, name, sizeof(task->name));
	task->pid = next_pid();
	task->priority = priority;
	return task;
}
EXPORT_SYMBOL(fork_task);

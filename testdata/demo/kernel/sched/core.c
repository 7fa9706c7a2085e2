/* SPDX-License-Identifier: MIT */
#include <linux.h>

DEFINE_PER_CPU(struct task *, current_task);
DEFINE_PER_CPU(u64, context_switches);
static LIST_HEAD(run_queue);
static u32 queue_lock;

static const int weights[40] = {
	88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916,
	9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277,
	1024, 820, 655, 526, 423, 335, 272, 215, 172, 137,
	110, 87, 70, 56, 45, 36, 29, 23, 18, 15,
};

int task_weight(const struct task *task)
{
	return weights[(u32)task->priority % ARRAY_SIZE(weights)];
}

void wake_up(struct task *task)
{
	spin_lock(&queue_lock);
	task->state = 1;
	list_add(&task->run, &run_queue);
	spin_unlock(&queue_lock);
}
EXPORT_SYMBOL(wake_up);

static noinline struct task *pick_next(void)
{
	struct task *best = NULL;
	struct list_head *at;

	list_for_each(at, &run_queue) {
		struct task *task = container_of(at, struct task, run);

		if (!best || task->runtime * (u64)task_weight(best) <
			     best->runtime * (u64)task_weight(task))
			best = task;
	}
	return best;
}

void schedule(void)
{
	struct task *next;

	spin_lock(&queue_lock);
	next = pick_next();
	if (next) {
		next->runtime += 1000 / (u64)task_weight(next);
		current_task = next;
		context_switches++;
	}
	spin_unlock(&queue_lock);
}
EXPORT_SYMBOL(schedule);

void __init sched_init(void)
{
	struct task *idle = fork_task("swapper", 20);

	BUG_ON(!idle);
	wake_up(idle);
}

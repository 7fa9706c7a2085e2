/* SPDX-License-Identifier: MIT */
#include <linux.h>

void serial_put(u8 byte);

struct packet {
	struct list_head list;
	size_t size;
	u32 checksum;
	u8 data[64];
};

static LIST_HEAD(queue);
static u32 queue_lock;
static u64 sent, dropped;

static int transmit(const void *data, size_t size)
{
	struct packet *packet = kmalloc(sizeof(*packet));

	if (!packet || size > sizeof(packet->data)) {
		dropped++;
		return -1;
	}
	memory_copy(packet->data, data, size);
	packet->size = size;
	packet->checksum = crc32(0, data, size);
	spin_lock(&queue_lock);
	list_add(&packet->list, &queue);
	spin_unlock(&queue_lock);
	sent++;
	serial_put((u8)size);
	return 0;
}

static int probe(struct driver *driver)
{
	return transmit(driver->name, string_length(driver->name));
}

static long show(struct driver *driver, char *to, size_t size)
{
	struct list_head *at;
	size_t used = 0;

	list_for_each(at, &queue) {
		struct packet *packet = container_of(at, struct packet, list);

		if (used + packet->size > size)
			break;
		memory_copy(to + used, packet->data, packet->size);
		used += packet->size;
	}
	printk("%s: %d sent, %d dropped\n", driver->name, (int)sent, (int)dropped);
	return (long)used;
}

static struct driver loopback = { .name = "lo", .probe = probe, .show = show };

static int __init loopback_init(void)
{
	struct task *task = fork_task("loopback", 10);

	if (task)
		wake_up(task);
	return driver_register(&loopback);
}
device_initcall(loopback_init);

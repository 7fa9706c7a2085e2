/* SPDX-License-Identifier: MIT */
#include <linux.h>

static LIST_HEAD(drivers);

struct driver *driver_find(const char *name)
{
	struct list_head *at;

	list_for_each(at, &drivers) {
		struct driver *driver = container_of(at, struct driver, list);

		if (!string_compare(driver->name, name))
			return driver;
	}
	return NULL;
}
EXPORT_SYMBOL(driver_find);

int driver_register(struct driver *driver)
{
	if (driver_find(driver->name))
		return -17;
	list_add(&driver->list, &drivers);
	printk("driver %s registered\n", driver->name);
	return driver->probe(driver);
}
EXPORT_SYMBOL(driver_register);

/* SPDX-License-Identifier: MIT */
/*
 * Kernel configurations: the input as two of them (split at the first byte
 * 0xff), compared; and as a file that the user gives, packed or not.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "image/kconfig.h"

static void check_options(const struct kconfig *kconfig)
{
	for (uint32_t i = 0; i < kconfig->count; i++) {
		const struct kconfig_option *option = &kconfig->options[i];

		if (i && strcmp(option[-1].name, option->name) >= 0)
			abort();
		if (kconfig_value(kconfig, option->name) != option->value)
			abort();
	}
}

static void compare(const char *text, size_t old_size, size_t size)
{
	struct kconfig sides[2] = { { .origin = "old" }, { .origin = "new" } };
	struct kconfig_diff diff = { 0 };
	struct err err = { 0 };

	if (kconfig_parse(&sides[0], text, old_size, &err) ||
	    kconfig_parse(&sides[1], text + old_size, size - old_size, &err) ||
	    kconfig_compare(&diff, &sides[0], &sides[1], &err))
		abort();
	check_options(&sides[0]);
	check_options(&sides[1]);
	for (uint32_t i = 0; i < diff.count; i++) {
		const struct kconfig_change *change = &diff.changes[i];

		if (!change->name[0] || !change->value[0] ||
		    !change->name[1] || !change->value[1])
			abort();
		if (!strcmp(change->name[0], change->name[1]) &&
		    !strcmp(change->value[0], change->value[1]))
			abort();
	}
	if (diff.from_tools > diff.count)
		abort();
	kconfig_diff_release(&diff);
	kconfig_release(&sides[0]);
	kconfig_release(&sides[1]);
	err_release(&err);
}

static void read_file(const uint8_t *data, size_t size)
{
	struct image image = { .path = NULL };
	struct ident ident = { .release = "6.1.192" };
	struct kconfig kconfig;
	struct err err = { 0 };
	char path[64];
	int file = memfd_create("input", MFD_CLOEXEC);

	if (file < 0 || write(file, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	if (!kconfig_read(&kconfig, &image, &ident, path, &err))
		check_options(&kconfig);
	kconfig_release(&kconfig);
	/* the same bytes as what is embedded: a broken one is a warning */
	ident.config = data;
	ident.config_size = size;
	if (kconfig_read(&kconfig, &image, &ident, NULL, &err))
		abort();
	check_options(&kconfig);
	kconfig_release(&kconfig);
	image_release(&image);
	err_release(&err);
	close(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *mark = size ? memchr(data, 0xff, size) : NULL;

	compare((const char *)data, mark ? (size_t)(mark - data) : size, size);
	read_file(data, size);
	return 0;
}

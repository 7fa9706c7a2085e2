/* SPDX-License-Identifier: MIT */
/*
 * Opening and mapping a build, and the small questions that every stage asks
 * of it. The file is mapped whole and read by the pages that are needed: an
 * 8 GB vmlinux.o costs its headers, symbols and names, not its contents.
 */
#include "image/image.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/internal.h"

static int map_file(struct image *image, int fd, struct err *err)
{
	struct stat st;
	void *data;

	if (fstat(fd, &st))
		return err_set(err, "%s: %s", image->path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return err_set(err,
			       "%s: is a directory, pass the vmlinux in it",
			       image->path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, "%s: not a regular file, copy it to one",
			       image->path);
	if (!st.st_size)
		return err_set(err, "%s: empty file", image->path);
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return err_set(err, "%s: cannot map its %lld bytes: %s%s",
			       image->path, (long long)st.st_size,
			       strerror(errno), errno == ENOMEM
			       ? "; each file needs as much address space as "
				 "it has bytes: raise ulimit -v" : "");
	image->data = data;
	image->size = (uint64_t)st.st_size;
	image->mapped = true;
	return 0;
}

static int read_all(struct image *image, struct err *err)
{
	if (image_is_raw_btf(image))
		return image_open_raw_btf(image, err);
	if (image->size < EI_NIDENT || memcmp(image->data, ELFMAG, SELFMAG))
		return image_reject(image, err);
	if (image_read_headers(image, err))
		return -1;
	return image_read_symbols(image, err);
}

static int image_begin(struct image *image, const char *path, struct err *err)
{
	memset(image, 0, sizeof(*image));
	image->path = arena_strndup(&image->arena, path, strlen(path));
	return image->path ? 0 : err_oom(err, "opening a file");
}

int image_open(struct image *image, const char *path, struct err *err)
{
	int result, fd;

	if (image_begin(image, path, err))
		return -1;
	/* Without O_NONBLOCK a FIFO would wait for its writer. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_set(err, "%s: %s", path, strerror(errno));
	result = map_file(image, fd, err);
	close(fd);
	return result ? result : read_all(image, err);
}

int image_open_memory(struct image *image, const char *path, const void *data,
		      uint64_t size, struct err *err)
{
	if (image_begin(image, path, err))
		return -1;
	image->data = data;
	image->size = size;
	return read_all(image, err);
}

void image_release(struct image *image)
{
	for (size_t i = 0; i < image->warning_count; i++)
		free(image->warnings[i]);
	free(image->warnings);
	free(image->landmarks);
	if (image->mapped)
		munmap((void *)(uintptr_t)image->data, (size_t)image->size);
	arena_release(&image->arena);
	memset(image, 0, sizeof(*image));
}

void image_forget(const struct image *image, uint64_t offset, uint64_t size)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t start = (offset + page - 1) / page * page;
	uint64_t end = (offset + size) / page * page;

	if (image->mapped && start < end)
		madvise((void *)(uintptr_t)(image->data + start),
			(size_t)(end - start), MADV_DONTNEED);
}

void image_forget_strings(const struct image *image,
			  const struct strings *strings)
{
	if (strings->size)
		image_forget(image,
			     (uint64_t)((const uint8_t *)strings->data -
					image->data), strings->size);
}

#define FORGET_MIN ((uint64_t)16 << 20) /* less is read again too soon */

void image_forget_pages(const struct image *image)
{
	if (image->size >= FORGET_MIN)
		image_forget(image, 0, image->size);
}

void image_warn(struct image *image, const char *format, ...)
{
	char *text;
	char **list;
	va_list args;
	int length;

	list = array_grow(image->warnings, &image->warning_capacity,
			  image->warning_count + 1, sizeof(*list));
	image->warnings_lost |= !list;
	if (!list)
		return;
	image->warnings = list;
	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	image->warnings_lost |= length < 0;
	if (length >= 0)
		list[image->warning_count++] = text;
}

uint32_t image_find_section(const struct image *image, const char *name)
{
	for (uint32_t i = 0; i < image->landmark_count; i++)
		if (!strcmp(image_section_name(image, image->landmarks[i]),
			    name))
			return image->landmarks[i];
	return 0;
}

uint32_t image_find_symbol(const struct image *image, const char *name)
{
	for (uint32_t i = 1; i < image->symbol_count; i++)
		if (!strcmp(image_symbol_name(image, i), name))
			return i;
	return 0;
}

const uint8_t *image_section_data(const struct image *image, uint32_t section)
{
	const struct section *s = &image->sections[section];

	if (section >= image->section_count || s->type == SHT_NOBITS ||
	    s->type == SHT_NULL || !s->size)
		return NULL;
	return image->data + s->offset;
}

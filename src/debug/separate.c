/* SPDX-License-Identifier: MIT */
/*
 * Separate debug files, as distributions ship them. A found file must be of
 * the same build: equal build-ids where both have one, else the checksum that
 * .gnu_debuglink holds.
 *
 * Source: GDB manual, "Debugging Information in Separate Files".
 */
#include "debug/separate.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define DEBUG_ROOT "/usr/lib/debug"
#define BUILD_ID_LIMIT 64u

struct build_id {
	const uint8_t *bytes;
	uint32_t size;
};

/* Finds NT_GNU_BUILD_ID in a note section. */
static bool find_in_notes(const struct image *image, uint32_t index,
			  struct build_id *id)
{
	const uint8_t *data = image_section_data(image, index);
	uint64_t size = image->sections[index].size, at = 0;

	while (data && size - at >= 12) {
		uint64_t name = image_u32(image, data + at);
		uint64_t text = image_u32(image, data + at + 4);
		uint32_t type = image_u32(image, data + at + 8);
		uint64_t text_at = at + 12 + ((name + 3) & ~3ull);

		if (text_at > size || text > size - text_at)
			return false;
		if (type == NT_GNU_BUILD_ID && name == 4 && text > 1 &&
		    text <= BUILD_ID_LIMIT &&
		    memcmp(data + at + 12, "GNU", 4) == 0) {
			*id = (struct build_id){ data + text_at,
						 (uint32_t)text };
			return true;
		}
		at = text_at + ((text + 3) & ~3ull);
		if (at > size)
			return false;
	}
	return false;
}

static bool find_build_id(const struct image *image, struct build_id *id)
{
	for (uint32_t k = 0; k < image->landmark_count; k++)
		if (image->sections[image->landmarks[k]].type == SHT_NOTE &&
		    find_in_notes(image, image->landmarks[k], id))
			return true;
	return false;
}

static struct image *open_image(const char *path, struct image *asks,
				bool wanted)
{
	struct image *image;
	struct err err = { 0 };

	if (!wanted && access(path, R_OK) != 0)
		return NULL;
	image = calloc(1, sizeof(*image));
	if (!image)
		return NULL;
	if (image_open(image, path, &err) == 0)
		return image;
	image_warn(asks, "debug file %s", err_text(&err));
	err_release(&err);
	image_release(image);
	free(image);
	return NULL;
}

static struct image *drop(struct image *image)
{
	image_release(image);
	free(image);
	return NULL;
}

/* Equal build-ids, or no way to tell. */
static bool same_build(const struct image *a, const struct image *b)
{
	struct build_id left, right;

	if (a->machine != b->machine || a->is64 != b->is64 ||
	    a->big_endian != b->big_endian)
		return false;
	if (!find_build_id(a, &left) || !find_build_id(b, &right))
		return true;
	return left.size == right.size &&
	       memcmp(left.bytes, right.bytes, left.size) == 0;
}

static struct image *open_given(struct image *image, const char *path)
{
	struct image *found = open_image(path, image, true);

	if (found && !same_build(image, found)) {
		image_warn(image, "%s: debug file %s is of another build",
			   image->path, path);
		return drop(found);
	}
	return found;
}

static struct image *open_by_build_id(struct image *image)
{
	static const char digits[] = "0123456789abcdef";
	char path[sizeof(DEBUG_ROOT "/.build-id/xx/.debug") +
		  2 * BUILD_ID_LIMIT];
	struct build_id id;
	struct image *found;
	size_t at;

	if (!find_build_id(image, &id))
		return NULL;
	at = strlen(DEBUG_ROOT "/.build-id/");
	memcpy(path, DEBUG_ROOT "/.build-id/", at);
	for (uint32_t i = 0; i < id.size; i++) {
		path[at++] = digits[id.bytes[i] >> 4];
		path[at++] = digits[id.bytes[i] & 15];
		if (i == 0)
			path[at++] = '/';
	}
	memcpy(path + at, ".debug", sizeof(".debug"));
	found = open_image(path, image, false);
	return found && !same_build(image, found) ? drop(found) : found;
}

static bool checksum_fits(const struct image *file, uint32_t expected)
{
	const uint64_t piece = 1u << 30;
	uLong sum = crc32(0, NULL, 0);

	for (uint64_t at = 0; at < file->size; at += piece)
		sum = crc32(sum, file->data + at,
			    (uInt)min_u64(piece, file->size - at));
	return sum == expected;
}

static struct image *try_link(struct image *image, const char *folder,
			      size_t folder_size, const char *below,
			      const char *name, uint32_t checksum)
{
	char *path = arena_printf(&image->arena, "%.*s%s%s", (int)folder_size,
				  folder, below, name);
	struct image *found = path ? open_image(path, image, false) : NULL;
	struct build_id id;

	if (!found)
		return NULL;
	/* A link may name the file that it lies in. */
	if (!same_build(image, found) ||
	    (!find_build_id(image, &id) && !checksum_fits(found, checksum)))
		return drop(found);
	return found;
}

/* .gnu_debuglink: a file name, zeros up to 4 bytes, a CRC-32 of the file. */
static struct image *open_by_link(struct image *image)
{
	uint32_t index = image_find_section(image, ".gnu_debuglink");
	const char *name = index ?
		(const char *)image_section_data(image, index) : NULL;
	const char *slash = strrchr(image->path, '/');
	size_t folder = slash ? (size_t)(slash - image->path) + 1 : 0;
	struct image *found;
	uint64_t size, length;
	uint32_t checksum;

	if (!name)
		return NULL;
	size = image->sections[index].size;
	length = strnlen(name, size);
	if (size < 8 || length == 0 || length > 255 ||
	    memchr(name, '/', length) || ((length + 4) & ~3ull) > size - 4)
		return NULL;
	checksum = image_u32(image, name + ((length + 4) & ~3ull));
	found = try_link(image, image->path, folder, "", name, checksum);
	if (!found)
		found = try_link(image, image->path, folder, ".debug/", name,
				 checksum);
	if (!found && image->path[0] == '/' && folder < 4096) {
		char *below = arena_printf(&image->arena, DEBUG_ROOT "%.*s",
					   (int)folder, image->path);

		if (below)
			found = try_link(image, below, strlen(below), "",
					 name, checksum);
	}
	return found;
}

struct image *separate_open(struct image *image, const char *path)
{
	struct image *found;

	if (path)
		return open_given(image, path);
	found = open_by_build_id(image);
	return found ? found : open_by_link(image);
}

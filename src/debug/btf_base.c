/* SPDX-License-Identifier: MIT */
/*
 * Where the BTF of an image is, and what split BTF stands on: the file that
 * the user names (a vmlinux, or raw BTF), else the module's own .BTF.base
 * (Linux 6.11 and later), else a file of the same set. Without either the
 * records are still read; only names and types of the base stay unknown.
 */
#include <stdlib.h>
#include <string.h>

#include "debug/btf_reader.h"

/* The largest offset that names something in a record. */
static uint32_t largest_name(const struct btf_record *record, bool swap)
{
	const uint8_t *at = record->at + sizeof(struct btf_type);
	uint32_t count = btf_elements(record);
	uint32_t largest = record->name;

	if (!btf_names_elements(record))
		return largest;
	for (; count; count--, at += record->layout->element)
		if (btf_load(at, swap) > largest)
			largest = btf_load(at, swap);
	return largest;
}

uint32_t btf_guess_start(const struct btf *btf, const uint8_t *strings,
			 uint64_t strings_size, uint32_t types_size)
{
	bool swap = btf_swaps(btf);
	struct btf_record record;
	uint32_t largest = 0;
	uint64_t last = strings_size;

	for (uint32_t at = 0; at < types_size; at += record.size) {
		if (btf_record_at(&record, btf->types, types_size, at, swap))
			break;
		largest = (uint32_t)max_u64(largest,
					    largest_name(&record, swap));
	}
	/* Back over the NUL that ends the last string, then over its text. */
	if (last)
		last--;
	while (last && strings[last - 1])
		last--;
	return largest > last ? largest - (uint32_t)last : 0;
}

static int open_base(struct btf *base, struct image **base_image,
		     const char *path, struct err *err)
{
	struct btf_options options = { .keep = true };

	*base_image = calloc(1, sizeof(**base_image));
	if (!*base_image)
		return err_oom(err, "reading the base of BTF");
	if (image_open(*base_image, path, err) ||
	    btf_read(base, *base_image, &options, err))
		return -1;
	if (!base->present)
		return err_set(err, "%s: has no BTF that could be a base",
			       path);
	if (base->split)
		return err_set(err, "%s: its BTF is split, too: pass the "
			       "vmlinux", path);
	return 0;
}

/* The base in the image itself, if there is one. */
static int read_own_base(struct btf *base, struct image *image,
			 struct err *err)
{
	struct btf_options options = { .keep = true };
	uint32_t section = image_find_section(image, ".BTF.base");
	const uint8_t *data = image_section_data(image, section);

	if (!section || !data)
		return 0;
	return btf_read_memory(base, image, ".BTF.base", data,
			       image->sections[section].size, NULL, &options,
			       err);
}

static void free_base(struct btf *base, struct image *base_image)
{
	btf_release(base);
	free(base);
	if (base_image)
		image_release(base_image);
	free(base_image);
}

/* The first file of the set that can be a base; none is no error. */
static int search_set(struct btf *base, struct image **base_image,
		      const char *const *set)
{
	for (; set && *set; set++) {
		struct err ignored = { 0 };
		int result = open_base(base, base_image, *set, &ignored);

		err_release(&ignored);
		if (!result)
			return 0;
		btf_release(base);
		if (*base_image)
			image_release(*base_image);
		free(*base_image);
		*base_image = NULL;
	}
	return 0;
}

static int find_base(struct btf *base, struct image **base_image,
		     struct image *image, const struct btf_options *options,
		     struct err *err)
{
	if (options && options->base_file)
		return open_base(base, base_image, options->base_file, err);
	if (read_own_base(base, image, err))
		return -1;
	if (base->present || !options)
		return 0;
	return search_set(base, base_image, options->set);
}

/* Reads .BTF of the image, on top of what it needs. */
static int read_section(struct btf *btf, struct image *image,
			uint32_t section, const struct btf_options *options,
			struct err *err)
{
	const uint8_t *data = image_section_data(image, section);
	uint64_t size = image->sections[section].size;
	struct image *base_image = NULL;
	struct btf *base = NULL;
	int result;

	if (btf_is_split(data, size)) {
		base = calloc(1, sizeof(*base));
		if (!base)
			return err_oom(err, "reading BTF");
		if (find_base(base, &base_image, image, options, err)) {
			free_base(base, base_image);
			return -1;
		}
	}
	result = btf_read_memory(btf, image, ".BTF", data, size, base, options,
				 err);
	btf->base_image = base_image;
	btf->section = section;
	return result;
}

int btf_read(struct btf *btf, struct image *image,
	     const struct btf_options *options, struct err *err)
{
	uint32_t section = 0;
	bool ext = false;

	memset(btf, 0, sizeof(*btf));
	for (uint32_t k = 0; k < image->landmark_count; k++) {
		uint32_t i = image->landmarks[k];
		const char *name = image_section_name(image, i);

		if (name[0] != '.' || name[1] != 'B')
			continue;
		if (!section && !strcmp(name, ".BTF") &&
		    image_section_data(image, i))
			section = i;
		ext |= !strcmp(name, ".BTF.ext");
	}
	if (section)
		return read_section(btf, image, section, options, err);
	if (ext && btf_add_parts(btf))
		return err_oom(err, "reading BTF");
	return 0;
}

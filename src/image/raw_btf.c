/* SPDX-License-Identifier: MIT */
/*
 * Raw BTF, as in /sys/kernel/btf/vmlinux: no ELF file, but an image all the
 * same: one loaded section, .BTF, that is the whole file, for no machine.
 */
#include <elf.h>
#include <string.h>

#include "image/internal.h"

#define MAGIC_LITTLE "\x9f\xeb"
#define MAGIC_BIG "\xeb\x9f"
#define HEADER_SIZE 24

bool image_is_raw_btf(const struct image *image)
{
	return image->size >= HEADER_SIZE &&
	       (!memcmp(image->data, MAGIC_LITTLE, 2) ||
		!memcmp(image->data, MAGIC_BIG, 2));
}

int image_open_raw_btf(struct image *image, struct err *err)
{
	static const char names[] = "\0.BTF";

	image->sections = arena_array(&image->arena, 2,
				      sizeof(*image->sections));
	image->more = arena_array(&image->arena, 2, sizeof(*image->more));
	image->symbols = arena_array(&image->arena, 1,
				     sizeof(*image->symbols));
	if (!image->sections || !image->more || !image->symbols)
		return err_oom(err, "opening raw BTF");
	image->big_endian = !memcmp(image->data, MAGIC_BIG, 2);
	image->raw_btf = true;
	image->type = ET_REL;
	image->machine = EM_NONE;
	image->section_names = (struct strings){ names, sizeof(names), 0 };
	image->symbol_names = (struct strings){ "", 1, 0 };
	image->section_count = 2;
	image->sections[1] = (struct section){
		.size = image->size, .name = 1, .type = SHT_PROGBITS,
		.flags = SHF_ALLOC,
	};
	image->symbol_count = 1;
	return image_find_landmarks(image, err);
}

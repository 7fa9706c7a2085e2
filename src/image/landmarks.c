/* SPDX-License-Identifier: MIT */
/*
 * With -ffunction-sections, -fdata-sections or ThinLTO a vmlinux.o has a
 * section for each function and each variable: 2.5 million of them, among a
 * few hundred that anybody asks for by name or type. Those few are listed
 * once, so that a look-up does not walk over all headers and all names.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "image/image.h"
#include "image/internal.h"

#define HEAD(text) { text, sizeof(text) - 1 }

static const struct {
	const char *text;
	size_t length;
} heads[] = {
	HEAD(".text."), HEAD(".data.rel.ro."), HEAD(".data."),
	HEAD(".rodata."), HEAD(".bss."),
};
_Static_assert(ARRAY_SIZE(heads) + 1 == OWN_HEADS, "0 is none of them");

/*
 * Which of the heads a name begins with, from 1. ".data..percpu" and the like,
 * with a second dot, are the kernel's own.
 */
static uint8_t head_of(const char *name)
{
	for (uint8_t i = 0; *name && i < ARRAY_SIZE(heads); i++)
		if (name[1] == heads[i].text[1] &&
		    !strncmp(name, heads[i].text, heads[i].length))
			return name[heads[i].length] != '.' ? i + 1 : 0;
	return 0;
}

/* A linker has put the own sections of a linked file together. */
static uint8_t own_head(const struct image *image, uint32_t index)
{
	const struct section *s = &image->sections[index];

	if (image->type != ET_REL || !(s->flags & SHF_ALLOC) ||
	    (s->flags & (SHF_MERGE | SHF_TLS)) ||
	    (s->type != SHT_PROGBITS && s->type != SHT_NOBITS))
		return 0;
	return head_of(image_section_name(image, index));
}

int image_find_landmarks(struct image *image, struct err *err)
{
	size_t capacity = 0;

	for (uint32_t i = 1; i < image->section_count; i++) {
		uint32_t *list;

		image->sections[i].own = own_head(image, i);
		if (image->sections[i].own)
			continue;
		list = array_grow(image->landmarks, &capacity,
				  (size_t)image->landmark_count + 1,
				  sizeof(*list));
		if (!list)
			return err_oom(err, "listing sections");
		image->landmarks = list;
		list[image->landmark_count++] = i;
	}
	return 0;
}

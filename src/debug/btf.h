/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_BTF_H
#define VMDELTA_DEBUG_BTF_H

/*
 * BTF, the kernel's loaded type information: every byte of a .BTF section as
 * part of a group, which is a kind and a name ("STRUCT page"), with the types
 * that are there several times. Source: <linux/btf.h> and the kernel's
 * Documentation/bpf/btf.rst.
 *
 * Sizes are bytes. header + records + strings + gaps + unreadable of a btf
 * are the section's size, for every input.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "image/image.h"

/* What the kernel accepts (BTF_MAX_TYPE, BTF_MAX_NAME_OFFSET). */
#define BTF_TYPE_LIMIT 0xfffffu
#define BTF_STRING_LIMIT 0x1000000u

/* Kinds of groups beyond the 32 that a record can have. */
enum btf_part {
	BTF_PART_HEADER = 32,
	BTF_PART_SHARED,     /* strings of several groups */
	BTF_PART_UNUSED,     /* strings that no record names */
	BTF_PART_GAP,        /* between header, types and strings, and behind */
	BTF_PART_UNREADABLE, /* behind the first thing that makes no sense */
	BTF_PART_EXT_HEADER, /* .BTF.ext */
	BTF_PART_EXT_FUNCS,
	BTF_PART_EXT_LINES,
	BTF_PART_EXT_RELOS,
	BTF_PART_END
};

/* groups[part - BTF_PART_HEADER] is a part, behind them are the types'. */
#define BTF_PARTS (BTF_PART_END - BTF_PART_HEADER)

/* All types of one kind and name. Unnamed ones of a kind are one group. */
struct btf_group {
	const char *name;     /* need not end in NUL; "" where there is none */
	uint64_t bytes;       /* of the records */
	uint32_t name_bytes;  /* strings that only this group uses */
	uint32_t length;      /* of the name */
	uint32_t count;       /* records */
	uint32_t next;        /* group of the same name, 0: none */
	uint32_t copied;      /* btf_copies_of(); 0: nothing is */
	uint8_t kind;         /* BTF_KIND_* or enum btf_part */
};
_Static_assert(sizeof(struct btf_group) == 40, "a million names can exist");

/* Records of a group that repeat an earlier one's shape. */
struct btf_copies {
	uint64_t bytes;    /* of those of the group */
	uint32_t count;
	uint32_t original; /* type ids of the first copy and of its model */
	uint32_t copy;
};

static inline uint64_t btf_group_bytes(const struct btf_group *group)
{
	return group->bytes + group->name_bytes;
}

/* Why a type is there again: the first member that is not of one type. */
struct btf_reason {
	uint32_t group;
	const char *text; /* "member `x`: PTR STRUCT a, PTR FWD a" */
};

#define BTF_REASONS 20

struct btf_reasons {
	struct btf_reason at[BTF_REASONS]; /* the costliest copies first */
	uint32_t count;
	uint32_t all; /* that there are */
};

struct btf_shapes;
struct btf_strings;

struct btf {
	bool present;          /* a header was read */
	bool big_endian;
	bool split;            /* its types continue those of a base */
	struct btf_group *groups; /* BTF_PARTS parts, then types */
	uint32_t group_count;
	size_t group_room;
	struct btf_copies *copies; /* of groups that have any; [0]: of none */
	uint32_t copy_count;
	size_t copy_room;
	uint32_t type_count;   /* own records; "void" is none */
	uint64_t type_bytes;   /* of own records */
	uint64_t string_bytes; /* of own strings */
	uint64_t size;         /* of the section */
	uint32_t section;      /* its index in the image, 0: none */
	uint64_t header_size;
	uint64_t strings_at;   /* in the section; types: see `types` */
	uint64_t types_size;   /* as the header says, if that fits */
	uint32_t string_start; /* offset of the first own string in names */
	struct btf_reasons costliest; /* of all that are there again */
	struct btf_reasons roots;     /* of those that differ in themselves, and
					 not in what they refer to alone */

	/* For a split BTF that stands on this one. */
	uint32_t first_id;     /* id of the first own type */
	size_t type_room;      /* elements of classes */
	uint32_t *classes;     /* number of its shape, by own type */
	uint32_t *samples;     /* places of some records, btf_offset_of() */
	struct btf_shapes *shapes;
	const uint8_t *types;  /* the records */
	struct btf_strings *strings;
	struct btf *base;      /* owned, or NULL */
	struct image *base_image; /* the base's file, owned, or NULL */
	struct arena arena;
};

static inline const struct btf_copies *
btf_copies_of(const struct btf *btf, const struct btf_group *group)
{
	return &btf->copies[group->copied];
}

struct btf_options {
	const char *base_file; /* that split BTF stands on, or NULL */
	const char *const *set; /* files of the same build, NULL-ended, or
				   NULL: the first with BTF is the base */
	bool keep;             /* keep what a split BTF needs of its base */
};

/*
 * Reads the BTF of `image`, if there is any. What is broken is a warning on
 * the image and *unreadable* in the groups. Returns 0, or -1 when out of
 * memory or when options->base_file cannot be read.
 */
int btf_read(struct btf *btf, struct image *image,
	     const struct btf_options *options, struct err *err);

/*
 * As btf_read() for `size` bytes at `data`, which must outlive btf, on top of
 * base (or NULL), which btf_release() then releases and frees. Warnings go to
 * `image` and begin with `where`.
 */
int btf_read_memory(struct btf *btf, struct image *image, const char *where,
		    const uint8_t *data, uint64_t size, struct btf *base,
		    const struct btf_options *options, struct err *err);

void btf_release(struct btf *btf);

/* Why a group has copies, or NULL: it is in no list. */
const char *btf_reason_of(const struct btf *btf, uint32_t group);

/* "STRUCT", ... "header", "shared strings", ...; static text. */
const char *btf_kind_name(unsigned kind);

/*
 * A group in words: "STRUCT page", "PTR (unnamed)", "shared strings". NULL
 * when out of memory.
 */
const char *btf_label(struct arena *arena, const struct btf_group *group);

/* True for the first two bytes of BTF, in either byte order. */
bool btf_is_magic(const uint8_t *data, uint64_t size);

#endif

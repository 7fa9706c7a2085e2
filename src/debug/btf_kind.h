/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_BTF_KIND_H
#define VMDELTA_DEBUG_BTF_KIND_H

/* How records of each kind are laid out, as one table. */

#include <linux/btf.h>
#include <stdint.h>

/* Later than some systems' <linux/btf.h>. */
enum {
	BTF_NUMBER_DECL_TAG = 17,
	BTF_NUMBER_TYPE_TAG = 18,
	BTF_NUMBER_ENUM64 = 19
};

/* What the third word of a record is. */
enum btf_word { BTF_WORD_UNUSED, BTF_WORD_SIZE, BTF_WORD_TYPE };

/*
 * What the words of each element behind a record are. From BTF_LAYOUT_NAMES on
 * each begins with a name.
 */
enum btf_layout {
	BTF_LAYOUT_NONE,
	BTF_LAYOUT_VALUE,             /* INT, VAR, DECL_TAG */
	BTF_LAYOUT_TYPE_TYPE_VALUE,   /* ARRAY */
	BTF_LAYOUT_TYPE_VALUE_VALUE,  /* DATASEC */
	BTF_LAYOUT_NAMES,
	BTF_LAYOUT_NAME_VALUE = BTF_LAYOUT_NAMES, /* ENUM */
	BTF_LAYOUT_NAME_TYPE,         /* FUNC_PROTO */
	BTF_LAYOUT_NAME_TYPE_VALUE,   /* STRUCT, UNION */
	BTF_LAYOUT_NAME_VALUE_VALUE   /* ENUM64 */
};

/*
 * Whether what a record refers to is a part of its shape. It is not where this
 * is more than the number of names that the record lacks, 0 or 1.
 */
enum btf_refers {
	BTF_REFERS = 0,         /* always */
	BTF_REFERS_UNNAMED = 1, /* only of an unnamed one */
	BTF_REFERS_NEVER = 2    /* it refers to nothing */
};

struct btf_kind {
	const char *name;
	uint8_t fixed;   /* bytes of a single element */
	uint8_t element; /* bytes of each of vlen elements */
	uint8_t word;    /* enum btf_word */
	uint8_t layout;  /* enum btf_layout */
	uint8_t refers;  /* enum btf_refers */
	uint16_t reserved; /* bits of vlen that mean nothing */
};

/* As many as a record can say; those that are not known have no name. */
#define BTF_KINDS 32u
extern const struct btf_kind btf_kinds[BTF_KINDS];

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_BTF_LOOK_H
#define VMDELTA_DEBUG_BTF_LOOK_H

/*
 * How the words of a record are looked at to find its class. Everything here is
 * made anew in each loop that uses it, for the compiler to know the mode there.
 */

#include "debug/btf_reader.h"

/*
 * What btf->classes holds of a type: its class; until that is known, the place
 * of the record, with ACTIVE while it is on the stack.
 */
#define KNOWN BTF_CLASS_KNOWN /* set in every class */
#define ACTIVE 0x40000000u

/* What a record refers to that has no shape: nothing, a type of a base that
   we do not have, or one that is not there. */
#define CLASS_VOID (KNOWN | ACTIVE)
#define CLASS_FOREIGN(id) (KNOWN | ACTIVE | (id))
#define CLASS_BROKEN UINT32_MAX

/*
 * What the whole BTF is like. The loops are made twice: for what is usual,
 * where the compiler knows that both are false, and for the rest.
 */
struct mode {
	bool swap;    /* the other byte order */
	bool renamed; /* one text may be several strings */
};

INLINE struct mode btf_mode(const struct btf *btf)
{
	return (struct mode){ btf_swaps(btf), btf->strings->repeated };
}

/* Types that the first pass takes together: 50 KB of records or so. */
#define WINDOW 1024u

/* Types of a window that were taken to repeat others before they were read. */
struct promises {
	uint32_t first; /* type of the window */
	uint32_t open;  /* made, but not kept yet */
	uint8_t made[WINDOW];
};

/*
 * How a record is looked at; what the loops need of the reader is here, for
 * the compiler to keep it in registers.
 */
struct look {
	struct btf_reader *reader;
	const uint32_t *classes;
	uint32_t first_id;
	uint32_t known; /* types whose class, or place, is in classes[] */
	uint32_t id;
	bool reading;   /* there may be more types behind those */
	bool follow;    /* what it refers to is part of its class */
	bool cut;       /* what is not known now never will be */
	uint32_t distance; /* from models to what is to repeat them, and */
	struct promises *promises; /* what was promised of it, or NULL */
	struct mode mode;
};

INLINE struct look look_at(struct btf_reader *reader, uint32_t known,
			   struct mode mode)
{
	return (struct look){
		.reader = reader, .classes = reader->btf->classes,
		.first_id = reader->btf->first_id, .known = known,
		.mode = mode,
	};
}

/* What a word of an element is. */
enum role { ROLE_NONE, ROLE_NAME, ROLE_TYPE, ROLE_VALUE };

/*
 * Does ELEMENTS(how many, words of each, role of each word) for what is behind
 * a record of `layout` that has vlen elements.
 */
#define EACH_ELEMENT(layout, vlen, ELEMENTS) \
	switch (layout) { \
	case BTF_LAYOUT_NONE: \
		break; \
	case BTF_LAYOUT_VALUE: \
		ELEMENTS(1, 1, ROLE_VALUE, ROLE_NONE, ROLE_NONE); \
		break; \
	case BTF_LAYOUT_NAME_VALUE: \
		ELEMENTS(vlen, 2, ROLE_NAME, ROLE_VALUE, ROLE_NONE); \
		break; \
	case BTF_LAYOUT_NAME_TYPE: \
		ELEMENTS(vlen, 2, ROLE_NAME, ROLE_TYPE, ROLE_NONE); \
		break; \
	case BTF_LAYOUT_NAME_TYPE_VALUE: \
		ELEMENTS(vlen, 3, ROLE_NAME, ROLE_TYPE, ROLE_VALUE); \
		break; \
	case BTF_LAYOUT_NAME_VALUE_VALUE: \
		ELEMENTS(vlen, 3, ROLE_NAME, ROLE_VALUE, ROLE_VALUE); \
		break; \
	case BTF_LAYOUT_TYPE_TYPE_VALUE: \
		ELEMENTS(1, 3, ROLE_TYPE, ROLE_TYPE, ROLE_VALUE); \
		break; \
	case BTF_LAYOUT_TYPE_VALUE_VALUE: \
		ELEMENTS(vlen, 3, ROLE_TYPE, ROLE_VALUE, ROLE_VALUE); \
		break; \
	}

/* True where the class depends on no other record: see enum btf_refers. */
INLINE bool stands_alone(const struct btf_record *record)
{
	return record->layout->refers > (record->name == 0);
}

/*
 * Keeps the largest id that was met where ids are not followed, and the first
 * type that has it.
 */
INLINE void keep_largest(struct btf_reader *reader, uint32_t id,
			 uint32_t largest)
{
	if (largest > reader->largest_ref) {
		reader->largest_ref = largest;
		reader->largest_from = id;
	} else if (largest == reader->largest_ref &&
		   id < reader->largest_from) {
		reader->largest_from = id;
	}
}

#endif

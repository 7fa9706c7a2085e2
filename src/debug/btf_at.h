/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_BTF_AT_H
#define VMDELTA_DEBUG_BTF_AT_H

/* What a single byte of BTF is: for questions, not for sums. */

#include "debug/btf.h"

struct btf_name {
	const char *at; /* need not end in NUL */
	uint32_t length;
};

struct btf_at {
	uint8_t kind;           /* BTF_KIND_* of the record, of a string's first
				   user, or enum btf_part */
	uint32_t id;            /* of that type, 0: no type; from 2^30 on where
				   split BTF has no base */
	struct btf_name name;   /* of that type */
	uint64_t into;          /* bytes behind the record's start, or the
				   string's */
	uint32_t element;       /* 1: the first member, parameter, ...; 0: none */
	struct btf_name member; /* its name */
	bool is_string;
	struct btf_name string;
	uint32_t users;         /* types that use the string */
};

/*
 * What lies at `offset` of the section that btf was read from, `data`. Walks
 * all records up to the place; for a string, all there are.
 */
void btf_find_at(struct btf_at *at, const struct btf *btf,
		 const uint8_t *data, uint64_t offset);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_SPOT_H
#define VMDELTA_REPORT_SPOT_H

/* Words for a place in a build, made into a byte of a section. */

#include "base/map.h"
#include "base/names.h"
#include "image/address.h"
#include "ledger/build.h"

struct spot {
	uint64_t offset;  /* in the section, or in the file without one */
	uint32_t section; /* NONE: between sections, or a header */
};

/* What is built once for many places. */
struct spots {
	const struct build *build;
	struct address_index addresses;
	struct names names;   /* of symbols and sections */
	uint32_t *symbol;     /* by name: the first symbol that owns bytes */
	uint32_t *section;    /* by name: the first section */
};

int spots_init(struct spots *spots, const struct build *build,
	       struct err *err);
void spots_release(struct spots *spots);

/* Finds a place. Returns NULL, or why there is none: static text. */
const char *spot_find(const struct spots *spots, const char *place,
		      struct spot *spot);

#endif

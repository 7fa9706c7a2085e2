/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_EXPLAIN_CELL_H
#define VMDELTA_EXPLAIN_CELL_H

/* What the rules of causes look at: an entry and what surrounds it. */

#include <stdbool.h>
#include <stdint.h>

#include "explain/cause.h"
#include "explain/family.h"
#include "ledger/build.h"

struct comparison;

/* What a section holds, as far as causes ask. */
enum cell_section {
	CELL_OTHER,
	CELL_CODE, /* executable */
	CELL_DEBUG_INFO,
	CELL_DEBUG_CODE,
	CELL_DEBUG_LINES,
	CELL_DEBUG_LOCATIONS,
	CELL_DEBUG_STRINGS,
	CELL_DEBUG_OTHER,
	CELL_DEBUG_RELOCATIONS
};

struct cell {
	const struct build *build;
	const struct entry *entry;
	unsigned side;
	uint32_t pair, root;    /* of the symbol; NONE without one */
	uint8_t section;        /* enum cell_section */
	uint8_t flags;          /* FAMILY_* of the root */
	uint8_t symbol_class;   /* enum symbol_class of the pair */
	uint8_t fate;           /* of the root's function */
	uint8_t path_cause;     /* of the inline path; CAUSE_COUNT: no path */
	bool is_gone, is_new;   /* the whole family */
	bool pair_is_one_sided; /* this member of it */
	bool btf_copies;        /* of types that are there before */
};

struct cells {
	const struct comparison *comparison;
	const struct causes *causes;
	const struct families *families;
	uint8_t *section[SIDES];    /* enum cell_section, by section */
	uint32_t *btf_name[SIDES];  /* by BTF group: in causes->names */
	uint32_t btf_groups[SIDES];
};

/* Returns 0, or -1 when out of memory; cells_release() may follow. */
int cells_prepare(struct cells *cells, struct causes *causes,
		  const struct families *families,
		  const struct comparison *comparison);
void cells_release(struct cells *cells);

struct cell cells_at(const struct cells *cells, unsigned side, uint32_t entry);

#endif

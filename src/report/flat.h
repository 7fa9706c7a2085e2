/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_FLAT_H
#define VMDELTA_REPORT_FLAT_H

/*
 * Flat rows: what JSON and CSV list. One row a combination of keys that has
 * bytes; rows + rest + filtered = total, which flat_finish() proves.
 */

#include "report/report.h"

/* A row, ready to be written. */
struct flat_row {
	uint32_t group;
	struct text keys[DIMENSIONS_MAX];
	bool nulls[DIMENSIONS_MAX];
	struct sums sums[SIDES];
	const struct pair *pair;    /* of rows that have a symbol, or NULL */
	struct text names[SIDES];   /* of the pair's symbols, or empty */
	struct symbol_place place;  /* of the new symbol, else the old one */
	bool inlined;               /* `inlinee` has a value: where it is from */
	struct inlinee_origin origin;
};

struct flat {
	struct report report;
	struct selection selection;
	size_t filtered_rows;
	struct sums shown[SIDES];   /* rows that flat_row() returned */
	size_t symbol_at;           /* where `symbol` stands, SIZE_MAX: not */
	bool has_symbol;            /* `symbol` is one of the dimensions */
	size_t inlinee_at;          /* likewise, where `inlinee` stands */
};

/* Returns 0, or -1; flat_release() may follow in both cases. */
int flat_init(struct flat *flat, const struct comparison *comparison,
	      const struct vmd_options *options, struct err *err);
void flat_release(struct flat *flat);

/* Fills the row at `index` (below flat->selection.count) and counts it. */
void flat_row(struct flat *flat, size_t index, struct flat_row *row);

/* What filters set aside. */
struct sums flat_filtered(const struct flat *flat, unsigned side);

/* After all rows: checks the sums. Returns 0, or -1 with *err. */
int flat_finish(struct flat *flat, struct err *err);

#endif

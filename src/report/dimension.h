/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_DIMENSION_H
#define VMDELTA_REPORT_DIMENSION_H

/*
 * Dimensions: the keys by which the entries of both ledgers can be grouped.
 * A dimension turns an entry into a number that means the same thing on both
 * sides, and a number into a text. One row of dimensions[] each; a new
 * dimension is a new row.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/names.h"
#include "explain/comparison.h"

/* Text that need not end in NUL. */
struct text {
	const char *at;
	size_t length;
};

/*
 * What the dimensions know about one comparison: for each side a table from
 * section, unit, inline node or symbol to key. Made on demand, by
 * dimension_prepare().
 */
struct keys {
	const struct comparison *comparison;
	bool no_rollup;        /* .cold, .part, ... as rows of their own */
	struct names names;    /* texts behind keys */
	struct arena arena;
	bool ready[32];        /* by index in dimensions[] */

	uint32_t *section[SIDES];       /* folded name */
	uint32_t *section_gap[SIDES];   /* "gap before NAME" */
	uint32_t *input_section[SIDES]; /* name as it is */
	uint32_t *input_section_gap[SIDES];
	uint8_t *section_class[SIDES];
	uint32_t *file[SIDES];          /* by FILE symbol */
	uint32_t *unit[SIDES];
	uint32_t *dir[SIDES];           /* by unit */
	uint32_t *inlinee[SIDES];       /* by dwarf node */
	uint32_t *home;                 /* by key of inlinee: key of the unit
					   that it is at home in, or 0 */
	uint32_t home_count;
	struct inline_use *uses;        /* by key of inlinee, see uses.h */
	uint32_t use_count;
	uint32_t *function;             /* by function of causes; NULL where
					   causes are not grouped by */
	struct map function_of;         /* key -> function of causes */
	struct type_keys *types;        /* of BTF */
};

/*
 * The tables of keys.c, as struct dimension.prepare wants them: 0, or -1 when
 * out of memory.
 */
int keys_prepare_section(struct keys *keys, struct err *err);
int keys_prepare_input_section(struct keys *keys, struct err *err);
int keys_prepare_class(struct keys *keys, struct err *err);
int keys_prepare_file(struct keys *keys, struct err *err);
int keys_prepare_unit(struct keys *keys, struct err *err);
int keys_prepare_dir(struct keys *keys, struct err *err);
int keys_prepare_inlinee(struct keys *keys, struct err *err);
int keys_prepare_cause(struct keys *keys, struct err *err);
int keys_prepare_type(struct keys *keys, struct err *err); /* type_keys.c */
void keys_fill_type(const struct keys *keys, unsigned side,
		    const struct entry *entries, size_t count, uint32_t *out);
uint32_t keys_type_limit(const struct keys *keys);
struct text keys_type_label(const struct keys *keys, uint32_t key);

/* The length of the directory above "a/b/", or 0: there is none. */
size_t keys_dir_parent(const char *text, size_t length);

/* Returns 0, or -1 when out of memory. keys_release() may follow anyway. */
int keys_init(struct keys *keys, const struct comparison *comparison,
	      bool no_rollup, struct err *err);
void keys_release(struct keys *keys);

/* What a build has to be loaded with for a dimension to have values. */
enum need {
	NEED_DEBUG_INFO = 1, /* DWARF: units and inlined code */
	NEED_TYPES = 2,      /* BTF by kind and name */
	NEED_OWNERS = 4,     /* of relocations and debug information: large */
	NEED_CAUSES = 8,
	NEED_ALL = 15,
	NEED_SYMBOLS = 16,   /* keys depend on the entries' symbols */
	NEED_FILE_SYMBOLS = 32 /* units where DWARF shall not be read */
};

struct dimension {
	const char *name;
	const char *help; /* one line */

	/* Makes its tables in `keys`. NULL: needs none. Returns 0 or -1. */
	int (*prepare)(struct keys *keys, struct err *err);
	/* The keys of `count` entries; NONE where there is no value. */
	void (*fill)(const struct keys *keys, unsigned side,
		     const struct entry *entries, size_t count, uint32_t *out);
	/* All keys but NONE are below this. */
	uint32_t (*limit)(const struct keys *keys);
	/* A key's text; for symbols the new name, else the old one. */
	struct text (*label)(const struct keys *keys, uint32_t key);
	/*
	 * Where keys nest (dir): the key above, or NONE; no chain is longer
	 * than DIMENSION_DEPTH. Else NULL.
	 */
	uint32_t (*parent)(const struct keys *keys, uint32_t key);
	unsigned needs; /* enum need, or-ed */
	bool in_place;  /* fill() asks where in the ledger entries lie: they
			   must not be copies */
	bool of_symbol; /* the key depends on the entry's symbol alone */
	bool of_section; /* entries of one section have, but for gaps, one key */
	bool fine;      /* most keys are met with one key alone of any other
			   dimension */
	/* For groups_prefetch(): what label() reads, in three steps, or NULL. */
	void (*prefetch)(const struct keys *keys, uint32_t key, unsigned step);
};

#define DIMENSION_DEPTH 32

extern const struct dimension dimensions[];
extern const size_t dimension_count;

/* The dimension with that name, or NULL. */
const struct dimension *dimension_find(const char *name, size_t length);

/* The known name nearest to a misspelt one, or NULL. */
const char *dimension_suggests(const char *word);

/* Prepares one dimension, once. Returns 0 or -1 with *err. */
int dimension_prepare(const struct dimension *dimension, struct keys *keys,
		      struct err *err);

/* All texts of a key: a symbol may have another name in each build. */
size_t dimension_texts(const struct dimension *dimension,
		       const struct keys *keys, uint32_t key,
		       struct text texts[SIDES]);

#define DIMENSIONS_MAX 8 /* in one list */

struct dimension_list {
	const struct dimension *at[DIMENSIONS_MAX];
	size_t count;
};

/*
 * Reads "section,symbol". Returns 0, or -1 with a message that suggests the
 * nearest name.
 */
int dimension_list_parse(struct dimension_list *list, const char *text,
			 struct err *err);

/* The side's section, unit and file of a symbol, or empty texts. */
struct symbol_place {
	struct text section, unit, file;
};
struct symbol_place keys_symbol_place(const struct keys *keys, unsigned side,
				      uint32_t symbol);

/*
 * Where an inlined function comes from: the file that declares it, and the
 * unit that it is at home in, which has that file as its source or includes
 * a .c file. Empty for what is not known; what a header declares is at home
 * everywhere.
 */
struct inlinee_origin {
	struct text declared, home;
};
struct inlinee_origin keys_inlinee_origin(const struct keys *keys,
					  uint32_t key);

/* The pair behind a key of the dimension `symbol`, or NULL for no symbol. */
const struct pair *keys_pair(const struct keys *keys, uint32_t key);

/* The name of a pair's symbol on one side; empty where it has none. */
struct text keys_pair_name(const struct keys *keys, const struct pair *pair,
			   unsigned side);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_MATCH_MATCHER_H
#define VMDELTA_MATCH_MATCHER_H

/*
 * The state of a pairing while it is made; only src/match/ sees it. Names are
 * numbers here. Symbols with one canonical name form a bucket; a bucket with
 * one symbol on each side is paired at once, the others are *contested* and
 * go through the levels.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/names.h"
#include "match/match.h"
#include "match/symname.h"

/* A symbol whose name says more than its canonical name; sorted by symbol. */
struct special {
	uint32_t symbol;
	uint32_t exact;  /* its name as the build wrote it */
	uint32_t parent; /* name of the symbol it belongs to, or 0 */
	uint32_t module; /* digits behind ".llvm.", or 0 */
};

/* How a symbol is told from others of its canonical name: class and kind. */
#define TAG_CODE 0x80u
#define TAG_CLASS 0x1fu
/* Not part of that: a struct special, or a FILE symbol, says more. */
#define TAG_SPECIAL 0x40u
#define TAG_FILE 0x20u
_Static_assert(SYM_COUNT <= TAG_CLASS + 1, "the class fits into the tag");

/*
 * A contested symbol with what is known about it so far. Candidates are walked
 * in the order of their names, level after level: what each level asks stands
 * here, for in the tables by symbol it would be in no cache.
 */
struct candidate {
	uint32_t symbol;
	uint32_t owner;   /* for which it is evidence */
	uint32_t name;    /* canonical */
	uint32_t exact;   /* as the build wrote it */
	uint32_t unit;    /* source file, or 0 */
	uint8_t tag;      /* class and kind: side_tag() */
	uint8_t reserved[3];
	uint64_t content; /* hash of its bytes, or 0; see content.c */
};
_Static_assert(sizeof(struct candidate) == 32, "all symbols may be contested");

struct side {
	const struct build *build;
	const struct image *image;
	uint32_t count;    /* symbols */
	uint32_t *name;    /* symbol -> canonical name; 0: is not compared */
	uint8_t *tag;      /* symbol -> enum symbol_class | TAG_* */
	uint32_t *next;    /* symbol -> next one of its bucket, or 0 */
	struct special *specials;
	size_t special_count, special_capacity;
	struct candidate *contested; /* for the levels, sorted by name */
	size_t contested_count, contested_capacity;

	/* files.c */
	uint32_t *files;      /* STT_FILE symbols, ascending */
	uint32_t *file_names; /* interned; 0: no source file */
	uint32_t *file_units; /* their units */
	size_t file_count, file_capacity;
};

struct bucket {
	uint32_t head[SIDES]; /* first symbol, or 0 */
};

struct matcher {
	struct match *match;
	struct names *names;
	struct side sides[SIDES];
	struct bucket *buckets; /* by canonical name */
	uint32_t bucket_count;
	uint32_t *mate[SIDES];  /* owner -> that of the other build, or NONE */
	uint8_t *level;         /* of a new owner with a mate: enum level */
	uint32_t paired;        /* how many those are */
	uint32_t unit_count;    /* units are 1 .. unit_count - 1; 0: unknown */
	bool unknown_files;     /* some file_units are to be learned */
	struct map module_index; /* side and module name -> modules[] */
	struct module *modules;  /* units.c */
	size_t module_count, module_capacity;
	bool exact_names;
};

/* The record of a symbol whose name is rewritten, or NULL. */
const struct special *side_special(const struct side *side, uint32_t symbol);

/* The name as the build wrote it. */
uint32_t side_exact_name(const struct side *side, uint32_t symbol);

/* Class and kind: what must agree for two names to be one. */
static inline uint8_t side_tag(const struct side *side, uint32_t symbol)
{
	return side->tag[symbol] & (TAG_CODE | TAG_CLASS);
}

/* The symbol that stands for this one, or NONE. */
static inline uint32_t side_owner(const struct side *side, uint32_t symbol)
{
	uint32_t owner = side->build->ledger.owner[symbol];

	return owner < side->count ? owner : NONE;
}

/* True while nothing is paired with this owner. */
static inline bool side_is_free(const struct matcher *matcher, unsigned side,
				uint32_t owner)
{
	return owner != NONE && matcher->mate[side][owner] == NONE;
}

/* Pairs two free owners. */
void matcher_pair(struct matcher *matcher, uint32_t old_owner,
		  uint32_t new_owner, enum level level);

/*
 * files.c: which source file a symbol comes from, as far as FILE symbols tell.
 * Units are numbers that both builds share; 0 is unknown.
 */
bool files_believe(const struct symbol *symbol);
int files_add(struct side *side, uint32_t symbol);
int files_align(struct matcher *matcher, struct err *err);
uint32_t unit_of(const struct side *side, uint32_t symbol);

/* As unit_of(), fast for many symbols that stand near each other. */
struct unit_hint {
	uint32_t file, unit;
};
uint32_t unit_near(const struct side *side, uint32_t symbol,
		   struct unit_hint *hint);

/* Tells equal basenames apart, by pairs already made. */
int files_learn(struct matcher *matcher, struct err *err);

/*
 * units.c: gives units to promoted symbols, by what pairs tell about their
 * modules, and to all that files_learn() found.
 */
int units_learn(struct matcher *matcher, struct err *err);

/*
 * declared.c: the same of contested functions by DWARF, where both builds have
 * it, and a hash of unit, file and line of a function's declaration, or 0.
 */
bool declared_known(const struct matcher *matcher);
int declared_set_units(struct matcher *matcher, struct err *err);
uint64_t declared_at(const struct side *side, uint32_t symbol);

/* units.c: gives units to symbols without one, by who stands beside them. */
int units_infer(struct matcher *matcher, struct err *err);

/* levels.c: settles the contested symbols. */
int levels_run(struct matcher *matcher, struct err *err);

/* renamed.c: pairs functions that have the same code under other names. */
int renamed_pair(struct matcher *matcher, struct err *err);

/*
 * join.c: pairs what has the same canonical name and the same key. A key of 0
 * takes no part. Without `aliases` only the owners' own names are evidence.
 */
typedef uint64_t (*join_key)(const struct matcher *matcher, unsigned side,
			     const struct candidate *candidate);

/* Says that two candidates with one key are not one thing all the same. */
typedef bool (*join_veto)(const struct matcher *matcher,
			  const struct candidate *old,
			  const struct candidate *new);

struct join {
	enum level level;
	join_key key;
	join_veto veto; /* or NULL */
	bool aliases;
};

/* Pairs where a key stands for one free owner on each side. */
int join_unique(struct matcher *matcher, const struct join *join,
		struct err *err);

/*
 * Pairs several of one key in the order in which they stand. `equal` leaves
 * groups alone that differ in their length or in the sizes of their members.
 */
int join_in_order(struct matcher *matcher, const struct join *join, bool equal,
		  struct err *err);

/*
 * Drops candidates that are paired, or whose name has nobody left on the
 * other side. Returns how many are left.
 */
size_t join_winnow(struct matcher *matcher);

/*
 * content.c: hashes the bytes of each candidate that wants() it, with
 * relocated fields masked; what cannot be compared keeps 0.
 */
int content_read(struct matcher *matcher, unsigned side,
		 bool (*wants)(uint8_t tag), struct err *err);

/* children.c: pairs split pieces by their parents; fills pair.parent. */
int children_pair(struct matcher *matcher, struct err *err);
void children_link(struct matcher *matcher);

#endif

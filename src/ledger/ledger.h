/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_LEDGER_LEDGER_H
#define VMDELTA_LEDGER_LEDGER_H

/*
 * The ledger: every byte of a file, and every byte of the memory image that
 * it makes, is booked in exactly one entry. The sums of a ledger are the
 * file's size and the image's size, for every input; ledger_check() proves it
 * and the program prints nothing when it fails.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/pages.h"
#include "base/util.h"

struct build;

/* What the bytes are. The names and sentences are in nature.c. */
enum nature {
	NATURE_HEADER,      /* ELF, program and section headers */
	NATURE_CODE,
	NATURE_DATA,        /* initialized, named by a symbol */
	NATURE_ZERO,        /* NOBITS, named by a symbol */
	NATURE_UNNAMED,     /* bytes of a section that no symbol covers */
	NATURE_STRING,      /* string literals */
	NATURE_RECORD,      /* records of a side table */
	NATURE_RELOCATION,
	NATURE_SYMBOL,      /* records of a symbol table */
	NATURE_NAME,        /* bytes of a string table */
	NATURE_DEBUG,
	NATURE_BTF,
	NATURE_NOTE,        /* notes, .comment, build attributes, version info */
	NATURE_ZERO_FILL,   /* file bytes that only stand for NOBITS */
	NATURE_PADDING,     /* up to 64 bytes of fill, with the symbol before */
	NATURE_ALIGNMENT,   /* more fill, of the section */
	NATURE_GAP,         /* between sections, in the file or in memory */
	NATURE_COUNT
};

#define NATURES_OF_FILL \
	(1u << NATURE_PADDING | 1u << NATURE_ALIGNMENT | 1u << NATURE_GAP)

/* True for what "content" leaves out: padding, alignment, gaps. */
static inline bool nature_is_alignment(enum nature nature)
{
	return NATURES_OF_FILL >> nature & 1;
}
const char *nature_name(enum nature nature);

/* In which sums an entry's bytes count. */
#define IN_FILE 0x1u
#define IN_IMAGE 0x2u

struct entry {
	uint64_t offset;  /* in the section, where that has a meaning */
	uint64_t size;    /* bytes, in each domain that `domains` names */
	uint32_t section; /* index; NONE for headers and the file's tail */
	uint32_t symbol;  /* the owning symbol (ledger_owner), or NONE */
	uint32_t unit;    /* index in build.dwarf.units, or NONE */
	uint32_t path;    /* index in build.dwarf.nodes, or NONE: own code */
	uint32_t detail;  /* BTF: index in build.btf.groups; or NONE */
	uint8_t nature;
	uint8_t domains;  /* IN_FILE | IN_IMAGE */
	uint8_t flags;    /* ENTRY_* */
	uint8_t reserved;
};
_Static_assert(sizeof(struct entry) == 40, "millions exist per ledger");

#define ENTRY_DERIVED 0x01u    /* the extent is not from st_size */
#define ENTRY_SHARED 0x02u     /* several owners: booked to none of them */
#define ENTRY_REPEATED 0x04u   /* debug info of a unit's code-less copy, or
				  BTF of a type that is there before */
#define ENTRY_GAP_BEFORE 0x08u /* a gap: `section` is the one behind it */

/*
 * One entry for each symbol, kept as a number: records and names of the symbol
 * table are as many as the symbols, and as entries would be the larger half of
 * a ledger. The owner of sizes[i] is ledger.owner[i].
 */
struct column {
	uint32_t section;
	uint8_t nature;
	uint8_t domains;
	uint32_t size;   /* of each where `sizes` is NULL */
	uint32_t *sizes; /* bytes by symbol, owned */
};

#define COLUMNS_MAX 2

struct ledger {
	struct entry *entries;   /* sorted runs by section, see `first` */
	uint32_t count;
	struct column columns[COLUMNS_MAX];
	uint32_t column_count;
	uint32_t symbol_count;   /* rows of each column */
	struct pages_room room;  /* of entries */
	uint32_t *first;         /* first entry of a section's run, or NONE */
	uint32_t *run;           /* entries in that run */
	uint32_t *owner;         /* symbol -> the symbol that stands for it */
	uint32_t *next_alias;    /* symbol -> next of the same place, or 0 */
	uint64_t file_size;      /* bytes that IN_FILE entries sum to */
	uint64_t image_size;     /* bytes that IN_IMAGE entries sum to */
	bool image_estimated;    /* ET_REL: no layout yet */
};

/* How deep to look; each level costs more and moves bytes to better owners. */
struct ledger_options {
	bool open_relocations; /* give relocation records their owners */
	bool open_debug;       /* give debug sections their owners */
	bool open_inlines;     /* split code by inline paths */
};

/*
 * Books all of build->image. Returns 0, or -1 with *err filled; what is wrong
 * with a single table only makes the answer poorer and is a warning.
 */
int ledger_build(struct build *build, const struct ledger_options *options,
		 struct err *err);

/*
 * Walks all entries, those of columns too, in blocks. *at is 0 at first and is
 * moved on; *block points to the entries, in the ledger or in `buffer`, which
 * has room for `max`. Returns their count, 0 at the end. Entries [0, count) of
 * the ledger come first, in their order.
 */
size_t ledger_read(const struct ledger *ledger, uint64_t *at,
		   struct entry *buffer, size_t max,
		   const struct entry **block);

/* A column's bytes as one entry, of no symbol. */
struct entry ledger_column(const struct ledger *ledger, uint32_t index);

/* Proves the sums. Returns 0, or -1 with the place that differs. */
int ledger_check(const struct build *build, struct err *err);

static inline bool entry_ends_before(const struct entry *entry, uint64_t offset)
{
	return entry->offset + entry->size <= offset;
}

/* The first of entries [low, end) of a run that reaches `offset`, or `end`. */
uint32_t entries_search(const struct entry *entries, uint32_t low,
			uint32_t end, uint64_t offset);

/* The entry that covers a byte of a section, or NULL. Logarithmic. */
const struct entry *ledger_find(const struct ledger *ledger, uint32_t section,
				uint64_t offset);

void ledger_release(struct ledger *ledger);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_BTF_READER_H
#define VMDELTA_DEBUG_BTF_READER_H

/* What the files of the BTF reader share; nothing else includes this. */

#include "debug/btf.h"
#include "debug/btf_kind.h"
#include "debug/btf_shapes.h"
#include "debug/btf_strings.h"

/* What can be wrong with a record that can still be read. */
enum btf_fault {
	BTF_FAULT_NAME,     /* offset outside the strings */
	BTF_FAULT_TYPE,     /* id of no type */
	BTF_FAULT_CYCLE,    /* types that only refer to each other */
	BTF_FAULT_RESERVED, /* bits that have no meaning are set */
	BTF_FAULTS
};

struct btf_place {
	uint32_t id;    /* of the first type that has it */
	uint32_t value; /* what is wrong there */
	bool seen;
	bool others;    /* another type has it, too */
};

struct btf_reader {
	struct btf *btf;
	struct image *image;    /* takes the warnings */
	const char *where;      /* what they begin with */
	uint32_t types_size;    /* bytes at btf->types */
	uint32_t read_size;     /* bytes of them that made sense */
	uint32_t largest_ref;   /* that was not followed, */
	uint32_t largest_from;  /* and the type that has it */
	bool base_unknown;      /* split, and nobody said of what */
	struct map foreign;     /* names that are no own string, by hash: the
				   first group of that name */
	struct btf_place faults[BTF_FAULTS];
};

/* A record, checked to lie in the types. */
struct btf_record {
	const uint8_t *at;
	const struct btf_kind *layout;
	uint32_t name, info, word;
	uint32_t size;
	uint8_t kind;
};

static inline uint32_t btf_load(const uint8_t *at, bool swap)
{
	uint32_t value;

	__builtin_memcpy(&value, at, sizeof(value));
	return swap ? __builtin_bswap32(value) : value;
}

/* True where the file's byte order is not the host's. */
static inline bool btf_swaps(const struct btf *btf)
{
	return btf->big_endian !=
	       (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
}

/* Elements behind a record. */
static inline uint32_t btf_elements(const struct btf_record *record)
{
	if (record->layout->element)
		return BTF_INFO_VLEN(record->info);
	return record->layout->fixed ? 1 : 0;
}

/* Reads a record whose three words are there and whose kind is known. */
static inline void btf_load_record(struct btf_record *record,
				   const uint8_t *at, bool swap)
{
	record->at = at;
	record->name = btf_load(at, swap);
	record->info = btf_load(at + 4, swap);
	record->word = btf_load(at + 8, swap);
	record->kind = BTF_INFO_KIND(record->info);
	record->layout = &btf_kinds[record->kind];
	record->size = (uint32_t)sizeof(struct btf_type) +
		       record->layout->fixed +
		       BTF_INFO_VLEN(record->info) * record->layout->element;
}

/* True where each element begins with a name. */
static inline bool btf_names_elements(const struct btf_record *record)
{
	return record->layout->layout >= BTF_LAYOUT_NAMES;
}

/*
 * Reads the record at `offset`. Returns NULL, or why it cannot be read: it
 * does not fit (record->size is what it would need), or its kind is unknown.
 */
const char *btf_record_at(struct btf_record *record, const uint8_t *types,
			  uint32_t types_size, uint32_t offset, bool swap);

/* Finds a record by type id. False for void and for ids of no type. */
bool btf_record_of(struct btf_record *record, const struct btf **owner,
		   const struct btf *btf, uint32_t id);

/*
 * The text of a name, "" where the offset is outside; it need not end in NUL.
 * Names are cut at `limit`.
 */
const char *btf_name_at(const struct btf *btf, uint32_t offset,
			uint32_t limit, uint32_t *length);

/*
 * True for BTF that continues a base's: its strings do not begin with an empty
 * one. False where that cannot be told.
 */
bool btf_is_split(const uint8_t *data, uint64_t size);

/* Makes the groups of the parts, all empty. 0, or -1 when out of memory. */
int btf_add_parts(struct btf *btf);

/* Adds an empty group. Returns its number, or 0 when out of memory. */
static inline uint32_t btf_add_group(struct btf *btf, unsigned kind,
				     const char *name, uint32_t length)
{
	struct btf_group *groups = array_grow(btf->groups, &btf->group_room,
					      (size_t)btf->group_count + 1,
					      sizeof(*groups));

	if (!groups)
		return 0;
	btf->groups = groups;
	groups[btf->group_count] = (struct btf_group){
		.name = name, .length = length, .kind = (uint8_t)kind,
	};
	return btf->group_count++;
}

/*
 * Lets the group have copies, none yet, that it had not before. NULL when out
 * of memory.
 */
struct btf_copies *btf_add_copies(struct btf *btf, struct btf_group *group);

/*
 * Where the strings of a split BTF begin, from its records alone: its last
 * string is used, for nobody adds one that is not, and no offset is larger.
 */
uint32_t btf_guess_start(const struct btf *btf, const uint8_t *strings,
			 uint64_t strings_size, uint32_t types_size);

/* Where a record is: its offset in words, for that is what records are made of. */
static inline uint32_t btf_place_of(uint32_t offset)
{
	return offset / 4;
}

static inline uint32_t btf_offset_at(uint32_t place)
{
	return place * 4;
}

/* A class that is known, and the number of the shape that it is. */
#define BTF_CLASS_KNOWN 0x80000000u
#define BTF_CLASS_NUMBER 0x3fffffffu

/* Records from one whose place is kept to the next. */
#define BTF_SAMPLE 16u

static inline size_t btf_samples_size(const struct btf *btf)
{
	return (btf->type_room / BTF_SAMPLE + 1) * sizeof(*btf->samples);
}

/* The offset of own type `index`, which must have been read. */
uint32_t btf_offset_of(const struct btf *btf, uint32_t index);

/* Finds all records, and the class of each. 0 or -1. */
int btf_read_types(struct btf_reader *reader);

/* Counts all records in groups, and those that are copies. 0 or -1. */
int btf_count_copies(struct btf_reader *reader);

/* Numbers of groups that are parts. */
#define BTF_SHARED (BTF_PART_SHARED - BTF_PART_HEADER)
#define BTF_UNUSED (BTF_PART_UNUSED - BTF_PART_HEADER)

/*
 * A string is booked to the group that uses it, of several to BTF_SHARED.
 * Without a branch, for none could be foreseen.
 */
static inline void btf_use_string(struct btf_string *string, uint32_t group)
{
	uint32_t owner = string->owner;
	uint32_t alone = !owner | (owner == group);

	string->owner = BTF_SHARED + alone * (group - BTF_SHARED);
}

/* Adds up each group's strings. */
void btf_give_strings(struct btf *btf);

/*
 * The group of a record; new where it is the first of its kind and name. Its
 * strings are the group's from then on. 0 when out of memory.
 */
uint32_t btf_group_of(struct btf_reader *reader,
		      const struct btf_record *record, uint32_t id);

/* A group uses the string that the name at `offset` lies in; not "". */
void btf_use_name(struct btf_reader *reader, uint32_t offset, uint32_t group,
		  uint32_t id);

/* A number for the name at `offset` that is the same for equal texts. */
uint32_t btf_same_name(const struct btf *btf, uint32_t offset);

void btf_fault(struct btf_reader *reader, enum btf_fault fault, uint32_t id,
	       uint32_t value);

/* Fills btf->costliest and btf->roots. 0, or -1 when out of memory. */
int btf_find_reasons(struct btf *btf);

#endif

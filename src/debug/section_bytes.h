/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_SECTION_BYTES_H
#define VMDELTA_DEBUG_SECTION_BYTES_H

/*
 * The contents of a debug section as its reader wants them: decompressed, and
 * in a relocatable file with the relocations applied.
 */

#include "debug/address_map.h"

struct section_bytes {
	const uint8_t *data; /* NULL: no such section */
	uint64_t size;
	uint64_t changed; /* bytes at `data` that are ours, not the file's */
};

/* Which relocation sections patch a section: what targets_find() returns. */
struct reloc_targets {
	struct reloc_target {
		uint32_t target; /* patched section */
		uint32_t section; /* of the records */
	} *list; /* by target */
	uint32_t count;
};

int reloc_targets_init(struct reloc_targets *targets,
		       const struct image *image);
void reloc_targets_release(struct reloc_targets *targets);

/*
 * Reads section `index`. `map` gives the addresses of sections, `targets` may
 * be NULL (or empty) where relocations do not matter; only ET_REL is patched.
 * What cannot be decompressed or patched is a warning on the image and gives
 * no bytes. Returns 0, or -1 when out of memory.
 */
int section_bytes_read(struct section_bytes *bytes, struct image *image,
		       uint32_t index, const struct address_map *map,
		       const struct reloc_targets *targets);
void section_bytes_release(struct section_bytes *bytes);

/*
 * Adds relocations to the bytes of a section of a machine that we know.
 * Returns the number of records of unknown types, or -1 where the machine is
 * not in the table.
 */
int64_t relocate_bytes(uint8_t *data, uint64_t size, const struct image *image,
		       uint32_t records, const struct address_map *map);

#endif

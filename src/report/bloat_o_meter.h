/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_BLOAT_O_METER_H
#define VMDELTA_REPORT_BLOAT_O_METER_H

/*
 * The report that the kernel's scripts/bloat-o-meter makes of the same two
 * files, byte for byte (Linux 6.12 and later; earlier ones leave weak symbols
 * out). It stands beside the ledger, not on it: the script counts symbols by
 * their st_size, aliases and overlaps and all, and so does this.
 */

#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "image/image.h"

struct vmd_options;

/*
 * Writes the table for `options` (categories, data, text: the script's -c, -d
 * and -t; the first that is set wins, in this order). A NULL old image is one
 * without symbols. Returns 0, or -1 with *err filled: out of memory, sizes
 * beyond 63 bits, or a failed write.
 */
int bloat_o_meter_render(const struct image *old_image,
			 const struct image *new_image,
			 const struct vmd_options *options, FILE *out,
			 struct err *err);

/*
 * The letter that `nm` prints for a symbol, or 0 where `nm --size-sort`
 * leaves the symbol out. `section_letters` is from nm_section_letters().
 */
char nm_letter(const struct image *image, uint32_t symbol,
	       const char *section_letters);

/* One letter (of a local symbol) a section, malloc'ed, or NULL. */
char *nm_section_letters(const struct image *image);

#endif

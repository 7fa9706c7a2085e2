/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_BTF_SECTION_H
#define VMDELTA_REPORT_BTF_SECTION_H

/* What BTF is made of, and what of it is there several times. */

#include "report/json_writer.h"
#include "report/report.h"

/*
 * The section "BTF" of a text report: kinds, copies, new and gone types, the
 * kernel's limits. Nothing where both builds have the same BTF, or none; a
 * few lines of each on the first screen, `rows` otherwise. Returns 0, or -1
 * with *err when out of memory.
 */
int btf_section_write(struct out *out, const struct comparison *comparison,
		      const struct vmd_options *options, size_t rows,
		      struct err *err);

/* The same in JSON: the key "btf" and its object, or nothing. */
int btf_section_json(struct json *json, const struct comparison *comparison,
		     struct err *err);

/*
 * Bytes of a file that only stand for loadable segments: what llvm-objcopy
 * leaves around the .BTF that link-vmlinux.sh takes out of a vmlinux. 0 for
 * any other file.
 */
uint64_t btf_hole(const struct build *build);

/* Types and bytes of strings as the kernel counts them, a base's included. */
struct btf_load {
	uint64_t types, strings;
};
struct btf_load btf_load_of(const struct btf *btf);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_WHOSE_H
#define VMDELTA_REPORT_WHOSE_H

#include <stdio.h>

#include "explain/comparison.h"
#include "vmdelta.h"

/*
 * Says who owns the bytes at `places` of the new (or only) build: addresses
 * ("0xffffffff81000000"), file offsets ("@0x1234"), symbols, and sections or
 * symbols with an offset (".text+0x40"). Writes text, or an array of JSON
 * objects. A place that is not there is said to be so in its turn. Returns the
 * number of those, or -1 with *err.
 */
int whose_render(const struct comparison *comparison,
		 const char *const *places, size_t count,
		 const struct vmd_options *options, FILE *stream,
		 struct err *err);

#endif

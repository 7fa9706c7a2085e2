/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_NEEDS_H
#define VMDELTA_REPORT_NEEDS_H

#include "report/dimension.h"
#include "vmdelta.h"

/*
 * Reads everything in the options that can be misspelt: dimensions, filters,
 * thresholds and the file of accepted growth. *needs is what builds have to be
 * loaded with for the report and the thresholds: `enum need`, or-ed. Takes no
 * build, so a slip is told before two kernels have been read. Returns 0, or -1
 * with *err.
 */
int needs_find(unsigned *needs, const struct vmd_options *options,
	       struct err *err);

#endif

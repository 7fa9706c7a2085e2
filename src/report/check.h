/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_CHECK_H
#define VMDELTA_REPORT_CHECK_H

#include <stdio.h>

#include "explain/comparison.h"
#include "vmdelta.h"

/*
 * Tests options->fail_if and writes a line for each rule that is broken.
 * Returns the number of broken rules, or -1 with *err.
 */
int check_run(const struct comparison *comparison,
	      const struct vmd_options *options, FILE *out, struct err *err);

/*
 * Reads the rules and the file of accepted growth, and adds to *needs what
 * they have to be tested with. Returns 0, or -1 with *err.
 */
int check_needs(unsigned *needs, const struct vmd_options *options,
		struct err *err);

#endif

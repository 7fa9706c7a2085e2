/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DIFF_H
#define VMDELTA_DIFF_H

/* What stands behind the public handle of include/vmdelta.h. */

#include "explain/comparison.h"
#include "vmdelta.h"

struct vmd_diff {
	struct comparison comparison;
};

/* Moves the message of `err` to *error, where the caller wants one. */
void diff_fail(struct err *err, char **error);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * vmd_whose(): a place that the pipeline knows already, for the answer that
 * debug/ and ledger/ are about to give.
 */
#include <string.h>

#include "diff.h"

int vmd_whose(vmd_diff *diff, const char *const *places, size_t count,
	      const struct vmd_options *options, FILE *out, char **error)
{
	struct err err = { 0 };

	(void)diff, (void)places, (void)count, (void)options, (void)out;
	err_set(&err, "whose: this build cannot answer it yet");
	diff_fail(&err, error);
	return -1;
}

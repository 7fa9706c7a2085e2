/* SPDX-License-Identifier: MIT */
#include "report/report.h"

int report_check(const struct comparison *comparison,
		 const struct vmd_options *options, FILE *out,
		 struct err *err)
{
	(void)comparison, (void)out;
	if (options->fail_if && *options->fail_if)
		return err_set(err, "thresholds are not there yet");
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "report/formats.h"

int markdown_render(const struct comparison *comparison,
		    const struct vmd_options *options, FILE *out,
		    struct err *err)
{
	(void)comparison, (void)options, (void)out;
	return err_set(err, "the Markdown report is not there yet");
}

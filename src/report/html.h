/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_HTML_H
#define VMDELTA_REPORT_HTML_H

/*
 * The HTML report: one file without network, whose page (src/report/html/) is
 * in the program and whose data is a JSON element in the middle.
 */

#include "report/formats.h"

int html_render(const struct comparison *comparison,
		const struct vmd_options *options, FILE *out, struct err *err);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_CLASSES_H
#define VMDELTA_REPORT_CLASSES_H

#include "report/out.h"
#include "report/report.h"

/*
 * The first screen's table of classes, from a report that is grouped by them:
 * the classes that matter most in either domain, and the others in one line.
 * Returns 0, or -1 with *err.
 */
int classes_write(struct out *out, const struct report *report,
		  const struct vmd_options *options, struct err *err);

#endif

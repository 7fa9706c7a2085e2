/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_JSON_FACTS_H
#define VMDELTA_REPORT_JSON_FACTS_H

/* What builds are and what limits them: members of the JSON report's head. */

#include "explain/comparison.h"
#include "report/json_writer.h"

/*
 * Writes the members "ident", "config_diff", "limit", "load", "inlining" and
 * "repeated" of the object that is open. Returns 0, or -1: out of memory.
 */
int json_facts(struct json *json, const struct comparison *comparison,
	       struct err *err);

/* Writes the member "warnings": those of both builds, the old one's first. */
void json_warnings(struct json *json, const struct comparison *comparison);

#endif

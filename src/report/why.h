/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_WHY_H
#define VMDELTA_REPORT_WHY_H

/*
 * The words of the report: why the builds differ, what they are, how far the
 * limit is. Texts for people; JSON has the same facts in json_facts.h.
 */

#include "report/format.h"
#include "report/report.h"

struct why {
	const struct comparison *comparison;
	const struct vmd_options *options;
	struct out *out;
	enum vmd_domain domain; /* resolved: which block comes first */
};

/* Options and tools that differ: one to a few lines, or nothing. */
void why_write_differences(const struct why *why);

/* A kernel over its limit: red, and before anything else. Else nothing. */
void why_write_over_limit(const struct why *why);

/* "_end at 42.2 MiB of 1 GiB, 4.1% used": a line, or nothing. */
void why_write_limit(const struct why *why);

/* "Why content grew" and "Why the file grew", by size of the causes. */
void why_write_causes(const struct why *why);

/*
 * --explain: a paragraph for each cause with its largest examples and the
 * command that shows the rest; then what burdens the tools, and repeated
 * debug information. Returns 0, or -1 when out of memory.
 */
int why_write_long(const struct why *why, struct err *err);

/*
 * "inlined away: pcie_aspm_cap_init": the main cause of a pair, in `arena`;
 * an empty text where there is none.
 */
struct text why_of_pair(struct arena *arena, const struct causes *causes,
			const struct pair_cause *cause);

/* Parts shared by the files of "why". */
struct text why_example_name(const struct comparison *comparison,
			     enum cause cause, const struct example *example);
int64_t why_delta(const struct causes *causes, enum cause cause,
		  enum vmd_domain domain);
/* Causes that differ in a domain, the largest first; returns their number. */
unsigned why_sorted(const struct causes *causes, enum vmd_domain domain,
		    uint8_t list[CAUSE_COUNT]);
/* "1,103 functions, 6,603 copies": what a cause is about. */
void why_write_count(const struct why *why, enum cause cause);
/* "and 12 more", the load of tools, repeated units: see why_facts.c. */
void why_write_load(const struct why *why);
/* The same in a few words, for files that the tools still have to read. */
void why_write_load_line(const struct why *why);
int why_write_repeated(const struct why *why, struct err *err);
void why_write_slack(const struct why *why);
int why_write_flags(const struct why *why, struct err *err);

#endif

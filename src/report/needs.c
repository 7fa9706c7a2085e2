/* SPDX-License-Identifier: MIT */
#include "report/needs.h"

#include "report/check.h"
#include "report/filter.h"

/* Reports that tell all there is, unless -b asks for something. */
static bool is_whole(const struct vmd_options *options)
{
	return options->debug_info == VMD_DEBUG_INFO_YES ||
	       (!options->by && options->format != VMD_FORMAT_BLOAT_O_METER);
}

static int add_filters(unsigned *needs, const char *const *texts,
		       struct err *err)
{
	for (; texts && *texts; texts++)
		if (filter_check(*texts, needs, err))
			return -1;
	return 0;
}

int needs_find(unsigned *needs, const struct vmd_options *options,
	       struct err *err)
{
	struct dimension_list by = { .count = 0 };

	*needs = 0;
	if (options->domain == VMD_DOMAIN_FILE)
		*needs |= NEED_OWNERS | NEED_TYPES;
	if (options->by && dimension_list_parse(&by, options->by, err))
		return -1;
	for (size_t i = 0; i < by.count; i++)
		*needs |= by.at[i]->needs;
	if (add_filters(needs, options->filters, err) ||
	    add_filters(needs, options->excludes, err) ||
	    check_needs(needs, options, err))
		return -1;
	/* What asks for units by name gets those of FILE symbols. */
	if (options->debug_info == VMD_DEBUG_INFO_NO &&
	    *needs & NEED_DEBUG_INFO)
		*needs |= NEED_FILE_SYMBOLS;
	if (is_whole(options))
		*needs |= NEED_ALL;
	if (options->debug_info == VMD_DEBUG_INFO_NO)
		*needs &= ~(unsigned)NEED_DEBUG_INFO;
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * What include/vmdelta.h offers to a program that talks: the words that it
 * may propose, and the version.
 */
#include "base/suggest.h"
#include "report/dimension.h"
#include "vmdelta.h"

bool vmd_dimension(size_t index, const char **name, const char **help)
{
	if (index >= dimension_count)
		return false;
	if (name)
		*name = dimensions[index].name;
	if (help)
		*help = dimensions[index].help;
	return true;
}

const char *vmd_suggest(const char *word, const char *const *known)
{
	return suggest(word, known);
}

const char *vmd_version(void)
{
	return VMD_VERSION;
}

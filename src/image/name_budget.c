/* SPDX-License-Identifier: MIT */
/* What base/tails.h says, for the names of sections and symbols. */
#include <string.h>

#include "base/tails.h"
#include "image/internal.h"

void name_budget_init(struct name_budget *budget, const struct strings *strings)
{
	*budget = (struct name_budget){ .strings = strings };
	if (!strings->size ||
	    !tails_may_be_long(strings->data, strings->size))
		return;
	budget->needed = true;
	budget->left = strings->size * TAIL_SHARE;
}

uint32_t name_budget_take(struct name_budget *budget, uint32_t name)
{
	const char *text = strings_at(budget->strings, name);
	uint64_t length;

	if (!budget->needed || strnlen(text, TAIL_FREE) < TAIL_FREE)
		return name;
	length = strnlen(text, budget->left + 1);
	if (length > budget->left) {
		budget->left = 0;
		budget->dropped++;
		/* The table's last NUL: an empty name. */
		return (uint32_t)min_u64(budget->strings->size - 1,
					 UINT32_MAX);
	}
	budget->left -= length;
	return name;
}

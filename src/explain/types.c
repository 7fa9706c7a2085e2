/* SPDX-License-Identifier: MIT */
#include "explain/types.h"

int types_compare(struct cells *cells, struct causes *causes)
{
	(void)cells;
	(void)causes;
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "ledger/relocations.h"

int strings_own(struct build *build, struct err *err)
{
	(void)build;
	(void)err;
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "ledger/build.h"

void build_release(struct build *build)
{
	ledger_release(&build->ledger);
	dwarf_release(&build->dwarf);
	btf_release(&build->btf);
	image_release(&build->image);
}

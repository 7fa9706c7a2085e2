/* SPDX-License-Identifier: MIT */
#include "ledger/build.h"

#include "ledger/side_tables.h"

void build_release(struct build *build)
{
	side_tables_free(build->side_tables);
	ledger_release(&build->ledger);
	dwarf_release(&build->dwarf);
	btf_release(&build->btf);
	kconfig_release(&build->kconfig);
	ident_release(&build->ident);
	image_release(&build->image);
}

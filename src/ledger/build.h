/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_LEDGER_BUILD_H
#define VMDELTA_LEDGER_BUILD_H

/* All that is known about one side of a comparison, without the other. */

#include "debug/btf.h"
#include "debug/dwarf.h"
#include "image/ident.h"
#include "image/image.h"
#include "image/kconfig.h"
#include "ledger/ledger.h"

struct side_tables;

struct build {
	struct image image;
	struct ident ident;     /* who the build is */
	struct kconfig kconfig; /* with which configuration, if known */
	struct dwarf dwarf; /* empty when not asked for, or not there */
	struct btf btf;     /* likewise */
	struct ledger ledger;
	struct side_tables *side_tables; /* made on demand, see side_tables.h */
};

void build_release(struct build *build);

#endif

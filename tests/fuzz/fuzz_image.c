/* SPDX-License-Identifier: MIT */
/*
 * One file in memory: read its headers, book every byte, prove the sums. A
 * ledger that is made but does not sum is a bug as bad as a crash.
 */

#include <stdlib.h>

#include "ledger/build.h"
#include "mutate_elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ledger_options deep = {
		.open_relocations = true, .open_debug = true,
	};
	struct build build = { 0 };
	struct err err = { 0 };

	if (!image_open_memory(&build.image, "input", data, size, &err) &&
	    !ledger_build(&build, &deep, &err) &&
	    ledger_check(&build, &err))
		abort();
	err_release(&err);
	build_release(&build);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "ledger/ledger.h"

static const char *const names[NATURE_COUNT] = {
	[NATURE_HEADER] = "headers",
	[NATURE_CODE] = "code",
	[NATURE_DATA] = "data",
	[NATURE_ZERO] = "zeroed data",
	[NATURE_UNNAMED] = "unnamed data",
	[NATURE_STRING] = "strings",
	[NATURE_RECORD] = "table records",
	[NATURE_RELOCATION] = "relocations",
	[NATURE_SYMBOL] = "symbol records",
	[NATURE_NAME] = "names",
	[NATURE_DEBUG] = "debug information",
	[NATURE_BTF] = "BTF",
	[NATURE_NOTE] = "notes",
	[NATURE_ZERO_FILL] = "zero fill",
	[NATURE_PADDING] = "padding",
	[NATURE_ALIGNMENT] = "alignment",
	[NATURE_GAP] = "gap",
};

const char *nature_name(enum nature nature)
{
	return names[nature];
}

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_LEDGER_MARKER_H
#define VMDELTA_LEDGER_MARKER_H

/* Names that label a place and own no byte of it. */

#include <stdbool.h>

/*
 * A symbol that a linker script puts at an edge: `_etext`, `__start_x`,
 * `__kprobes_text_start`. Decides by name; ask only for symbols of size 0.
 */
bool marker_is_edge(const char *name);

/*
 * Anonymous data (`.L*`, `.str.12`) and mapping symbols (`$x`, `$d.1`): the
 * bytes are found by who refers to them, not by this name.
 */
bool marker_is_anonymous(const char *name);

#endif

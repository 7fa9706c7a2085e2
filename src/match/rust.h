/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_MATCH_RUST_H
#define VMDELTA_MATCH_RUST_H

/*
 * Rust symbol names without the hashes that change with the compiler. For
 * matching only: names are displayed as the build wrote them.
 *
 * Source: The rustc book, symbol mangling: v0 and legacy.
 */

#include <stdbool.h>
#include <stddef.h>

/* The length of a name without a legacy hash "17h<16 hex digits>E" at its end;
 * `length` itself where there is none. */
size_t rust_legacy_length(const char *name, size_t length);

/*
 * Writes a v0 name without its crates' disambiguators to `text`, which must
 * hold `length` bytes, and returns the length written.
 */
size_t rust_v0_canonical(char *text, const char *name, size_t length);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_DEMANGLE_H
#define VMDELTA_REPORT_DEMANGLE_H

/*
 * C++ and Rust names as a reader knows them. For display only: names are
 * matched, filtered and given to other programs as the linker sees them.
 */

#include <stdbool.h>
#include <stddef.h>

/*
 * The malloc'ed plain form of a mangled name, or NULL: not mangled, out of
 * memory, too long to be read, or built without libiberty.
 */
char *demangle_name(const char *name, size_t length);

/* False where the program was built without libiberty. */
bool demangle_available(void);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_FILE_UNITS_H
#define VMDELTA_DEBUG_FILE_UNITS_H

#include "debug/dwarf.h"

/*
 * Without DWARF: units from FILE symbols, for what local symbols cover.
 * dwarf->present stays false. Returns 0, or -1 when out of memory.
 */
int file_units_read(struct dwarf *dwarf, struct image *image);

#endif

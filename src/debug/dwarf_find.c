/* SPDX-License-Identifier: MIT */
/*
 * Look-ups in what was read. Consumers walk sections from front to end, so a
 * look-up starts at the last answer and doubles its step: a walk over all
 * pieces stays linear, a jump costs a logarithm.
 */
#include "debug/dwarf.h"

static bool piece_ends_before(const struct dwarf_piece *piece,
			      uint32_t section, uint64_t offset)
{
	if (piece->section != section)
		return piece->section < section;
	return piece->offset + piece->size <= offset;
}

uint32_t dwarf_piece_at(const struct dwarf *dwarf, uint32_t section,
			uint64_t offset, uint32_t hint)
{
	uint64_t low = 0, high = dwarf->piece_count, step = 1;

	if (hint < dwarf->piece_count &&
	    !piece_ends_before(&dwarf->pieces[hint], section, offset)) {
		high = hint; /* the answer is here or before */
		if (hint == 0 || piece_ends_before(&dwarf->pieces[hint - 1],
						   section, offset))
			return hint;
	} else if (hint < dwarf->piece_count) {
		low = (uint64_t)hint + 1;
		while (low + step < high &&
		       piece_ends_before(&dwarf->pieces[low + step], section,
					 offset)) {
			low += step + 1;
			step *= 2;
		}
		high = min_u64(high, low + step);
	}
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (piece_ends_before(&dwarf->pieces[middle], section, offset))
			low = middle + 1;
		else
			high = middle;
	}
	return (uint32_t)low;
}

static bool lies_before(const struct dwarf_variable *variable,
			uint32_t section, uint64_t offset)
{
	if (variable->section != section)
		return variable->section < section;
	return variable->offset < offset;
}

uint32_t dwarf_variable_unit(const struct dwarf *dwarf, uint32_t section,
			     uint64_t offset, uint32_t *hint)
{
	uint32_t low = 0, high = dwarf->variable_count, at = *hint;

	/* Nearly always the variable behind the last one, or none before it. */
	if (at < high && lies_before(&dwarf->variables[at], section, offset)) {
		low = at + 1;
		if (low < high &&
		    !lies_before(&dwarf->variables[low], section, offset))
			high = low;
	} else if (at < high && (!at || lies_before(&dwarf->variables[at - 1],
						    section, offset))) {
		low = high = at;
	}
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (lies_before(&dwarf->variables[middle], section, offset))
			low = middle + 1;
		else
			high = middle;
	}
	*hint = low;
	if (low == dwarf->variable_count ||
	    dwarf->variables[low].section != section ||
	    dwarf->variables[low].offset != offset)
		return NONE;
	return dwarf->variables[low].unit;
}

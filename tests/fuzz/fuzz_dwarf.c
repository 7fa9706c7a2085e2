/* SPDX-License-Identifier: MIT */
/*
 * One file in memory: read its DWARF, book all of it with inlined code apart,
 * and ask for lines. Pieces that overlap, or indexes that lead nowhere, are
 * bugs as bad as a crash.
 */

#include <stdlib.h>

#include "ledger/build.h"
#include "mutate_elf.h"

static void check_pieces(const struct dwarf *dwarf)
{
	const struct dwarf_piece *last = NULL;

	for (uint32_t i = 0; i < dwarf->piece_count; i++) {
		const struct dwarf_piece *piece = &dwarf->pieces[i];

		if (piece->size == 0 || piece->unit >= dwarf->unit_count ||
		    (piece->host != NONE &&
		     piece->host >= dwarf->function_count) ||
		    (piece->node != NONE && piece->node >= dwarf->node_count))
			abort();
		if (last && (last->section > piece->section ||
			     (last->section == piece->section &&
			      last->offset + last->size > piece->offset)))
			abort();
		last = piece;
	}
}

static void check_nodes(const struct dwarf *dwarf)
{
	for (uint32_t i = 0; i < dwarf->node_count; i++) {
		const struct dwarf_node *node = &dwarf->nodes[i];

		if ((node->parent != NONE && node->parent >= i) ||
		    node->function >= dwarf->function_count ||
		    (node->call_file != NONE &&
		     node->call_file >= dwarf->file_count))
			abort();
	}
	for (uint32_t i = 0; i < dwarf->function_count; i++)
		if (dwarf->functions[i].unit != NONE &&
		    dwarf->functions[i].unit >= dwarf->unit_count)
			abort();
}

static void ask_lines(const struct dwarf *dwarf)
{
	struct dwarf_lines lines = { 0 };

	for (uint32_t i = 0; i < dwarf->piece_count && i < 50; i++) {
		const struct dwarf_piece *piece = &dwarf->pieces[i];
		const char *file;
		uint32_t line;

		dwarf_line_find(dwarf, &lines, piece->unit, piece->section,
				piece->offset, &file, &line);
	}
	dwarf_lines_release(dwarf, &lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct dwarf_options options = { .inlines = true,
						      .threads = 1 };
	static const struct ledger_options deep = { true, true, true };
	struct build build = { 0 };
	struct err err = { 0 };

	if (!image_open_memory(&build.image, "input", data, size, &err) &&
	    !dwarf_read(&build.dwarf, &build.image, &options, &err)) {
		check_pieces(&build.dwarf);
		check_nodes(&build.dwarf);
		ask_lines(&build.dwarf);
		if (!ledger_build(&build, &deep, &err) &&
		    ledger_check(&build, &err))
			abort();
	}
	err_release(&err);
	build_release(&build);
	return 0;
}

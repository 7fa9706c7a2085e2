/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_TESTS_MADE_COMPARISON_H
#define VMDELTA_TESTS_MADE_COMPARISON_H

/*
 * Two builds made by hand, with ledgers, paired: what reports are made from.
 * Fill made.side[] with symbols and entries, then made_compare().
 */

#include <stdio.h>

#include "explain/comparison.h"
#include "made_build.h"

struct made_comparison {
	struct made_build side[SIDES];
	struct comparison comparison;
	struct dwarf_unit units[SIDES][8];
};

static inline void made_comparison_init(struct made_comparison *made)
{
	static const char *const paths[] = { "old/vmlinux", "new/vmlinux" };

	memset(made, 0, sizeof(*made));
	for (unsigned side = OLD; side < SIDES; side++) {
		made_init(&made->side[side]);
		made->side[side].build.image.path = strdup(paths[side]);
		made->side[side].bind = STB_GLOBAL;
	}
}

/* Books bytes; `symbol` may be NONE. Returns the entry, to add to it. */
static inline struct entry *made_entry(struct made_comparison *made,
				       unsigned side, uint32_t section,
				       uint32_t symbol, uint8_t nature,
				       uint8_t domains, uint64_t size)
{
	struct ledger *ledger = &made->side[side].build.ledger;

	ledger->entries = pages_grow(ledger->entries, &ledger->room,
				     ledger->count + 1u,
				     sizeof(*ledger->entries));
	ledger->entries[ledger->count] = (struct entry){
		.size = size, .section = section, .symbol = symbol,
		.unit = NONE, .path = NONE, .detail = NONE,
		.nature = nature, .domains = domains,
	};
	if (domains & IN_FILE)
		ledger->file_size += size;
	if (domains & IN_IMAGE)
		ledger->image_size += size;
	return &ledger->entries[ledger->count++];
}

/* A function of its own with all its bytes. */
static inline struct entry *made_function(struct made_comparison *made,
					  unsigned side, const char *name,
					  uint64_t size)
{
	uint32_t symbol = made_code(&made->side[side], name, size);

	return made_entry(made, side, MADE_TEXT, symbol, NATURE_CODE,
			  IN_FILE | IN_IMAGE, size);
}

/* Books bytes to a source file. */
static inline void made_unit(struct made_comparison *made, unsigned side,
			     const char *path, uint64_t size)
{
	struct dwarf *dwarf = &made->side[side].build.dwarf;

	dwarf->units = made->units[side];
	dwarf->units[dwarf->unit_count].name = path;
	made_entry(made, side, MADE_TEXT, NONE, NATURE_CODE,
		   IN_FILE | IN_IMAGE, size)->unit = dwarf->unit_count++;
}

static inline void made_compare(struct made_comparison *made)
{
	struct comparison *comparison = &made->comparison;
	const struct build *builds[SIDES] = { &comparison->builds[OLD],
					      &comparison->builds[NEW] };
	struct match_options options = { 0 };
	struct err err = { 0 };

	comparison->builds[OLD] = made->side[OLD].build;
	comparison->builds[NEW] = made->side[NEW].build;
	for (unsigned side = OLD; side < SIDES; side++) {
		struct ledger *ledger = &comparison->builds[side].ledger;

		ledger->first = calloc(MADE_SECTIONS, sizeof(uint32_t));
		ledger->run = calloc(MADE_SECTIONS, sizeof(uint32_t));
	}
	if (names_init(&comparison->names, 100) ||
	    match_run(&comparison->match, &comparison->names, builds,
		      &options, &err))
		abort();
}

static inline void made_comparison_release(struct made_comparison *made)
{
	match_release(&made->comparison.match);
	names_release(&made->comparison.names);
	for (unsigned side = OLD; side < SIDES; side++) {
		struct ledger *ledger = &made->comparison.builds[side].ledger;

		free(ledger->entries);
		free(ledger->first);
		free(ledger->run);
		free(made->side[side].build.image.path);
		made_release(&made->side[side]);
	}
}

#endif

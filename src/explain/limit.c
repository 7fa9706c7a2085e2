/* SPDX-License-Identifier: MIT */
#include "explain/limit.h"

#include <elf.h>
#include <string.h>

#define START_KERNEL_MAP 0xffffffff80000000ull
#define PMD_SIZE (2ull << 20)
#define PMDS 512u

/* Fill below this is no step that a developer would plan with. */
#define SLACK_FLOOR 4096u

/* _end as an address, or 0. */
static uint64_t end_address(const struct build *build)
{
	const struct image *image = &build->image;
	uint32_t index = build->ident.known[KNOWN_END];
	const struct symbol *symbol;

	if (index == 0)
		return 0;
	symbol = &image->symbols[index];
	if (symbol->section == SECTION_ABS)
		return symbol->value;
	if (symbol->section >= image->section_count)
		return 0;
	return image->more[symbol->section].addr + symbol->value;
}

/* Non-empty entries of the page table that maps the kernel. */
static uint64_t mapped_size(const struct build *build)
{
	uint64_t available, size = 0;
	const uint8_t *table = ident_symbol_data(
		&build->image, build->ident.known[KNOWN_LEVEL2_PGT],
		&available);

	if (!table || available < PMDS * 8)
		return 0;
	for (unsigned i = 0; i < PMDS; i++)
		if (image_u64(&build->image, table + 8 * i))
			size += PMD_SIZE;
	return size;
}

static void find_limit_x86(struct limit *limit, const struct build *build)
{
	const char *base = kconfig_value(&build->kconfig,
					 "CONFIG_RANDOMIZE_BASE");

	limit->limit = mapped_size(build);
	limit->source = "level2_kernel_pgt";
	if (limit->limit || !build->kconfig.origin)
		return;
	if (base && strcmp(base, "y") == 0) {
		limit->limit = 1ull << 30;
		limit->source = "CONFIG_RANDOMIZE_BASE=y";
	} else {
		limit->limit = 512ull << 20;
		limit->source = "CONFIG_RANDOMIZE_BASE is not set";
	}
}

static void add_slack(struct slacks *slacks, uint32_t section, uint64_t bytes)
{
	uint32_t at = slacks->count;

	while (at > 0 && slacks->list[at - 1].bytes < bytes)
		at--;
	if (at == SLACKS_MAX)
		return;
	if (slacks->count < SLACKS_MAX)
		slacks->count++;
	memmove(&slacks->list[at + 1], &slacks->list[at],
		(slacks->count - 1 - at) * sizeof(slacks->list[0]));
	slacks->list[at] = (struct slack){ section, bytes };
}

/*
 * A gap belongs to the section behind it, but it is the one before that may
 * grow into it: the last one in file order that was booked.
 */
struct slacks limit_slacks(const struct limit *limit,
			   const struct build *build)
{
	const struct image *image = &build->image;
	const struct ledger *ledger = &build->ledger;
	struct slacks slacks = { .count = 0 };

	if (!limit->known || limit->estimated)
		return slacks;
	for (uint32_t i = 0; i < ledger->count; i++) {
		const struct entry *entry = &ledger->entries[i];
		uint32_t section = entry->section, before = 0;

		if (!(entry->domains & IN_IMAGE) ||
		    entry->size < SLACK_FLOOR ||
		    section >= image->section_count ||
		    (entry->nature != NATURE_ALIGNMENT &&
		     entry->nature != NATURE_GAP))
			continue;
		if (entry->nature == NATURE_ALIGNMENT) {
			add_slack(&slacks, section, entry->size);
			continue;
		}
		for (uint32_t s = section - 1; s > 0 && !before; s--)
			if ((image->sections[s].flags & SHF_ALLOC) &&
			    image->sections[s].size)
				before = s;
		if (before)
			add_slack(&slacks, before, entry->size);
	}
	return slacks;
}

int limit_find(struct limit *limit, const struct build *build, uint64_t own,
	       const char *const *add, struct err *err)
{
	const struct image *image = &build->image;
	bool x86 = image->machine == EM_X86_64 && image->is64;
	uint64_t end = end_address(build);
	uint32_t text = build->ident.known[KNOWN_TEXT];

	memset(limit, 0, sizeof(*limit));
	if (image->type == ET_REL) {
		if (!x86 || !build->ident.known[KNOWN_LEVEL2_PGT]) {
			if (!own)
				return 0;
			limit->used = build->ledger.image_size;
		} else if (layout_estimate(limit, build, add, err) != 0) {
			return -1;
		}
		limit->estimated = true;
	} else if (x86 && end > START_KERNEL_MAP) {
		limit->used = end - START_KERNEL_MAP;
	} else if (!text && !own) {
		return 0;
	} else {
		limit->used = build->ledger.image_size;
	}
	limit->known = limit->used > 0;
	if (x86 && build->ident.known[KNOWN_LEVEL2_PGT])
		find_limit_x86(limit, build);
	if (own) {
		limit->limit = own;
		limit->source = "--image-limit";
	}
	return 0;
}

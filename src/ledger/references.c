/* SPDX-License-Identifier: MIT */

/*
 * Collects references to unnamed bytes from the relocations of code and data.
 *
 * Most relocations lead to functions and named data; they are dropped as soon
 * as the section, then the place, turns out not to be open. What is left is
 * sorted by place with a radix sort, once.
 */
#include "ledger/references.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/class.h"
#include "ledger/owners.h"
#include "ledger/side_tables.h"

#define FEW_ENTRIES 16u /* less work than a name */

/*
 * Relocations whose S + A is not the place that an instruction means, because
 * the machine counts from another byte than the patched one: x86 from behind
 * the operand, s390 from the start of the instruction.
 */
static const struct bias {
	uint16_t machine;
	uint16_t type;
	int8_t bias;
} biases[] = {
	{ EM_X86_64, R_X86_64_PC32, 4 },     { EM_X86_64, R_X86_64_PLT32, 4 },
	{ EM_X86_64, R_X86_64_GOTPCREL, 4 }, { EM_386, R_386_PC32, 4 },
	{ EM_386, R_386_PLT32, 4 },          { EM_S390, R_390_PC32DBL, -2 },
	{ EM_S390, R_390_PLT32DBL, -2 },
};

static int bias_of(uint16_t machine, uint32_t type)
{
	for (size_t i = 0; i < ARRAY_SIZE(biases); i++)
		if (biases[i].machine == machine && biases[i].type == type)
			return biases[i].bias;
	return 0;
}

/*
 * Read-only data in which a label of size 0 does not end where its object
 * does, so that what others refer to behind it is not the label's.
 */
static bool may_overrun(const struct build *build, const struct entry *entry)
{
	const struct image *image = &build->image;

	return entry->nature == NATURE_DATA &&
	       entry->flags & ENTRY_DERIVED &&
	       (!(image->sections[entry->section].flags & SHF_WRITE) ||
		!strncmp(image_section_name(image, entry->section), ".rodata",
			 7));
}

static bool is_open(const struct references *references,
		    const struct entry *entry)
{
	return entry->size <= UINT32_MAX &&
	       ((entry->nature == NATURE_UNNAMED && entry->symbol == NONE) ||
		may_overrun(references->build, entry));
}

/* Type data and notes are referred to as a whole, by who reads them. */
static bool is_whole(const struct image *image, uint32_t section)
{
	const struct section *s = &image->sections[section];
	enum section_class class_ = class_of_section(
		image_section_name(image, section), s->type, s->flags);

	return class_ == CLASS_BTF || class_ == CLASS_BTF_EXT ||
	       class_ == CLASS_BTF_IDS || class_ == CLASS_OTHER;
}

bool references_may_come_from(const struct references *references,
			      uint32_t section)
{
	const struct image *image = &references->build->image;

	return image->sections[section].flags & SHF_ALLOC &&
	       image->sections[section].type == SHT_PROGBITS &&
	       side_table_find(image, section) == NONE &&
	       !is_whole(image, section);
}

static bool may_hold_open(const struct build *build, uint32_t section)
{
	uint32_t flags = build->image.sections[section].flags;

	return flags & SHF_ALLOC &&
	       image_section_data(&build->image, section) &&
	       !is_whole(&build->image, section);
}

static int add_open(struct references *references, uint32_t at,
		    size_t *capacity, struct err *err)
{
	const struct entry *entry = &references->build->ledger.entries[at];
	struct open_range *open = array_grow(references->open, capacity,
					     (size_t)references->open_count + 1,
					     sizeof(*open));

	if (!open)
		return err_oom(err, "looking for literals");
	references->open = open;
	open[references->open_count++] = (struct open_range){
		entry->offset, entry->offset + entry->size, at
	};
	return 0;
}

/*
 * Most sections have one symbol and no open entry, and names are slow to
 * classify: where entries are few, an open one is looked for first.
 */
static int find_open_in(struct references *references, uint32_t section,
			size_t *capacity, struct err *err)
{
	const struct build *build = references->build;
	const struct ledger *ledger = &build->ledger;
	uint32_t at = ledger->first[section];
	uint32_t end = at + ledger->run[section];

	if (end - at <= FEW_ENTRIES)
		while (at < end && !is_open(references, &ledger->entries[at]))
			at++;
	if (at == end || !may_hold_open(build, section))
		return 0;
	for (; at < end; at++)
		if (is_open(references, &ledger->entries[at]) &&
		    add_open(references, at, capacity, err))
			return -1;
	return 0;
}

static int find_open(struct references *references, struct err *err)
{
	uint32_t sections = references->build->image.section_count;
	size_t capacity = 0;

	references->first = calloc((size_t)sections + 1,
				   sizeof(*references->first));
	if (!references->first)
		return err_oom(err, "looking for literals");
	for (uint32_t i = 1; i < sections; i++) {
		/* Zeroed already: where nothing is open no page is. */
		if (references->open_count)
			references->first[i] = references->open_count;
		if (find_open_in(references, i, &capacity, err))
			return -1;
	}
	references->first[sections] = references->open_count;
	return 0;
}

static const struct open_range *range_of(const struct references *references,
					 uint32_t section, uint64_t offset)
{
	uint32_t low = references->first[section];
	uint32_t high = references->first[section + 1];
	uint32_t end = high;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (references->open[middle].end <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == end || references->open[low].start > offset)
		return NULL;
	return &references->open[low];
}

const struct entry *references_open_at(const struct references *references,
				       uint32_t section, uint64_t offset)
{
	const struct open_range *range = range_of(references, section, offset);

	return range ? &references->build->ledger.entries[range->entry] : NULL;
}

int references_add(struct references *references, uint32_t section,
		   uint64_t offset, const struct entry *from, struct err *err)
{
	const struct open_range *range = range_of(references, section, offset);
	struct reference *list;

	if (!range)
		return 0;
	list = array_grow(references->list, &references->capacity,
			  references->count + 1, sizeof(*list));
	if (!list)
		return err_oom(err, "looking for literals");
	references->list = list;
	list[references->count++] = (struct reference){
		range->entry, (uint32_t)(offset - range->start),
		from ? from->symbol : NONE, from ? from->unit : NONE
	};
	return 0;
}

static bool has_open(const struct references *references, uint32_t section)
{
	return references->first[section] != references->first[section + 1];
}

/*
 * A symbol that owns bytes is what its relocations mean, whatever the addend:
 * kexec_purgatory + 0x24 is a field of kexec_purgatory.
 */
static bool names_owner(const struct build *build, uint32_t symbol)
{
	return build->image.symbols[symbol].type != STT_SECTION &&
	       build->ledger.owner[symbol] != NONE;
}

/* Adds what the relocations on one section refer to. */
static int collect_patches(struct references *references, uint32_t section,
			   struct err *err)
{
	struct build *build = references->build;
	const struct image *image = &build->image;
	const struct targets *targets = &build->side_tables->targets;
	uint32_t patched = image->more[section].info;
	uint64_t base = image->type == ET_REL ? 0 :
						image->more[patched].addr;
	bool code = image->sections[patched].flags & SHF_EXECINSTR;
	uint64_t count = image_section_data(image, section) ?
				 image_relocation_count(image, section) : 0;
	struct owners owners;

	owners_init(&owners, &build->ledger);
	for (uint64_t i = 0; i < count; i++) {
		struct relocation r = image_relocation(image, section, i);
		uint32_t to = image->symbols[r.symbol].section;
		struct place place, from = { r.offset - base, patched };

		if (to >= image->section_count || !has_open(references, to) ||
		    names_owner(build, r.symbol))
			continue;
		r.addend = targets_addend(targets, section, &r);
		if (code)
			r.addend += bias_of(image->machine, r.type);
		if (targets_is_subtraction(image, r.type) ||
		    !targets_of_relocation(targets, section, &r, &place))
			continue;
		if (!range_of(references, place.section, place.offset))
			continue;
		if (references_add(references, place.section, place.offset,
				   owners_at(&owners, from), err))
			return -1;
	}
	return 0;
}

static uint64_t key_of(const struct reference *reference)
{
	return (uint64_t)reference->entry << 32 | reference->offset;
}

/* One pass of a least-significant-digit radix sort. */
static void sort_pass(const struct reference *from, struct reference *to,
		      size_t count, unsigned shift)
{
	size_t starts[2048] = { 0 }, at = 0;

	for (size_t i = 0; i < count; i++)
		starts[key_of(&from[i]) >> shift & 2047]++;
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
		size_t here = starts[i];

		starts[i] = at;
		at += here;
	}
	for (size_t i = 0; i < count; i++)
		to[starts[key_of(&from[i]) >> shift & 2047]++] = from[i];
}

static int sort_references(struct references *references, struct err *err)
{
	struct reference *other;
	uint64_t varying = 0;

	if (references->count < 2)
		return 0;
	other = malloc(references->count * sizeof(*other));
	if (!other)
		return err_oom(err, "sorting references");
	for (size_t i = 1; i < references->count; i++)
		varying |= key_of(&references->list[i]) ^
			   key_of(&references->list[0]);
	for (unsigned shift = 0; shift < 64; shift += 11) {
		struct reference *swap = references->list;

		if (!(varying >> shift & 2047))
			continue;
		sort_pass(references->list, other, references->count, shift);
		references->list = other;
		other = swap;
	}
	references->capacity = references->count;
	free(other);
	return 0;
}

static int collect_all_patches(struct references *references, struct err *err)
{
	const struct image *image = &references->build->image;

	for (uint32_t k = 0; k < image->landmark_count; k++) {
		uint32_t i = image->landmarks[k];
		const struct section *s = &image->sections[i];
		uint32_t patched = image->more[i].info;

		if ((s->type != SHT_REL && s->type != SHT_RELA) ||
		    s->flags & SHF_ALLOC || !patched ||
		    patched >= image->section_count ||
		    !(image->sections[patched].flags & SHF_ALLOC))
			continue;
		if (collect_patches(references, i, err))
			return -1;
	}
	return 0;
}

/*
 * arm64 has the replacements of alternatives in .text, behind the functions,
 * without symbols: { instruction, replacement, feature, lengths }.
 */
static int collect_replacements(struct references *references,
				struct err *err)
{
	const uint64_t record = 12, field = 4, length = 11;
	struct build *build = references->build;
	const struct image *image = &build->image;
	uint32_t section = image_find_section(image, ".altinstructions");
	struct pointers pointers;
	struct owners owners;
	int result = 0;

	if (image->machine != EM_AARCH64 || !section)
		return 0;
	if (pointers_open(&pointers, &build->side_tables->targets, section,
			  err))
		return -1;
	owners_init(&owners, &build->ledger);
	for (uint64_t at = 0; pointers.data && !result &&
			      at + record <= pointers.size; at += record) {
		struct place to, from = { at, section };

		if (pointers.data[at + length] &&
		    pointers_target(&pointers, POINTER_PC32, at, field, &to))
			result = references_add(references, to.section,
						to.offset,
						owners_at(&owners, from), err);
	}
	pointers_close(&pointers);
	return result;
}

/* Relocations on code are all there or not at all. */
static bool has_code_patches(const struct build *build)
{
	const struct image *image = &build->image;
	const struct targets *targets = &build->side_tables->targets;

	for (uint32_t i = 1; i < image->section_count; i++)
		if (image->sections[i].flags & SHF_EXECINSTR &&
		    targets->patches[i])
			return true;
	return image->type == ET_REL;
}

int references_collect(struct references *references, struct build *build,
		       struct err *err)
{
	int result;

	memset(references, 0, sizeof(*references));
	references->build = build;
	if (!side_tables_of(build, err))
		return -1;
	references->scanned = !has_code_patches(build);
	if (find_open(references, err))
		return -1;
	if (!references->open_count)
		return 0;
	result = references->scanned ? references_scan(references, err) :
				       collect_all_patches(references, err);
	if (result || collect_replacements(references, err))
		return -1;
	return sort_references(references, err);
}

void references_release(struct references *references)
{
	free(references->open);
	free(references->first);
	free(references->list);
	memset(references, 0, sizeof(*references));
}

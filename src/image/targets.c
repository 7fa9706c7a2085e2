/* SPDX-License-Identifier: MIT */
#include "image/targets.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

static bool is_relocations(const struct section *s)
{
	return s->type == SHT_REL || s->type == SHT_RELA;
}

static bool is_relative(const struct image *image, uint32_t type)
{
	static const struct {
		uint16_t machine;
		uint16_t type;
	} relative[] = {
		{ EM_X86_64, R_X86_64_RELATIVE },
		{ EM_386, R_386_RELATIVE },
		{ EM_AARCH64, R_AARCH64_RELATIVE },
		{ EM_ARM, R_ARM_RELATIVE },
		{ EM_PPC64, R_PPC64_RELATIVE },
		{ EM_PPC, R_PPC_RELATIVE },
		{ EM_S390, R_390_RELATIVE },
		{ EM_RISCV, R_RISCV_RELATIVE },
		{ EM_LOONGARCH, R_LARCH_RELATIVE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(relative); i++)
		if (relative[i].machine == image->machine)
			return relative[i].type == type;
	return false;
}

bool targets_is_subtraction(const struct image *image, uint32_t type)
{
	if (image->machine == EM_RISCV)
		return (type >= R_RISCV_SUB8 && type <= R_RISCV_SUB64) ||
		       type == R_RISCV_SUB6;
	if (image->machine == EM_LOONGARCH) /* SUB8 ... SUB64 */
		return type >= R_LARCH_SUB8 && type <= R_LARCH_SUB64;
	return false;
}

static int compare_relative(const void *a, const void *b)
{
	const struct relative *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* Dynamic relocations with an addend: the stored field may be zero (arm64). */
static int read_relative(struct targets *targets, uint32_t section,
			 struct err *err)
{
	const struct image *image = targets->image;
	uint64_t count = image_relocation_count(image, section);
	uint64_t old = targets->relative_count;
	struct relative *grown;

	if (!count || !image_section_data(image, section))
		return 0;
	grown = realloc(targets->relative, (old + count) * sizeof(*grown));
	if (!grown)
		return err_oom(err, "reading dynamic relocations");
	targets->relative = grown;
	for (uint64_t i = 0; i < count; i++) {
		struct relocation r = image_relocation(image, section, i);

		if (is_relative(image, r.type))
			grown[targets->relative_count++] = (struct relative){
				r.offset, (uint64_t)r.addend
			};
	}
	return 0;
}

/*
 * x86 before 6.15 links the per-cpu section at 0, out of the way of every
 * address. A pointer that is relative to its own place cannot be a null
 * pointer, so when it leads there it means it (exports of per-cpu data).
 */
static uint32_t find_percpu(const struct image *image)
{
	for (uint32_t k = 0; k < image->landmark_count; k++) {
		uint32_t i = image->landmarks[k];
		const struct section *s = &image->sections[i];

		if (s->flags & SHF_ALLOC && !image->more[i].addr && s->size &&
		    strstr(image_section_name(image, i), "percpu"))
			return i;
	}
	return 0;
}

static int index_relocations(struct targets *targets, struct err *err)
{
	const struct image *image = targets->image;

	targets->patches = calloc((size_t)image->section_count + 1,
				  sizeof(*targets->patches));
	if (!targets->patches)
		return err_oom(err, "indexing relocation sections");
	for (uint32_t k = 0; k < image->landmark_count; k++) {
		uint32_t i = image->landmarks[k];
		const struct section *s = &image->sections[i];
		uint32_t target = image->more[i].info;

		if (!is_relocations(s))
			continue;
		if (target && target < image->section_count &&
		    image->more[i].link == image->symtab &&
		    !targets->patches[target])
			targets->patches[target] = i;
		if (image->type != ET_REL && s->flags & SHF_ALLOC &&
		    s->type == SHT_RELA && read_relative(targets, i, err))
			return -1;
	}
	for (uint64_t i = 1; i < targets->relative_count; i++) {
		if (targets->relative[i - 1].at <= targets->relative[i].at)
			continue;
		qsort(targets->relative, targets->relative_count,
		      sizeof(*targets->relative), compare_relative);
		break;
	}
	return 0;
}

int targets_init(struct targets *targets, const struct image *image,
		 struct err *err)
{
	memset(targets, 0, sizeof(*targets));
	targets->image = image;
	if (image->type != ET_REL)
		targets->percpu = find_percpu(image);
	if (address_index_init(&targets->addresses, image, err) ||
	    index_relocations(targets, err))
		return -1;
	return 0;
}

void targets_release(struct targets *targets)
{
	address_index_release(&targets->addresses);
	free(targets->patches);
	free(targets->relative);
	memset(targets, 0, sizeof(*targets));
}

/* Symbol + addend, wherever that may be: less than all of a pointer. */
static bool sum_of_relocation(const struct targets *targets, uint32_t section,
			      const struct relocation *relocation,
			      struct place *place)
{
	const struct image *image = targets->image;
	const struct symbol *symbol;

	if (image->more[section].link != image->symtab ||
	    relocation->symbol >= image->symbol_count)
		return false;
	symbol = &image->symbols[relocation->symbol];
	if (!symbol->section || symbol->section >= image->section_count)
		return false;
	place->section = symbol->section;
	place->offset = symbol->value + (uint64_t)relocation->addend;
	return true;
}

bool targets_of_relocation(const struct targets *targets, uint32_t section,
			   const struct relocation *relocation,
			   struct place *place)
{
	return sum_of_relocation(targets, section, relocation, place) &&
	       place->offset <= targets->image->sections[place->section].size;
}

/* A stored value, sign-extended, of the size that `how` says. */
static int64_t stored(const struct image *image, enum pointer how,
		      const uint8_t *at)
{
	if (how == POINTER_PREL31)
		return (int32_t)(image_u32(image, at) << 1) >> 1;
	if (how == POINTER_PC32)
		return (int32_t)image_u32(image, at);
	if (image->is64)
		return (int64_t)image_u64(image, at);
	return how == POINTER_ABSOLUTE ? (int64_t)image_u32(image, at) :
					 (int32_t)image_u32(image, at);
}

int64_t targets_addend(const struct targets *targets, uint32_t section,
		       const struct relocation *relocation)
{
	const struct image *image = targets->image;
	uint32_t patched = image->more[section].info;
	enum pointer how = POINTER_PC32;
	const uint8_t *data;

	if (image->sections[section].type != SHT_REL)
		return relocation->addend;
	if (!patched || patched >= image->section_count)
		return 0;
	data = image_section_data(image, patched);
	if (!data || relocation->offset > image->sections[patched].size ||
	    image->sections[patched].size - relocation->offset < 4)
		return 0;
	if (image->machine == EM_ARM && relocation->type == R_ARM_PREL31)
		how = POINTER_PREL31;
	return stored(image, how, data + relocation->offset);
}

static unsigned pointer_size(const struct image *image, enum pointer how)
{
	return how == POINTER_PC32 || how == POINTER_PREL31 || !image->is64 ?
		       4 : 8;
}

/* A relocation on the section, resolved. */
struct patch {
	uint64_t at;
	struct place target;
};

static int compare_patches(const void *a, const void *b)
{
	const struct patch *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

static int read_patches(struct pointers *pointers, uint32_t section,
			struct err *err)
{
	const struct targets *targets = pointers->targets;
	const struct image *image = targets->image;
	uint64_t count = image_relocation_count(image, section);
	uint64_t kept = 0;
	bool sorted = true;
	struct patch *patches;

	if (!count || !image_section_data(image, section))
		return 0;
	patches = malloc(count * sizeof(*patches));
	if (!patches)
		return err_oom(err, "reading relocations");
	for (uint64_t i = 0; i < count; i++) {
		struct relocation r = image_relocation(image, section, i);
		struct patch *patch = &patches[kept];

		patch->at = r.offset;
		r.addend = targets_addend(targets, section, &r);
		if (targets_is_subtraction(image, r.type) ||
		    !sum_of_relocation(targets, section, &r, &patch->target))
			continue;
		sorted &= !kept || patches[kept - 1].at <= patch->at;
		kept++;
	}
	if (!sorted)
		qsort(patches, kept, sizeof(*patches), compare_patches);
	pointers->patches = patches;
	pointers->patch_count = kept;
	return 0;
}

int pointers_open(struct pointers *pointers, const struct targets *targets,
		  uint32_t section, struct err *err)
{
	const struct image *image = targets->image;

	memset(pointers, 0, sizeof(*pointers));
	pointers->targets = targets;
	pointers->section = section;
	pointers->data = image_section_data(image, section);
	pointers->size = image->sections[section].size;
	if (image->type == ET_REL && targets->patches[section])
		return read_patches(pointers, targets->patches[section], err);
	return 0;
}

void pointers_close(struct pointers *pointers)
{
	free(pointers->patches);
	pointers->patches = NULL;
}

/* Tables are read in order: look a few records on before searching. */
static const struct patch *find_patch(struct pointers *pointers, uint64_t at)
{
	const struct patch *patches = pointers->patches;
	uint64_t low = 0, high = pointers->patch_count;

	for (unsigned steps = 0; steps < 8; steps++) {
		uint64_t next = pointers->patch_at + steps;

		if (next >= high)
			break;
		if (patches[next].at == at) {
			pointers->patch_at = next;
			return &patches[next];
		}
	}
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (patches[middle].at < at)
			low = middle + 1;
		else
			high = middle;
	}
	pointers->patch_at = low;
	if (low == pointers->patch_count || patches[low].at != at)
		return NULL;
	return &patches[low];
}

static bool find_relative(const struct targets *targets, uint64_t at,
			  uint64_t *value)
{
	uint64_t low = 0, high = targets->relative_count;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (targets->relative[middle].at < at)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == targets->relative_count || targets->relative[low].at != at)
		return false;
	*value = targets->relative[low].value;
	return true;
}

static bool stored_target(struct pointers *pointers, enum pointer how,
			  uint64_t base, uint64_t field, struct place *target)
{
	const struct targets *targets = pointers->targets;
	const struct image *image = targets->image;
	uint64_t start = image->more[pointers->section].addr + base;
	uint64_t value;

	if (!pointers->data)
		return false;
	value = (uint64_t)stored(image, how, pointers->data + base + field);
	if (how == POINTER_ABSOLUTE && !value)
		find_relative(targets, start + field, &value);
	if (how == POINTER_BASE)
		value += start;
	else if (how != POINTER_ABSOLUTE)
		value += start + field;
	if (!image->is64)
		value = (uint32_t)value;
	if (!pointers->span || value < pointers->span->start ||
	    value >= pointers->span->end)
		pointers->span = address_find(&targets->addresses, value);
	if (!pointers->span && value) {
		/* the end of a section is a place too */
		pointers->span = address_find(&targets->addresses, value - 1);
	}
	if (!pointers->span) {
		target->section = targets->percpu;
		target->offset = value;
		return how == POINTER_PC32 && targets->percpu &&
		       value < image->sections[targets->percpu].size;
	}
	target->section = pointers->span->section;
	target->offset = value - image->more[target->section].addr;
	return true;
}

bool pointers_target(struct pointers *pointers, enum pointer how,
		     uint64_t base, uint64_t field, struct place *target)
{
	const struct image *image = pointers->targets->image;
	const struct patch *patch;

	if (base > pointers->size || field > pointers->size - base ||
	    pointers->size - base - field < pointer_size(image, how))
		return false;
	if (image->type != ET_REL)
		return stored_target(pointers, how, base, field, target);
	patch = find_patch(pointers, base + field);
	if (!patch)
		return false;
	*target = patch->target;
	if (how == POINTER_BASE)
		target->offset -= field;
	return target->offset <= image->sections[target->section].size;
}

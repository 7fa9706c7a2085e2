/* SPDX-License-Identifier: MIT */
#include "explain/load.h"

#include <elf.h>
#include <string.h>

static bool is_debug(const struct image *image, uint32_t section)
{
	const char *name = image_section_name(image, section);

	return strncmp(name, ".debug", 6) == 0 ||
	       strncmp(name, ".zdebug", 7) == 0;
}

static void add_relocations(struct load *load, const struct image *image,
			    uint32_t index)
{
	uint32_t target = image->more[index].info;
	uint64_t count = image_relocation_count(image, index);
	const char *name = image_section_name(image, index);
	bool debug = strncmp(name, ".rela.debug", 11) == 0 ||
		     strncmp(name, ".rel.debug", 10) == 0;

	if (target > 0 && target < image->section_count)
		debug = is_debug(image, target);
	if (debug)
		load->debug_relocations += count;
	else
		load->relocations += count;
}

struct load load_of(const struct build *build)
{
	const struct image *image = &build->image;
	struct load load = {
		.sections = image->section_count,
		.symbols = image->symbol_count,
		.units = build->dwarf.unit_count,
	};

	for (uint32_t i = 1; i < image->section_count; i++) {
		const struct section *section = &image->sections[i];

		if (section->type == SHT_REL || section->type == SHT_RELA)
			add_relocations(&load, image, i);
		else if ((section->flags & SHF_ALLOC) &&
			 (section->flags & SHF_EXECINSTR))
			load.code += section->size;
		else if (!(section->flags & SHF_ALLOC) &&
			 strcmp(image_section_name(image, i),
				".debug_info") == 0)
			load.debug_info += section->size;
	}
	for (uint32_t i = 0; i < build->dwarf.unit_count; i++)
		load.repeated_units += dwarf_unit_repeats(build->dwarf.units,
							  i);
	return load;
}

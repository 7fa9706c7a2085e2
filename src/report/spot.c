/* SPDX-License-Identifier: MIT */
/*
 * Symbols go before numbers: "deadbeef" may be a function. Names are indexed,
 * for places come by the ten thousands when tests ask.
 */
#include "report/spot.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int index_name(struct spots *spots, uint32_t **table, size_t *capacity,
		      const char *name, uint32_t value)
{
	uint32_t number = names_intern_cstr(&spots->names, name);
	uint32_t *grown;

	if (number == NAME_ERROR)
		return -1;
	if (number >= *capacity) {
		size_t old = *capacity;

		grown = array_grow(*table, capacity, (size_t)number + 1,
				   sizeof(*grown));
		if (!grown)
			return -1;
		*table = grown;
		memset(grown + old, 0xff, (*capacity - old) * sizeof(*grown));
	}
	if ((*table)[number] == NONE)
		(*table)[number] = value;
	return 0;
}

static bool owns_bytes(const struct build *build, uint32_t symbol)
{
	const struct symbol *s = &build->image.symbols[symbol];

	return s->section != SECTION_UNDEF &&
	       s->section < build->image.section_count &&
	       s->type != STT_FILE && s->type != STT_SECTION &&
	       !(s->flags & SYMBOL_OUTSIDE);
}

/* Fills a table that names are looked up in; value NONE: not a such. */
static int pad(uint32_t **table, size_t *capacity, size_t count)
{
	size_t old = *capacity;
	uint32_t *grown = array_grow(*table, capacity, count + 1,
				     sizeof(*grown));

	if (!grown)
		return -1;
	*table = grown;
	memset(grown + old, 0xff, (*capacity - old) * sizeof(*grown));
	return 0;
}

static int index_names(struct spots *spots)
{
	const struct image *image = &spots->build->image;
	size_t symbols = 0, sections = 0;

	/* Owners first: other names of a place are its aliases. */
	for (unsigned owners = 2; owners-- > 0;)
		for (uint32_t i = 1; i < image->symbol_count; i++) {
			bool owner = spots->build->ledger.owner[i] == i;

			if (owner == (owners != 0) &&
			    owns_bytes(spots->build, i) &&
			    index_name(spots, &spots->symbol, &symbols,
				       image_symbol_name(image, i), i))
				return -1;
		}
	for (uint32_t i = 1; i < image->section_count; i++)
		if (index_name(spots, &spots->section, &sections,
			       image_section_name(image, i), i))
			return -1;
	return pad(&spots->symbol, &symbols, spots->names.count) ||
	       pad(&spots->section, &sections, spots->names.count) ? -1 : 0;
}

int spots_init(struct spots *spots, const struct build *build,
	       struct err *err)
{
	*spots = (struct spots){ .build = build };
	if (address_index_init(&spots->addresses, &build->image, err))
		return -1;
	if (names_init(&spots->names, build->image.symbol_count) ||
	    index_names(spots))
		return err_oom(err, "indexing names");
	return 0;
}

void spots_release(struct spots *spots)
{
	address_index_release(&spots->addresses);
	names_release(&spots->names);
	free(spots->symbol);
	free(spots->section);
	*spots = (struct spots){ 0 };
}

/* A whole number, in the base that its prefix says, or in `base`. */
static bool read_number(const char *text, int base, uint64_t *number)
{
	char *end;

	if (*text < '0' || (*text > '9' && base != 16))
		return false;
	if (*text == '+' || *text == '-')
		return false;
	errno = 0;
	*number = strtoull(text, &end, base);
	return end != text && !*end && !errno;
}

static const char *find_file_offset(const struct spots *spots,
				    const char *text, struct spot *spot)
{
	const struct image *image = &spots->build->image;
	uint64_t offset;

	if (!read_number(text, 0, &offset))
		return "not a file offset";
	if (offset >= image->size)
		return "behind the end of the file";
	*spot = (struct spot){ offset, NONE };
	for (uint32_t i = 1; i < image->section_count; i++) {
		const struct section *section = &image->sections[i];

		if (section->type == SHT_NOBITS || section->type == SHT_NULL ||
		    offset < section->offset ||
		    offset - section->offset >= section->size)
			continue;
		*spot = (struct spot){ offset - section->offset, i };
		break;
	}
	return NULL;
}

static const char *find_address(const struct spots *spots, uint64_t address,
				struct spot *spot)
{
	const struct address_span *span;

	if (spots->build->image.type == ET_REL)
		return "a relocatable file has no addresses: "
		       "give a symbol or section+offset";
	span = address_find(&spots->addresses, address);
	if (!span)
		return "no section has this address";
	/* The span may begin behind the section's start. */
	*spot = (struct spot){
		address - spots->build->image.more[span->section].addr,
		span->section };
	return NULL;
}

/* A section or a symbol of this name, and an offset from its start. */
static bool find_name(const struct spots *spots, const char *name,
		      size_t length, uint64_t offset, struct spot *spot,
		      const char **problem)
{
	const struct image *image = &spots->build->image;
	uint32_t number = names_find(&spots->names, name, length);
	uint32_t symbol, section;

	if (length == 0 || number == 0)
		return false;
	symbol = spots->symbol[number];
	section = spots->section[number];
	if (symbol == NONE && section == NONE)
		return false;
	*spot = (struct spot){ offset, section };
	if (symbol != NONE) {
		const struct symbol *s = &image->symbols[symbol];

		spot->section = s->section;
		if (__builtin_add_overflow(s->value, offset, &spot->offset))
			spot->offset = UINT64_MAX;
	}
	if (spot->offset >= image->sections[spot->section].size)
		*problem = "behind the end of the section";
	return true;
}

const char *spot_find(const struct spots *spots, const char *place,
		      struct spot *spot)
{
	const char *plus = strrchr(place, '+'), *problem = NULL;
	uint64_t number;

	if (*place == '@')
		return find_file_offset(spots, place + 1, spot);
	if (find_name(spots, place, strlen(place), 0, spot, &problem))
		return problem;
	if (plus && read_number(plus + 1, 0, &number) &&
	    find_name(spots, place, (size_t)(plus - place), number, spot,
		      &problem))
		return problem;
	if (read_number(place, 0, &number) || read_number(place, 16, &number))
		return find_address(spots, number, spot);
	return "no such symbol or section";
}

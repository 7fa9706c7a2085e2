/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_TESTS_MADE_BUILD_H
#define VMDELTA_TESTS_MADE_BUILD_H

/*
 * Symbol tables made by hand: a struct build with sections .text and .data
 * and what the matcher looks at, without a file.
 */

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "image/internal.h"
#include "ledger/build.h"

enum { MADE_TEXT = 1, MADE_DATA, MADE_SECTIONS };

struct made_build {
	struct build build;
	char *names;
	size_t names_size, names_capacity;
	char *contents; /* of both sections */
	size_t symbol_capacity;
	uint64_t at[MADE_SECTIONS]; /* where the next symbol goes */
	uint32_t file;
	uint8_t visibility;         /* of the symbols that follow */
	uint8_t bind;
	bool booked;                /* by made_book() */
};

#ifndef MADE_SECTION_SIZE
#define MADE_SECTION_SIZE (8u << 20)
#endif

static inline uint32_t made_text(struct made_build *made, const char *text)
{
	size_t length = strlen(text) + 1;
	size_t at = made->names_size;

	made->names = array_grow(made->names, &made->names_capacity,
				 at + length, 1);
	memcpy(made->names + at, text, length);
	made->names_size += length;
	made->build.image.symbol_names.data = made->names;
	made->build.image.symbol_names.size = made->names_size;
	return (uint32_t)at;
}

static inline uint32_t made_symbol(struct made_build *made, const char *name,
				   uint8_t type, uint32_t section,
				   uint64_t size)
{
	struct image *image = &made->build.image;
	struct ledger *ledger = &made->build.ledger;
	size_t capacity = made->symbol_capacity;
	uint32_t at = image->symbol_count;

	image->symbols = array_grow(image->symbols, &made->symbol_capacity,
				    at + 1u, sizeof(*image->symbols));
	if (capacity != made->symbol_capacity) {
		size_t bytes = made->symbol_capacity * sizeof(uint32_t);

		ledger->owner = realloc(ledger->owner, bytes);
		ledger->next_alias = realloc(ledger->next_alias, bytes);
	}
	image->symbols[at] = (struct symbol){
		.name = made_text(made, name),
		.section = section,
		.type = type,
		.size = size,
		.bind = made->bind,
		.visibility = made->visibility,
		.file = made->bind == STB_LOCAL ? made->file : 0,
	};
	if (section < MADE_SECTIONS) {
		image->symbols[at].value = made->at[section];
		made->at[section] += size + 16;
	}
	ledger->owner[at] = section == SECTION_UNDEF || type == STT_FILE ?
				    NONE : at;
	ledger->next_alias[at] = 0;
	image->symbol_count++;
	return at;
}

static inline void made_init(struct made_build *made)
{
	static const char section_names[] = "\0.text\0.data";
	struct image *image;

	memset(made, 0, sizeof(*made));
	image = &made->build.image;
	image->type = ET_EXEC;
	image->is64 = true;
	image->machine = EM_X86_64;
	made->contents = calloc(MADE_SECTIONS, MADE_SECTION_SIZE);
	image->data = (const uint8_t *)made->contents;
	image->size = (uint64_t)MADE_SECTIONS * MADE_SECTION_SIZE;
	image->section_names.data = section_names;
	image->section_names.size = sizeof(section_names);
	image->sections = calloc(MADE_SECTIONS, sizeof(*image->sections));
	image->more = calloc(MADE_SECTIONS, sizeof(*image->more));
	image->section_count = MADE_SECTIONS;
	for (uint32_t i = 1; i < MADE_SECTIONS; i++) {
		image->more[i].addr = (uint64_t)i << 32;
		image->sections[i] = (struct section){
			.name = i == MADE_TEXT ? 1 : 7,
			.type = SHT_PROGBITS,
			.flags = SHF_ALLOC | (i == MADE_TEXT ?
					      SHF_EXECINSTR : SHF_WRITE),
			.offset = (uint64_t)i * MADE_SECTION_SIZE,
			.size = MADE_SECTION_SIZE,
			.align_log2 = 4,
		};
	}
	image_find_landmarks(image, NULL);
	made_text(made, "");
	made_symbol(made, "", STT_NOTYPE, SECTION_UNDEF, 0);
}

/* The symbols that follow are locals of this file. */
static inline void made_file(struct made_build *made, const char *name)
{
	made->bind = STB_LOCAL;
	made->visibility = STV_DEFAULT;
	made->file = 0;
	made->file = made_symbol(made, name, STT_FILE, SECTION_ABS, 0);
}

static inline void made_globals(struct made_build *made)
{
	made->bind = STB_GLOBAL;
	made->visibility = STV_DEFAULT;
}

/* What a ThinLTO link makes of globals. */
static inline void made_hidden(struct made_build *made)
{
	made->bind = STB_LOCAL;
	made->visibility = STV_HIDDEN;
}

static inline uint32_t made_code(struct made_build *made, const char *name,
				 uint64_t size)
{
	return made_symbol(made, name, STT_FUNC, MADE_TEXT, size);
}

static inline uint32_t made_data(struct made_build *made, const char *name,
				 uint64_t size)
{
	return made_symbol(made, name, STT_OBJECT, MADE_DATA, size);
}

/* Another name of an owner. */
static inline uint32_t made_alias(struct made_build *made, uint32_t owner,
				  const char *name)
{
	struct image *image = &made->build.image;
	struct ledger *ledger = &made->build.ledger;
	uint32_t at = made_symbol(made, name, STT_FUNC, MADE_TEXT, 0);

	image->symbols[at].value = image->symbols[owner].value;
	image->symbols[at].size = image->symbols[owner].size;
	ledger->owner[at] = owner;
	ledger->next_alias[at] = ledger->next_alias[owner];
	ledger->next_alias[owner] = at;
	return at;
}

/* Writes the bytes of a symbol. */
static inline void made_bytes(struct made_build *made, uint32_t symbol,
			      const void *bytes, size_t length)
{
	const struct symbol *s = &made->build.image.symbols[symbol];

	memcpy(made->contents + (size_t)s->section * MADE_SECTION_SIZE +
	       s->value, bytes, length);
}

static inline int made_by_place(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Books the owners, as the ledger does; after the last symbol. */
static inline void made_book(struct made_build *made)
{
	struct image *image = &made->build.image;
	struct ledger *ledger = &made->build.ledger;

	ledger->entries = calloc(image->symbol_count,
				 sizeof(*ledger->entries));
	ledger->first = malloc(MADE_SECTIONS * sizeof(uint32_t));
	ledger->run = calloc(MADE_SECTIONS, sizeof(uint32_t));
	memset(ledger->first, 0xff, MADE_SECTIONS * sizeof(uint32_t));
	ledger->count = 0;
	made->booked = true;
	for (uint32_t i = 1; i < image->symbol_count; i++) {
		const struct symbol *symbol = &image->symbols[i];

		if (ledger->owner[i] == i && symbol->section < MADE_SECTIONS)
			ledger->entries[ledger->count++] = (struct entry){
				.offset = symbol->value, .size = symbol->size,
				.section = symbol->section, .symbol = i,
				.unit = NONE, .path = NONE, .detail = NONE,
				.domains = IN_FILE | IN_IMAGE,
			};
	}
	qsort(ledger->entries, ledger->count, sizeof(*ledger->entries),
	      made_by_place);
	for (uint32_t i = ledger->count; i-- > 0;) {
		ledger->first[ledger->entries[i].section] = i;
		ledger->run[ledger->entries[i].section]++;
	}
}

static inline void made_release(struct made_build *made)
{
	free(made->build.image.symbols);
	free(made->build.image.sections);
	free(made->build.image.more);
	free(made->build.image.landmarks);
	free(made->build.ledger.owner);
	free(made->build.ledger.next_alias);
	if (made->booked) {
		free(made->build.ledger.entries);
		free(made->build.ledger.first);
		free(made->build.ledger.run);
	}
	free(made->names);
	free(made->contents);
}

#endif

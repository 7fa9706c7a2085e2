/* SPDX-License-Identifier: MIT */

/*
 * How long the tables of kallsyms are. Their labels have no size, and what
 * follows the last one in .rodata is whatever the linker put there, often
 * all string literals of the kernel: a megabyte that is not kallsyms'. But the
 * number of symbols is in the file, and the rest follows from it.
 *
 * Source: scripts/kallsyms.c, write_src(). Layouts of 2.6.19 to 6.12.
 */
#include "ledger/kallsyms.h"

#include <string.h>

#define TOKENS 256u
#define MARKER_STEP 256u /* symbols between two markers */

void kallsyms_note(struct kallsyms_tables *kallsyms, const char *name,
		   uint32_t symbol)
{
	static const char *const labels[KALLSYMS_LABELS] = {
		[KALLSYMS_NUM_SYMS] = "kallsyms_num_syms",
		[KALLSYMS_RELATIVE_BASE] = "kallsyms_relative_base",
		[KALLSYMS_OFFSETS] = "kallsyms_offsets",
		[KALLSYMS_ADDRESSES] = "kallsyms_addresses",
		[KALLSYMS_NAMES] = "kallsyms_names",
		[KALLSYMS_MARKERS] = "kallsyms_markers",
		[KALLSYMS_TOKEN_TABLE] = "kallsyms_token_table",
		[KALLSYMS_TOKEN_INDEX] = "kallsyms_token_index",
		[KALLSYMS_SEQS_OF_NAMES] = "kallsyms_seqs_of_names",
	};

	for (unsigned i = 0; i < KALLSYMS_LABELS; i++)
		if (!kallsyms->symbols[i] && !strcmp(name, labels[i]))
			kallsyms->symbols[i] = symbol;
}

/* The bytes from a label to its section's end; NULL if there are none. */
static const uint8_t *label_data(const struct image *image, uint32_t symbol,
				 uint64_t *left)
{
	const struct symbol *s = &image->symbols[symbol];
	const uint8_t *data;

	if (!symbol || !s->section || s->section >= image->section_count ||
	    s->size || s->value > image->sections[s->section].size)
		return NULL;
	data = image_section_data(image, s->section);
	*left = image->sections[s->section].size - s->value;
	return data ? data + s->value : NULL;
}

/* Length-prefixed names; since 6.1 a set high bit adds a second byte. */
static uint64_t names_size(const uint8_t *data, uint64_t left, uint64_t count)
{
	uint64_t at = 0;

	for (uint64_t i = 0; i < count; i++) {
		uint64_t length;

		if (at >= left)
			return 0;
		length = data[at++];
		if (length & 0x80 && at < left)
			length = (length & 0x7f) | (uint64_t)data[at++] << 7;
		if (length > left - at)
			return 0;
		at += length;
	}
	return at;
}

static uint64_t tokens_size(const uint8_t *data, uint64_t left)
{
	uint64_t at = 0;

	for (unsigned i = 0; i < TOKENS; i++) {
		const uint8_t *nul = memchr(data + at, 0, left - at);

		if (!nul)
			return 0;
		at = (uint64_t)(nul - data) + 1;
	}
	return at;
}

/* Markers are 4 bytes each since 4.20, pointers before: ask the values. */
static uint64_t markers_size(const struct image *image, const uint8_t *data,
			     uint64_t left, uint64_t count)
{
	uint64_t markers = (count + MARKER_STEP - 1) / MARKER_STEP;

	if (image->is64 && markers > 1 && left >= 8 &&
	    !image_u32(image, data) && !image_u32(image, data + 4))
		return markers * 8;
	return markers * 4;
}

static uint64_t label_size(const struct image *image, enum kallsyms_label label,
			   const uint8_t *data, uint64_t left, uint64_t count)
{
	uint64_t pointer = image->is64 ? 8 : 4;

	switch (label) {
	case KALLSYMS_NUM_SYMS:
		return 4;
	case KALLSYMS_RELATIVE_BASE:
		return pointer;
	case KALLSYMS_OFFSETS:
		return 4 * count;
	case KALLSYMS_ADDRESSES:
		return pointer * count;
	case KALLSYMS_NAMES:
		return names_size(data, left, count);
	case KALLSYMS_MARKERS:
		return markers_size(image, data, left, count);
	case KALLSYMS_TOKEN_TABLE:
		return tokens_size(data, left);
	case KALLSYMS_TOKEN_INDEX:
		return 2 * TOKENS;
	case KALLSYMS_SEQS_OF_NAMES:
		return 3 * count;
	case KALLSYMS_LABELS:
		break;
	}
	return 0;
}

void kallsyms_measure(struct kallsyms_tables *kallsyms,
		      const struct image *image)
{
	const uint8_t *data;
	uint64_t left, count;

	data = label_data(image, kallsyms->symbols[KALLSYMS_NUM_SYMS], &left);
	if (!data || left < 4)
		return;
	count = image_u32(image, data);
	for (unsigned i = 0; i < KALLSYMS_LABELS; i++) {
		uint64_t size;

		data = label_data(image, kallsyms->symbols[i], &left);
		if (!data)
			continue;
		size = label_size(image, (enum kallsyms_label)i, data, left,
				  count);
		if (size <= left)
			kallsyms->sizes[i] = size;
	}
}

uint64_t kallsyms_size(const struct kallsyms_tables *kallsyms, uint32_t symbol)
{
	for (unsigned i = 0; i < KALLSYMS_LABELS; i++)
		if (kallsyms->symbols[i] == symbol && kallsyms->sizes[i])
			return kallsyms->sizes[i];
	return UINT64_MAX;
}

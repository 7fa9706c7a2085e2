/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_FUZZ_MUTATE_ELF_H
#define VMDELTA_FUZZ_MUTATE_ELF_H

/*
 * A mutator that knows where an ELF file keeps its numbers: blind mutation
 * nearly always breaks the headers and is turned away at the front door. Half
 * of the time it changes one field of a section header, a program header or a
 * symbol to a value that is likely to be trouble; else libFuzzer does its own.
 * A target includes this file once; in a replay program it is empty. A target
 * whose input is more than one ELF file defines FUZZ_OWN_MUTATOR and calls
 * fuzz_mutate_elf() for a part of it.
 */

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION

#include <elf.h>
#include <stdint.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

static uint32_t fuzz_next(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static uint64_t fuzz_value(uint32_t *state, uint64_t before, uint64_t file_size)
{
	switch (fuzz_next(state) % 12) {
	case 0: return 0;
	case 1: return 1;
	case 2: return before + 1;
	case 3: return before - 1;
	case 4: return file_size;
	case 5: return file_size - before;
	case 6: return UINT32_MAX;
	case 7: return UINT64_MAX;
	case 8: return UINT64_C(1) << 63;
	case 9: return fuzz_next(state) % (file_size + 1);
	case 10: return fuzz_next(state) % 64;
	default: return before ^ UINT64_C(1) << fuzz_next(state) % 64;
	}
}

static void fuzz_field(uint8_t *at, size_t width, uint32_t *state,
		       uint64_t file_size)
{
	uint64_t value = 0;

	memcpy(&value, at, width); /* right for the host's byte order: enough */
	value = fuzz_value(state, value, file_size);
	memcpy(at, &value, width);
}

/* Offsets of the fields of each record, and how wide they are. */
struct fuzz_record {
	uint8_t count, fields[10], widths[10];
};

static const struct fuzz_record fuzz_section = {
	10, { 0, 4, 8, 16, 24, 32, 40, 44, 48, 56 },
	{ 4, 4, 8, 8, 8, 8, 4, 4, 8, 8 }
};
static const struct fuzz_record fuzz_segment = {
	8, { 0, 4, 8, 16, 24, 32, 40, 48 }, { 4, 4, 8, 8, 8, 8, 8, 8 }
};
static const struct fuzz_record fuzz_symbol = {
	6, { 0, 4, 5, 6, 8, 16 }, { 4, 1, 1, 2, 8, 8 }
};

static int fuzz_table(uint8_t *data, uint64_t size, uint64_t offset,
		      uint64_t count, uint64_t width,
		      const struct fuzz_record *record, uint32_t *state)
{
	uint8_t *at;
	unsigned field;

	if (!count || offset > size || (size - offset) / width < count)
		return 0;
	at = data + offset + fuzz_next(state) % count * width;
	field = fuzz_next(state) % record->count;
	fuzz_field(at + record->fields[field], record->widths[field], state,
		   size);
	return 1;
}

static int fuzz_elf(uint8_t *data, size_t size, uint32_t *state)
{
	Elf64_Ehdr header;
	Elf64_Shdr section;

	if (size < sizeof(header) || memcmp(data, ELFMAG, SELFMAG) ||
	    data[EI_CLASS] != ELFCLASS64 || data[EI_DATA] != ELFDATA2LSB)
		return 0;
	memcpy(&header, data, sizeof(header));
	switch (fuzz_next(state) % 4) {
	case 0:
		return fuzz_table(data, size, header.e_phoff, header.e_phnum,
				  sizeof(Elf64_Phdr), &fuzz_segment, state);
	case 1:
		for (unsigned i = 0; i < header.e_shnum; i++) {
			uint64_t at = header.e_shoff + i * sizeof(section);

			if (at > size || size - at < sizeof(section))
				return 0;
			memcpy(&section, data + at, sizeof(section));
			if (section.sh_type == SHT_SYMTAB)
				return fuzz_table(data, size, section.sh_offset,
						  section.sh_size / 24, 24,
						  &fuzz_symbol, state);
		}
		return 0;
	default:
		return fuzz_table(data, size, header.e_shoff, header.e_shnum,
				  sizeof(Elf64_Shdr), &fuzz_section, state);
	}
}

static size_t fuzz_mutate_elf(uint8_t *data, size_t size, size_t max_size,
			      unsigned seed)
{
	uint32_t state = seed;

	if (fuzz_next(&state) % 2 && fuzz_elf(data, size, &state))
		return size;
	return LLVMFuzzerMutate(data, size, max_size);
}

#ifndef FUZZ_OWN_MUTATOR
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned seed)
{
	return fuzz_mutate_elf(data, size, max_size, seed);
}
#endif

#endif
#endif

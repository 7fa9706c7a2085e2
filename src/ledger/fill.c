/* SPDX-License-Identifier: MIT */
/*
 * One table of NOPs and traps for machines with fixed patterns; x86's long
 * NOPs (Intel SDM, NOP: recommended multi-byte sequences; GNU as also stacks
 * 0x66 prefixes) are parsed. Zeros are fill everywhere.
 */
#include "ledger/fill.h"

#include <elf.h>
#include <stddef.h>
#include <string.h>

#include "base/util.h"

/* Written as the instruction's number; stored in the code's byte order. */
static const struct pattern {
	uint16_t machine;
	uint8_t size;
	bool little; /* instructions are little-endian on any build */
	uint32_t value;
} patterns[] = {
	{ EM_AARCH64, 4, true, 0xd503201f },  /* nop */
	{ EM_AARCH64, 4, true, 0xd4200000 },  /* brk #0 */
	{ EM_ARM, 4, false, 0xe320f000 },     /* nop */
	{ EM_ARM, 4, false, 0xe1a00000 },     /* mov r0, r0 */
	{ EM_ARM, 2, false, 0xbf00 },         /* Thumb nop */
	{ EM_ARM, 2, false, 0x46c0 },         /* Thumb mov r8, r8 */
	{ EM_RISCV, 4, true, 0x00000013 },    /* nop */
	{ EM_RISCV, 2, true, 0x0001 },        /* c.nop */
	{ EM_S390, 2, false, 0x0707 },        /* nopr */
	{ EM_S390, 2, false, 0x0700 },        /* nopr %r0 */
	{ EM_S390, 4, false, 0x47000000 },    /* nop */
	{ EM_PPC64, 4, false, 0x60000000 },   /* nop */
	{ EM_PPC, 4, false, 0x60000000 },     /* nop */
	{ EM_PPC64, 4, false, 0x7fe00008 },   /* trap */
	{ EM_LOONGARCH, 4, true, 0x03400000 },/* nop */
};

static bool is_x86(uint16_t machine)
{
	return machine == EM_X86_64 || machine == EM_386;
}

/* Bytes of a ModRM operand: ModRM, SIB and displacement. */
static uint64_t operand_size(const uint8_t *at, uint64_t size)
{
	uint8_t mod, rm;
	uint64_t length = 1;

	if (!size)
		return UINT64_MAX;
	mod = at[0] >> 6;
	rm = at[0] & 7;
	if (mod == 3)
		return 1;
	if (rm == 4)
		length++;
	if (mod == 1)
		length += 1;
	else if (mod == 2 || (mod == 0 && rm == 5))
		length += 4;
	return length;
}

/* Bytes of one x86 fill instruction at `at`, 0 if there is none. */
static uint64_t x86_nop(const uint8_t *at, uint64_t size)
{
	uint64_t n = 0, operand;

	if (at[0] == 0xcc || at[0] == 0x90)
		return 1;
	/* leal 0(%esi), %esi in its lengths: i386 without long NOPs */
	if (at[0] == 0x8d && size >= 3 &&
	    (at[1] == 0x76 || at[1] == 0x74 || at[1] == 0xb4 ||
	     at[1] == 0xb6)) {
		operand = operand_size(at + 1, size - 1);
		return operand < size ? operand + 1 : 0;
	}
	while (n < size && n < 15 && (at[n] == 0x66 || at[n] == 0x2e))
		n++;
	if (n && n < size && at[n] == 0x90)
		return n + 1;
	if (size - n < 3 || at[n] != 0x0f || at[n + 1] != 0x1f)
		return 0;
	operand = operand_size(at + n + 2, size - n - 2);
	return operand <= size - n - 2 ? n + 2 + operand : 0;
}

static bool pattern_at(const struct pattern *pattern, bool big_endian,
		       const uint8_t *at)
{
	bool little = pattern->little || !big_endian;

	for (unsigned i = 0; i < pattern->size; i++) {
		unsigned byte = little ? i : pattern->size - 1u - i;

		if (at[i] != (uint8_t)(pattern->value >> (8 * byte)))
			return false;
	}
	return true;
}

/* Bytes of one fill instruction of any machine, zeros apart. */
static uint64_t nop_at(uint16_t machine, bool big_endian, const uint8_t *at,
		       uint64_t size)
{
	if (is_x86(machine))
		return x86_nop(at, size);
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++)
		if (patterns[i].machine == machine &&
		    size >= patterns[i].size &&
		    pattern_at(&patterns[i], big_endian, at))
			return patterns[i].size;
	return 0;
}

static uint64_t zeros_front(const uint8_t *data, uint64_t size)
{
	uint64_t at = 0;

	/* Long runs are compared with themselves, shifted by one. */
	if (size && !data[0] && !memcmp(data, data + 1, (size_t)size - 1))
		return size;
	while (at < size && !data[at])
		at++;
	return at;
}

static uint64_t zeros_back(const uint8_t *data, uint64_t size)
{
	uint64_t at = size;

	while (at && !data[at - 1])
		at--;
	return size - at;
}

/*
 * GNU as jumps over long fill: a jump to the very end of the hole, and NOPs
 * behind it that never run.
 */
static bool jumps_to_end(const uint8_t *at, uint64_t size)
{
	if (at[0] == 0xeb && size > 2)
		return at[1] == size - 2;
	if (at[0] != 0xe9 || size <= 5)
		return false;
	return ((uint64_t)at[1] | (uint64_t)at[2] << 8 |
		(uint64_t)at[3] << 16 | (uint64_t)at[4] << 24) == size - 5;
}

/*
 * Whole words of one fill byte at the front: linkers fill up to 2 MiB inside
 * .text with them.
 */
static uint64_t same_bytes(const uint8_t *data, uint64_t size)
{
	uint64_t word, next, at = 8;

	if (size < 16)
		return 0;
	memcpy(&word, data, 8);
	if (word != 0 && word != 0xccccccccccccccccu &&
	    word != 0x9090909090909090u)
		return 0;
	for (; at + 8 <= size; at += 8) {
		memcpy(&next, data + at, 8);
		if (next != word)
			break;
	}
	return at;
}

uint64_t fill_front(uint16_t machine, bool big_endian, bool code,
		    const uint8_t *data, uint64_t size)
{
	uint64_t at = 0, step;

	if (!code)
		return zeros_front(data, size);
	if (size && is_x86(machine) && jumps_to_end(data, size))
		return size;
	while (at < size) {
		at += same_bytes(data + at, size - at);
		if (at == size)
			break;
		step = data[at] ? nop_at(machine, big_endian, data + at,
					 size - at)
				: 1;
		if (!step)
			break;
		at += step;
	}
	return at;
}

/* The longest tail of at most 64 bytes that is NOPs and traps throughout. */
static uint64_t nops_back(uint16_t machine, bool big_endian,
			  const uint8_t *data, uint64_t size)
{
	uint64_t limit = min_u64(size, FILL_PADDING_MAX);

	for (uint64_t tail = limit; tail; tail--) {
		uint64_t at = size - tail, step = 1;

		while (at < size && step) {
			step = nop_at(machine, big_endian, data + at,
				      size - at);
			at += step;
		}
		if (at == size && step)
			return tail;
	}
	return 0;
}

/* A run of one byte, the way linkers fill large holes in code. */
static uint64_t traps_back(const uint8_t *data, uint64_t size)
{
	uint64_t at = size;

	while (at && data[at - 1] == 0xcc)
		at--;
	return size - at;
}

uint64_t fill_back(uint16_t machine, bool big_endian, bool code,
		   const uint8_t *data, uint64_t size)
{
	uint64_t zeros = zeros_back(data, size);
	uint64_t traps, nops;

	if (!code)
		return zeros > FILL_PADDING_MAX ? zeros : 0;
	if (zeros >= 16)
		return zeros;
	traps = is_x86(machine) ? traps_back(data, size) : 0;
	nops = nops_back(machine, big_endian, data, size);
	return max_u64(traps, nops);
}

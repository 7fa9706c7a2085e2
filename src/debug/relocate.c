/* SPDX-License-Identifier: MIT */
/*
 * Relocations of debug sections: what a linker would do with them, for types
 * that are absolute, and for the add and subtract pairs with which RISC-V and
 * LoongArch write differences of labels that relaxation may move. libdwfl
 * does this too, at five times the time, and opens every section for it.
 *
 * Sources: the processors' psABI documents; <elf.h>.
 */
#include <elf.h>

#include "debug/cursor.h"
#include "debug/section_bytes.h"

enum operation {
	OP_SET = 1, OP_ADD, OP_SUB, OP_SET6, OP_SUB6, OP_ULEB, OP_IGNORE
};

struct reloc_type {
	uint16_t machine;
	uint16_t type;
	uint8_t operation;
	uint8_t size; /* bytes */
};

/* Constants that older <elf.h> do not have. */
#define RISCV_SET_ULEB128 60
#define RISCV_SUB_ULEB128 61
#define LARCH_32 1
#define LARCH_64 2
#define LARCH_ADD8 47
#define LARCH_SUB64 56
#define MACHINE_LOONGARCH 258

/* One row a type that occurs in debug sections. */
static const struct reloc_type reloc_types[] = {
	{ EM_X86_64, R_X86_64_64, OP_SET, 8 },
	{ EM_X86_64, R_X86_64_32, OP_SET, 4 },
	{ EM_X86_64, R_X86_64_32S, OP_SET, 4 },
	{ EM_X86_64, R_X86_64_DTPOFF64, OP_IGNORE, 8 },
	{ EM_X86_64, R_X86_64_DTPOFF32, OP_IGNORE, 4 },
	{ EM_386, R_386_32, OP_SET, 4 },
	{ EM_386, R_386_TLS_LDO_32, OP_IGNORE, 4 },
	{ EM_AARCH64, R_AARCH64_ABS64, OP_SET, 8 },
	{ EM_AARCH64, R_AARCH64_ABS32, OP_SET, 4 },
	{ EM_ARM, R_ARM_ABS32, OP_SET, 4 },
	{ EM_ARM, R_ARM_TLS_LDO32, OP_IGNORE, 4 },
	{ EM_RISCV, R_RISCV_32, OP_SET, 4 },
	{ EM_RISCV, R_RISCV_64, OP_SET, 8 },
	{ EM_RISCV, R_RISCV_ADD8, OP_ADD, 1 },
	{ EM_RISCV, R_RISCV_ADD16, OP_ADD, 2 },
	{ EM_RISCV, R_RISCV_ADD32, OP_ADD, 4 },
	{ EM_RISCV, R_RISCV_ADD64, OP_ADD, 8 },
	{ EM_RISCV, R_RISCV_SUB8, OP_SUB, 1 },
	{ EM_RISCV, R_RISCV_SUB16, OP_SUB, 2 },
	{ EM_RISCV, R_RISCV_SUB32, OP_SUB, 4 },
	{ EM_RISCV, R_RISCV_SUB64, OP_SUB, 8 },
	{ EM_RISCV, R_RISCV_SET6, OP_SET6, 1 },
	{ EM_RISCV, R_RISCV_SUB6, OP_SUB6, 1 },
	{ EM_RISCV, R_RISCV_SET8, OP_SET, 1 },
	{ EM_RISCV, R_RISCV_SET16, OP_SET, 2 },
	{ EM_RISCV, R_RISCV_SET32, OP_SET, 4 },
	{ EM_RISCV, RISCV_SET_ULEB128, OP_ULEB, 0 },
	{ EM_RISCV, RISCV_SUB_ULEB128, OP_ULEB, 1 },
	{ EM_S390, R_390_32, OP_SET, 4 },
	{ EM_S390, R_390_64, OP_SET, 8 },
	{ EM_PPC64, R_PPC64_ADDR32, OP_SET, 4 },
	{ EM_PPC64, R_PPC64_ADDR64, OP_SET, 8 },
	{ EM_PPC, R_PPC_ADDR32, OP_SET, 4 },
	{ EM_MIPS, R_MIPS_32, OP_SET, 4 },
	{ EM_MIPS, R_MIPS_64, OP_SET, 8 },
	{ EM_SPARCV9, R_SPARC_UA32, OP_SET, 4 },
	{ EM_SPARCV9, R_SPARC_UA64, OP_SET, 8 },
	{ EM_SPARCV9, R_SPARC_64, OP_SET, 8 },
	{ EM_PARISC, R_PARISC_DIR32, OP_SET, 4 },
	{ EM_68K, R_68K_32, OP_SET, 4 },
	{ EM_SH, R_SH_DIR32, OP_SET, 4 },
	{ MACHINE_LOONGARCH, LARCH_32, OP_SET, 4 },
	{ MACHINE_LOONGARCH, LARCH_64, OP_SET, 8 },
	{ MACHINE_LOONGARCH, LARCH_ADD8, OP_ADD, 1 },
	{ MACHINE_LOONGARCH, LARCH_ADD8 + 1, OP_ADD, 2 },
	{ MACHINE_LOONGARCH, LARCH_ADD8 + 3, OP_ADD, 4 },
	{ MACHINE_LOONGARCH, LARCH_ADD8 + 4, OP_ADD, 8 },
	{ MACHINE_LOONGARCH, LARCH_SUB64 - 4, OP_SUB, 1 },
	{ MACHINE_LOONGARCH, LARCH_SUB64 - 3, OP_SUB, 2 },
	{ MACHINE_LOONGARCH, LARCH_SUB64 - 1, OP_SUB, 4 },
	{ MACHINE_LOONGARCH, LARCH_SUB64, OP_SUB, 8 },
};

/* Type numbers are small: a table by number saves a search a record. */
#define TYPE_LIMIT 512u

static bool types_of_machine(const struct reloc_type *types[TYPE_LIMIT],
			     uint16_t machine)
{
	bool known = false;

	for (size_t i = 0; i < TYPE_LIMIT; i++)
		types[i] = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(reloc_types); i++) {
		if (reloc_types[i].machine != machine)
			continue;
		types[reloc_types[i].type] = &reloc_types[i];
		known = true;
	}
	return known;
}

static uint64_t symbol_address(const struct image *image, uint32_t index,
			       const struct address_map *map)
{
	const struct symbol *symbol;

	if (index >= image->symbol_count)
		return 0;
	symbol = &image->symbols[index];
	if (symbol->section == SECTION_ABS)
		return symbol->value;
	if (symbol->section == SECTION_UNDEF ||
	    symbol->section >= image->section_count)
		return 0;
	return (map->bases ? map->bases[symbol->section] : 0) + symbol->value;
}

static void store(uint8_t *at, unsigned size, bool swap, uint64_t value)
{
	for (unsigned i = 0; i < size; i++) {
		unsigned byte = (BYTE_ORDER == BIG_ENDIAN) != swap ?
					size - 1 - i : i;

		at[i] = (uint8_t)(value >> 8 * byte);
	}
}

/* A ULEB128 field keeps its length. */
static void change_uleb(uint8_t *at, const uint8_t *end, bool subtract,
			uint64_t value)
{
	struct cursor cursor = { at, end, false, false };
	uint64_t old = cursor_uleb(&cursor);
	uint64_t now = subtract ? old - value : value;

	if (cursor.failed)
		return;
	for (uint8_t *byte = at; byte < cursor.at; byte++, now >>= 7)
		*byte = (uint8_t)((*byte & 0x80) | (now & 0x7f));
}

static void apply(uint8_t *at, const uint8_t *end, bool swap,
		  const struct reloc_type *type, uint64_t value, bool in_place)
{
	struct cursor cursor = { at, end, swap, false };
	uint64_t old = 0;

	if (type->operation == OP_IGNORE)
		return;
	if (type->operation == OP_ULEB) {
		change_uleb(at, end, type->size != 0, value);
		return;
	}
	if (type->size > cursor_left(&cursor))
		return;
	if (type->operation != OP_SET || in_place)
		old = cursor_uint(&cursor, type->size);
	if (in_place && type->operation == OP_SET)
		value += old;
	else if (type->operation == OP_ADD)
		value = old + value;
	else if (type->operation == OP_SUB)
		value = old - value;
	else if (type->operation == OP_SET6)
		value = (old & 0xc0) | (value & 0x3f);
	else if (type->operation == OP_SUB6)
		value = (old & 0xc0) | ((old - value) & 0x3f);
	store(at, type->size, swap, value);
}

/* Records are read once: what lies behind is given back by the megabyte. */
#define FORGET_RECORDS (1u << 18)

static void forget(const struct image *image, uint32_t section, uint64_t done,
		   uint64_t count)
{
	const struct section *s = &image->sections[section];
	uint64_t size = s->size / count;

	image_forget(image, s->offset + (done - FORGET_RECORDS) * size,
		     FORGET_RECORDS * size);
}

int64_t relocate_bytes(uint8_t *data, uint64_t size, const struct image *image,
		       uint32_t records, const struct address_map *map)
{
	const struct reloc_type *types[TYPE_LIMIT];
	bool swap = image->big_endian != (BYTE_ORDER == BIG_ENDIAN);
	bool in_place = image->sections[records].type == SHT_REL;
	uint64_t count = image_relocation_count(image, records);
	int64_t unknown = 0;

	if (!types_of_machine(types, image->machine))
		return -1;
	for (uint64_t i = 0; i < count; i++) {
		struct relocation record = image_relocation(image, records, i);
		const struct reloc_type *type = record.type < TYPE_LIMIT ?
						types[record.type] : NULL;

		if (i % FORGET_RECORDS == 0 && i > 0)
			forget(image, records, i, count);
		if (record.type == 0) /* R_*_NONE */
			continue;
		if (!type || record.offset >= size) {
			unknown++;
			continue;
		}
		apply(data + record.offset, data + size, swap, type,
		      symbol_address(image, record.symbol, map) +
			      (uint64_t)record.addend,
		      in_place);
	}
	return unknown;
}

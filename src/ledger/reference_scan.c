/* SPDX-License-Identifier: MIT */

/*
 * References in a linked kernel that has no relocations (Linux 6.12 x86 drops
 * them, arm64 never had any): read from the instructions, and from pointers in
 * data.
 *
 * Disassembling all code was rejected: it costs seconds. x86: four bytes
 * anywhere in code count if, read as an absolute or a relative address, they
 * lead to where an unnamed string or aligned object begins, and if the bytes
 * before them are those of an instruction with such an operand. arm64: an adrp
 * and the add or load that completes it. Where a kernel has both, this finds
 * what relocations say for all but a few literals in a thousand; see
 * tests/real/check_owners.py.
 */
#include "ledger/references.h"

#include <elf.h>
#include <string.h>

#include "ledger/owners.h"
#include "ledger/side_tables.h"

struct scan {
	struct references *references;
	const struct image *image;
	const struct address_index *addresses;
	struct owners owners;
	uint64_t low, high;      /* addresses that open ranges lie between */
	uint32_t section;        /* that is scanned */
	const uint8_t *data;
	uint64_t size, address;
};

/* True where something may begin: what is before ends a string, or aligned. */
static bool may_begin(const struct scan *scan, const struct place *place)
{
	const uint8_t *data = image_section_data(scan->image, place->section);

	return !(place->offset & 7) || !place->offset ||
	       !data[place->offset - 1];
}

/* How a reference was written. */
enum certainty {
	PERHAPS, /* has to lead to where something unnamed begins: the tails of
		    strings that the linker merged do not count */
	SURE,    /* cannot well mean something else */
	JUMP     /* leads to code, which others do not */
};

/* The byte at `from` of the section refers to an address. */
static int refer(struct scan *scan, uint64_t from, uint64_t address,
		 enum certainty certainty, struct err *err)
{
	const struct address_span *span = address_find(scan->addresses,
						       address);
	struct place place, at = { from, scan->section };
	const struct entry *open;

	if (!span)
		return 0;
	place.section = span->section;
	place.offset = address - scan->image->more[span->section].addr;
	open = references_open_at(scan->references, place.section,
				  place.offset);
	if (!open || (certainty == PERHAPS && (open->symbol != NONE ||
					       !may_begin(scan, &place))))
		return 0;
	if (!(scan->image->sections[place.section].flags & SHF_EXECINSTR) !=
	    (certainty != JUMP))
		return 0;
	return references_add(scan->references, place.section, place.offset,
			      owners_at(&scan->owners, at), err);
}

static bool in_window(const struct scan *scan, uint64_t address)
{
	return address - scan->low < scan->high - scan->low;
}

/*
 * The operand at `at` is an immediate or a displacement, sign-extended to an
 * address: mov, cmp, push of an immediate, or an index into a table. Opcodes:
 * Intel SDM volume 2.
 */
static bool is_x86_absolute(const uint8_t *at)
{
	/* cmp $imm, register */
	if ((at[-3] & 0xf8) == 0x48 && at[-2] == 0x81 &&
	    (at[-1] & 0xf8) == 0xf8)
		return true;
	if (at[-2] == 0x48 && at[-1] == 0x3d)
		return true;
	if (at[-1] == 0x68)
		return true;
	/* mov $imm, memory: (register), disp8(register), disp8(%rsp) */
	if ((at[-3] & 0xf8) == 0x48 && at[-2] == 0xc7 && at[-1] < 8)
		return true;
	if ((at[-4] & 0xf8) == 0x48 && at[-3] == 0xc7 &&
	    (at[-2] & 0xf8) == 0x40)
		return true;
	if ((at[-5] & 0xf8) == 0x48 && at[-4] == 0xc7 &&
	    (at[-3] & 0xf8) == 0x40 && (at[-3] & 7) == 4)
		return true;
	/* mov $imm, disp32(register) and disp32(%rip) */
	if ((at[-7] & 0xf8) == 0x48 && at[-6] == 0xc7 &&
	    ((at[-5] & 0xf8) == 0x80 || at[-5] == 5))
		return true;
	/* disp32(register), disp32(,register,scale) */
	return (at[-1] & 0xc0) == 0x80 ||
	       ((at[-2] & 0xc7) == 4 && (at[-1] & 7) == 5);
}

/* mov $imm, register: how a literal is passed. */
static bool is_x86_mov(const uint8_t *at)
{
	return (at[-3] & 0xf8) == 0x48 && at[-2] == 0xc7 &&
	       (at[-1] & 0xf8) == 0xc0;
}

/* lea relative, register. */
static bool is_x86_lea(const uint8_t *at)
{
	return (at[-3] & 0xf8) == 0x48 && at[-2] == 0x8d;
}

/*
 * The four bytes at offset `i`, that are also at `at`, with LOOK_BACK bytes
 * before them. A mod of 0 with r/m 5 is an address relative to what follows.
 */
static inline int scan_x86_one(struct scan *scan, const uint8_t *at,
			       uint64_t i, struct err *err)
{
	uint64_t value = (uint64_t)(int64_t)(int32_t)image_u32(scan->image, at);
	uint64_t relative = value + scan->address + i + 4;

	if (in_window(scan, value) && (is_x86_mov(at) || is_x86_absolute(at)) &&
	    refer(scan, i, value, is_x86_mov(at) ? SURE : PERHAPS, err))
		return -1;
	if (!in_window(scan, relative))
		return 0;
	if ((at[-1] & 0xc7) == 5 &&
	    refer(scan, i, relative, is_x86_lea(at) ? SURE : PERHAPS, err))
		return -1;
	/* jmp: to what .altinstr_aux has for this function */
	return at[-1] == 0xe9 ? refer(scan, i, relative, JUMP, err) : 0;
}

#define LOOK_BACK 8u

static int scan_x86(struct scan *scan, struct err *err)
{
	uint8_t head[2 * LOOK_BACK + 4] = { 0 };
	uint64_t i = 0;

	/* nothing is before the first instructions */
	memcpy(head + LOOK_BACK, scan->data,
	       min_u64(scan->size, LOOK_BACK + 4));
	for (; i < LOOK_BACK && i + 4 <= scan->size; i++)
		if (scan_x86_one(scan, head + LOOK_BACK + i, i, err))
			return -1;
	for (; i + 4 <= scan->size; i++)
		if (scan_x86_one(scan, scan->data + i, i, err))
			return -1;
	return 0;
}

/*
 * Pages that registers hold since their adrp. Arm ARM C6.2: adrp, add
 * (immediate), load and store (unsigned offset), branch with link.
 */
struct pages {
	uint64_t page[32];
	uint32_t known; /* a bit a register */
};

static int scan_arm64_one(struct scan *scan, struct pages *pages, uint64_t at,
			  struct err *err)
{
	uint32_t op = image_u32(scan->image, scan->data + at);
	uint32_t to = op & 31, from = op >> 5 & 31;
	uint64_t target;

	if ((op & 0x9f000000) == 0x90000000) { /* adrp */
		uint64_t high = op >> 5 & 0x7ffff, low = op >> 29 & 3;
		uint64_t page = high << 2 | low;

		if (page & 1u << 20)
			page |= ~(uint64_t)0 << 21;
		pages->page[to] = ((scan->address + at) & ~(uint64_t)0xfff) +
				  (page << 12);
		pages->known |= 1u << to;
		return 0;
	}
	if ((op & 0xfc000000) == 0x94000000 || /* bl */
	    (op & 0xfffffc1f) == 0xd63f0000 || /* blr */
	    (op & 0xfffffc1f) == 0xd65f0000) { /* ret */
		pages->known &= 0xfff80000; /* x0 to x18 are the callee's */
		return 0;
	}
	if ((op & 0xffc00000) == 0x91000000) /* add x, x, #imm */
		target = op >> 10 & 0xfff;
	else if ((op & 0x3b000000) == 0x39000000) /* load, store */
		target = (uint64_t)(op >> 10 & 0xfff) << (op >> 30);
	else
		return 0;
	if (!(pages->known >> from & 1))
		return 0;
	target += pages->page[from];
	/* A load into the register, or its address, ends what it held. */
	if ((op & 0x3b000000) != 0x39000000 || op >> 22 & 3)
		pages->known &= ~(1u << to);
	return in_window(scan, target) ? refer(scan, at, target, SURE, err) :
					  0;
}

static int scan_arm64(struct scan *scan, struct err *err)
{
	struct pages pages = { .known = 0 };

	for (uint64_t at = 0; at + 4 <= scan->size; at += 4)
		if (scan_arm64_one(scan, &pages, at, err))
			return -1;
	return 0;
}

/* Pointers in data: stored ones, and those that the loader will store. */
static int scan_data(struct scan *scan, struct err *err)
{
	for (uint64_t at = 0; at + 8 <= scan->size; at += 8) {
		uint64_t value = image_u64(scan->image, scan->data + at);

		if (in_window(scan, value) && refer(scan, at, value, SURE, err))
			return -1;
	}
	return 0;
}

static int scan_relative(struct scan *scan, const struct targets *targets,
			 struct err *err)
{
	for (uint64_t i = 0; i < targets->relative_count; i++) {
		const struct relative *r = &targets->relative[i];
		const struct address_span *span;

		if (!in_window(scan, r->value))
			continue;
		span = address_find(scan->addresses, r->at);
		if (!span)
			continue;
		scan->section = span->section;
		if (refer(scan, r->at - scan->image->more[span->section]
						.addr, r->value, SURE, err))
			return -1;
	}
	return 0;
}

static int scan_section(struct scan *scan, uint32_t section, struct err *err)
{
	const struct section *s = &scan->image->sections[section];

	scan->section = section;
	scan->data = image_section_data(scan->image, section);
	scan->size = s->size;
	scan->address = scan->image->more[section].addr;
	if (!scan->data)
		return 0;
	if (!(s->flags & SHF_EXECINSTR))
		return scan_data(scan, err);
	return scan->image->machine == EM_AARCH64 ? scan_arm64(scan, err) :
						    scan_x86(scan, err);
}

/* The addresses that open ranges lie between. */
static void find_window(struct scan *scan)
{
	const struct references *references = scan->references;

	scan->low = UINT64_MAX;
	for (uint32_t i = 1; i < scan->image->section_count; i++) {
		uint64_t addr = scan->image->more[i].addr;
		uint32_t first = references->first[i];
		uint32_t next = references->first[i + 1];

		if (first == next || !addr)
			continue;
		scan->low = min_u64(scan->low,
				    addr + references->open[first].start);
		scan->high = max_u64(scan->high,
				     addr + references->open[next - 1].end);
	}
}

int references_scan(struct references *references, struct err *err)
{
	const struct build *build = references->build;
	const struct targets *targets = &build->side_tables->targets;
	struct scan scan = { .references = references, .image = &build->image,
			     .addresses = &targets->addresses };

	if ((scan.image->machine != EM_X86_64 &&
	     scan.image->machine != EM_AARCH64) || scan.image->big_endian ||
	    !scan.image->is64)
		return 0;
	owners_init(&scan.owners, &build->ledger);
	find_window(&scan);
	if (scan.low >= scan.high)
		return 0;
	for (uint32_t i = 1; i < scan.image->section_count; i++)
		if (references_may_come_from(references, i) &&
		    scan_section(&scan, i, err))
			return -1;
	return scan_relative(&scan, targets, err);
}

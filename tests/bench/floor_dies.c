/* SPDX-License-Identifier: MIT */
/*
 * The least that reading DWARF can cost: every DIE of each file is stepped
 * over once, on one thread. Versions 2 to 5, 64-bit ELF of the host's byte
 * order, no checks.
 *
 *	floor_dies FILE...
 */

#include <dwarf.h>
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum step { STEP_FIXED, STEP_ULEB, STEP_STRING, STEP_BLOCK, STEP_BLOCK1,
	    STEP_BLOCK2, STEP_BLOCK4 };

struct op {
	uint8_t step, bytes;
};

/* An abbreviation as what has to be skipped; neighbours of fixed size join. */
struct abbreviation {
	uint32_t first, count;
};

struct unit_shape {
	uint8_t version, offset_size, address_size;
};

static struct op ops[1 << 20];
static struct abbreviation abbreviations[1 << 16];

static uint64_t uleb(const uint8_t **at)
{
	uint64_t value = 0;
	unsigned shift = 0;
	uint8_t byte;

	do {
		byte = *(*at)++;
		value |= (uint64_t)(byte & 0x7f) << (shift & 63);
		shift += 7;
	} while (byte & 0x80);
	return value;
}

static struct op form_op(uint64_t form, const struct unit_shape *unit)
{
	switch (form) {
	case DW_FORM_flag_present:
	case DW_FORM_implicit_const:
		return (struct op){ STEP_FIXED, 0 };
	case DW_FORM_data1:
	case DW_FORM_ref1:
	case DW_FORM_flag:
	case DW_FORM_strx1:
	case DW_FORM_addrx1:
		return (struct op){ STEP_FIXED, 1 };
	case DW_FORM_data2:
	case DW_FORM_ref2:
	case DW_FORM_strx2:
	case DW_FORM_addrx2:
		return (struct op){ STEP_FIXED, 2 };
	case DW_FORM_strx3:
	case DW_FORM_addrx3:
		return (struct op){ STEP_FIXED, 3 };
	case DW_FORM_data4:
	case DW_FORM_ref4:
	case DW_FORM_strx4:
	case DW_FORM_addrx4:
	case DW_FORM_ref_sup4:
		return (struct op){ STEP_FIXED, 4 };
	case DW_FORM_data8:
	case DW_FORM_ref8:
	case DW_FORM_ref_sig8:
	case DW_FORM_ref_sup8:
		return (struct op){ STEP_FIXED, 8 };
	case DW_FORM_data16:
		return (struct op){ STEP_FIXED, 16 };
	case DW_FORM_addr:
		return (struct op){ STEP_FIXED, unit->address_size };
	case DW_FORM_ref_addr:
	case DW_FORM_strp:
	case DW_FORM_line_strp:
	case DW_FORM_sec_offset:
	case DW_FORM_strp_sup:
		return (struct op){ STEP_FIXED, unit->offset_size };
	case DW_FORM_string:
		return (struct op){ STEP_STRING, 0 };
	case DW_FORM_block1:
		return (struct op){ STEP_BLOCK1, 0 };
	case DW_FORM_block2:
		return (struct op){ STEP_BLOCK2, 0 };
	case DW_FORM_block4:
		return (struct op){ STEP_BLOCK4, 0 };
	case DW_FORM_block:
	case DW_FORM_exprloc:
		return (struct op){ STEP_BLOCK, 0 };
	default: /* sdata, udata, ref_udata, strx, addrx, loclistx, rnglistx */
		return (struct op){ STEP_ULEB, 0 };
	}
}

static void read_abbreviations(const uint8_t *at, const struct unit_shape *unit)
{
	uint32_t used = 0;
	uint64_t code;

	while ((code = uleb(&at))) {
		struct abbreviation *abbreviation = &abbreviations[code & 0xffff];

		abbreviation->first = used;
		uleb(&at);
		at++;
		for (;;) {
			uint64_t name = uleb(&at), form = uleb(&at);
			struct op op;

			if (form == DW_FORM_implicit_const)
				uleb(&at);
			if (!name && !form)
				break;
			op = form_op(form, unit);
			if (op.step == STEP_FIXED && used > abbreviation->first &&
			    ops[used - 1].step == STEP_FIXED &&
			    ops[used - 1].bytes + op.bytes < 256)
				ops[used - 1].bytes += op.bytes;
			else
				ops[used++] = op;
		}
		abbreviation->count = used - abbreviation->first;
	}
}

static const uint8_t *skip(const uint8_t *at, const struct op *op)
{
	uint64_t length;
	uint32_t length4 = 0;

	switch (op->step) {
	case STEP_FIXED:
		return at + op->bytes;
	case STEP_ULEB:
		while (*at++ & 0x80)
			;
		return at;
	case STEP_STRING:
		return at + strlen((const char *)at) + 1;
	case STEP_BLOCK1:
		return at + 1 + *at;
	case STEP_BLOCK2:
		memcpy(&length4, at, 2);
		return at + 2 + length4;
	case STEP_BLOCK4:
		memcpy(&length4, at, 4);
		return at + 4 + length4;
	default:
		length = uleb(&at);
		return at + length;
	}
}

static uint64_t step_units(const uint8_t *at, const uint8_t *end,
			   const uint8_t *abbrev)
{
	uint64_t dies = 0;

	while (at < end) {
		struct unit_shape unit = { .offset_size = 4 };
		uint32_t length, offset;
		const uint8_t *next;
		uint8_t type = DW_UT_compile;

		memcpy(&length, at, 4); /* 64-bit DWARF: not in kernels */
		next = at + 4 + length;
		unit.version = at[4];
		at += 6;
		if (unit.version >= 5) {
			type = *at++;
			unit.address_size = *at++;
			memcpy(&offset, at, 4);
			at += 4;
		} else {
			memcpy(&offset, at, 4);
			at += 4;
			unit.address_size = *at++;
		}
		if (type == DW_UT_skeleton || type == DW_UT_split_compile)
			at += 8;
		else if (type == DW_UT_type)
			at += 12;
		read_abbreviations(abbrev + offset, &unit);
		while (at < next) {
			uint64_t code = uleb(&at);
			const struct abbreviation *a = &abbreviations[code & 0xffff];

			if (!code)
				continue;
			dies++;
			for (uint32_t i = 0; i < a->count; i++)
				at = skip(at, &ops[a->first + i]);
		}
		at = next;
	}
	return dies;
}

static uint64_t step_file(const char *path)
{
	const uint8_t *data, *info = NULL, *info_end = NULL, *abbrev = NULL;
	const Elf64_Ehdr *header;
	const Elf64_Shdr *sections;
	const char *names;
	struct stat status;
	uint32_t count, strings;
	int file = open(path, O_RDONLY);

	if (file < 0 || fstat(file, &status)) {
		perror(path);
		exit(1);
	}
	data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
	if (data == MAP_FAILED) {
		perror(path);
		exit(1);
	}
	close(file);
	header = (const void *)data;
	sections = (const void *)(data + header->e_shoff);
	count = header->e_shnum ? header->e_shnum : (uint32_t)sections->sh_size;
	strings = header->e_shstrndx == SHN_XINDEX ? sections->sh_link
						   : header->e_shstrndx;
	names = (const char *)data + sections[strings].sh_offset;
	for (uint32_t i = 0; i < count; i++) {
		const char *name = names + sections[i].sh_name;

		if (!strcmp(name, ".debug_info")) {
			info = data + sections[i].sh_offset;
			info_end = info + sections[i].sh_size;
		} else if (!strcmp(name, ".debug_abbrev")) {
			abbrev = data + sections[i].sh_offset;
		}
	}
	return info && abbrev ? step_units(info, info_end, abbrev) : 0;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		printf("%llu\n", (unsigned long long)step_file(argv[i]));
	return 0;
}

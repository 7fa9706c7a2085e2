/* SPDX-License-Identifier: MIT */
/* Numbers and records in the file's own class and byte order. */
#include <byteswap.h>
#include <elf.h>
#include <endian.h>
#include <libelf.h>
#include <string.h>

#include "image/image.h"
#include "image/internal.h"

static bool foreign(const struct image *image)
{
	return image->big_endian != (BYTE_ORDER == BIG_ENDIAN);
}

uint16_t image_u16(const struct image *image, const void *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return foreign(image) ? bswap_16(value) : value;
}

uint32_t image_u32(const struct image *image, const void *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return foreign(image) ? bswap_32(value) : value;
}

uint64_t image_u64(const struct image *image, const void *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return foreign(image) ? bswap_64(value) : value;
}

int image_translate(const struct image *image, void *to, const void *from,
		    uint64_t size, int type)
{
	Elf_Data source = {
		.d_buf = (void *)(uintptr_t)from,
		.d_type = (Elf_Type)type,
		.d_size = (size_t)size,
		.d_version = EV_CURRENT,
	};
	Elf_Data target = source;
	unsigned encode = image->big_endian ? ELFDATA2MSB : ELFDATA2LSB;

	target.d_buf = to;
	if (image->is64)
		return elf64_xlatetom(&target, &source, encode) ? 0 : -1;
	return elf32_xlatetom(&target, &source, encode) ? 0 : -1;
}

static bool has_addend(const struct section *section)
{
	return section->type == SHT_RELA;
}

static uint64_t relocation_size(const struct image *image,
				const struct section *section)
{
	return (image->is64 ? 16u : 8u) +
	       (has_addend(section) ? (image->is64 ? 8u : 4u) : 0u);
}

uint64_t image_relocation_count(const struct image *image, uint32_t section)
{
	const struct section *s = &image->sections[section];

	return s->size / relocation_size(image, s);
}

/*
 * MIPS64 little-endian stores r_info as a 32-bit symbol followed by four
 * bytes of types (MIPS64 ABI, "Relocation"), not as one 64-bit number.
 */
static void split_info64(const struct image *image, const uint8_t *at,
			 struct relocation *relocation)
{
	uint64_t info = image_u64(image, at);

	if (image->machine == EM_MIPS && !image->big_endian) {
		relocation->symbol = (uint32_t)info;
		relocation->type = at[7];
		return;
	}
	relocation->symbol = (uint32_t)ELF64_R_SYM(info);
	relocation->type = (uint32_t)ELF64_R_TYPE(info);
}

struct relocation image_relocation(const struct image *image, uint32_t section,
				   uint64_t index)
{
	const struct section *s = &image->sections[section];
	const uint8_t *at = image->data + s->offset +
			    index * relocation_size(image, s);
	struct relocation relocation = { 0 };

	if (image->is64) {
		relocation.offset = image_u64(image, at);
		split_info64(image, at + 8, &relocation);
		if (has_addend(s))
			relocation.addend = (int64_t)image_u64(image, at + 16);
	} else {
		uint32_t info = image_u32(image, at + 4);

		relocation.offset = image_u32(image, at);
		relocation.symbol = ELF32_R_SYM(info);
		relocation.type = ELF32_R_TYPE(info);
		if (has_addend(s))
			relocation.addend = (int32_t)image_u32(image, at + 8);
	}
	if (relocation.symbol >= image->symbol_count)
		relocation.symbol = 0;
	return relocation;
}

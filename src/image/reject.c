/* SPDX-License-Identifier: MIT */
/*
 * What people pass by mistake, recognised by magic numbers, and what they
 * should pass instead. Sources: linux Documentation/arch/x86/boot.rst (HdrS),
 * Documentation/arch/arm64/booting.rst, the LLVM bitcode format, ar(5).
 */
#include <stdbool.h>
#include <string.h>

#include "image/image.h"
#include "image/internal.h"

static const struct magic {
	uint32_t offset;
	const char *bytes;
	uint32_t length;
	const char *what;
	const char *instead;
} magics[] = {
	{ 0, "BC\xc0\xde", 4, "LLVM bitcode",
	  "pass the vmlinux.o that the LTO link makes of it" },
	{ 0, "\xde\xc0\x17\x0b", 4, "LLVM bitcode (wrapped)",
	  "pass the vmlinux.o that the LTO link makes of it" },
	{ 0, "!<arch>\n", 8, "an archive",
	  "pass vmlinux.o, or an object file extracted with ar x" },
	{ 0, "!<thin>\n", 8, "a thin archive",
	  "pass vmlinux.o, or one of the object files it names" },
	{ 0x202, "HdrS", 4, "a compressed boot image (bzImage)",
	  "pass the vmlinux it was made from" },
	{ 56, "ARM\x64", 4, "an arm64 boot image (Image)",
	  "pass the vmlinux it was made from" },
	{ 56, "RISCV\0\0\0", 8, "a RISC-V boot image (Image)",
	  "pass the vmlinux it was made from" },
	{ 0x24, "\x18\x28\x6f\x01", 4, "an ARM boot image (zImage)",
	  "pass the vmlinux it was made from" },
	{ 0, "\x1f\x8b", 2, "a gzip file", "unpack it first" },
	{ 0, "\xfd" "7zXZ", 5, "an xz file", "unpack it first" },
	{ 0, "\x28\xb5\x2f\xfd", 4, "a zstd file", "unpack it first" },
	{ 0, "BZh", 3, "a bzip2 file", "unpack it first" },
	{ 0, "\x02\x21\x4c\x18", 4, "an lz4 file", "unpack it first" },
	{ 0, "MZ", 2, "a PE file", "pass the vmlinux it was made from" },
	{ 0, "\xcf\xfa\xed\xfe", 4, "a Mach-O file", "pass an ELF file" },
	{ 0, "\x7f" "ELF", 4, "an ELF file that ends inside its header",
	  "build or copy it again" },
};

static bool magic_matches(const struct image *image, const struct magic *magic)
{
	return image->size >= (uint64_t)magic->offset + magic->length &&
	       !memcmp(image->data + magic->offset, magic->bytes,
		       magic->length);
}

int image_reject(const struct image *image, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(magics); i++)
		if (magic_matches(image, &magics[i]))
			return err_set(err, "%s: %s, %s", image->path,
				       magics[i].what, magics[i].instead);
	return err_set(err, "%s: not an ELF file, pass a vmlinux or vmlinux.o",
		       image->path);
}

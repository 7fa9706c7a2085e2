/* SPDX-License-Identifier: MIT */
/* Names of e_machine values (gABI chapter 4), as the field writes them. */
#include <elf.h>

#include "image/image.h"

static const struct machine {
	uint16_t number;
	const char *name;
} machines[] = {
	{ EM_386, "i386" },
	{ EM_X86_64, "x86-64" },
	{ EM_ARM, "ARM" },
	{ EM_AARCH64, "AArch64" },
	{ EM_RISCV, "RISC-V" },
	{ EM_S390, "S/390" },
	{ EM_PPC, "PowerPC" },
	{ EM_PPC64, "PowerPC64" },
	{ EM_MIPS, "MIPS" },
	{ EM_SPARC, "SPARC" },
	{ EM_SPARCV9, "SPARC v9" },
	{ EM_IA_64, "IA-64" },
	{ EM_PARISC, "PA-RISC" },
	{ EM_68K, "m68k" },
	{ EM_SH, "SuperH" },
	{ EM_ALPHA, "Alpha" },
	{ EM_LOONGARCH, "LoongArch" },
	{ EM_ARC_COMPACT, "ARCompact" },
	{ EM_ARCV2, "ARCv2" },
	{ EM_CSKY, "C-SKY" },
	{ EM_XTENSA, "Xtensa" },
	{ EM_OPENRISC, "OpenRISC" },
	{ EM_MICROBLAZE, "MicroBlaze" },
	{ EM_ALTERA_NIOS2, "Nios II" },
	{ EM_BPF, "BPF" },
	{ EM_NONE, "no machine" },
};

const char *image_machine_name(uint16_t machine)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		if (machines[i].number == machine)
			return machines[i].name;
	return "unknown machine";
}

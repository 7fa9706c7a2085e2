/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_IMAGE_IDENT_H
#define VMDELTA_IMAGE_IDENT_H

/*
 * What was built, and with what: banner, tools, and the kinds of link-time
 * optimization, control-flow integrity, unwinder and debug information, as
 * far as the file alone tells. What it does not tell stays NULL, "unknown" or
 * 0. Texts live in ident->arena.
 *
 * Sources: include/linux/build-salt.h and elfnote-lto.h (notes "Linux"),
 * init/version.c (linux_banner), kernel/configs.c (the configuration),
 * DWARF 5 section 7.5.1 (version in a unit's header).
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "image/image.h"

/* Symbols that say something about the whole build; names in ident.c. */
enum known_symbol {
	KNOWN_BANNER,
	KNOWN_CONFIG_DATA,
	KNOWN_CONFIG_DATA_END,
	KNOWN_KALLSYMS_COUNT, /* the loaded symbol table: from here */
	KNOWN_KALLSYMS_NAMES,
	KNOWN_KALLSYMS_ADDRESSES,
	KNOWN_KALLSYMS_OFFSETS,
	KNOWN_KALLSYMS_BASE,
	KNOWN_KALLSYMS_MARKERS,
	KNOWN_KALLSYMS_TOKENS,
	KNOWN_KALLSYMS_TOKEN_INDEX,
	KNOWN_KALLSYMS_SEQUENCES,
	KNOWN_TEXT,
	KNOWN_STEXT,
	KNOWN_END,
	KNOWN_LEVEL2_PGT,
	KNOWN_SYMBOLS
};
#define KNOWN_KALLSYMS_FIRST KNOWN_KALLSYMS_COUNT
#define KNOWN_KALLSYMS_LAST KNOWN_KALLSYMS_SEQUENCES

enum lto {
	LTO_UNKNOWN,
	LTO_NONE,
	LTO_THIN,     /* Clang's ThinLTO */
	LTO_FULL,     /* Clang's full LTO */
	LTO_GCC,
	LTO_SOME      /* the note says so, the names do not say which */
};

enum cfi {
	CFI_UNKNOWN,  /* no symbols to tell from */
	CFI_NONE,
	CFI_JUMP_TABLE, /* Clang's cfi-icall, Linux up to 6.0 */
	CFI_KCFI
};

enum unwinder {
	UNWINDER_UNKNOWN,
	UNWINDER_ORC,
	UNWINDER_FRAME_POINTER,
	UNWINDER_GUESS,
	UNWINDER_ARM
};

enum kallsyms {
	KALLSYMS_UNKNOWN,
	KALLSYMS_NONE,
	KALLSYMS_PART, /* functions only */
	KALLSYMS_ALL   /* data too: CONFIG_KALLSYMS_ALL */
};

struct ident {
	const char *build_id; /* hexadecimal digits */
	const char *banner;   /* "Linux version ...", one line */
	const char *release;  /* "6.1.0-56-cloud-amd64" */
	const char *compiler; /* "clang 14.0.6", "gcc 12.2.0" */
	const char *linker;   /* "LLD 14.0.6", "GNU ld 2.40" */
	enum lto lto;
	enum cfi cfi;
	bool ibt;             /* sealed indirect branch targets (x86) */
	enum unwinder unwinder;
	enum kallsyms kallsyms;
	uint64_t kallsyms_count; /* symbols in its table */
	bool debug_info;      /* there is .debug_info */
	unsigned dwarf_version; /* of its first unit; 0: none, or compressed */
	bool btf;
	const uint8_t *config;  /* the embedded gzip'd configuration, or NULL */
	uint64_t config_size;
	uint32_t known[KNOWN_SYMBOLS]; /* symbol index, 0: not there */
	struct arena arena;
};

/*
 * Reads what `image` says. Costs one pass over the symbols' names; of section
 * data only small, bounded parts are touched. Returns 0, or -1 when out of
 * memory.
 */
int ident_read(struct ident *ident, const struct image *image,
	       struct err *err);

void ident_release(struct ident *ident);

/* "thin", "none", ...; NULL for unknown. Static texts. */
const char *ident_lto(const struct ident *ident);
const char *ident_cfi(const struct ident *ident);
const char *ident_unwinder(const struct ident *ident);
const char *ident_kallsyms(const struct ident *ident);

/*
 * The bytes from a symbol's place to its section's end, their count in
 * *available; NULL where the symbol is 0, absolute, or has no bytes in the
 * file.
 */
const uint8_t *ident_symbol_data(const struct image *image, uint32_t symbol,
				 uint64_t *available);

/* The text between a tool's name and its version: "gcc 12.2.0", or NULL. */
const char *ident_tool(struct arena *arena, const char *text, size_t length);

#endif

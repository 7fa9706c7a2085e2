/* SPDX-License-Identifier: MIT */
/*
 * Who a build is, from the file alone.
 *
 * Evidence differs in worth, so each fact has an order: a kernel note or a
 * section that exists for one purpose first, then names that only one tool
 * makes, then FILE symbols. The configuration would settle most of it, but is
 * rarely there; whoever has it asks kconfig instead.
 *
 * Names are visited once for all questions: a first letter's table lets most
 * of the millions of names of a vmlinux.o pass with one look. A stripped file
 * has no linux_banner symbol; then, and only then, the first megabytes of
 * .rodata are searched: the answer is worth a line of text, not a wait.
 */

#include "image/ident.h"

#include <elf.h>
#include <string.h>

/* Bytes of a section that are searched where no symbol points the way. */
#define SEARCH_LIMIT (32u << 20)
#define BANNER_LIMIT 512u

/* kernel/cfi.c itself has a few names with the prefix of kCFI's preambles. */
#define FEW_PREAMBLES 8u

#define NOTE_BUILD_ID 3u      /* NT_GNU_BUILD_ID */
#define NOTE_LTO_INFO 0x101u  /* LINUX_ELFNOTE_LTO_INFO */

static const char banner_start[] = "Linux version ";
static const char config_start[] = "IKCFG_ST";
static const char config_end[] = "IKCFG_ED";

static const char *const known_names[KNOWN_SYMBOLS] = {
	[KNOWN_BANNER] = "linux_banner",
	[KNOWN_CONFIG_DATA] = "kernel_config_data",
	[KNOWN_CONFIG_DATA_END] = "kernel_config_data_end",
	[KNOWN_KALLSYMS_COUNT] = "kallsyms_num_syms",
	[KNOWN_KALLSYMS_NAMES] = "kallsyms_names",
	[KNOWN_KALLSYMS_ADDRESSES] = "kallsyms_addresses",
	[KNOWN_KALLSYMS_OFFSETS] = "kallsyms_offsets",
	[KNOWN_KALLSYMS_BASE] = "kallsyms_relative_base",
	[KNOWN_KALLSYMS_MARKERS] = "kallsyms_markers",
	[KNOWN_KALLSYMS_TOKENS] = "kallsyms_token_table",
	[KNOWN_KALLSYMS_TOKEN_INDEX] = "kallsyms_token_index",
	[KNOWN_KALLSYMS_SEQUENCES] = "kallsyms_seqs_of_names",
	[KNOWN_TEXT] = "_text",
	[KNOWN_STEXT] = "_stext",
	[KNOWN_END] = "_end",
	[KNOWN_LEVEL2_PGT] = "level2_kernel_pgt",
};

/* FILE symbols that one object of a build leaves behind. */
static const struct {
	const char *name;
	enum lto lto;
	enum unwinder unwinder;
} known_files[] = {
	/* LLVM's name for the one module of full LTO */
	{ "ld-temp.o", LTO_FULL, UNWINDER_UNKNOWN },
	/* what GCC's lto1 calls its merged units */
	{ "<artificial>", LTO_GCC, UNWINDER_UNKNOWN },
	{ "unwind_orc.c", LTO_UNKNOWN, UNWINDER_ORC },
	{ "unwind_frame.c", LTO_UNKNOWN, UNWINDER_FRAME_POINTER },
	{ "unwind_guess.c", LTO_UNKNOWN, UNWINDER_GUESS },
};

/* What the symbols' names say all together. */
struct evidence {
	enum lto file_lto;
	enum unwinder file_unwinder;
	bool promoted;     /* foo.llvm.123 */
	bool gcc_lto;      /* foo.lto_priv.0 */
	bool jump_table;   /* foo.cfi_jt, __cfi_check */
	bool kcfi;         /* .kcfi_traps */
	uint64_t preambles; /* __cfi_foo */
	int lto_note;      /* -1: none */
	uint64_t functions, objects; /* defined, named */
	bool statics;                /* some of the objects are local */
	uint32_t rodata, comment;    /* sections, 0: none */
};

const uint8_t *ident_symbol_data(const struct image *image, uint32_t symbol,
				 uint64_t *available)
{
	const struct symbol *sym;
	const uint8_t *data;

	*available = 0;
	if (symbol == 0 || symbol >= image->symbol_count)
		return NULL;
	sym = &image->symbols[symbol];
	if (sym->section == SECTION_UNDEF ||
	    sym->section >= image->section_count ||
	    (sym->flags & SYMBOL_OUTSIDE))
		return NULL;
	data = image_section_data(image, sym->section);
	if (!data || sym->value >= image->sections[sym->section].size)
		return NULL;
	*available = image->sections[sym->section].size - sym->value;
	return data + sym->value;
}

static void see_file_symbol(struct evidence *evidence, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(known_files); i++) {
		if (strcmp(name, known_files[i].name) != 0)
			continue;
		if (known_files[i].lto)
			evidence->file_lto = known_files[i].lto;
		if (known_files[i].unwinder)
			evidence->file_unwinder = known_files[i].unwinder;
	}
}

static void see_known(struct ident *ident, const struct image *image,
		      uint32_t symbol, const char *name)
{
	for (size_t i = 0; i < KNOWN_SYMBOLS; i++) {
		if (strcmp(name, known_names[i]) != 0)
			continue;
		/* A linked kernel may hold several local ones: the global
		 * one, or else the first, is the kernel's. */
		if (ident->known[i] == 0 ||
		    image->symbols[symbol].bind == STB_GLOBAL)
			ident->known[i] = symbol;
	}
}

static void count_kind(struct evidence *evidence, const struct symbol *symbol)
{
	if (symbol->type == STT_FUNC) {
		evidence->functions++;
	} else if (symbol->type == STT_OBJECT) {
		evidence->objects++;
		evidence->statics |= symbol->bind == STB_LOCAL;
	}
}

/* Suffixes that one kind of build makes, searched in the string table. */
static void read_suffixes(const struct image *image, struct evidence *evidence)
{
	const char *at = image->symbol_names.data;
	const char *end = at ? at + min_u64(image->symbol_names.size,
					    SEARCH_LIMIT) : NULL;

	while (at && (at = memchr(at, '.', (size_t)(end - at))) != NULL) {
		size_t left = (size_t)(end - ++at);

		if (left >= 5 && memcmp(at, "llvm.", 5) == 0)
			evidence->promoted = true;
		else if (left >= 8 && memcmp(at, "lto_priv", 8) == 0)
			evidence->gcc_lto = true;
		else if (left >= 6 && memcmp(at, "cfi_jt", 6) == 0)
			evidence->jump_table = true;
	}
}

/* A mix of a name's first two letters: most names are passed by it. */
static uint8_t two_letters(const char *name)
{
	return name[0] ? (uint8_t)(name[0] * 7 + name[1]) : 0;
}

static void see_preamble(struct evidence *evidence, const char *name)
{
	if (strncmp(name, "__cfi_", 6) != 0)
		return;
	evidence->preambles++;
	if (strcmp(name, "__cfi_check") == 0)
		evidence->jump_table = true;
}

static void read_symbols(struct ident *ident, const struct image *image,
			 struct evidence *evidence)
{
	bool starts[256] = { false };

	for (size_t i = 0; i < KNOWN_SYMBOLS; i++)
		starts[two_letters(known_names[i])] = true;
	for (uint32_t i = 1; i < image->symbol_count; i++) {
		const struct symbol *symbol = &image->symbols[i];
		const char *name = image_symbol_name(image, i);

		if (symbol->type == STT_FILE)
			see_file_symbol(evidence, name);
		if (symbol->section == SECTION_UNDEF)
			continue;
		count_kind(evidence, symbol);
		if (starts[two_letters(name)])
			see_known(ident, image, i, name);
		/* every export has several names with two underscores */
		if (name[0] == '_' && name[1] == '_' && name[2] == 'c')
			see_preamble(evidence, name);
	}
	read_suffixes(image, evidence);
}

static const char *hexadecimal(struct arena *arena, const uint8_t *bytes,
			       uint32_t size)
{
	static const char digits[] = "0123456789abcdef";
	char *text = arena_alloc(arena, 2 * (size_t)size + 1);

	if (!text)
		return NULL;
	for (uint32_t i = 0; i < size; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	return text;
}

/* gABI chapter 5: namesz, descsz, type; name and descriptor padded to 4. */
static int read_notes(struct ident *ident, const struct image *image,
		      uint32_t section, struct evidence *evidence,
		      struct err *err)
{
	const uint8_t *data = image_section_data(image, section);
	uint64_t size = image->sections[section].size, at = 0;

	while (data && size - at >= 12) {
		uint32_t name_size = image_u32(image, data + at);
		uint32_t desc_size = image_u32(image, data + at + 4);
		uint32_t type = image_u32(image, data + at + 8);
		uint64_t desc = at + 12 + (((uint64_t)name_size + 3) & ~3ull);
		const char *name = (const char *)data + at + 12;

		if (desc > size || desc_size > size - desc)
			break;
		if (name_size == 4 && memcmp(name, "GNU", 4) == 0 &&
		    type == NOTE_BUILD_ID && desc_size <= 64) {
			ident->build_id = hexadecimal(
				&ident->arena, data + desc, desc_size);
			if (!ident->build_id)
				return err_oom(err, "reading the build-id");
		}
		if (name_size == 6 && memcmp(name, "Linux", 6) == 0 &&
		    type == NOTE_LTO_INFO && desc_size == 4)
			evidence->lto_note =
				image_u32(image, data + desc) != 0;
		at = desc + (((uint64_t)desc_size + 3) & ~3ull);
		if (at > size)
			break;
	}
	return 0;
}

static void see_unit_header(struct ident *ident, const struct image *image,
			    uint32_t section)
{
	const uint8_t *data = image_section_data(image, section);
	uint64_t size = image->sections[section].size;
	uint64_t at = 4;

	ident->debug_info = true;
	if (!data || (image->sections[section].flags & SHF_COMPRESSED) ||
	    size < 14)
		return;
	if (image_u32(image, data) == 0xffffffff)
		at = 12; /* the 64-bit format */
	ident->dwarf_version = image_u16(image, data + at);
	if (ident->dwarf_version < 2 || ident->dwarf_version > 6)
		ident->dwarf_version = 0;
}

static int read_sections(struct ident *ident, const struct image *image,
			 struct evidence *evidence, struct err *err)
{
	for (uint32_t k = 0; k < image->landmark_count; k++) {
		uint32_t i = image->landmarks[k];
		const struct section *section = &image->sections[i];
		const char *name;

		/* One function a section: millions, and none says anything. */
		if (section->size == 0 || (section->flags & SHF_EXECINSTR))
			continue;
		if (section->type == SHT_NOTE &&
		    read_notes(ident, image, i, evidence, err) != 0)
			return -1;
		name = image_section_name(image, i);
		if (name[0] != '.')
			continue;
		if (name[1] == 'o' && strcmp(name, ".orc_unwind_ip") == 0)
			ident->unwinder = UNWINDER_ORC;
		else if (name[1] == 'A' &&
			 strncmp(name, ".ARM.exidx", 10) == 0)
			ident->unwinder = UNWINDER_ARM;
		else if (name[1] == 'k' && strcmp(name, ".kcfi_traps") == 0)
			evidence->kcfi = true;
		else if (name[1] == 'i' &&
			 strcmp(name, ".ibt_endbr_seal") == 0)
			ident->ibt = true;
		else if (name[1] == 'r' && !evidence->rodata &&
			 strcmp(name, ".rodata") == 0)
			evidence->rodata = i;
		else if (name[1] == 'c' && !evidence->comment &&
			 strcmp(name, ".comment") == 0)
			evidence->comment = i;
		else if (name[1] == 'B' && strcmp(name, ".BTF") == 0)
			ident->btf = true;
		else if (name[1] == 'd' && !ident->debug_info &&
			 strcmp(name, ".debug_info") == 0)
			see_unit_header(ident, image, i);
	}
	return 0;
}

/* Finds `text` in the first part of .rodata, for a file without symbols. */
static const uint8_t *search_rodata(const struct image *image,
				    uint32_t section, const char *text,
				    uint64_t *available)
{
	const uint8_t *data, *found;
	uint64_t size;

	*available = 0;
	if (section == 0)
		return NULL;
	data = image_section_data(image, section);
	if (!data)
		return NULL;
	size = image->sections[section].size;
	found = memmem(data, min_u64(size, SEARCH_LIMIT), text, strlen(text));
	if (found)
		*available = size - (uint64_t)(found - data);
	return found;
}

/* The length of a tool's name at the start of a version text, 0 for none. */
static const struct {
	const char *text, *name;
} tools[] = {
	{ "clang", "clang" },
	{ "gcc", "gcc" },
	{ "GCC", "gcc" },
	{ "rustc", "rustc" },
	{ "LLD", "LLD" },
	{ "mold", "mold" },
	{ "GNU gold", "GNU gold" },
	{ "GNU ld", "GNU ld" },
	{ "GNU C", "gcc" }, /* DW_AT_producer */
};

static const char *tool_name(const char *text, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
		if (memmem(text, length, tools[i].text, strlen(tools[i].text)))
			return tools[i].name;
	return NULL;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

const char *ident_tool(struct arena *arena, const char *text, size_t length)
{
	const char *name = tool_name(text, length);
	unsigned depth = 0;
	size_t end;

	if (!name)
		return NULL;
	/* The version is the first word of digits outside parentheses:
	 * "gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0". */
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '(')
			depth++;
		else if (text[i] == ')' && depth)
			depth--;
		if (depth || !is_digit(text[i]) ||
		    (i > 0 && text[i - 1] != ' '))
			continue;
		for (end = i; end < length && (is_digit(text[end]) ||
					       text[end] == '.'); end++)
			;
		return arena_printf(arena, "%s %.*s", name, (int)(end - i),
				    text + i);
	}
	return arena_strndup(arena, name, strlen(name));
}

/* The end of the group that opens at text[0] == '(', or `length`. */
static size_t group_end(const char *text, size_t length)
{
	unsigned depth = 0;

	for (size_t i = 0; i < length; i++) {
		if (text[i] == '(')
			depth++;
		else if (text[i] == ')' && --depth == 0)
			return i;
	}
	return length;
}

/* "(clang version 14.0.6, LLD 14.0.6)": the second group of the banner. */
static void tools_of_banner(struct ident *ident, const char *at)
{
	const char *group, *comma = NULL;
	size_t end;
	unsigned depth = 0;

	group = strstr(at, ") (");
	if (!group)
		return;
	group += 2;
	end = group_end(group, strlen(group));
	for (size_t i = 0; i < end; i++) {
		if (group[i] == '(')
			depth++;
		else if (group[i] == ')')
			depth--;
		else if (group[i] == ',' && depth == 1)
			comma = group + i;
	}
	if (!comma)
		comma = group + end;
	ident->compiler = ident_tool(&ident->arena, group + 1,
				     (size_t)(comma - group - 1));
	if (comma < group + end)
		ident->linker = ident_tool(&ident->arena, comma,
					   (size_t)(group + end - comma));
}

static int read_banner(struct ident *ident, const struct image *image,
		       uint32_t rodata, struct err *err)
{
	uint64_t available, length = 0;
	const uint8_t *data = ident_symbol_data(
		image, ident->known[KNOWN_BANNER], &available);
	const char *release;

	if (!data)
		data = search_rodata(image, rodata, banner_start, &available);
	if (!data || available < sizeof(banner_start) ||
	    memcmp(data, banner_start, sizeof(banner_start) - 1) != 0)
		return 0;
	available = min_u64(available, BANNER_LIMIT);
	while (length < available && data[length] >= ' ' &&
	       data[length] < 0x7f)
		length++;
	ident->banner = arena_strndup(&ident->arena, (const char *)data,
				      length);
	if (!ident->banner)
		return err_oom(err, "reading the banner");
	release = ident->banner + sizeof(banner_start) - 1;
	ident->release = arena_strndup(&ident->arena, release,
				       strcspn(release, " "));
	if (!ident->release)
		return err_oom(err, "reading the banner");
	tools_of_banner(ident, release);
	return 0;
}

/* .comment: strings of the tools, each ended by NUL. */
static void read_comment(struct ident *ident, const struct image *image,
			 uint32_t section)
{
	static const char linker[] = "Linker: ";
	const char *data = section ?
		(const char *)image_section_data(image, section) : NULL;
	uint64_t size, length;

	if (!data || (image->sections[section].flags & SHF_COMPRESSED))
		return;
	size = min_u64(image->sections[section].size, 1u << 16);
	for (uint64_t at = 0; at < size; at += length + 1) {
		const char *text = data + at;

		length = strnlen(text, size - at);
		if (length > sizeof(linker) - 1 &&
		    memcmp(text, linker, sizeof(linker) - 1) == 0) {
			if (!ident->linker)
				ident->linker = ident_tool(&ident->arena,
							   text, length);
		} else if (length && !ident->compiler) {
			ident->compiler = ident_tool(&ident->arena, text,
						     length);
		}
	}
}

/*
 * A symbol table with a kernel's name would name its configuration, too; it
 * was a static variable up to Linux 5.0.
 */
static void find_config(struct ident *ident, const struct image *image,
			const struct evidence *evidence)
{
	bool named = ident->known[KNOWN_BANNER] && evidence->statics;
	uint64_t available, end_available;
	const uint8_t *data, *end;

	data = ident_symbol_data(image, ident->known[KNOWN_CONFIG_DATA],
				 &available);
	if (!data) {
		if (!named)
			data = search_rodata(image, evidence->rodata,
					     config_start, &available);
		if (!data)
			return;
		data += sizeof(config_start) - 1;
		available -= sizeof(config_start) - 1;
	}
	/* Linux up to 5.0 put the markers inside the object. */
	if (available >= 8 && memcmp(data, config_start, 8) == 0) {
		data += 8;
		available -= 8;
	}
	end = ident_symbol_data(image, ident->known[KNOWN_CONFIG_DATA_END],
				&end_available);
	if (end && end > data && end < data + available)
		available = (uint64_t)(end - data);
	else
		available = min_u64(available, 1u << 20);
	end = memmem(data, available, config_end, sizeof(config_end) - 1);
	ident->config = data;
	ident->config_size = end ? (uint64_t)(end - data) : available;
}

static void judge_lto(struct ident *ident, const struct image *image,
		      const struct evidence *evidence)
{
	if (evidence->promoted)
		ident->lto = LTO_THIN;
	else if (evidence->file_lto)
		ident->lto = evidence->file_lto;
	else if (evidence->gcc_lto)
		ident->lto = LTO_GCC;
	else if (evidence->lto_note > 0)
		ident->lto = LTO_SOME;
	else if (evidence->lto_note == 0 || image->symbol_count > 1)
		ident->lto = LTO_NONE;
}

static void judge_cfi(struct ident *ident, const struct image *image,
		      const struct evidence *evidence)
{
	if (evidence->jump_table)
		ident->cfi = CFI_JUMP_TABLE;
	else if (evidence->kcfi || evidence->preambles > FEW_PREAMBLES)
		ident->cfi = CFI_KCFI;
	else if (image->symbol_count > 1)
		ident->cfi = CFI_NONE;
}

/*
 * CONFIG_KALLSYMS_ALL adds the data symbols. .symtab holds a few more than
 * kallsyms (its own labels, constants), so the count is compared with the
 * middle between "functions" and "functions and data".
 */
static void judge_kallsyms(struct ident *ident, const struct image *image,
			   const struct evidence *evidence)
{
	uint64_t available;
	const uint8_t *data = ident_symbol_data(
		image, ident->known[KNOWN_KALLSYMS_COUNT], &available);

	if (ident->known[KNOWN_KALLSYMS_NAMES] == 0 &&
	    ident->known[KNOWN_KALLSYMS_COUNT] == 0) {
		if (image->type != ET_REL && evidence->functions)
			ident->kallsyms = KALLSYMS_NONE;
		return;
	}
	if (!data || available < 4)
		return;
	ident->kallsyms_count = image_u32(image, data);
	ident->kallsyms = ident->kallsyms_count > evidence->functions +
					evidence->objects / 2 ?
				KALLSYMS_ALL : KALLSYMS_PART;
}

int ident_read(struct ident *ident, const struct image *image, struct err *err)
{
	struct evidence evidence = { .lto_note = -1 };

	memset(ident, 0, sizeof(*ident));
	if (read_sections(ident, image, &evidence, err) != 0)
		return -1;
	read_symbols(ident, image, &evidence);
	if (read_banner(ident, image, evidence.rodata, err) != 0)
		return -1;
	read_comment(ident, image, evidence.comment);
	find_config(ident, image, &evidence);
	judge_lto(ident, image, &evidence);
	judge_cfi(ident, image, &evidence);
	judge_kallsyms(ident, image, &evidence);
	if (ident->unwinder == UNWINDER_UNKNOWN)
		ident->unwinder = image->machine == EM_AARCH64 ?
			UNWINDER_FRAME_POINTER : evidence.file_unwinder;
	return ident->arena.failed ? err_oom(err, "identifying a build") : 0;
}

void ident_release(struct ident *ident)
{
	if (!ident)
		return;
	arena_release(&ident->arena);
	memset(ident, 0, sizeof(*ident));
}

const char *ident_lto(const struct ident *ident)
{
	static const char *const names[] = {
		[LTO_NONE] = "none", [LTO_THIN] = "thin", [LTO_FULL] = "full",
		[LTO_GCC] = "gcc", [LTO_SOME] = "yes",
	};

	return names[ident->lto];
}

const char *ident_cfi(const struct ident *ident)
{
	static const char *const names[] = {
		[CFI_NONE] = "none", [CFI_JUMP_TABLE] = "jump tables",
		[CFI_KCFI] = "kcfi",
	};

	return names[ident->cfi];
}

const char *ident_unwinder(const struct ident *ident)
{
	static const char *const names[] = {
		[UNWINDER_ORC] = "orc",
		[UNWINDER_FRAME_POINTER] = "frame pointer",
		[UNWINDER_GUESS] = "guess", [UNWINDER_ARM] = "arm",
	};

	return names[ident->unwinder];
}

const char *ident_kallsyms(const struct ident *ident)
{
	static const char *const names[] = {
		[KALLSYMS_NONE] = "none", [KALLSYMS_PART] = "part",
		[KALLSYMS_ALL] = "all",
	};

	return names[ident->kallsyms];
}

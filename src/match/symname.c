/* SPDX-License-Identifier: MIT */
/*
 * Names that builds rewrite, as one table. A name is an onion: compilers add
 * suffixes at its end, and they stack (foo.part.0.isra.0.cold); the kernel's
 * macros and tools add prefixes. Suffixes are peeled first, then at most one
 * prefix is looked up.
 *
 * The class that is kept is that of the outermost layer that matters: a .cold
 * piece of a clone is a cold piece. Nearly every canonical name is a part of
 * the given one, so that nothing is copied; a table of regular expressions
 * was rejected: it costs more than the whole pairing.
 */
#include "match/symname.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "base/util.h"
#include "match/rust.h"

/* What a suffix or prefix applies to. */
#define CODE 0x1u
#define DATA 0x2u
#define BOTH (CODE | DATA)

enum number {
	NUMBER_NEVER,    /* foo.cfi */
	NUMBER_MAYBE,    /* foo.cold, foo.cold.1 */
	NUMBER_ALWAYS,   /* foo.part.0 */
};

struct layer {
	const char *name;
	size_t length;
	const char *end; /* of the name without ".llvm." */
	bool function;
	struct arena *arena;
	struct symname *result;
};

/* Handlers of prefixes; they return 0, or -1 when out of memory. */
static int keep(struct layer *layer, size_t prefix);
static int child_of_rest(struct layer *layer, size_t prefix);
static int unique_id(struct layer *layer, size_t prefix);
static int hook_stub(struct layer *layer, size_t prefix);
static int btf_id(struct layer *layer, size_t prefix);
static int initcall(struct layer *layer, size_t prefix);
static int initstub(struct layer *layer, size_t prefix);
static int group(struct layer *layer, size_t prefix);
static int rust_legacy(struct layer *layer, size_t prefix);
static int rust_v0(struct layer *layer, size_t prefix);

#define TEXT(text) text, sizeof(text) - 1

/* A word behind the last dot, and behind it perhaps a number of its own. */
struct suffix {
	const char *text;
	size_t length;
	unsigned kinds;
	enum symbol_class class;
	enum number number;
};

/* Tried until none fits; the first row that fits is taken. */
static const struct suffix suffixes[] = {
	/* GCC: a specialized copy; foo.isra.0.constprop.0 */
	{ TEXT("isra"), CODE, SYM_CLONE, NUMBER_ALWAYS },
	{ TEXT("constprop"), CODE, SYM_CLONE, NUMBER_ALWAYS },
	{ TEXT("clone"), CODE, SYM_CLONE, NUMBER_ALWAYS },
	/* GCC LTO: a local made visible to another partition */
	{ TEXT("lto_priv"), BOTH, SYM_PLAIN, NUMBER_MAYBE },
	{ TEXT("localalias"), BOTH, SYM_ALIAS, NUMBER_MAYBE },
	/* pieces of a function */
	{ TEXT("cold"), CODE, SYM_COLD, NUMBER_MAYBE },
	{ TEXT("part"), CODE, SYM_PART, NUMBER_ALWAYS },
	{ TEXT("__part"), CODE, SYM_PART, NUMBER_ALWAYS },
	/* LLVM: arguments or results dropped, a specialized copy */
	{ TEXT("argelim"), CODE, SYM_CLONE, NUMBER_MAYBE },
	{ TEXT("argprom"), CODE, SYM_CLONE, NUMBER_MAYBE },
	{ TEXT("retelim"), CODE, SYM_CLONE, NUMBER_MAYBE },
	{ TEXT("specialized"), CODE, SYM_CLONE, NUMBER_ALWAYS },
	/* CFI before kCFI: foo.cfi is foo, foo.cfi_jt the jump to it */
	{ TEXT("cfi_jt"), CODE, SYM_CFI, NUMBER_NEVER },
	{ TEXT("cfi"), CODE, SYM_PLAIN, NUMBER_NEVER },
};

struct prefix {
	const char *text;
	size_t length;
	unsigned kinds;
	enum symbol_class class;
	int (*handle)(struct layer *, size_t prefix);
};

/* The first row that fits is taken. */
static const struct prefix prefixes[] = {
	/* Clang's checks are functions of their own, not a preamble */
	{ TEXT("__cfi_check"), CODE, SYM_CFI, keep },
	/* kCFI type in front of foo; objtool's name for its padding */
	{ TEXT("__cfi_"), CODE, SYM_CFI, child_of_rest },
	{ TEXT("__pfx_"), CODE, SYM_PREFIX, child_of_rest },
	{ TEXT("__kcfi_typeid_"), BOTH, SYM_CFI, keep },
	/* EXPORT_SYMBOL */
	{ TEXT("__ksymtab_"), DATA, SYM_EXPORT, keep },
	{ TEXT("__kstrtab_"), DATA, SYM_EXPORT, keep },
	{ TEXT("__kstrtabns_"), DATA, SYM_EXPORT, keep },
	{ TEXT("__crc_"), DATA, SYM_EXPORT, keep },
	/* BTF id lists: key (kind, name) */
	{ TEXT("__BTF_ID__"), DATA, SYM_BTF_ID, btf_id },
	/* __COUNTER__ in a name; functions are LTO's stubs of PCI fixups */
	{ TEXT("__UNIQUE_ID_"), DATA, SYM_UNIQUE_ID, unique_id },
	{ TEXT("__UNIQUE_ID_"), CODE, SYM_STUB, hook_stub },
	/* __initcall__kmod_M__C_L_fnV: key (M, fn, V) */
	{ TEXT("__initcall__kmod_"), BOTH, SYM_INITCALL, initcall },
	{ TEXT("__initcall_"), BOTH, SYM_INITCALL, keep },
	{ TEXT("__initstub__kmod_"), CODE, SYM_STUB, initstub },
	/* generated beside x */
	{ TEXT("__SCK__"), BOTH, SYM_GENERATED, keep },
	{ TEXT("__SCT__"), BOTH, SYM_GENERATED, keep },
	{ TEXT("__tracepoint_"), DATA, SYM_GENERATED, keep },
	{ TEXT("__event_"), DATA, SYM_GENERATED, keep },
	{ TEXT("__bpf_trace_"), BOTH, SYM_GENERATED, keep },
	{ TEXT("__syscall_meta_"), DATA, SYM_GENERATED, keep },
	{ TEXT("__param_"), DATA, SYM_GENERATED, keep },
	{ TEXT("__setup_"), DATA, SYM_GENERATED, keep },
	/* LLVM's machine outliner: one group with a count */
	{ TEXT("OUTLINED_FUNCTION_"), CODE, SYM_OUTLINED, group },
	/* arm64 namespaces made by objcopy: separate copies, prefix kept */
	{ TEXT("__pi_"), BOTH, SYM_COPY, keep },
	{ TEXT("__efistub_"), BOTH, SYM_COPY, keep },
	{ TEXT("__kvm_nvhe_"), BOTH, SYM_COPY, keep },
	/* linker stubs: see is_veneer(), too */
	{ TEXT("__long_branch_"), CODE, SYM_VENEER, keep },
	{ TEXT(".long_branch."), CODE, SYM_VENEER, keep },
	/* Rust: hashes change with the compiler */
	{ TEXT("_ZN"), BOTH, SYM_PLAIN, rust_legacy },
	{ TEXT("_R"), BOTH, SYM_PLAIN, rust_v0 },
};

/* By enum symbol_class. */
static const struct {
	const char *name;
	bool child;
} classes[SYM_COUNT] = {
	[SYM_PLAIN] = { "plain", false },
	[SYM_CLONE] = { "clone", false },
	[SYM_ALIAS] = { "alias", false },
	[SYM_PART] = { "part", true },
	[SYM_COLD] = { "cold", true },
	[SYM_PREFIX] = { "prefix", true },
	[SYM_CFI] = { "cfi", true },
	[SYM_STATIC_LOCAL] = { "static-local", false },
	[SYM_ANONYMOUS] = { "anonymous", false },
	[SYM_EXPORT] = { "export", false },
	[SYM_INITCALL] = { "initcall", false },
	[SYM_UNIQUE_ID] = { "unique-id", false },
	[SYM_BTF_ID] = { "btf-id", false },
	[SYM_GENERATED] = { "generated", false },
	[SYM_OUTLINED] = { "outlined", false },
	[SYM_STUB] = { "stub", true },
	[SYM_COPY] = { "copy", false },
	[SYM_VENEER] = { "veneer", false },
	[SYM_MAPPING] = { "mapping", false },
};

const char *symbol_class_name(enum symbol_class class)
{
	return (unsigned)class < SYM_COUNT ? classes[class].name : "?";
}

bool symbol_class_is_child(enum symbol_class class)
{
	return (unsigned)class < SYM_COUNT && classes[class].child;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static size_t digits_at_end(const char *text, size_t length)
{
	size_t digits = 0;

	while (digits < length && is_digit(text[length - digits - 1]))
		digits++;
	return digits;
}

static bool all_hex(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!is_hex(text[i]))
			return false;
	return length > 0;
}

/* Where the last component begins, behind its dot; 0 if there is no dot. */
static size_t last_component(const char *text, size_t length)
{
	while (length && text[length - 1] != '.')
		length--;
	return length;
}

static void set_text(struct layer *layer, const char *text, size_t length)
{
	layer->result->text = text;
	layer->result->length = length;
}

static void set_parent(struct layer *layer, const char *text, size_t length)
{
	layer->result->parent = text;
	layer->result->parent_length = length;
}

/* foo.llvm.123456: a promoted local, whatever else it is. */
static void strip_module(struct layer *layer)
{
	static const char word[] = ".llvm.";
	const size_t word_length = sizeof(word) - 1;
	size_t start = last_component(layer->name, layer->length);

	if (start <= word_length ||
	    memcmp(layer->name + start - word_length, word, word_length) ||
	    !all_hex(layer->name + start, layer->length - start))
		return;
	layer->result->module = layer->name + start;
	layer->result->module_length = layer->length - start;
	layer->length = start - word_length;
}

/*
 * foo.<hash>, foo$<hash>: -funique-internal-linkage-names writes 32 hex digits
 * or a decimal number of that order ("__uniq.3456..."), 5.13-6.0's static
 * rename a $.
 */
static bool strip_hash(struct layer *layer)
{
	static const char uniq[] = ".__uniq";
	size_t at = layer->length;
	size_t hash;

	while (at && is_hex(layer->name[at - 1]))
		at--;
	hash = layer->length - at;
	if (at < 2)
		return false;
	if (layer->name[at - 1] == '$' && hash >= 8) {
		layer->length = at - 1;
		return true;
	}
	if (layer->name[at - 1] != '.' || hash < 32)
		return false;
	layer->length = at - 1;
	if (layer->length > sizeof(uniq) - 1 &&
	    !memcmp(layer->name + layer->length - (sizeof(uniq) - 1), uniq,
		    sizeof(uniq) - 1))
		layer->length -= sizeof(uniq) - 1;
	return true;
}

/* The suffix of the name, or NULL; *length is what is left without it. */
static const struct suffix *find_suffix(const struct layer *layer,
					size_t *length)
{
	unsigned kind = layer->function ? CODE : DATA;
	size_t end = layer->length, start;
	size_t digits = digits_at_end(layer->name, end);
	bool number = digits && digits < end &&
		      layer->name[end - digits - 1] == '.';

	if (number)
		end -= digits + 1;
	start = last_component(layer->name, end);
	if (start < 2)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		const struct suffix *suffix = &suffixes[i];

		if (suffix->length != end - start ||
		    !(suffix->kinds & kind) ||
		    suffix->number == (number ? NUMBER_NEVER : NUMBER_ALWAYS) ||
		    memcmp(layer->name + start, suffix->text, suffix->length))
			continue;
		*length = start - 1;
		return suffix;
	}
	return NULL;
}

/*
 * Which class of two stays: a cold piece of a clone is a cold piece, and a
 * clone of a part is a part: children win over clones, the outer child wins.
 */
static enum symbol_class outer_class(enum symbol_class outer,
				     enum symbol_class inner)
{
	if (outer == SYM_PLAIN || (!symbol_class_is_child(outer) &&
				     symbol_class_is_child(inner)))
		return inner;
	return outer;
}

static void strip_suffixes(struct layer *layer)
{
	for (;;) {
		size_t length;
		const struct suffix *suffix = find_suffix(layer, &length);
		enum symbol_class class;

		if (!suffix) {
			if (!strip_hash(layer))
				return;
			continue;
		}
		class = outer_class(layer->result->class, suffix->class);
		if (class != layer->result->class &&
		    symbol_class_is_child(class))
			set_parent(layer, layer->name, length);
		layer->result->class = class;
		layer->length = length;
	}
}

/* foo.123: LLVM numbers same-named locals when it joins modules; GCC statics. */
static void strip_number(struct layer *layer)
{
	size_t digits = digits_at_end(layer->name, layer->length);

	if (digits && layer->length > digits + 1 &&
	    layer->name[layer->length - digits - 1] == '.')
		layer->length -= digits + 1;
}

/* The counter of a __UNIQUE_ID_ name, with the '_' that 6.18 puts before it. */
static size_t without_counter(const char *name, size_t length)
{
	size_t digits = digits_at_end(name, length);

	if (!digits || digits == length)
		return length;
	length -= digits;
	if (length > 1 && name[length - 1] == '_' && name[length - 2] != '_')
		length--;
	return length;
}

/*
 * var.123 of GCC, func.var and func.var.4 of Clang. Names that begin with a
 * dot have no owner in the source.
 */
static void static_local(struct layer *layer)
{
	static const char unique[] = "__UNIQUE_ID_";
	size_t digits = digits_at_end(layer->name, layer->length);
	size_t start;

	if (digits && layer->length > digits + 1 &&
	    layer->name[layer->length - digits - 1] == '.')
		layer->length -= digits + 1;
	else if (layer->name[0] == '.' && digits && digits < layer->length &&
		 !memcmp(layer->name, ".LC", min_u64(3, layer->length)))
		layer->length -= digits;
	start = last_component(layer->name, layer->length);
	if (layer->length - start > sizeof(unique) - 1 &&
	    !memcmp(layer->name + start, unique, sizeof(unique) - 1))
		layer->length = start + without_counter(layer->name + start,
							layer->length - start);
	layer->result->class = layer->name[0] == '.' ? SYM_ANONYMOUS :
						       SYM_STATIC_LOCAL;
}

static int keep(struct layer *layer, size_t prefix)
{
	(void)layer;
	(void)prefix;
	return 0;
}

static int group(struct layer *layer, size_t prefix)
{
	layer->length = prefix - 1;
	return 0;
}

/* __pfx_foo.cold is the prefix of foo.cold: the text behind is kept whole. */
static int child_of_rest(struct layer *layer, size_t prefix)
{
	layer->name += prefix;
	layer->length -= prefix;
	set_parent(layer, layer->name, (size_t)(layer->end - layer->name));
	return 0;
}

static int btf_id(struct layer *layer, size_t prefix)
{
	size_t digits = digits_at_end(layer->name, layer->length);

	if (digits && layer->length > prefix + digits + 2 &&
	    !memcmp(layer->name + layer->length - digits - 2, "__", 2))
		layer->length -= digits + 2;
	return 0;
}

/*
 * The place of "__C_L_" (counter and line) in what follows "__initcall__kmod_"
 * or "__initstub__kmod_": its length goes to *length. NULL if there is none.
 */
static const char *find_counter(const char *text, size_t length,
				size_t *counter)
{
	for (size_t i = 0; i + 6 <= length; i++) {
		size_t at = i + 2;
		size_t start;

		if (text[i] != '_' || text[i + 1] != '_')
			continue;
		start = at;
		while (at < length && is_digit(text[at]))
			at++;
		if (at == start || at >= length || text[at] != '_')
			continue;
		start = ++at;
		while (at < length && is_digit(text[at]))
			at++;
		if (at == start || at >= length || text[at] != '_')
			continue;
		*counter = at + 1 - i;
		return text + i;
	}
	return NULL;
}

/* Joins what is before and behind the counter with "__", in the arena. */
static int without_initcall_counter(struct layer *layer, size_t prefix)
{
	size_t counter, before;
	const char *at = find_counter(layer->name + prefix,
				      layer->length - prefix, &counter);
	char *text;

	if (!at)
		return 0;
	before = (size_t)(at - layer->name);
	text = arena_alloc(layer->arena, layer->length - counter + 3);
	if (!text)
		return -1;
	memcpy(text, layer->name, before + 2);
	memcpy(text + before + 2, at + counter,
	       layer->length - before - counter);
	layer->name = text;
	layer->length = layer->length - counter + 2;
	return 0;
}

static int unique_id(struct layer *layer, size_t prefix)
{
	static const char nested[] = "__addressable___initstub__kmod_";

	layer->length = prefix + without_counter(layer->name + prefix,
						 layer->length - prefix);
	if (layer->length > prefix + sizeof(nested) - 1 &&
	    !memcmp(layer->name + prefix, nested, sizeof(nested) - 1))
		return without_initcall_counter(layer, prefix +
						sizeof(nested) - 1);
	return 0;
}

static int hook_stub(struct layer *layer, size_t prefix)
{
	layer->name += prefix;
	layer->length = without_counter(layer->name, layer->length - prefix);
	set_parent(layer, layer->name, layer->length);
	return 0;
}

static int initcall(struct layer *layer, size_t prefix)
{
	return without_initcall_counter(layer, prefix);
}

/* The initcall level behind the function's name: 0 to 7, 1s, early, ... */
static size_t without_level(const char *text, size_t length)
{
	static const char *const words[] = { "early", "rootfs", "con" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t word = strlen(words[i]);

		if (length > word &&
		    !memcmp(text + length - word, words[i], word))
			return length - word;
	}
	if (length > 2 && text[length - 1] == 's' && is_digit(text[length - 2]))
		return length - 2;
	if (length > 1 && is_digit(text[length - 1]))
		return length - 1;
	return length;
}

static int initstub(struct layer *layer, size_t prefix)
{
	size_t counter;
	const char *at = find_counter(layer->name + prefix,
				      layer->length - prefix, &counter);
	const char *end = layer->name + layer->length;

	if (!at || at + counter >= end)
		return 0;
	layer->name = at + counter;
	layer->length = without_level(layer->name,
				      (size_t)(end - layer->name));
	set_parent(layer, layer->name, layer->length);
	return 0;
}

static int rust_legacy(struct layer *layer, size_t prefix)
{
	(void)prefix;
	layer->length = rust_legacy_length(layer->name, layer->length);
	return 0;
}

static int rust_v0(struct layer *layer, size_t prefix)
{
	char *text = arena_alloc(layer->arena, layer->length + 1);

	(void)prefix;
	if (!text)
		return -1;
	layer->length = rust_v0_canonical(text, layer->name, layer->length);
	layer->name = text;
	return 0;
}

static bool fits(const struct layer *layer, const struct prefix *prefix)
{
	/* What is only classified may be all of the name. */
	size_t least = prefix->length + (prefix->handle != keep);

	return layer->length >= least &&
	       !memcmp(layer->name, prefix->text, prefix->length);
}

static const struct prefix *find_prefix(const struct layer *layer)
{
	unsigned kind = layer->function ? CODE : DATA;

	if (layer->length < 3)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		char third = prefixes[i].text[2];

		/* It tells most rows apart. */
		if ((!third || third == layer->name[2]) &&
		    (prefixes[i].kinds & kind) && fits(layer, &prefixes[i]))
			return &prefixes[i];
	}
	return NULL;
}

/* A linker's stub: lld's __AArch64AbsLongThunk_x, GNU ld's __x_veneer. */
static bool is_veneer(const struct layer *layer)
{
	static const char inside[] = "Thunk_", ending[] = "_veneer";
	const size_t word = sizeof(ending) - 1;

	if (!layer->function || layer->length <= word ||
	    memcmp(layer->name, "__", 2))
		return false;
	/* Few names have the capital letter at all. */
	return !memcmp(layer->name + layer->length - word, ending, word) ||
	       (memchr(layer->name, inside[0], layer->length) &&
		memmem(layer->name, layer->length, inside,
		       sizeof(inside) - 1));
}

/* $x, $d.12: what the bytes behind are, on Arm and RISC-V. */
static bool is_mapping(const char *name, size_t length)
{
	return length >= 2 && name[0] == '$' && strchr("adtx", name[1]) &&
	       (length == 2 || name[2] == '.');
}

int symname_parse(struct symname *result, const char *name, size_t length,
		  bool function, struct arena *arena)
{
	struct layer layer = { name, length, NULL, function, arena, result };
	const struct prefix *prefix;
	bool dot;

	*result = (struct symname){ .text = name, .length = length };
	if (is_mapping(name, length)) {
		result->class = SYM_MAPPING;
		return 0;
	}
	strip_module(&layer);
	layer.end = layer.name + layer.length;
	dot = memchr(layer.name, '.', layer.length) != NULL;
	if (dot || memchr(layer.name, '$', layer.length))
		strip_suffixes(&layer);
	dot = dot && memchr(layer.name, '.', layer.length);
	prefix = find_prefix(&layer);
	if (prefix) {
		if (result->class == SYM_PLAIN ||
		    prefix->class == SYM_PREFIX || prefix->class == SYM_CFI)
			result->class = prefix->class;
		if (dot && !function)
			strip_number(&layer);
		if (prefix->handle(&layer, prefix->length))
			return -1;
	} else if (is_veneer(&layer)) {
		if (result->class == SYM_PLAIN)
			result->class = SYM_VENEER;
	} else if (dot && function) {
		if (layer.name[0] == '.')
			result->class = SYM_ANONYMOUS;
		else
			strip_number(&layer);
	} else if (dot) {
		static_local(&layer);
	}
	set_text(&layer, layer.name, layer.length);
	return 0;
}

#define ONES 0x0101010101010101u
#define HIGHS 0x8080808080808080u

/*
 * The high bits of bytes that are zero; above the lowest of them a byte of 1
 * may be among them, too.
 */
static uint64_t zero_bytes(uint64_t word)
{
	return (word - ONES) & ~word & HIGHS;
}

/* Only these beginnings and characters occur in the table. */
static bool may_be_special(const char *name, size_t length, bool marked)
{
	if (marked)
		return true;
	if (length < 3)
		return false;
	if (name[0] == '_')
		return name[1] == '_' || name[1] == 'R' || name[1] == 'Z';
	return name[0] == 'O' && name[1] == 'U';
}

size_t symname_scan(const char *name, const char *end, bool *special)
{
	const char *at = name;
	bool marked = false;

	while (end - at >= 8) {
		uint64_t word, marks, ends;

		memcpy(&word, at, sizeof(word));
		word = le64toh(word);
		marks = zero_bytes(word ^ ONES * '.') |
			zero_bytes(word ^ ONES * '$');
		ends = zero_bytes(word);
		/* Only what lies before the first zero counts. */
		if (ends)
			marks &= (ends - 1) & ~ends;
		marked |= marks != 0;
		at += ends ? __builtin_ctzll(ends) / 8 : 8;
		if (ends)
			break;
	}
	for (; at < end && *at; at++)
		marked |= *at == '.' || *at == '$';
	*special = may_be_special(name, (size_t)(at - name), marked);
	return (size_t)(at - name);
}

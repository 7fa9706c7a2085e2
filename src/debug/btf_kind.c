/* SPDX-License-Identifier: MIT */
#include "debug/btf_kind.h"

#include <string.h>

#include "debug/btf.h"

#define NO_VLEN 0xffff

/* A kind that is not here stops the reader: it cannot know where it ends. */
const struct btf_kind btf_kinds[BTF_KINDS] = {
	[BTF_KIND_INT] = { "INT", 4, 0, BTF_WORD_SIZE,
		BTF_LAYOUT_VALUE, BTF_REFERS_NEVER, NO_VLEN },
	[BTF_KIND_PTR] = { "PTR", 0, 0, BTF_WORD_TYPE,
		BTF_LAYOUT_NONE, BTF_REFERS, NO_VLEN },
	[BTF_KIND_ARRAY] = { "ARRAY", 12, 0, BTF_WORD_UNUSED,
		BTF_LAYOUT_TYPE_TYPE_VALUE, BTF_REFERS, NO_VLEN },
	[BTF_KIND_STRUCT] = { "STRUCT", 0, 12, BTF_WORD_SIZE,
		BTF_LAYOUT_NAME_TYPE_VALUE, BTF_REFERS_UNNAMED, 0 },
	[BTF_KIND_UNION] = { "UNION", 0, 12, BTF_WORD_SIZE,
		BTF_LAYOUT_NAME_TYPE_VALUE, BTF_REFERS_UNNAMED, 0 },
	[BTF_KIND_ENUM] = { "ENUM", 0, 8, BTF_WORD_SIZE,
		BTF_LAYOUT_NAME_VALUE, BTF_REFERS_NEVER, 0 },
	[BTF_KIND_FWD] = { "FWD", 0, 0, BTF_WORD_UNUSED,
		BTF_LAYOUT_NONE, BTF_REFERS_NEVER, NO_VLEN },
	[BTF_KIND_TYPEDEF] = { "TYPEDEF", 0, 0, BTF_WORD_TYPE,
		BTF_LAYOUT_NONE, BTF_REFERS, NO_VLEN },
	[BTF_KIND_VOLATILE] = { "VOLATILE", 0, 0, BTF_WORD_TYPE,
		BTF_LAYOUT_NONE, BTF_REFERS, NO_VLEN },
	[BTF_KIND_CONST] = { "CONST", 0, 0, BTF_WORD_TYPE,
		BTF_LAYOUT_NONE, BTF_REFERS, NO_VLEN },
	[BTF_KIND_RESTRICT] = { "RESTRICT", 0, 0, BTF_WORD_TYPE,
		BTF_LAYOUT_NONE, BTF_REFERS, NO_VLEN },
	/* vlen of a function is its linkage, nothing follows. */
	[BTF_KIND_FUNC] = { "FUNC", 0, 0, BTF_WORD_TYPE,
		BTF_LAYOUT_NONE, BTF_REFERS, 0 },
	[BTF_KIND_FUNC_PROTO] = { "FUNC_PROTO", 0, 8, BTF_WORD_TYPE,
		BTF_LAYOUT_NAME_TYPE, BTF_REFERS, 0 },
	[BTF_KIND_VAR] = { "VAR", 4, 0, BTF_WORD_TYPE,
		BTF_LAYOUT_VALUE, BTF_REFERS, NO_VLEN },
	[BTF_KIND_DATASEC] = { "DATASEC", 0, 12, BTF_WORD_SIZE,
		BTF_LAYOUT_TYPE_VALUE_VALUE, BTF_REFERS, 0 },
	[BTF_KIND_FLOAT] = { "FLOAT", 0, 0, BTF_WORD_SIZE,
		BTF_LAYOUT_NONE, BTF_REFERS_NEVER, NO_VLEN },
	[BTF_NUMBER_DECL_TAG] = { "DECL_TAG", 4, 0, BTF_WORD_TYPE,
		BTF_LAYOUT_VALUE, BTF_REFERS, NO_VLEN },
	[BTF_NUMBER_TYPE_TAG] = { "TYPE_TAG", 0, 0, BTF_WORD_TYPE,
		BTF_LAYOUT_NONE, BTF_REFERS, NO_VLEN },
	[BTF_NUMBER_ENUM64] = { "ENUM64", 0, 12, BTF_WORD_SIZE,
		BTF_LAYOUT_NAME_VALUE_VALUE, BTF_REFERS_NEVER, 0 },
};

static const char *const part_names[BTF_PARTS] = {
	[BTF_PART_HEADER - BTF_PART_HEADER] = "header",
	[BTF_PART_SHARED - BTF_PART_HEADER] = "shared strings",
	[BTF_PART_UNUSED - BTF_PART_HEADER] = "unused strings",
	[BTF_PART_GAP - BTF_PART_HEADER] = "gap",
	[BTF_PART_UNREADABLE - BTF_PART_HEADER] = "unreadable BTF",
	[BTF_PART_EXT_HEADER - BTF_PART_HEADER] = ".BTF.ext header",
	[BTF_PART_EXT_FUNCS - BTF_PART_HEADER] = ".BTF.ext func_info",
	[BTF_PART_EXT_LINES - BTF_PART_HEADER] = ".BTF.ext line_info",
	[BTF_PART_EXT_RELOS - BTF_PART_HEADER] = ".BTF.ext core_relo",
};

const char *btf_kind_name(unsigned kind)
{
	if (kind < BTF_KINDS && btf_kinds[kind].name)
		return btf_kinds[kind].name;
	if (kind >= BTF_PART_HEADER && kind < BTF_PART_END)
		return part_names[kind - BTF_PART_HEADER];
	return "unknown kind";
}

/* A kernel has fifty thousand groups: printf() would take as long as reading. */
const char *btf_label(struct arena *arena, const struct btf_group *group)
{
	const char *kind = btf_kind_name(group->kind);
	const char *name = group->length ? group->name : "(unnamed)";
	size_t length = group->length ? group->length : strlen(name);
	char *label;

	if (group->kind >= BTF_PART_HEADER)
		return kind;
	label = arena_alloc(arena, strlen(kind) + length + 2);
	if (label)
		*(char *)mempcpy(stpcpy(stpcpy(label, kind), " "), name,
				 length) = '\0';
	return label;
}

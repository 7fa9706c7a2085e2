/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_TESTS_MADE_BTF_H
#define VMDELTA_TESTS_MADE_BTF_H

/* BTF made by hand, word by word, in either byte order. */

#include <linux/btf.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define MADE_BTF_ROOM 65536

struct made_btf {
	uint8_t types[MADE_BTF_ROOM];
	char strings[MADE_BTF_ROOM];
	uint32_t types_size, strings_size;
	uint32_t string_start; /* of the base */
	uint32_t next_id;
	bool big_endian;
	uint8_t blob[2 * MADE_BTF_ROOM + 64];
};

static inline void made_btf_init(struct made_btf *made, bool big_endian)
{
	memset(made, 0, sizeof(*made));
	made->big_endian = big_endian;
	made->strings_size = 1;
	made->next_id = 1;
}

static inline void made_store(const struct made_btf *made, uint8_t *at,
			      uint32_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		at[made->big_endian ? bytes - 1 - i : i] =
			(uint8_t)(value >> 8 * i);
}

static inline void made_word(struct made_btf *made, uint32_t value)
{
	made_store(made, made->types + made->types_size, value, 4);
	made->types_size += 4;
}

/* Adds a string, also one that is there, and returns its offset. */
static inline uint32_t made_new_name(struct made_btf *made, const char *text)
{
	uint32_t at = made->strings_size;

	memcpy(made->strings + at, text, strlen(text) + 1);
	made->strings_size += (uint32_t)strlen(text) + 1;
	return made->string_start + at;
}

/* The offset of a string, added if it is not there. */
static inline uint32_t made_name(struct made_btf *made, const char *text)
{
	uint32_t at = made->string_start ? 0 : 1;

	if (!*text)
		return 0;
	for (; at < made->strings_size; at += strlen(made->strings + at) + 1)
		if (!strcmp(made->strings + at, text))
			return made->string_start + at;
	return made_new_name(made, text);
}

/* The three words of a record; returns its id. */
static inline uint32_t made_record(struct made_btf *made, unsigned kind,
				   const char *name, unsigned vlen,
				   uint32_t word)
{
	made_word(made, made_name(made, name));
	made_word(made, kind << 24 | vlen);
	made_word(made, word);
	return made->next_id++;
}

static inline void made_member(struct made_btf *made, const char *name,
			       uint32_t type, uint32_t bit_offset)
{
	made_word(made, made_name(made, name));
	made_word(made, type);
	made_word(made, bit_offset);
}

static inline uint32_t made_int(struct made_btf *made, const char *name)
{
	uint32_t id = made_record(made, BTF_KIND_INT, name, 0, 4);

	made_word(made, 32);
	return id;
}

static inline uint32_t made_ptr(struct made_btf *made, uint32_t to)
{
	return made_record(made, BTF_KIND_PTR, "", 0, to);
}

/* A struct of one member at offset 0. */
static inline uint32_t made_struct(struct made_btf *made, const char *name,
				   const char *member, uint32_t type)
{
	uint32_t id = made_record(made, BTF_KIND_STRUCT, name, 1, 8);

	made_member(made, member, type, 0);
	return id;
}

/* Writes header, types and strings to made->blob; returns the size. */
static inline uint64_t made_finish(struct made_btf *made)
{
	uint8_t *blob = made->blob;

	made_store(made, blob, BTF_MAGIC, 2);
	blob[2] = BTF_VERSION;
	blob[3] = 0;
	made_store(made, blob + 4, 24, 4);
	made_store(made, blob + 8, 0, 4);
	made_store(made, blob + 12, made->types_size, 4);
	made_store(made, blob + 16, made->types_size, 4);
	made_store(made, blob + 20, made->strings_size, 4);
	memcpy(blob + 24, made->types, made->types_size);
	memcpy(blob + 24 + made->types_size, made->strings,
	       made->strings_size);
	return 24 + (uint64_t)made->types_size + made->strings_size;
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * gen_btf OUTPUT TYPES: raw BTF in which deduplication has failed. Each unit
 * brings the same 20,000 types under new ids, in groups of ten that refer
 * forwards and backwards, and 250 functions of its own; texts are there once,
 * as libbpf writes them. 20 million types are 1.1 GB.
 */

#include <linux/btf.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROUPS 2000u /* in a unit */
#define IN_GROUP 10u
#define MEMBERS 12u
#define PARAMS 6u
#define ENUMERATORS 9u

/* Offsets of a group's texts. */
struct names {
	uint32_t record, typedefed, function, list;
	uint32_t member[MEMBERS], inner[MEMBERS];
	uint32_t param[PARAMS], value[ENUMERATORS];
};

struct strings {
	char *text;
	size_t size, capacity;
};

static uint32_t add(struct strings *strings, const char *format, ...)
{
	char text[64];
	va_list arguments;
	size_t length, at = strings->size;

	va_start(arguments, format);
	length = (size_t)vsnprintf(text, sizeof(text), format, arguments) + 1;
	va_end(arguments);
	if (at + length > strings->capacity) {
		strings->capacity = 2 * strings->capacity + 4096;
		strings->text = realloc(strings->text, strings->capacity);
		if (!strings->text)
			exit(1);
	}
	memcpy(strings->text + at, text, length);
	strings->size += length;
	return (uint32_t)at;
}

#define MEMBER_NAMES 97u /* groups with texts of their own for members */

static void name_group(struct names *names, struct strings *strings,
		       unsigned group)
{
	const struct names *alike = names - MEMBER_NAMES;

	names->record = add(strings, "record_%u", group);
	names->typedefed = add(strings, "record_%u_t", group);
	names->function = add(strings, "handle_%u", group);
	names->list = add(strings, "states_%u", group);
	for (unsigned i = 0; i < MEMBERS; i++) {
		names->member[i] = group < MEMBER_NAMES
			? add(strings, "m%u_%u", i, group) : alike->member[i];
		names->inner[i] = names->member[i];
	}
	for (unsigned i = 0; i < PARAMS; i++)
		names->param[i] = names->member[PARAMS - 1 - i];
	for (unsigned i = 0; i < ENUMERATORS; i++)
		names->value[i] = add(strings, "STATE_%u_%u", group, i);
}

static uint32_t *word(uint32_t *at, uint32_t value)
{
	*at = value;
	return at + 1;
}

static uint32_t *record(uint32_t *at, unsigned kind, uint32_t name,
			unsigned vlen, uint32_t last)
{
	at = word(at, name);
	at = word(at, kind << 24 | vlen);
	return word(at, last);
}

/* Ten types, the first of which is `id`; `next` is one of a later group. */
static uint32_t *write_group(uint32_t *at, const struct names *names,
			     uint32_t id, uint32_t next, uint32_t function)
{
	at = record(at, BTF_KIND_STRUCT, names->record, MEMBERS, MEMBERS * 8);
	for (unsigned i = 0; i < MEMBERS; i++) {
		at = word(at, names->member[i]);
		at = word(at, i % 2 ? id + 1 : id + 3);
		at = word(at, i * 64);
	}
	at = record(at, BTF_KIND_PTR, 0, 0, id);
	at = record(at, BTF_KIND_CONST, 0, 0, next);
	at = record(at, BTF_KIND_PTR, 0, 0, id + 2);
	at = record(at, BTF_KIND_TYPEDEF, names->typedefed, 0, id);
	at = record(at, BTF_KIND_ARRAY, 0, 0, 0);
	at = word(at, id + 3);
	at = word(at, 1);
	at = word(at, 16);
	at = record(at, BTF_KIND_FUNC_PROTO, 0, PARAMS, 1);
	for (unsigned i = 0; i < PARAMS; i++) {
		at = word(at, names->param[i]);
		at = word(at, i % 2 ? id + 3 : id + 9);
	}
	at = record(at, BTF_KIND_FUNC, function, 1, id + 6);
	at = record(at, BTF_KIND_ENUM, names->list, ENUMERATORS, 4);
	for (unsigned i = 0; i < ENUMERATORS; i++) {
		at = word(at, names->value[i]);
		at = word(at, i);
	}
	at = record(at, BTF_KIND_STRUCT, 0, MEMBERS, MEMBERS * 8);
	for (unsigned i = 0; i < MEMBERS; i++) {
		at = word(at, names->inner[i]);
		at = word(at, i % 2 ? id + 1 : 1);
		at = word(at, i * 64);
	}
	return at;
}

static void write_all(FILE *file, const void *data, size_t size)
{
	if (fwrite(data, 1, size, file) != size) {
		perror("gen_btf");
		exit(1);
	}
}

static uint64_t write_unit(FILE *file, const struct names *names,
			   struct strings *strings, unsigned unit)
{
	static uint32_t buffer[256];
	uint32_t first = 2 + unit * GROUPS * IN_GROUP;
	uint64_t size = 0;

	for (unsigned i = 0; i < GROUPS; i++) {
		uint32_t id = first + i * IN_GROUP;
		uint32_t next = i + 1 < GROUPS ? id + IN_GROUP : first;
		uint32_t function = names[i].function;
		uint32_t *end;

		if (i % 8 == 0)
			function = add(strings, "own_%u_of_%u", i, unit);
		end = write_group(buffer, &names[i], id, next, function);
		write_all(file, buffer, (size_t)(end - buffer) * 4);
		size += (uint64_t)(end - buffer) * 4;
	}
	return size;
}

int main(int argc, char **argv)
{
	struct btf_header header = { .magic = BTF_MAGIC, .version = 1,
				     .hdr_len = sizeof(header) };
	struct names *names = calloc(GROUPS, sizeof(*names));
	struct strings strings = { 0 };
	FILE *file = argc == 3 ? fopen(argv[1], "wb") : NULL;
	uint32_t number[4];
	unsigned long units = 0;

	if (!file || !names) {
		fprintf(stderr, "usage: gen_btf OUTPUT TYPES\n");
		return 2;
	}
	units = strtoul(argv[2], NULL, 10) / (GROUPS * IN_GROUP);
	add(&strings, "%s", "");
	for (unsigned i = 0; i < GROUPS; i++)
		name_group(&names[i], &strings, i);
	write_all(file, &header, sizeof(header));
	record(number, BTF_KIND_INT, add(&strings, "int"), 0, 4);
	number[3] = 32;
	write_all(file, number, sizeof(number));
	header.type_len = sizeof(number);
	for (unsigned i = 0; i < units; i++)
		header.type_len += (uint32_t)write_unit(file, names, &strings,
							i);
	header.str_off = header.type_len;
	header.str_len = (uint32_t)strings.size;
	write_all(file, strings.text, strings.size);
	if (fseek(file, 0, SEEK_SET))
		return 1;
	write_all(file, &header, sizeof(header));
	free(strings.text);
	free(names);
	return fclose(file) ? 1 : 0;
}

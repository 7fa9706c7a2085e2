/* SPDX-License-Identifier: MIT */
/*
 * The least that a job can cost on this machine, on one thread:
 *
 *	floor names OLD NEW   touch every section header and symbol of two ELF64
 *	                      files once, hash each name, join them by hash
 *	floor hash FILE       one sequential XXH3 pass over a file
 *	floor lines FILE      print a file line by line
 *
 * No checks, no answer: a number that keeps the compiler from leaving it out.
 */

#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

struct file {
	const uint8_t *data;
	uint64_t size;
};

struct slot {
	uint64_t hash;
	uint64_t size;
};

static struct file open_file(const char *path)
{
	struct file file = { 0 };
	struct stat status;
	int descriptor = open(path, O_RDONLY);

	if (descriptor < 0 || fstat(descriptor, &status)) {
		perror(path);
		exit(1);
	}
	file.size = (uint64_t)status.st_size;
	file.data = mmap(NULL, file.size, PROT_READ, MAP_PRIVATE, descriptor, 0);
	if (file.data == MAP_FAILED) {
		perror(path);
		exit(1);
	}
	close(descriptor);
	return file;
}

static const Elf64_Shdr *headers(struct file file, uint32_t *count)
{
	const Elf64_Ehdr *header = (const void *)file.data;
	const Elf64_Shdr *sections = (const void *)(file.data + header->e_shoff);

	*count = header->e_shnum ? header->e_shnum : (uint32_t)sections->sh_size;
	return sections;
}

static uint64_t touch_sections(struct file file)
{
	const Elf64_Ehdr *header = (const void *)file.data;
	uint32_t count, names = header->e_shstrndx;
	const Elf64_Shdr *sections = headers(file, &count);
	uint64_t sum = 0;

	if (names == SHN_XINDEX)
		names = sections->sh_link;
	for (uint32_t i = 0; i < count; i++) {
		const char *name = (const char *)file.data +
				   sections[names].sh_offset +
				   sections[i].sh_name;

		sum += XXH3_64bits(name, strlen(name)) + sections[i].sh_size;
	}
	return sum;
}

static const Elf64_Shdr *symbol_table(struct file file)
{
	uint32_t count;
	const Elf64_Shdr *sections = headers(file, &count);

	for (uint32_t i = 0; i < count; i++)
		if (sections[i].sh_type == SHT_SYMTAB)
			return &sections[i];
	fprintf(stderr, "no symbol table\n");
	exit(1);
}

/* The slot of a hash, empty or its own. */
static struct slot *find(struct slot *slots, uint64_t mask, uint64_t hash)
{
	uint64_t at = hash & mask;

	while (slots[at].hash && slots[at].hash != hash)
		at = (at + 1) & mask;
	return &slots[at];
}

static uint64_t touch_symbols(struct file file, struct slot *slots,
			      uint64_t mask, int join)
{
	uint32_t count;
	const Elf64_Shdr *table = symbol_table(file);
	const Elf64_Shdr *strings = headers(file, &count) + table->sh_link;
	const Elf64_Sym *symbols = (const void *)(file.data + table->sh_offset);
	uint64_t sum = 0;

	for (uint64_t i = 1; i < table->sh_size / sizeof(*symbols); i++) {
		const char *name = (const char *)file.data +
				   strings->sh_offset + symbols[i].st_name;
		uint64_t hash = XXH3_64bits(name, strlen(name)) | 1;
		struct slot *slot = find(slots, mask, hash);

		if (join) {
			sum += slot->size - symbols[i].st_size;
		} else {
			slot->hash = hash;
			slot->size += symbols[i].st_size;
		}
	}
	return sum;
}

static uint64_t floor_names(const char *old_path, const char *new_path)
{
	struct file old_file = open_file(old_path);
	struct file new_file = open_file(new_path);
	uint64_t needed = symbol_table(old_file)->sh_size / sizeof(Elf64_Sym);
	uint64_t slot_count = 1, sum;
	struct slot *slots;

	while (slot_count < needed * 3 / 2)
		slot_count *= 2;
	slots = calloc(slot_count, sizeof(*slots));
	if (!slots)
		exit(1);
	sum = touch_sections(old_file) + touch_sections(new_file);
	sum += touch_symbols(old_file, slots, slot_count - 1, 0);
	sum += touch_symbols(new_file, slots, slot_count - 1, 1);
	free(slots);
	return sum;
}

static uint64_t print_lines(struct file file)
{
	const char *at = (const char *)file.data, *end = at + file.size;
	uint64_t lines = 0;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *next = newline ? newline + 1 : end;

		fwrite(at, 1, (size_t)(next - at), stdout);
		at = next;
		lines++;
	}
	return lines;
}

int main(int argc, char **argv)
{
	uint64_t sum;

	if (argc == 4 && !strcmp(argv[1], "names")) {
		sum = floor_names(argv[2], argv[3]);
	} else if (argc == 3 && !strcmp(argv[1], "hash")) {
		struct file file = open_file(argv[2]);

		sum = XXH3_64bits(file.data, file.size);
	} else if (argc == 3 && !strcmp(argv[1], "lines")) {
		sum = print_lines(open_file(argv[2]));
	} else {
		fprintf(stderr, "usage: floor names OLD NEW | hash FILE | "
			"lines FILE\n");
		return 2;
	}
	printf("%llx\n", (unsigned long long)sum);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_DWARF_LINE_H
#define VMDELTA_DEBUG_DWARF_LINE_H

/*
 * Line tables: their list of files, for declarations and calls, and, for
 * single questions, the file and line of an address.
 *
 * Source: DWARF 5, section 6.2; DWARF 4, section 6.2.4.
 */

#include "debug/dwarf_file.h"

struct line_file {
	const char *name;
	uint32_t directory;
};

/* The files of one line table, by the number that attributes use. */
struct line_files {
	uint64_t offset; /* of the table; what it is cached by */
	bool valid;
	const char **directories;
	size_t directory_count, directory_capacity;
	struct line_file *files;
	size_t file_count, file_capacity;
	/* For running the program: */
	struct cursor program;
	uint8_t min_instruction, line_range, opcode_base, version;
	uint8_t address_size;
	int8_t line_base;
	const uint8_t *opcode_lengths;
};

/* Reads the header of a unit's line table. Returns -1 when out of memory. */
int line_files_read(struct line_files *files, struct dwarf_file *file,
		    const struct unit *unit);
void line_files_release(struct line_files *files);

/*
 * The path of file `number`, as path_make() makes it, into `path`; false if
 * there is no such file. *directory and *name are what it was made from.
 */
bool line_file_path(const struct line_files *files, const struct unit *unit,
		    uint64_t number, char *path, size_t size);

/* A row of the line table: from here to the next row's address. */
struct line_row {
	uint64_t address;
	uint32_t file;
	uint32_t line; /* 0: of no line */
	bool end;      /* end of a sequence: no row of its own */
};

/*
 * Runs the program and appends its rows, in its order, to a malloc'ed array.
 * Returns -1 when out of memory.
 */
int line_rows_read(const struct line_files *files, struct line_row **rows,
		   size_t *count, size_t *capacity);

#endif

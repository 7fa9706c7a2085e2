/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_JSON_WRITER_H
#define VMDELTA_REPORT_JSON_WRITER_H

/*
 * JSON (RFC 8259), written as it comes: constant memory for any number of
 * rows. Commas and nesting are the writer's; the caller gives keys and values
 * in turn.
 *
 * Names in ELF files are bytes. Valid UTF-8 is written as it is; a byte that
 * is not part of any becomes the four characters \xNN (in JSON: "\\xNN"), so
 * that the output is valid for every reader. Lone surrogates, which Python
 * would use, are refused by strict ones.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/dimension.h"
#include "report/out.h"

struct json {
	struct out *out;
	bool html;       /* spell out '<': safe inside a script element */
	bool comma;      /* a value stands before the next one here */
};

void json_open(struct json *json, char bracket);  /* '{' or '[' */
void json_close(struct json *json, char bracket); /* '}' or ']' */
void json_line(struct json *json); /* the next value begins a line */

/* A plain word of ours. Inline, for rows have ten of them. */
INLINE void
json_key(struct json *json, const char *key)
{
	if (json->comma)
		out_char(json->out, ',');
	out_char(json->out, '"');
	out_text(json->out, key);
	out_bytes(json->out, "\":", 2);
	json->comma = false;
}

void json_text(struct json *json, struct text text);
void json_string(struct json *json, const char *text); /* NULL: null */
void json_number(struct json *json, uint64_t number);
void json_signed(struct json *json, int64_t number);
void json_bool(struct json *json, bool value);
void json_null(struct json *json);

/* A key and its value. */
void json_member(struct json *json, const char *key, const char *text);
void json_member_number(struct json *json, const char *key, uint64_t number);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_FUZZ_CHECK_OUTPUT_H
#define VMDELTA_FUZZ_CHECK_OUTPUT_H

/*
 * What has to hold of every report, whatever the names in it are: each format
 * is read by its own rules, and a report that is not of its format aborts. No
 * format hands a control character to the terminal.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmdelta.h"

struct reader {
	const char *at, *end, *start;
};

static void check_fail(const struct reader *reader, const char *what)
{
	size_t before = (size_t)(reader->at - reader->start);
	size_t after = (size_t)(reader->end - reader->at);

	before = before > 200 ? 200 : before;
	after = after > 60 ? 60 : after;
	fprintf(stderr, "%s:\n%.*s<HERE>%.*s\n", what, (int)before,
		reader->at - before, (int)after, reader->at);
	abort();
}

/* The next character; 0 at the end. Aborts where it is not UTF-8. */
static uint32_t check_character(struct reader *reader)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint8_t first;
	unsigned length;
	uint32_t c;

	if (reader->at == reader->end)
		return 0;
	first = (uint8_t)*reader->at;
	length = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 :
		 first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;
	if (!length || (size_t)(reader->end - reader->at) < length)
		check_fail(reader, "not UTF-8");
	c = length == 1 ? first : first & (0x7fu >> length);
	for (unsigned i = 1; i < length; i++) {
		uint8_t next = (uint8_t)reader->at[i];

		if (next >> 6 != 2)
			check_fail(reader, "not UTF-8");
		c = c << 6 | (next & 0x3fu);
	}
	if (c < least[length] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		check_fail(reader, "not UTF-8");
	reader->at += length;
	return c;
}

/* No control characters but those of the format; no turned-around text. */
static void check_characters(struct reader reader, const char *controls,
			     int turns)
{
	while (reader.at < reader.end) {
		struct reader here = reader;
		uint32_t c = check_character(&reader);

		if ((c < 0x20 && !(c && strchr(controls, (int)c))) ||
		    (c >= 0x7f && c < 0xa0))
			check_fail(&here, "a control character");
		if (!turns && ((c >= 0x202a && c <= 0x202e) ||
			       (c >= 0x2066 && c <= 0x2069)))
			check_fail(&here, "turns the reading direction");
	}
}

/* JSON, RFC 8259. */
static void json_value(struct reader *reader, unsigned depth);

static char json_peek(struct reader *reader)
{
	while (reader->at < reader->end && (*reader->at == ' ' ||
					    *reader->at == '\n'))
		reader->at++;
	return reader->at < reader->end ? *reader->at : 0;
}

static void json_expect(struct reader *reader, char c)
{
	if (json_peek(reader) != c)
		check_fail(reader, "not JSON");
	reader->at++;
}

static void json_string_value(struct reader *reader)
{
	json_expect(reader, '"');
	while (reader->at < reader->end && *reader->at != '"') {
		if ((uint8_t)*reader->at < 0x20)
			check_fail(reader, "control character in JSON");
		if (*reader->at++ != '\\')
			continue;
		if (reader->at == reader->end ||
		    !strchr("\"\\/bfnrtu", *reader->at))
			check_fail(reader, "bad escape in JSON");
		if (*reader->at == 'u')
			for (unsigned i = 1; i <= 4; i++)
				if (reader->end - reader->at <= i ||
				    !strchr("0123456789abcdef",
					    reader->at[i]))
					check_fail(reader, "bad \\u in JSON");
		reader->at++;
	}
	json_expect(reader, '"');
}

static void json_members(struct reader *reader, char end, unsigned depth)
{
	reader->at++;
	if (json_peek(reader) == end) {
		reader->at++;
		return;
	}
	for (;;) {
		if (end == '}') {
			json_string_value(reader);
			json_expect(reader, ':');
		}
		json_value(reader, depth + 1);
		if (json_peek(reader) == end)
			break;
		json_expect(reader, ',');
	}
	reader->at++;
}

static void json_value(struct reader *reader, unsigned depth)
{
	static const char *const words[] = { "true", "false", "null" };
	char c = json_peek(reader);

	if (depth > 64)
		check_fail(reader, "too deep");
	if (c == '{' || c == '[') {
		json_members(reader, c == '{' ? '}' : ']', depth);
		return;
	}
	if (c == '"') {
		json_string_value(reader);
		return;
	}
	for (unsigned i = 0; i < 3; i++) {
		size_t length = strlen(words[i]);

		if ((size_t)(reader->end - reader->at) >= length &&
		    !memcmp(reader->at, words[i], length)) {
			reader->at += length;
			return;
		}
	}
	if (c == '-')
		reader->at++;
	if (reader->at == reader->end || *reader->at < '0' || *reader->at > '9')
		check_fail(reader, "not JSON");
	while (reader->at < reader->end && strchr("0123456789.eE+-",
						  *reader->at))
		reader->at++;
}

static void check_json(struct reader reader)
{
	check_characters(reader, "\n", 1);
	json_value(&reader, 0);
	if (json_peek(&reader))
		check_fail(&reader, "more behind the JSON");
}

/* CSV, RFC 4180: all records have as many fields, none is a formula. */
static void check_csv(struct reader reader)
{
	size_t fields = 0, expected = 0;

	check_characters(reader, "\r\n", 1);
	while (reader.at < reader.end) {
		int quoted = *reader.at == '"';

		reader.at += quoted;
		if (reader.at < reader.end && strchr("=+-@\t\r", *reader.at) &&
		    (*reader.at != '\r' || quoted))
			check_fail(&reader, "a formula");
		for (; reader.at < reader.end; reader.at++) {
			if (quoted && *reader.at == '"') {
				if (reader.end - reader.at < 2 ||
				    reader.at[1] != '"')
					break;
				reader.at++;
			} else if (!quoted && strchr(",\r\n\"", *reader.at)) {
				break;
			}
		}
		reader.at += quoted;
		fields++;
		if (reader.at < reader.end && *reader.at == ',') {
			reader.at++;
			continue;
		}
		if (reader.end - reader.at < 2 || memcmp(reader.at, "\r\n", 2))
			check_fail(&reader, "no end of the record");
		reader.at += 2;
		if (expected && fields != expected)
			check_fail(&reader, "another number of fields");
		expected = fields;
		fields = 0;
	}
}

/* Markdown: rows have as many cells as their head, names stay in code. */
static void check_markdown(struct reader reader)
{
	unsigned expected = 0;

	check_characters(reader, "\n", 0);
	while (reader.at < reader.end) {
		int code = 0, table = *reader.at == '|', own;
		unsigned bars = 0;

		own = !strncmp(reader.at, "<details>", 9) ||
		      !strncmp(reader.at, "</details>", 10);
		for (; *reader.at != '\n'; reader.at++) {
			if (reader.at + 1 == reader.end)
				check_fail(&reader, "a line without end");
			code ^= *reader.at == '`';
			if (!code && !own && strchr("<[\\", *reader.at))
				check_fail(&reader, "markup outside of code");
			bars += *reader.at == '|' && reader.at[-1] != '\\';
		}
		if (code)
			check_fail(&reader, "code without end");
		if (table && expected && bars != expected)
			check_fail(&reader, "another number of cells");
		expected = table ? bars : 0;
		reader.at++;
	}
}

/* HTML: the only thing that varies is JSON, which has no tag in it. */
static void check_html(struct reader reader)
{
	static const char data[] = "<script type=\"application/json\" "
				   "id=\"data\">";
	struct reader json = reader;
	const char *from = memmem(reader.at, (size_t)(reader.end - reader.at),
				  data, sizeof(data) - 1);

	if (!from)
		check_fail(&reader, "no data");
	json.start = json.at = from + sizeof(data) - 1;
	json.end = memchr(json.at, '<', (size_t)(reader.end - json.at));
	if (!json.end)
		check_fail(&json, "data without end");
	check_json(json);
	reader.at = json.end;
	if (strncmp(reader.at, "</script>\n<script>", 18))
		check_fail(&reader, "a tag in the data");
	check_characters(reader, "\n\t", 1);
}

static void check_output(enum vmd_format format, const char *text, size_t size)
{
	struct reader reader = { text, text + size, text };

	switch (format) {
	case VMD_FORMAT_JSON:
		check_json(reader);
		break;
	case VMD_FORMAT_CSV:
		check_csv(reader);
		break;
	case VMD_FORMAT_MARKDOWN:
		check_markdown(reader);
		break;
	case VMD_FORMAT_HTML:
		check_html(reader);
		break;
	case VMD_FORMAT_TEXT:
	case VMD_FORMAT_BLOAT_O_METER:
		check_characters(reader, "\n", 0);
		break;
	}
}

#endif

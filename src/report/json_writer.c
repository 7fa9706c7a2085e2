/* SPDX-License-Identifier: MIT */
#include "report/json_writer.h"

#include <string.h>

#include "report/utf8.h"

static void before_value(struct json *json)
{
	if (json->comma)
		out_char(json->out, ',');
	json->comma = true;
}

void json_open(struct json *json, char bracket)
{
	before_value(json);
	out_char(json->out, bracket);
	json->comma = false;
}

void json_close(struct json *json, char bracket)
{
	out_char(json->out, bracket);
	json->comma = true;
}

void json_line(struct json *json)
{
	if (json->comma)
		out_char(json->out, ',');
	out_char(json->out, '\n');
	json->comma = false;
}

/* True for what a string may hold as it is. */
static bool is_plain(const struct json *json, uint8_t c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\' &&
	       !(json->html && c == '<');
}

/* Writes one character that is not plain; returns the bytes it took. */
static size_t escape(struct json *json, struct text text)
{
	uint8_t c = (uint8_t)text.at[0];
	uint32_t character;
	size_t size;

	if (c == '"' || c == '\\') {
		out_char(json->out, '\\');
		out_char(json->out, (char)c);
		return 1;
	}
	if (c < 0x80) {
		out_format(json->out, "\\u%04x", c);
		return 1;
	}
	size = utf8_decode(text.at, text.length, &character);
	if (size && character < 0xa0) { /* a control character, too */
		out_format(json->out, "\\u%04x", character);
		return size;
	}
	if (size) {
		out_bytes(json->out, text.at, size);
		return size;
	}
	out_format(json->out, "\\\\x%02x", c);
	return 1;
}

static void quoted(struct json *json, struct text text)
{
	out_char(json->out, '"');
	while (text.length) {
		size_t plain = 0;

		while (plain < text.length &&
		       is_plain(json, (uint8_t)text.at[plain]))
			plain++;
		out_bytes(json->out, text.at, plain);
		text.at += plain;
		text.length -= plain;
		if (text.length) {
			size_t size = escape(json, text);

			text.at += size;
			text.length -= size;
		}
	}
	out_char(json->out, '"');
}

void json_text(struct json *json, struct text text)
{
	before_value(json);
	quoted(json, text);
}

void json_string(struct json *json, const char *text)
{
	if (text)
		json_text(json, (struct text){ text, strlen(text) });
	else
		json_null(json);
}

void json_number(struct json *json, uint64_t number)
{
	before_value(json);
	out_number(json->out, number);
}

void json_signed(struct json *json, int64_t number)
{
	before_value(json);
	if (number < 0)
		out_char(json->out, '-');
	out_number(json->out, magnitude(number));
}

void json_bool(struct json *json, bool value)
{
	before_value(json);
	out_text(json->out, value ? "true" : "false");
}

void json_null(struct json *json)
{
	before_value(json);
	out_text(json->out, "null");
}

void json_member(struct json *json, const char *key, const char *text)
{
	json_key(json, key);
	json_string(json, text);
}

void json_member_number(struct json *json, const char *key, uint64_t number)
{
	json_key(json, key);
	json_number(json, number);
}

/* SPDX-License-Identifier: MIT */
/*
 * An expression is run once on each key of its dimensions, not on each entry:
 * the answers are kept in an array by key.
 */
#include "report/filter.h"

#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"

enum answer { UNKNOWN, NO, YES };

struct filter {
	regex_t regex;
	bool compiled;
	bool exclude;
	const struct keys *keys;
	struct dimension_list dimensions;
	uint8_t *answers[DIMENSIONS_MAX]; /* by key; the last is for NONE */
	uint32_t limits[DIMENSIONS_MAX];
};

/* True for "[a-z-]+:" that is not "::", which C++ names have. */
static bool looks_like_dimension(const char *text, size_t length)
{
	if (!length || text[length] != ':' || text[length + 1] == ':')
		return false;
	for (size_t i = 0; i < length; i++)
		if (!islower((unsigned char)text[i]) && text[i] != '-')
			return false;
	return true;
}

/* Takes "DIM:" off the front; *rest is the expression. */
static int parse_dimension(struct filter *filter, const char *text,
			   const struct dimension_list *by, const char **rest,
			   struct err *err)
{
	size_t length = strcspn(text, ":");
	const struct dimension *found = NULL;
	char *word;
	int status;

	filter->dimensions = *by;
	*rest = text;
	if (!looks_like_dimension(text, length))
		return 0;
	found = dimension_find(text, length);
	if (found) {
		filter->dimensions.at[0] = found;
		filter->dimensions.count = 1;
		*rest = text + length + 1;
		return 0;
	}
	word = strndup(text, length);
	if (!word)
		return err_oom(err, "reading a filter");
	status = dimension_suggests(word)
		? dimension_list_parse(&filter->dimensions, word, err) : 0;
	filter->dimensions = *by;
	free(word);
	return status;
}

static int compile(struct filter *filter, const char *text, struct err *err)
{
	int status = regcomp(&filter->regex, text, REG_EXTENDED);
	char message[128];

	if (status) {
		regerror(status, &filter->regex, message, sizeof(message));
		return err_set(err, "bad expression '%s': %s", text, message);
	}
	filter->compiled = true;
	return 0;
}

static int filter_init(struct filter *filter, struct keys *keys,
		       const struct dimension_list *by, const char *text,
		       struct err *err)
{
	filter->keys = keys;
	if (parse_dimension(filter, text, by, &text, err) ||
	    compile(filter, text, err))
		return -1;
	for (size_t i = 0; i < filter->dimensions.count; i++)
		if (dimension_prepare(filter->dimensions.at[i], keys, err))
			return -1;
	return 0;
}

/* After all dimensions of all filters are prepared: limits may still grow. */
static int filter_make_answers(struct filter *filter, struct err *err)
{
	for (size_t i = 0; i < filter->dimensions.count; i++) {
		uint32_t limit =
			filter->dimensions.at[i]->limit(filter->keys);

		filter->limits[i] = limit;
		filter->answers[i] = calloc((size_t)limit + 1, 1);
		if (!filter->answers[i])
			return err_oom(err, "filtering");
	}
	return 0;
}

size_t filter_dimension_length(const char *text)
{
	size_t length = strcspn(text, ":");

	return looks_like_dimension(text, length) &&
	       dimension_find(text, length) ? length + 1 : 0;
}

int filter_check(const char *text, unsigned *needs, struct err *err)
{
	const struct dimension_list none = { .count = 0 };
	struct filter filter = { .compiled = false };
	int status = parse_dimension(&filter, text, &none, &text, err) ||
		     compile(&filter, text, err);

	for (size_t i = 0; i < filter.dimensions.count; i++)
		*needs |= filter.dimensions.at[i]->needs;
	if (filter.compiled)
		regfree(&filter.regex);
	return status ? -1 : 0;
}

static size_t length_of(const char *const *list)
{
	size_t count = 0;

	while (list && list[count])
		count++;
	return count;
}

int filters_init(struct filters *filters, struct keys *keys,
		 const struct dimension_list *by, const char *const *keep,
		 const char *const *exclude, struct err *err)
{
	size_t keeps = length_of(keep), excludes = length_of(exclude);

	memset(filters, 0, sizeof(*filters));
	if (!(keeps + excludes))
		return 0;
	filters->list = calloc(keeps + excludes, sizeof(*filters->list));
	if (!filters->list)
		return err_oom(err, "filtering");
	filters->count = keeps + excludes;
	for (size_t i = 0; i < filters->count; i++) {
		struct filter *filter = &filters->list[i];

		filter->exclude = i >= keeps;
		if (filter_init(filter, keys, by, filter->exclude
				? exclude[i - keeps] : keep[i], err))
			return -1;
	}
	for (size_t i = 0; i < filters->count; i++)
		if (filter_make_answers(&filters->list[i], err))
			return -1;
	return 0;
}

void filters_release(struct filters *filters)
{
	for (size_t i = 0; i < filters->count; i++) {
		struct filter *filter = &filters->list[i];

		if (filter->compiled)
			regfree(&filter->regex);
		for (size_t j = 0; j < DIMENSIONS_MAX; j++)
			free(filter->answers[j]);
	}
	free(filters->list);
	memset(filters, 0, sizeof(*filters));
}

static enum answer ask(const struct filter *filter,
		       const struct dimension *dimension, uint32_t key)
{
	struct text texts[SIDES] = { { "", 0 } };
	size_t count = 1;

	if (key != NONE)
		count = dimension_texts(dimension, filter->keys, key, texts);
	for (size_t i = 0; i < count; i++) {
		regmatch_t match = { 0, (regoff_t)texts[i].length };

		if (!regexec(&filter->regex, texts[i].at, 1, &match,
			     REG_STARTEND))
			return YES;
	}
	return NO;
}

static void match_dimension(const struct filter *filter, size_t index,
			    const uint32_t *keys, size_t count,
			    uint8_t *matched)
{
	uint8_t *answers = filter->answers[index];
	uint32_t limit = filter->limits[index];

	for (size_t i = 0; i < count; i++) {
		uint8_t *answer = &answers[keys[i] == NONE ? limit : keys[i]];

		if (*answer == UNKNOWN)
			*answer = (uint8_t)ask(filter,
				filter->dimensions.at[index], keys[i]);
		matched[i] |= *answer == YES;
	}
}

void filters_test(const struct filters *filters, unsigned side,
		  const struct entry *entries, size_t count, uint8_t *aside)
{
	uint32_t keys[FILTER_BLOCK];
	uint8_t matched[FILTER_BLOCK];

	memset(aside, 0, count);
	for (size_t f = 0; f < filters->count; f++) {
		const struct filter *filter = &filters->list[f];

		memset(matched, 0, count);
		for (size_t i = 0; i < filter->dimensions.count; i++) {
			filter->dimensions.at[i]->fill(filter->keys, side,
						       entries, count, keys);
			match_dimension(filter, i, keys, count, matched);
		}
		for (size_t i = 0; i < count; i++)
			aside[i] |= matched[i] == filter->exclude;
	}
}

/* SPDX-License-Identifier: MIT */
#include "report/threshold.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"

static const struct {
	const char *name;
	enum metric metric;
} metrics[] = {
	{ "image", METRIC_IMAGE },
	{ "image-total", METRIC_IMAGE_TOTAL },
	{ "file", METRIC_FILE },
	{ "btf", METRIC_BTF },
	{ "image-end", METRIC_IMAGE_END },
};

/* The longer ones first: ">=" begins with ">". */
static const struct {
	const char *text;
	enum comparing comparing;
} operators[] = {
	{ ">=", AT_LEAST }, { "<=", AT_MOST }, { "==", EQUAL },
	{ "!=", NOT_EQUAL }, { ">", ABOVE }, { "<", BELOW }, { "=", EQUAL },
};

static const struct {
	const char *suffix;
	enum metric_part part;
} parts[] = {
	{ ".old", PART_OLD }, { ".new", PART_NEW }, { ".delta", PART_DELTA },
	{ "%", PART_PERCENT },
};

static const struct {
	const char *name;
	double factor;
} units[] = {
	{ "", 1 }, { "B", 1 }, { "K", 0x1p10 }, { "KiB", 0x1p10 },
	{ "kB", 1e3 }, { "M", 0x1p20 }, { "MiB", 0x1p20 }, { "MB", 1e6 },
	{ "G", 0x1p30 }, { "GiB", 0x1p30 }, { "GB", 1e9 },
};

static void trim(struct text *text)
{
	while (text->length && text->at[0] == ' ') {
		text->at++;
		text->length--;
	}
	while (text->length && text->at[text->length - 1] == ' ')
		text->length--;
}

static bool equals(struct text text, const char *word)
{
	return text.length == strlen(word) &&
	       !memcmp(text.at, word, text.length);
}

/* Takes ".old" and the like off the end of a metric. */
static void parse_part(struct threshold *threshold, struct text *metric)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		size_t length = strlen(parts[i].suffix);

		if (metric->length <= length ||
		    memcmp(metric->at + metric->length - length,
			   parts[i].suffix, length) != 0)
			continue;
		threshold->part = parts[i].part;
		metric->length -= length;
		return;
	}
}

static int unknown(struct text metric, size_t length, struct err *err)
{
	const char *known[64] = { NULL };
	char *word = strndup(metric.at, min_u64(length, 100));
	const char *best;
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(metrics); i++)
		known[count++] = metrics[i].name;
	for (size_t i = 0; i < dimension_count && count < 63; i++)
		known[count++] = dimensions[i].name;
	best = word ? suggest(word, known) : NULL;
	if (best)
		err_set(err, "unknown metric '%s', did you mean '%s%s'?",
			word, best, length < metric.length ? ":..." : "");
	else
		err_set(err, "unknown metric '%s': known are image, "
			"image-total, file, btf, image-end and DIMENSION:KEY",
			word ? word : "");
	free(word);
	return -1;
}

static int parse_metric(struct threshold *threshold, struct text metric,
			struct err *err)
{
	const char *colon = memchr(metric.at, ':', metric.length);
	size_t length = colon ? (size_t)(colon - metric.at) : metric.length;

	for (size_t i = 0; !colon && i < ARRAY_SIZE(metrics); i++) {
		if (!equals(metric, metrics[i].name))
			continue;
		threshold->metric = metrics[i].metric;
		return 0;
	}
	threshold->dimension = colon ? dimension_find(metric.at, length)
				     : NULL;
	if (!threshold->dimension)
		return unknown(metric, length, err);
	threshold->metric = METRIC_KEY;
	threshold->key.at = colon + 1;
	threshold->key.length = metric.length - length - 1;
	return 0;
}

static int parse_value(struct threshold *threshold, struct text value,
		       struct err *err)
{
	char *copy = strndup(value.at, value.length);
	char *end = copy;
	int status = -1;

	if (!copy)
		return err_oom(err, "reading a threshold");
	errno = 0;
	threshold->value = strtod(copy, &end);
	if (end != copy && !errno && isfinite(threshold->value)) {
		end += strspn(end, " ");
		for (size_t i = 0; i < ARRAY_SIZE(units); i++)
			if (!strcmp(end, units[i].name)) {
				threshold->value *= units[i].factor;
				status = 0;
			}
		if (!strcmp(end, "%") && (threshold->part == PART_DELTA ||
					  threshold->part == PART_PERCENT)) {
			threshold->part = PART_PERCENT;
			status = 0;
		}
	}
	if (status)
		err_set(err, "'%s': not a size or a share of the old size: "
			"'%s'", threshold->rule, copy);
	free(copy);
	return status;
}

/* The last operator: symbols of C++ can have some in their names. */
static const char *find_operator(const char *rule, size_t *length,
				 enum comparing *comparing)
{
	for (size_t at = strlen(rule); at-- > 0;) {
		if (!strchr("<>=!", rule[at]))
			continue;
		while (at && strchr("<>=!", rule[at - 1]))
			at--;
		for (size_t i = 0; i < ARRAY_SIZE(operators); i++) {
			*length = strlen(operators[i].text);
			*comparing = operators[i].comparing;
			if (!strncmp(rule + at, operators[i].text, *length))
				return rule + at;
		}
		return NULL;
	}
	return NULL;
}

int threshold_parse(struct threshold *threshold, const char *rule,
		    struct err *err)
{
	size_t length;
	const char *operator;
	struct text metric, value;

	memset(threshold, 0, sizeof(*threshold));
	threshold->rule = rule;
	operator = find_operator(rule, &length, &threshold->comparing);
	if (!operator)
		return err_set(err, "'%s': no comparison, write for example "
			       "'image > 64K'", rule);
	metric = (struct text){ rule, (size_t)(operator - rule) };
	value = (struct text){ operator + length, strlen(operator + length) };
	trim(&metric);
	trim(&value);
	parse_part(threshold, &metric);
	if (parse_metric(threshold, metric, err))
		return -1;
	return parse_value(threshold, value, err);
}

/*
 * A rule means the same whatever report is made beside it: a quick one leaves
 * literals without their owner, which a symbol's figure has.
 */
unsigned threshold_needs(const struct threshold *threshold)
{
	unsigned needs = NEED_OWNERS;

	if (threshold->metric == METRIC_BTF)
		needs |= NEED_TYPES;
	if (threshold->dimension)
		needs |= threshold->dimension->needs;
	return needs;
}

static double figure_of(const struct threshold *threshold, uint64_t old_size,
			uint64_t new_size)
{
	double delta = (double)size_delta(new_size, old_size);

	switch (threshold->part) {
	case PART_OLD:
		return (double)old_size;
	case PART_NEW:
		return (double)new_size;
	case PART_PERCENT:
		/* What is new has grown beyond any share. */
		if (!old_size)
			return delta > 0 ? HUGE_VAL : 0;
		return delta / (double)old_size * 100;
	case PART_DELTA:
	default:
		return delta;
	}
}

bool threshold_broken(const struct threshold *threshold, uint64_t old_size,
		      uint64_t new_size)
{
	double figure = figure_of(threshold, old_size, new_size);

	switch (threshold->comparing) {
	case ABOVE:
		return figure > threshold->value;
	case AT_LEAST:
		return figure >= threshold->value;
	case BELOW:
		return figure < threshold->value;
	case AT_MOST:
		return figure <= threshold->value;
	case EQUAL:
		return figure == threshold->value;
	case NOT_EQUAL:
	default:
		return figure != threshold->value;
	}
}

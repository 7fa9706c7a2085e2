/* SPDX-License-Identifier: MIT */
#include "explain/flags.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/names.h"
#include "explain/comparison.h"

/* Bytes of a producer that are looked at: flags are compared pairwise. */
#define PRODUCER_LIMIT 8192

/* The producer that the most units name; the first one where they tie. */
static int find_producer(struct flags *flags, const struct build *build,
			 unsigned side)
{
	struct names names = { 0 };
	struct map counts = { 0 };
	uint32_t most = 0;
	int result = -1;

	if (names_init(&names, 64) != 0)
		return -1;
	for (uint32_t i = 0; i < build->dwarf.unit_count; i++) {
		const char *text = build->dwarf.units[i].producer;
		uint32_t name, *count;

		if (!text || !text[0] || strstr(text, "GNU AS"))
			continue;
		name = names_intern_cstr(&names, text);
		count = name == NAME_ERROR ? NULL : map_at(&counts, name, 0);
		if (!count)
			goto out;
		if (++*count > most) {
			most = *count;
			flags->producer[side] = text;
		}
	}
	if (flags->producer[side] && strlen(flags->producer[side]) >
				     PRODUCER_LIMIT)
		flags->producer[side] = arena_strndup(
			&flags->arena, flags->producer[side], PRODUCER_LIMIT);
	result = most && !flags->producer[side] ? -1 : 0;
out:
	map_release(&counts);
	names_release(&names);
	return result;
}

/* Calls for each word that begins with '-'; the words around are versions. */
static const char *next_flag(const char **at, size_t *length)
{
	const char *text = *at;

	while (*text) {
		size_t word = strcspn(text, " ");

		*at = text + word + strspn(text + word, " ");
		if (text[0] == '-' && word > 1) {
			*length = word;
			return text;
		}
		text = *at;
	}
	return NULL;
}

static bool has_flag(const char *producer, const char *flag, size_t length)
{
	const char *at = producer, *found;
	size_t found_length;

	while ((found = next_flag(&at, &found_length)) != NULL)
		if (found_length == length &&
		    memcmp(found, flag, length) == 0)
			return true;
	return false;
}

static int find_own(struct flags *flags, unsigned side)
{
	const char *at = flags->producer[side], *flag;
	size_t length;

	while (flags->count[side] < FLAGS_MAX &&
	       (flag = next_flag(&at, &length)) != NULL) {
		char *copy;

		if (has_flag(flags->producer[!side], flag, length))
			continue;
		copy = arena_strndup(&flags->arena, flag, length);
		if (!copy)
			return -1;
		flags->only[side][flags->count[side]++] = copy;
	}
	return 0;
}

int flags_compare(struct flags *flags, const struct comparison *comparison,
		  struct err *err)
{
	int failed = 0;

	memset(flags, 0, sizeof(*flags));
	for (unsigned side = OLD; side < SIDES; side++) {
		const struct build *build = comparison_build(comparison, side);

		if (build)
			failed |= find_producer(flags, build, side);
	}
	if (!failed && flags->producer[OLD] && flags->producer[NEW])
		failed = find_own(flags, OLD) || find_own(flags, NEW);
	return failed ? err_oom(err, "comparing compiler flags") : 0;
}

void flags_release(struct flags *flags)
{
	arena_release(&flags->arena);
	memset(flags, 0, sizeof(*flags));
}

/* SPDX-License-Identifier: MIT */
/*
 * What a user writes in rules: --fail-if against a comparison, one rule a
 * line, and the same text as a file of accepted growth.
 */

#include <sys/mman.h>
#include <unistd.h>

#include "report/check.h"
#include "report/ignore.h"
#include "report/threshold.h"
#include "check_output.h"
#define MADE_SECTION_SIZE (1u << 16) /* room for every name's bytes */
#include "../unit/made_comparison.h"


#define RULES 8u

static const struct comparison *comparison(void)
{
	static struct made_comparison made;

	if (made.comparison.builds[NEW].image.path)
		return &made.comparison;
	made_comparison_init(&made);
	made_function(&made, OLD, "foo", 100);
	made_function(&made, NEW, "foo", 1150);
	made_function(&made, NEW, "operator>", 5);
	made_unit(&made, OLD, "net/core.c", 70);
	made_unit(&made, NEW, "net/core.c", 90);
	made_compare(&made);
	made.comparison.limits[OLD] = made.comparison.limits[NEW] =
		(struct limit){ .known = true, .used = 5000 };
	return &made.comparison;
}

static void check_thresholds(char *text)
{
	const char *rules[RULES + 1] = { NULL };
	struct vmd_options options = { .fail_if = rules };
	struct err err = { 0 };
	char *written = NULL, *rest;
	size_t size = 0;
	FILE *out = open_memstream(&written, &size);
	int broken, count = 0;

	for (char *line = strtok_r(text, "\n", &rest);
	     line && count < (int)RULES; line = strtok_r(NULL, "\n", &rest))
		rules[count++] = line;
	broken = check_run(comparison(), &options, out, &err);
	fclose(out);
	if (broken < -1 || broken > count || (broken < 0) != (err.text != NULL))
		abort();
	check_output(VMD_FORMAT_TEXT, written, size);
	free(written);
	err_release(&err);
}

static void check_ignore(const uint8_t *data, size_t size)
{
	struct ignore ignore;
	struct err err = { 0 };
	char path[64];
	int file = memfd_create("input", MFD_CLOEXEC);

	/* Repeats of repeats: expressions run as the C library runs them. */
	if (memchr(data, '{', size) || memmem(data, size, "++", 2) ||
	    memmem(data, size, "**", 2))
		size = 0;
	if (file < 0 || write(file, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	if (!ignore_read(&ignore, path, "2026-06-01", &err)) {
		for (size_t i = 0; i < ignore.count; i++)
			if (!*ignore.rules[i].what || !*ignore.rules[i].reason ||
			    strlen(ignore.rules[i].until) != 10 ||
			    !strstr(ignore.excludes[i],
				    ignore.rules[i].what))
				abort();
		if (ignore.excludes[ignore.count])
			abort();
	}
	ignore_release(&ignore);
	err_release(&err);
	close(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	check_ignore(data, size);
	check_thresholds(text);
	free(text);
	return 0;
}

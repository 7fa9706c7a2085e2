/* SPDX-License-Identifier: MIT */
#include "report/ignore.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/filter.h"

/* "2026-02-28": a month and a day that can be. */
static bool is_date(const char *text)
{
	static const char form[] = "dddd-dd-dd";

	for (size_t i = 0; i < sizeof(form); i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';

		if (form[i] == 'd' ? !digit : text[i] != form[i])
			return false;
	}
	return memcmp(text + 5, "01", 2) >= 0 &&
	       memcmp(text + 5, "12", 2) <= 0 &&
	       memcmp(text + 8, "01", 2) >= 0 && memcmp(text + 8, "31", 2) <= 0;
}

/* The next word of *text, ended with NUL; "" at the end. */
static char *next_word(char **text)
{
	char *word = *text + strspn(*text, " \t\r\n");
	size_t length = strcspn(word, " \t\r\n");

	*text = word + length + (word[length] != 0);
	word[length] = 0;
	return word;
}

static int add(struct ignore_rule **list, size_t *count, size_t *capacity,
	       struct ignore_rule rule)
{
	struct ignore_rule *grown = array_grow(*list, capacity, *count + 1,
					       sizeof(rule));

	if (!grown)
		return -1;
	*list = grown;
	grown[(*count)++] = rule;
	return 0;
}

/* Past its day or not, a rule has to be one. */
static int check_expression(struct ignore *ignore, const char *path,
			    const struct ignore_rule *rule, struct err *err)
{
	struct err inner = { 0 };
	int status = filter_check(rule->what, &ignore->needs, &inner);

	if (status)
		err_set(err, "%s:%u: %s", path, rule->line, err_text(&inner));
	err_release(&inner);
	return status;
}

static int read_line(struct ignore *ignore, const char *path, unsigned number,
		     const char *line, const char *today, struct err *err)
{
	char *rest = arena_strndup(&ignore->arena, line, strlen(line));
	struct ignore_rule rule = { .line = number };
	const char *until;
	int status;

	if (!rest)
		return err_oom(err, "reading accepted growth");
	rule.what = next_word(&rest);
	if (!*rule.what || *rule.what == '#')
		return 0;
	until = next_word(&rest);
	rule.until = next_word(&rest);
	rule.reason = rest + strspn(rest, " \t");
	rest[strcspn(rest, "\r\n")] = 0;
	if (strcmp(until, "until") != 0 || !is_date(rule.until))
		return err_set(err, "%s:%u: no end date, write '%s until "
			       "YYYY-MM-DD REASON'", path, number, rule.what);
	if (!*rule.reason)
		return err_set(err, "%s:%u: no reason behind the date", path,
			       number);
	if (check_expression(ignore, path, &rule, err))
		return -1;
	if (strcmp(today, rule.until) > 0)
		status = add(&ignore->expired, &ignore->expired_count,
			     &ignore->expired_capacity, rule);
	else
		status = add(&ignore->rules, &ignore->count,
			     &ignore->capacity, rule);
	return status ? err_oom(err, "reading accepted growth") : 0;
}

static int read_lines(struct ignore *ignore, FILE *file, const char *path,
		      const char *today, struct err *err)
{
	char *line = NULL;
	size_t room = 0;
	int status = 0;

	for (unsigned number = 1; !status && getline(&line, &room, file) >= 0;
	     number++)
		status = read_line(ignore, path, number, line, today, err);
	if (!status && ferror(file))
		status = err_set(err, "%s: cannot be read", path);
	free(line);
	return status;
}

int ignore_read(struct ignore *ignore, const char *path, const char *today,
		struct err *err)
{
	FILE *file;
	int status;

	memset(ignore, 0, sizeof(*ignore));
	if (!path)
		return 0;
	file = fopen(path, "re");
	if (!file)
		return err_set(err, "%s: %s", path, strerror(errno));
	status = read_lines(ignore, file, path, today, err);
	fclose(file);
	if (status)
		return -1;
	ignore->excludes = arena_array(&ignore->arena, ignore->count + 1,
				       sizeof(*ignore->excludes));
	if (!ignore->excludes)
		return err_oom(err, "reading accepted growth");
	for (size_t i = 0; i < ignore->count; i++) {
		const char *what = ignore->rules[i].what;

		ignore->excludes[i] = filter_dimension_length(what) ? what
			: arena_printf(&ignore->arena, "symbol:%s", what);
		if (!ignore->excludes[i])
			return err_oom(err, "reading accepted growth");
	}
	return 0;
}

void ignore_release(struct ignore *ignore)
{
	free(ignore->rules);
	free(ignore->expired);
	arena_release(&ignore->arena);
	memset(ignore, 0, sizeof(*ignore));
}

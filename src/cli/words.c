/* SPDX-License-Identifier: MIT */
#include "cli/words.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/message.h"

int word_list_add(struct word_list *list, const char *word)
{
	const char **words = reallocarray(list->words, list->count + 2,
					  sizeof(*words));

	if (!words)
		return complain("out of memory");
	list->words = words;
	words[list->count++] = word;
	words[list->count] = NULL;
	return 0;
}

const char *word_list_keep(struct word_list *list, const char *text,
			   size_t length)
{
	char *copy = strndup(text, length);

	if (!copy) {
		complain("out of memory");
		return NULL;
	}
	if (word_list_add(list, copy)) {
		free(copy);
		return NULL;
	}
	return copy;
}

int word_list_split(struct word_list *list, const char *text,
		    const char *separators)
{
	while (*(text += strspn(text, separators))) {
		size_t length = strcspn(text, separators);

		if (!word_list_keep(list, text, length))
			return -1;
		/* The list owns the copy; the analyzer loses it in the array. */
		text += length; /* NOLINT(clang-analyzer-unix.Malloc) */
	}
	return 0;
}

void word_list_release(struct word_list *list)
{
	free(list->words);
	*list = (struct word_list){ 0 };
}

void word_list_free_words(struct word_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free((char *)(uintptr_t)list->words[i]);
	word_list_release(list);
}

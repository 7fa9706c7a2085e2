/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_CLI_WORDS_H
#define VMDELTA_CLI_WORDS_H

/* Lists of texts that end in NULL, as struct vmd_options wants them. */

#include <stddef.h>

struct word_list {
	const char **words; /* NULL while empty */
	size_t count;
};

/* Each returns 0, or -1 after saying that memory is out. */
int word_list_add(struct word_list *list, const char *word);
/* Adds a malloc'ed copy, for word_list_free_words(); NULL on failure. */
const char *word_list_keep(struct word_list *list, const char *text,
			   size_t length);
/* Adds the parts of `text` between any of `separators`, as copies. */
int word_list_split(struct word_list *list, const char *text,
		    const char *separators);

void word_list_release(struct word_list *list);
/* As word_list_release() where the list owns its words. */
void word_list_free_words(struct word_list *list);

#endif

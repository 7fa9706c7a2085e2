/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_BASE_SUGGEST_H
#define VMDELTA_BASE_SUGGEST_H

/*
 * "did you mean": the known word that a misspelt one most likely stands for.
 */

/*
 * The word of the NULL-ended list `known` that is nearest to `word`, or NULL
 * where none is near enough to be worth proposing. Case does not count. The
 * first of equally near ones wins. A known word that begins with all of
 * `word` (three letters or more) is near however long it is.
 */
const char *suggest(const char *word, const char *const *known);

#endif

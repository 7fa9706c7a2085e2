/* SPDX-License-Identifier: MIT */
/*
 * Source files from STT_FILE symbols. A FILE symbol names only the basename
 * (core.c 28 times in a kernel), but both builds are linked in the same order:
 * the two sequences are aligned, and equal numbers are given to files that
 * stand at the same place in it. Where the order differs, pairs that are made
 * already tell which core.c is which.
 *
 * Only STV_DEFAULT locals of a plausible file are believed: after ThinLTO all
 * globals were made local, hidden, under whatever FILE symbol came last (all
 * 20,404 of them "in" usercopy_64.c), and full LTO writes one FILE "ld-temp.o".
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "match/matcher.h"

static bool is_plausible(const char *name, size_t length)
{
	if (!length || name[0] == '<')
		return false;
	return length < 2 || memcmp(name + length - 2, ".o", 2);
}

bool files_believe(const struct symbol *symbol)
{
	return symbol->file && symbol->bind == STB_LOCAL &&
	       symbol->visibility == STV_DEFAULT;
}

int files_add(struct side *side, uint32_t symbol)
{
	uint32_t *files = array_grow(side->files, &side->file_capacity,
				     side->file_count + 1, sizeof(*files));

	if (!files)
		return -1;
	side->files = files;
	files[side->file_count++] = symbol;
	return 0;
}

/* The names of the files, interned; 0 for what is no source file. */
static int name_files(struct matcher *matcher, struct side *side)
{
	uint32_t *names = calloc(side->file_count + 1, sizeof(*names));

	side->file_names = names;
	if (!names)
		return -1;
	for (size_t i = 0; i < side->file_count; i++) {
		const char *text = image_symbol_name(side->image,
						     side->files[i]);
		size_t length = strlen(text);

		names[i] = 0;
		if (!is_plausible(text, length))
			continue;
		names[i] = names_intern(matcher->names, text, length);
		if (names[i] == NAME_ERROR)
			return -1;
	}
	return 0;
}

struct sequence {
	const uint32_t *names[SIDES];
	uint32_t *mate; /* of old files: index of the new one, or NONE */
};

/* Occurrences of each name on each side; only one is remembered. */
struct occurrence {
	uint32_t count[SIDES];
	uint32_t last[SIDES];
};

/*
 * The longest run of mates that grows on both sides (patience sorting): what
 * is out of it is set aside as moved. `mate` of NONE is skipped.
 */
static int keep_ascending(uint32_t *mate, size_t count)
{
	uint32_t *tail = malloc((count + 1) * sizeof(*tail));
	uint32_t *before = malloc((count + 1) * sizeof(*before));
	size_t length = 0;
	uint32_t at;

	if (!tail || !before) {
		free(tail);
		free(before);
		return -1;
	}
	for (uint32_t i = 0; i < count; i++) {
		size_t low = 0, high = length;

		if (mate[i] == NONE)
			continue;
		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (mate[tail[middle]] < mate[i])
				low = middle + 1;
			else
				high = middle;
		}
		before[i] = low ? tail[low - 1] : NONE;
		tail[low] = i;
		if (low == length)
			length++;
	}
	at = length ? tail[length - 1] : NONE;
	for (uint32_t i = (uint32_t)count; i-- > 0;) {
		if (i == at)
			at = before[i];
		else
			mate[i] = NONE;
	}
	free(tail);
	free(before);
	return 0;
}

/* Files whose basename occurs once on each side: the anchors. */
static void find_anchors(const struct matcher *matcher,
			 struct sequence *sequence,
			 struct occurrence *occurrences)
{
	for (unsigned side = 0; side < SIDES; side++) {
		for (size_t i = 0; i < matcher->sides[side].file_count; i++) {
			struct occurrence *occurrence =
				&occurrences[sequence->names[side][i]];

			occurrence->count[side]++;
			occurrence->last[side] = (uint32_t)i;
		}
	}
	for (size_t i = 0; i < matcher->sides[OLD].file_count; i++) {
		uint32_t name = sequence->names[OLD][i];
		const struct occurrence *occurrence = &occurrences[name];

		sequence->mate[i] = NONE;
		if (name && occurrence->count[OLD] == 1 &&
		    occurrence->count[NEW] == 1)
			sequence->mate[i] = occurrence->last[NEW];
	}
}

/*
 * Between two anchors the same basenames in the same order are the same
 * files; both pieces are short, and equal names are searched for from where
 * the last one was found, so that this is linear but for files that are gone.
 */
static void align_between(const struct sequence *sequence, size_t old_from,
			  size_t old_to, size_t new_from, size_t new_to)
{
	const size_t window = 64;

	for (size_t i = old_from; i < old_to; i++) {
		size_t limit = new_to - new_from < window ?
			new_to : new_from + window;

		if (!sequence->names[OLD][i])
			continue;
		for (size_t j = new_from; j < limit; j++) {
			if (sequence->names[OLD][i] != sequence->names[NEW][j])
				continue;
			sequence->mate[i] = (uint32_t)j;
			new_from = j + 1;
			break;
		}
	}
}

static void align(const struct matcher *matcher,
		  const struct sequence *sequence)
{
	size_t old_count = matcher->sides[OLD].file_count;
	size_t new_count = matcher->sides[NEW].file_count;
	size_t old_from = 0, new_from = 0;

	for (size_t i = 0; i < old_count; i++) {
		uint32_t mate = sequence->mate[i];

		if (mate == NONE)
			continue;
		align_between(sequence, old_from, i, new_from, mate);
		old_from = i + 1;
		new_from = (size_t)mate + 1;
	}
	align_between(sequence, old_from, old_count, new_from, new_count);
}

/* Which names have files without a mate: a bit for each side. */
static void mark_mateless(const struct matcher *matcher,
			  const struct sequence *sequence, uint8_t *marks)
{
	const struct side *sides = matcher->sides;

	for (size_t i = 0; i < sides[OLD].file_count; i++)
		if (sequence->mate[i] == NONE)
			marks[sequence->names[OLD][i]] |= 1;
	for (size_t i = 0; i < sides[NEW].file_count; i++)
		if (!sides[NEW].file_units[i])
			marks[sequence->names[NEW][i]] |= 2;
}

/*
 * Mates get one number, files that only one build has a number of their own.
 * A file of which it is not known whether the other build has it gets none:
 * several core.c without a mate on both sides.
 */
static int number_units(struct matcher *matcher,
			const struct sequence *sequence)
{
	struct side *sides = matcher->sides;
	uint8_t *marks = calloc(matcher->names->count, 1);

	for (unsigned i = 0; i < SIDES; i++)
		sides[i].file_units = calloc(sides[i].file_count + 1,
					     sizeof(uint32_t));
	if (!marks || !sides[OLD].file_units || !sides[NEW].file_units) {
		free(marks);
		return -1;
	}
	matcher->unit_count = 1;
	for (size_t i = 0; i < sides[OLD].file_count; i++) {
		if (!sequence->names[OLD][i] || sequence->mate[i] == NONE)
			continue;
		sides[OLD].file_units[i] = matcher->unit_count;
		sides[NEW].file_units[sequence->mate[i]] =
			matcher->unit_count++;
	}
	mark_mateless(matcher, sequence, marks);
	for (unsigned which = 0; which < SIDES; which++) {
		for (size_t i = 0; i < sides[which].file_count; i++) {
			uint32_t name = sequence->names[which][i];

			if (!name || sides[which].file_units[i])
				continue;
			if (marks[name] == 3)
				matcher->unknown_files = true;
			else
				sides[which].file_units[i] =
					matcher->unit_count++;
		}
	}
	free(marks);
	return 0;
}

/* Linked in another order altogether, what is between two files is no hint. */
static bool is_in_order(const struct sequence *sequence,
			const uint32_t *anchors, size_t count)
{
	size_t kept = 0, all = 0;

	for (size_t i = 0; i < count; i++) {
		all += anchors[i] != NONE;
		kept += sequence->mate[i] != NONE;
	}
	return kept >= all - all / 8;
}

int files_align(struct matcher *matcher, struct err *err)
{
	struct side *sides = matcher->sides;
	struct sequence sequence = { { NULL, NULL }, NULL };
	struct occurrence *occurrences = NULL;
	uint32_t *moved = NULL;
	int result = -1;

	for (unsigned side = 0; side < SIDES; side++) {
		if (name_files(matcher, &sides[side]))
			goto out;
		sequence.names[side] = sides[side].file_names;
	}
	occurrences = calloc(matcher->names->count, sizeof(*occurrences));
	sequence.mate = calloc(sides[OLD].file_count + 1, sizeof(uint32_t));
	moved = calloc(sides[OLD].file_count + 1, sizeof(uint32_t));
	if (!occurrences || !sequence.mate || !moved)
		goto out;
	find_anchors(matcher, &sequence, occurrences);
	memcpy(moved, sequence.mate, sides[OLD].file_count * sizeof(*moved));
	if (keep_ascending(sequence.mate, sides[OLD].file_count))
		goto out;
	if (is_in_order(&sequence, moved, sides[OLD].file_count))
		align(matcher, &sequence);
	/* An anchor out of the order is the same file all the same. */
	for (size_t i = 0; i < sides[OLD].file_count; i++)
		if (sequence.mate[i] == NONE)
			sequence.mate[i] = moved[i];
	result = number_units(matcher, &sequence);
out:
	free(occurrences);
	free(moved);
	free(sequence.mate);
	return result ? err_oom(err, "aligning source files") : 0;
}

static uint32_t unit_of_file(const struct side *side, uint32_t file)
{
	size_t at = sorted_find(side->files, side->file_count, file);

	return at < side->file_count ? side->file_units[at] : 0;
}

uint32_t unit_near(const struct side *side, uint32_t symbol,
		   struct unit_hint *hint)
{
	uint32_t file;

	if (!(side->tag[symbol] & TAG_FILE))
		return 0;
	file = side->image->symbols[symbol].file;
	if (file != hint->file)
		*hint = (struct unit_hint){ file, unit_of_file(side, file) };
	return hint->unit;
}

uint32_t unit_of(const struct side *side, uint32_t symbol)
{
	struct unit_hint hint = { 0, 0 };

	return unit_near(side, symbol, &hint);
}

/* Votes for the file of the other build that a file may be. */
struct ballot {
	uint32_t file;
	uint32_t weight;
};

static void vote(struct ballot *ballot, uint32_t file)
{
	if (ballot->file == file)
		ballot->weight++;
	else if (ballot->weight)
		ballot->weight--;
	else
		*ballot = (struct ballot){ file, 1 };
}

/* The file of a symbol if it still has no unit; file_count otherwise. */
static size_t unknown_file(const struct side *side, uint32_t symbol)
{
	size_t at;

	if (!(side->tag[symbol] & TAG_FILE))
		return side->file_count;
	at = sorted_find(side->files, side->file_count,
			 side->image->symbols[symbol].file);
	return at < side->file_count && !side->file_units[at] &&
	       side->file_names[at] ? at : side->file_count;
}

static void count_votes(const struct matcher *matcher,
			struct ballot *ballots[SIDES])
{
	const struct side *sides = matcher->sides;

	for (uint32_t i = 1; i < sides[OLD].count; i++) {
		size_t old, new;

		if (matcher->mate[OLD][i] == NONE)
			continue;
		old = unknown_file(&sides[OLD], i);
		if (old == sides[OLD].file_count)
			continue;
		new = unknown_file(&sides[NEW], matcher->mate[OLD][i]);
		if (new == sides[NEW].file_count ||
		    sides[OLD].file_names[old] != sides[NEW].file_names[new])
			continue;
		vote(&ballots[OLD][old], (uint32_t)new);
		vote(&ballots[NEW][new], (uint32_t)old);
	}
}

int files_learn(struct matcher *matcher, struct err *err)
{
	struct side *sides = matcher->sides;
	struct ballot *ballots[SIDES];

	if (!matcher->unknown_files)
		return 0;
	for (unsigned i = 0; i < SIDES; i++)
		ballots[i] = calloc(sides[i].file_count + 1,
				    sizeof(**ballots));
	if (ballots[OLD] && ballots[NEW]) {
		count_votes(matcher, ballots);
		for (uint32_t i = 0; i < sides[OLD].file_count; i++) {
			uint32_t mate = ballots[OLD][i].file;

			if (!ballots[OLD][i].weight ||
			    !ballots[NEW][mate].weight ||
			    ballots[NEW][mate].file != i)
				continue;
			sides[OLD].file_units[i] = matcher->unit_count;
			sides[NEW].file_units[mate] = matcher->unit_count++;
		}
	}
	for (unsigned i = 0; i < SIDES; i++) {
		bool missing = !ballots[i];

		free(ballots[i]);
		if (missing)
			err_oom(err, "learning source files");
	}
	return err->text ? -1 : 0;
}

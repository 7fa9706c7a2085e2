/* SPDX-License-Identifier: MIT */
/*
 * leaks TRIES OLD NEW: opens, renders and closes two builds through the
 * library, again and again, and lets each allocation that the library makes
 * fail in turn (TRIES of them at most), alone or with all after it. Linked so
 * that the library's allocations come here, see tests.mk. Each time:
 *
 * - the answer is an error with a text, or the report that is always given, or
 *   a report that says that there was no memory for something;
 * - all that was allocated is given back.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "vmdelta.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t length);
void __real_free(void *block);
void *__real_mmap(void *at, size_t size, int protection, int flags, int file,
		  off_t offset);
int __real_munmap(void *at, size_t size);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t length);
void __wrap_free(void *block);
void *__wrap_mmap(void *at, size_t size, int protection, int flags, int file,
		  off_t offset);
int __wrap_munmap(void *at, size_t size);

#define BLOCKS 65536u

static struct {
	pthread_mutex_t lock;
	void *live[BLOCKS]; /* by address, open addressing; NULL: free */
	size_t count;       /* of live */
	size_t mapped;      /* bytes, of both kinds of mapping */
	long seen, fail_at;
	bool on;            /* the later ones fail, too */
} state = { .lock = PTHREAD_MUTEX_INITIALIZER };

static size_t slot_of(const void *block)
{
	size_t slot = ((size_t)block >> 4) * 0x9e3779b1u % BLOCKS;

	while (state.live[slot] && state.live[slot] != block)
		slot = (slot + 1) % BLOCKS;
	return slot;
}

static void *keep(void *block)
{
	pthread_mutex_lock(&state.lock);
	if (block && state.count < BLOCKS / 2) {
		state.live[slot_of(block)] = block;
		state.count++;
	}
	pthread_mutex_unlock(&state.lock);
	return block;
}

/* Blocks of libc's own (open_memstream) are not known: that is well. */
static void drop(void *block)
{
	size_t slot;

	pthread_mutex_lock(&state.lock);
	slot = slot_of(block);
	if (block && state.live[slot]) {
		state.live[slot] = NULL;
		state.count--;
		/* those behind it may have been pushed on by it */
		for (slot = (slot + 1) % BLOCKS; state.live[slot];
		     slot = (slot + 1) % BLOCKS) {
			void *moved = state.live[slot];

			state.live[slot] = NULL;
			state.live[slot_of(moved)] = moved;
		}
	}
	pthread_mutex_unlock(&state.lock);
}

static bool fails(void)
{
	bool result;

	pthread_mutex_lock(&state.lock);
	state.seen++;
	result = state.fail_at && (state.seen == state.fail_at ||
				   (state.on && state.seen > state.fail_at));
	pthread_mutex_unlock(&state.lock);
	return result;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : keep(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : keep(__real_calloc(count, size));
}

void *__wrap_realloc(void *block, size_t size)
{
	void *result;

	if (fails())
		return NULL;
	drop(block);
	result = __real_realloc(block, size);
	return keep(result ? result : block);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : keep(__real_strdup(text));
}

char *__wrap_strndup(const char *text, size_t length)
{
	return fails() ? NULL : keep(__real_strndup(text, length));
}

void __wrap_free(void *block)
{
	drop(block);
	__real_free(block);
}

void *__wrap_mmap(void *at, size_t size, int protection, int flags, int file,
		  off_t offset)
{
	void *result = fails() ? MAP_FAILED
			       : __real_mmap(at, size, protection, flags, file,
					     offset);

	pthread_mutex_lock(&state.lock);
	if (result != MAP_FAILED)
		state.mapped += size;
	pthread_mutex_unlock(&state.lock);
	return result;
}

int __wrap_munmap(void *at, size_t size)
{
	pthread_mutex_lock(&state.lock);
	state.mapped -= size;
	pthread_mutex_unlock(&state.lock);
	return __real_munmap(at, size);
}

struct answer {
	int status;
	char *text, *error; /* malloc'ed */
	size_t size;
};

static void answer_release(struct answer *answer)
{
	free(answer->text);
	free(answer->error);
}

static struct answer ask(const char *old_path, const char *new_path,
			 const struct vmd_options *options, long fail_at)
{
	struct answer answer = { .status = -1 };
	FILE *out = open_memstream(&answer.text, &answer.size);
	vmd_diff *diff;

	state.seen = 0;
	state.fail_at = fail_at;
	diff = vmd_open(old_path, new_path, options, &answer.error);
	if (diff)
		answer.status = vmd_render(diff, options, out, &answer.error);
	vmd_close(diff);
	state.fail_at = 0;
	fclose(out);
	return answer;
}

static const char *wrong(const struct answer *answer, const struct answer *good)
{
	if (answer->status && (!answer->error || !*answer->error))
		return state.on ? NULL : "an error without a text";
	if (!answer->status && (answer->size != good->size ||
	     memcmp(answer->text, good->text, good->size) != 0) &&
	    !memmem(answer->text, answer->size, "memory", 6))
		return "another report";
	return NULL;
}

/* Returns how many places were wrong. */
static unsigned try_places(char **paths, const struct vmd_options *options,
			   const char *name, long tries)
{
	struct answer good = ask(paths[0], paths[1], options, 0);
	long count = state.seen, step = count > tries ? count / tries : 1;
	unsigned bad = 0;

	if (good.status)
		printf("not ok %s: %s\n", name, good.error);
	for (long at = 1; at <= count && !good.status; at += step) {
		size_t before = state.count, mapped = state.mapped;
		struct answer answer = ask(paths[0], paths[1], options, at);
		const char *what = wrong(&answer, &good);

		answer_release(&answer);
		if (!what && state.mapped != mapped)
			what = "a mapping is left";
		if (!what && state.count != before)
			what = "a block is left";
		if (what && bad++ < 5)
			printf("    %s: %ld of %ld: %s\n", name, at, count,
			       what);
	}
	if (!good.status)
		printf("%sok %s_without_leaks (%ld places of %ld)\n",
		       bad ? "not " : "", name,
		       (count + step - 1) / step, count);
	answer_release(&good);
	return bad + (good.status != 0);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		struct vmd_options options;
	} reports[] = {
		{ "first_screen", { .threads = 1, .width = 80 } },
		{ "explained", { .threads = 1, .explain = true } },
		{ "symbols_as_json", { .threads = 1, .by = "section,symbol",
				       .format = VMD_FORMAT_JSON } },
		{ "units_as_csv", { .threads = 1, .by = "unit,inlinee",
				    .domain = VMD_DOMAIN_FILE,
				    .format = VMD_FORMAT_CSV } },
		{ "causes_in_markdown", { .threads = 1, .by = "cause,symbol",
					  .format = VMD_FORMAT_MARKDOWN } },
		{ "page", { .threads = 1, .format = VMD_FORMAT_HTML } },
		{ "bloat_o_meter", { .threads = 1,
				     .format = VMD_FORMAT_BLOAT_O_METER } },
	};
	unsigned bad = 0;

	if (argc != 4)
		return 2;
	for (size_t i = 0; i < sizeof(reports) / sizeof(*reports); i++) {
		char name[64];

		for (int on = 0; on < 2; on++) {
			snprintf(name, sizeof(name), "%s_%s", reports[i].name,
				 on ? "and_all_after" : "alone");
			state.on = on;
			bad += try_places(argv + 2, &reports[i].options, name,
					  atol(argv[1]));
		}
	}
	return bad != 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Reading all of DWARF: threads take units one after the other; then what
 * they found is put together in the order of units.
 *
 * This is a reader of its own and not libdw. What is asked for here is a
 * small part of DWARF, over all units of a file, by several threads, on files
 * that strangers made, some of them relocatable and with millions of
 * sections: libdw needs a handle with its own caches per thread, knows
 * nothing of unapplied relocations, makes 300 bytes for each section, and
 * trusts what it reads. Debian's 633 MB amd64 vmlinux takes 0.6 s of CPU in
 * all; libdw's walk over the same DIEs, without pieces and names, 0.87 s.
 *
 * Invariant: pieces are sorted and never overlap, whatever the file says.
 */
#include "debug/dwarf.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "debug/dwarf_merge.h"
#include "debug/file_units.h"

#define THREAD_LIMIT 16u
/* Below this a thread costs more than it saves: bytes of .debug_info. */
#define THREAD_WORTH (1u << 20)

struct thread {
	pthread_t id;
	bool started;
	struct readers *readers;
	uint32_t number;
};

/*
 * Units are taken by the dozen: their pages, read once, are given back at
 * once, or hundreds of megabytes of debug information would stay resident.
 */
#define BATCH 16u

static void forget(const struct dwarf_file *file, uint32_t first,
		   uint32_t last)
{
	const struct section_bytes *info = &file->sections[DEBUG_INFO];
	uint64_t start = file->units[first].offset;

	if (!info->changed)
		image_forget(file->image, (uint64_t)(info->data -
						     file->image->data) + start,
			     file->units[last].end - start);
}

static void *run(void *arg)
{
	struct thread *thread = arg;
	struct readers *readers = thread->readers;
	struct walker *walker = &readers->walkers[thread->number];
	uint32_t count = readers->file->unit_count, first;

	while ((first = atomic_fetch_add(&readers->next, BATCH)) < count) {
		uint32_t unit, end = (uint32_t)min_u64(first + BATCH, count);

		for (unit = first; unit < end && !walker->failed; unit++) {
			readers->units[unit].walker = thread->number;
			walker_unit(walker, unit, &readers->units[unit]);
		}
		forget(readers->file, first, end - 1);
		if (readers->progress)
			atomic_fetch_add(&readers->progress->done,
					 end - first);
	}
	return NULL;
}

static unsigned thread_count(const struct dwarf_file *file, unsigned asked)
{
	uint64_t worth = file->sections[DEBUG_INFO].size / THREAD_WORTH + 1;
	long processors;

	if (asked == 0) {
		processors = sysconf(_SC_NPROCESSORS_ONLN);
		asked = processors > 0 ? (unsigned)processors : 1;
	}
	return (unsigned)min_u64(min_u64(asked, worth), THREAD_LIMIT);
}

/* The calling thread is the first walker; one that will not start is none. */
static void run_all(struct readers *readers)
{
	struct thread threads[THREAD_LIMIT] = { { .readers = readers } };

	for (uint32_t i = 0; i < readers->walker_count; i++) {
		threads[i] = (struct thread){ .readers = readers,
					      .number = i };
		if (i > 0)
			threads[i].started =
				pthread_create(&threads[i].id, NULL, run,
					       &threads[i]) == 0;
	}
	run(&threads[0]);
	for (uint32_t i = 1; i < readers->walker_count; i++)
		if (threads[i].started)
			pthread_join(threads[i].id, NULL);
}

static int start(struct readers *readers, const struct dwarf_options *options)
{
	unsigned count = thread_count(readers->file, options->threads);

	readers->units = calloc((size_t)readers->file->unit_count + 1,
				sizeof(*readers->units));
	readers->walkers = calloc(count, sizeof(*readers->walkers));
	if (!readers->units || !readers->walkers)
		return -1;
	for (unsigned i = 0; i < count; i++) {
		readers->walker_count++;
		if (walker_init(&readers->walkers[i], readers->file,
				options->inlines))
			return -1;
	}
	return 0;
}

static void finish(struct readers *readers)
{
	for (uint32_t i = 0; i < readers->walker_count; i++)
		walker_release(&readers->walkers[i]);
	free(readers->walkers);
	free(readers->units);
}

static bool any_failed(const struct readers *readers)
{
	for (uint32_t i = 0; i < readers->walker_count; i++)
		if (readers->walkers[i].failed)
			return true;
	return false;
}

static void warn_count(struct image *image, uint64_t count, const char *what)
{
	if (count > 0)
		image_warn(image, "%s: debug information: %llu %s",
			   image->path, (unsigned long long)count, what);
}

static void warn(const struct readers *readers, struct image *image)
{
	uint64_t tombstones = 0, outside = 0, broken = 0, deep = 0, split = 0;

	for (uint32_t i = 0; i < readers->walker_count; i++) {
		tombstones += readers->walkers[i].tombstones;
		outside += readers->walkers[i].outside;
		broken += readers->walkers[i].broken;
		deep += readers->walkers[i].deep;
		split += readers->walkers[i].split;
	}
	warn_count(image, tombstones, "ranges of code that the linker dropped");
	warn_count(image, outside, "ranges lie in no section of code");
	warn_count(image, broken, "units are broken and read only in part");
	warn_count(image, deep, "units nest too deeply and are read in part");
	warn_count(image, split, "units are split: their .dwo files are not "
		   "read, so that names of sources, functions, types and "
		   "inlined code of theirs are left out");
	if (readers->file->ranges.left <= 0 ||
	    readers->file->abbrevs.left <= 0 ||
	    readers->file->lines.left <= 0 ||
	    (readers->file->long_names && readers->file->names.left <= 0))
		image_warn(image, "%s: debug information refers to itself more "
			   "often than compilers do: not all of it is read",
			   image->path);
}

static int read_units(struct dwarf *dwarf, struct image *image,
		      const struct dwarf_options *options)
{
	struct readers readers = { .file = dwarf->file,
				   .progress = options->progress };
	int result = -1;

	if (dwarf_file_units(dwarf->file, image) == 0 &&
	    start(&readers, options) == 0) {
		if (readers.progress)
			atomic_store(&readers.progress->total,
				     dwarf->file->unit_count);
		run_all(&readers);
		warn(&readers, image);
		if (!any_failed(&readers))
			result = dwarf_merge(dwarf, &readers);
	}
	finish(&readers);
	return result;
}

int dwarf_read(struct dwarf *dwarf, struct image *image,
	       const struct dwarf_options *options, struct err *err)
{
	bool oom = false;

	*dwarf = (struct dwarf){ 0 };
	if (!options->symbols_only)
		dwarf->file = dwarf_file_open(image, options, &oom);
	if (!dwarf->file && (oom || file_units_read(dwarf, image))) {
		dwarf_release(dwarf);
		return err_oom(err, "reading debug information");
	}
	if (!dwarf->file)
		return 0;
	if (read_units(dwarf, image, options)) {
		dwarf_release(dwarf);
		return err_oom(err, "reading debug information");
	}
	dwarf->present = dwarf->unit_count > 0;
	return 0;
}

void dwarf_release(struct dwarf *dwarf)
{
	dwarf_file_free(dwarf->file);
	free(dwarf->pieces);
	free(dwarf->file_units);
	arena_release(&dwarf->arena);
	*dwarf = (struct dwarf){ 0 };
}

/* SPDX-License-Identifier: MIT */
/*
 * The whole program but its command line: two files, compared and rendered.
 * The first two bytes choose what is asked for. The new file begins at the
 * second ELF header; where there is none, the next two bytes say it (in 1/65536
 * of the rest).
 */

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FUZZ_OWN_MUTATOR
#include "mutate_elf.h"
#include "check_output.h"
#include "vmdelta.h"

#define CHOICE 4u /* bytes before the files */

static const char *const groupings[] = {
	NULL, "section,symbol", "class", "symbol", "file,nature", "section",
	"input-section,symbol", "unit,symbol", "dir", "inlinee", "cause",
	"cause,symbol", "btf-kind,type", "level", "symbol,inlinee", "class,dir",
};

static const enum vmd_format formats[] = {
	VMD_FORMAT_TEXT, VMD_FORMAT_JSON, VMD_FORMAT_CSV, VMD_FORMAT_MARKDOWN,
	VMD_FORMAT_HTML, VMD_FORMAT_BLOAT_O_METER, VMD_FORMAT_TEXT,
	VMD_FORMAT_JSON,
};

/* A path to a file in memory that holds the bytes. */
static int make_file(const uint8_t *data, size_t size, char *path, size_t room)
{
	int file = memfd_create("input", MFD_CLOEXEC);

	if (file < 0 || write(file, data, size) != (ssize_t)size)
		abort();
	snprintf(path, room, "/proc/self/fd/%d", file);
	return file;
}

static size_t old_size(const uint8_t *data, size_t size)
{
	size_t rest = size - CHOICE;
	const uint8_t *next = rest > 4 ? memmem(data + CHOICE + 1, rest - 1,
						"\177ELF", 4) : NULL;

	if (next)
		return (size_t)(next - data) - CHOICE;
	return rest * (data[2] | data[3] << 8) / 65536;
}

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
/* Changes one of the two files, or what is asked for. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned seed)
{
	uint32_t state = seed;
	size_t start, rest, made;
	uint8_t *kept;

	if (size < CHOICE || max_size <= size)
		return LLVMFuzzerMutate(data, size, max_size);
	start = CHOICE + old_size(data, size);
	if (fuzz_next(&state) % 16 == 0) {
		LLVMFuzzerMutate(data, CHOICE, CHOICE);
		return size;
	}
	if (fuzz_next(&state) % 2)
		return start + fuzz_mutate_elf(data + start, size - start,
					       max_size - start, state);
	rest = size - start;
	kept = malloc(rest + 1);
	if (!kept)
		return size;
	memcpy(kept, data + start, rest);
	made = fuzz_mutate_elf(data + CHOICE, start - CHOICE,
			       max_size - rest - CHOICE, state);
	memcpy(data + CHOICE + made, kept, rest);
	free(kept);
	return CHOICE + made + rest;
}
#endif

static void compare(const char *old_path, const char *new_path,
		    const struct vmd_options *options)
{
	char *error = NULL, *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	vmd_diff *diff = vmd_open(old_path, new_path, options, &error);

	int status = -1;

	if (diff) {
		status = vmd_render(diff, options, out, &error);
		vmd_equal(diff);
	}
	vmd_close(diff);
	fclose(out);
	if (!status)
		check_output(options->format, text, size);
	free(text);
	free(error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vmd_options options = { .threads = 1, .width = 80 };
	char old_path[64], new_path[64];
	size_t split;
	int old_file, new_file;

	if (size < CHOICE)
		return 0;
	split = old_size(data, size);
	options.by = groupings[data[0] & 15];
	options.format = formats[data[0] >> 4 & 7];
	options.domain = (enum vmd_domain)(data[1] % 3);
	options.sort = (enum vmd_sort)((data[1] >> 2) % 7);
	options.no_rollup = data[1] & 0x20;
	options.exact_names = data[1] & 0x40;
	options.rows = data[1] & 0x80 ? 3 : 0;
	data += CHOICE;
	size -= CHOICE;
	old_file = make_file(data, split, old_path, sizeof(old_path));
	new_file = make_file(data + split, size - split, new_path,
			     sizeof(new_path));
	compare(data[0] & 0x80 ? NULL : old_path, new_path, &options);
	close(old_file);
	close(new_file);
	return 0;
}

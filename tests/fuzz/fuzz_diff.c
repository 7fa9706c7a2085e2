/* SPDX-License-Identifier: MIT */
/*
 * The whole program but its command line: two files, compared and rendered.
 * The first two bytes choose what is asked for, the next two where the old
 * file ends and the new one begins (in 1/65536 of the rest).
 */

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmdelta.h"

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

static void compare(const char *old_path, const char *new_path,
		    const struct vmd_options *options)
{
	char *error = NULL, *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	vmd_diff *diff = vmd_open(old_path, new_path, options, &error);

	if (diff) {
		vmd_render(diff, options, out, &error);
		vmd_equal(diff);
	}
	vmd_close(diff);
	fclose(out);
	free(text);
	free(error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vmd_options options = { .threads = 1, .width = 80 };
	char old_path[64], new_path[64];
	size_t split;
	int old_file, new_file;

	if (size < 4)
		return 0;
	options.by = groupings[data[0] & 15];
	options.format = formats[data[0] >> 4 & 7];
	options.domain = (enum vmd_domain)(data[1] % 3);
	options.sort = (enum vmd_sort)((data[1] >> 2) % 7);
	options.no_rollup = data[1] & 0x20;
	options.exact_names = data[1] & 0x40;
	options.rows = data[1] & 0x80 ? 3 : 0;
	split = (size - 4) * (data[2] | data[3] << 8) / 65536;
	old_file = make_file(data + 4, split, old_path, sizeof(old_path));
	new_file = make_file(data + 4 + split, size - 4 - split, new_path,
			     sizeof(new_path));
	compare(data[0] & 0x80 ? NULL : old_path, new_path, &options);
	close(old_file);
	close(new_file);
	return 0;
}

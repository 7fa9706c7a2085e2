/* SPDX-License-Identifier: MIT */
/*
 * The main() of a fuzz target that is built without libFuzzer: it hands each
 * file that is named on the command line to the target once.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	long size;
	int result = -1;

	if (!file)
		return -1;
	if (fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0)
		goto out;
	rewind(file);
	/* Exactly as large as the input: reads past its end are seen. */
	data = malloc(size ? (size_t)size : 1);
	if (!data || fread(data, 1, (size_t)size, file) != (size_t)size)
		goto out;
	LLVMFuzzerTestOneInput(data, (size_t)size);
	result = 0;
out:
	free(data);
	fclose(file);
	return result;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (replay(argv[i])) {
			perror(argv[i]);
			return 1;
		}
	}
	return 0;
}

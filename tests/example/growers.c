/* SPDX-License-Identifier: MIT */
/*
 * An example of libvmdelta: the ten functions and variables that grew most.
 *
 *	cc growers.c $(pkg-config --cflags --libs libvmdelta) -o growers
 *	./growers old/vmlinux vmlinux
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <vmdelta.h>

static void print_growers(const vmd_report *report)
{
	size_t count = vmd_report_rows(report);

	for (size_t i = 0; i < count && i < 10; i++) {
		struct vmd_row row;
		int64_t growth;

		vmd_report_row(report, i, &row);
		growth = (int64_t)(row.new_bytes.content -
				   row.old_bytes.content);
		if (growth <= 0)
			break;
		printf("%+" PRId64 " %s\n", growth,
		       row.keys[0] ? row.keys[0] : "(no symbol)");
	}
}

int main(int argc, char **argv)
{
	const struct vmd_options options = {
		.by = "symbol",
		.domain = VMD_DOMAIN_IMAGE,
		.sort = VMD_SORT_GROWTH,
		.all_rows = true,
	};
	vmd_diff *diff = NULL;
	vmd_report *report = NULL;
	char *error = NULL;

	if (argc != 3) {
		fprintf(stderr, "usage: growers OLD NEW\n");
		return 2;
	}
	diff = vmd_open(argv[1], argv[2], &options, &error);
	if (diff)
		report = vmd_group(diff, &options, &error);
	if (report)
		print_growers(report);
	else
		fprintf(stderr, "growers: %s\n", error ? error : "no memory");
	vmd_report_free(report);
	vmd_close(diff);
	free(error);
	return report ? 0 : 2;
}

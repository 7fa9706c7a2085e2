/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_H
#define VMDELTA_H

/*
 * libvmdelta: where a kernel's extra bytes come from.
 *
 * Open one or two builds with vmd_open(), group the difference with
 * vmd_group() and walk its rows, or render a whole report with vmd_render().
 * Handles are independent of each other and may be used in different threads;
 * a single handle may not be used by two threads at once. The library keeps no
 * global state, never prints except to the stream it is given, and never
 * exits. Sizes are bytes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VMD_VERSION "0.1.0"

/* What libvmdelta.so exports; everything else in it is hidden. */
#if defined(__GNUC__)
#define VMD_API __attribute__((visibility("default")))
#else
#define VMD_API
#endif

typedef struct vmd_diff vmd_diff;     /* one or two loaded builds, paired */
typedef struct vmd_report vmd_report; /* a diff, grouped */

enum vmd_domain {
	VMD_DOMAIN_AUTO,  /* image for two linked kernels, else file */
	VMD_DOMAIN_IMAGE, /* memory that the kernel occupies */
	VMD_DOMAIN_FILE   /* bytes on disk */
};

enum vmd_sort {
	VMD_SORT_DELTA,  /* absolute difference, largest first */
	VMD_SORT_GROWTH, /* signed, largest growth first */
	VMD_SORT_SHRINK, /* signed, largest shrinkage first */
	VMD_SORT_NEW,
	VMD_SORT_OLD,
	VMD_SORT_NAME,
	VMD_SORT_PERCENT
};

enum vmd_format {
	VMD_FORMAT_TEXT,
	VMD_FORMAT_JSON,
	VMD_FORMAT_CSV,
	VMD_FORMAT_MARKDOWN,
	VMD_FORMAT_HTML,
	VMD_FORMAT_BLOAT_O_METER
};

enum vmd_debug_info {
	VMD_DEBUG_INFO_AUTO, /* where the report needs it */
	VMD_DEBUG_INFO_NO,
	VMD_DEBUG_INFO_YES   /* whatever `by` is */
};

/*
 * Zeroed options are the program's defaults. Strings are borrowed. What
 * vmd_open() reads follows from what is to be shown: with `by` it reads what
 * those dimensions, filters and thresholds need, without it everything, which
 * serves any later report.
 */
struct vmd_options {
	/* What to load. */
	enum vmd_debug_info debug_info; /* whether to read DWARF */
	bool exact_names;             /* do not fold names that builds rewrite */
	const char *debug_file[2];    /* separate debug files, old and new */
	const char *config[2];        /* kernel configurations, old and new */
	const char *btf_base[2];      /* base of split BTF, old and new */
	const char *const *add[2];    /* further files of a set, NULL-ended */
	uint64_t image_limit;         /* bytes, 0: the machine's own */

	/* What to show. */
	const char *by;               /* "section,symbol"; NULL: first screen */
	enum vmd_domain domain;
	enum vmd_sort sort;
	enum vmd_format format;
	size_t rows;                  /* at most; 0: see all_rows */
	bool all_rows;                /* no limit; default where rows is 0: 20
					 in text, all in json and csv */
	const char *const *filters;   /* "[DIM:]REGEX", NULL-ended, or NULL */
	const char *const *excludes;
	bool no_rollup;               /* show .cold, .part, ... on their own */
	bool explain;                 /* the long form of causes */
	bool no_demangle;
	bool categories, data, text;  /* bloat-o-meter's -c, -d, -t */
	const char *const *fail_if;   /* thresholds, NULL-ended, or NULL */
	const char *ignore_file;      /* accepted growth */

	/* How text looks. */
	bool colour;
	bool unicode;                 /* block bars and ellipses */
	unsigned width;               /* columns, 0: unlimited */
	unsigned verbose;             /* 0, 1 (-v), ... */
	bool quiet;

	/*
	 * Called about ten times a second while vmd_open() works, from a
	 * thread of the library's; `fraction` is from 0 to 1. May be NULL.
	 */
	void (*progress)(void *arg, const char *what, double fraction);
	void *progress_arg;
	unsigned threads;             /* 0: one a processor */
};

/*
 * Loads and pairs two builds; old_path NULL loads one alone (what `vmdelta
 * show` does: it is the new side and every old one is empty). Options that
 * cannot be read (a dimension, an expression, a threshold, the ignore file)
 * fail before a build is opened. Returns NULL with *error a malloc'ed message
 * that the caller frees.
 */
VMD_API vmd_diff *vmd_open(const char *old_path, const char *new_path,
			   const struct vmd_options *options, char **error);
VMD_API void vmd_close(vmd_diff *diff);

/* True where no byte of either domain differs in any section or symbol. */
VMD_API bool vmd_equal(const vmd_diff *diff);

/*
 * Writes the report that `options` ask for. Returns 0, or -1 with *error as
 * for vmd_open(); a failed write to `out` is an error too.
 */
VMD_API int vmd_render(vmd_diff *diff, const struct vmd_options *options,
		       FILE *out, char **error);

/*
 * Tests options->fail_if and writes a line for each rule that is broken.
 * Returns the number of broken rules, or -1 with *error.
 */
VMD_API int vmd_check(vmd_diff *diff, const struct vmd_options *options,
		      FILE *out, char **error);

/*
 * Says who owns a byte of the new (or only) build: an address, a file offset
 * ("@0x1234"), a symbol, or "section+offset". Text, or JSON objects where
 * options->format is JSON. Returns the number of places that are not there
 * (the output says which, and why), or -1 with *error.
 */
VMD_API int vmd_whose(vmd_diff *diff, const char *const *places, size_t count,
		      const struct vmd_options *options, FILE *out,
		      char **error);

/* Bytes of one side of a row. */
struct vmd_bytes {
	uint64_t file;    /* on disk */
	uint64_t image;   /* in memory, alignment included */
	uint64_t content; /* in memory, without padding, alignment and gaps */
	uint64_t count;   /* entries that were added up */
};

struct vmd_row {
	size_t depth;             /* 0 for the first dimension of `by`; each
				     directory of a path is a level, too */
	const char *const *keys;  /* depth + 1 texts; NULL: no value */
	struct vmd_bytes old_bytes, new_bytes;
	const char *old_name;     /* of a symbol row, or NULL */
	const char *new_name;
	const char *level;        /* evidence for a pair of symbols, or NULL */
};

/*
 * Groups by options->by, sorted and filtered as `options` say. The rows are
 * those that the text report shows: a limit is spent on the largest of all
 * levels, and each row stands below those that hold it. Without a limit rows
 * that did not change are there, too.
 */
VMD_API vmd_report *vmd_group(vmd_diff *diff, const struct vmd_options *options,
			      char **error);
VMD_API size_t vmd_report_rows(const vmd_report *report);
/* Fills *row; its texts live as long as the report. */
VMD_API void vmd_report_row(const vmd_report *report, size_t index,
			    struct vmd_row *row);
VMD_API void vmd_report_free(vmd_report *report);

/*
 * The dimensions that `by` knows: *name and one line of *help for `index`
 * from 0 on. False beyond the last. Either pointer may be NULL.
 */
VMD_API bool vmd_dimension(size_t index, const char **name, const char **help);

/*
 * The word of the NULL-ended list `known` that a misspelt `word` most likely
 * stands for, or NULL. For messages.
 */
VMD_API const char *vmd_suggest(const char *word, const char *const *known);

/* VMD_VERSION of the library that runs. */
VMD_API const char *vmd_version(void);

#ifdef __cplusplus
}
#endif

#endif

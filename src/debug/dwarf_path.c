/* SPDX-License-Identifier: MIT */
/*
 * Compilers write paths as they were given: relative to the build directory,
 * absolute below it (assembly, out-of-tree builds), or absolute elsewhere.
 * The first two lose the build directory here. For the third, units vote: a
 * path with a top-level folder of the kernel in it says that the tree lies in
 * front of that folder; "/home/fs/linux/drivers/net/x.c" has three such
 * folders, but only "/home/fs/linux" is what all units agree on.
 */
#include "debug/dwarf_path.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/util.h"

/* One path being written. */
struct builder {
	char *text;
	size_t size, used;
	size_t root; /* ".." does not go above this: 1 in absolute paths */
	bool above;  /* a relative path went above its start */
	bool full;
};

static void add_component(struct builder *builder, const char *text,
			  size_t length)
{
	size_t slash = builder->used > builder->root;

	if (builder->used + slash + length + 1 > builder->size) {
		builder->full = true;
		return;
	}
	if (slash)
		builder->text[builder->used++] = '/';
	memcpy(builder->text + builder->used, text, length);
	builder->used += length;
}

static void drop_component(struct builder *builder)
{
	if (builder->used <= builder->root) {
		builder->above = true;
		return;
	}
	while (builder->used > builder->root &&
	       builder->text[builder->used - 1] != '/')
		builder->used--;
	if (builder->used > builder->root)
		builder->used--;
}

static void add_path(struct builder *builder, const char *path)
{
	/* Nothing longer can become short enough to matter. */
	size_t left = strnlen(path, PATH_LIMIT);

	builder->full = builder->full || left == PATH_LIMIT;
	while (left > 0 && !builder->full) {
		const char *slash = memchr(path, '/', left);
		size_t length = slash ? (size_t)(slash - path) : left;

		if (length == 2 && path[0] == '.' && path[1] == '.')
			drop_component(builder);
		else if (length > 0 && !(length == 1 && path[0] == '.'))
			add_component(builder, path, length);
		path += length;
		left -= length;
		if (left > 0) {
			path++;
			left--;
		}
	}
}

static void build(struct builder *builder, const char *const parts[3])
{
	builder->used = 0;
	builder->root = 0;
	builder->above = false;
	for (unsigned i = 0; i < 3; i++) {
		if (parts[i][0] == '/') {
			builder->text[0] = '/';
			builder->used = builder->root = 1;
			builder->above = false;
		}
		add_path(builder, parts[i]);
	}
	if (!builder->full)
		builder->text[builder->used] = '\0';
}

/* How much of `path` is `folder` and a slash; 0 if it does not start so. */
static size_t below(const char *path, const char *folder)
{
	size_t length = strnlen(folder, PATH_LIMIT);

	while (length > 0 && folder[length - 1] == '/')
		length--;
	if (length == 0 || strncmp(path, folder, length) != 0 ||
	    path[length] != '/')
		return 0;
	return length + 1;
}

bool path_make(char *path, size_t size, const char *build_directory,
	       const char *folder, const char *name)
{
	struct builder builder = { .text = path, .size = size };
	const char *parts[3] = { "", folder, name };
	size_t strip;

	path[0] = '\0';
	build(&builder, parts);
	if (builder.above) {
		parts[0] = build_directory;
		build(&builder, parts);
	}
	if (builder.full) {
		path[0] = '\0';
		return false;
	}
	strip = below(path, build_directory);
	memmove(path, path + strip, builder.used - strip + 1);
	return true;
}

static const char *const top_folders[] = {
	"arch", "block", "certs", "crypto", "drivers", "fs", "include", "init",
	"io_uring", "ipc", "kernel", "lib", "mm", "net", "rust", "samples",
	"security", "sound", "tools", "usr", "virt",
};

static bool is_top_folder(const char *text, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(top_folders); i++)
		if (strlen(top_folders[i]) == length &&
		    memcmp(top_folders[i], text, length) == 0)
			return true;
	return false;
}

/* Distinct roots that are counted; a tree has one, a broken file many. */
#define VOTE_LIMIT 64u

static int vote(struct path_root *root, const char *text, size_t length)
{
	struct path_vote *votes;

	for (size_t i = 0; i < root->count; i++) {
		if (root->votes[i].length == length &&
		    memcmp(root->votes[i].text, text, length) == 0) {
			root->votes[i].votes++;
			return 0;
		}
	}
	if (root->count == VOTE_LIMIT)
		return 0;
	votes = array_grow(root->votes, &root->capacity, root->count + 1,
			   sizeof(*votes));
	if (!votes)
		return -1;
	root->votes = votes;
	votes[root->count++] = (struct path_vote){ text, length, 1 };
	return 0;
}

int path_root_vote(struct path_root *root, const char *name)
{
	const char *at = name, *slash;

	if (name[0] != '/')
		return 0;
	while ((slash = strchr(at + 1, '/'))) {
		if (is_top_folder(at + 1, (size_t)(slash - at - 1)) &&
		    vote(root, name, (size_t)(at - name) + 1))
			return -1;
		at = slash;
	}
	return 0;
}

void path_root_decide(struct path_root *root)
{
	root->best = root->count;
	for (size_t i = 0; i < root->count; i++) {
		const struct path_vote *vote_ = &root->votes[i];
		const struct path_vote *best = &root->votes[root->best];

		if (root->best == root->count || vote_->votes > best->votes ||
		    (vote_->votes == best->votes &&
		     vote_->length > best->length))
			root->best = i;
	}
}

const char *path_root_strip(const struct path_root *root, const char *path)
{
	const struct path_vote *best;

	if (root->best >= root->count)
		return path;
	best = &root->votes[root->best];
	return strncmp(path, best->text, best->length) == 0 ?
		       path + best->length : path;
}

void path_root_release(struct path_root *root)
{
	free(root->votes);
	*root = (struct path_root){ 0 };
}

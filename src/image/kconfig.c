/* SPDX-License-Identifier: MIT */
/*
 * Kernel configurations.
 *
 * Which one belongs to a file is the delicate part: a wrong one is worse than
 * none. What the user gives is believed. What is embedded is right by
 * construction. A file that lies beside the kernel is only taken when its
 * first lines name the kernel's version, where both are known.
 */

#include "image/kconfig.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <stdio.h>
#include <zlib.h>

/* allyesconfig has 0.5 MB; a longer file is no configuration. */
#define CONFIG_LIMIT (16u << 20)

struct text {
	char *data; /* malloc'ed */
	size_t size;
};

/* Inflates into at most CONFIG_LIMIT bytes; 0, or -1 with `text` empty. */
static int inflate_config(struct text *text, const uint8_t *data,
			  uint64_t size)
{
	z_stream stream = {
		.next_in = (Bytef *)(uintptr_t)data,
		.avail_in = (uInt)min_u64(size, CONFIG_LIMIT),
	};
	size_t capacity = 0;
	int status = Z_OK;

	if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK)
		return -1;
	while (status == Z_OK && text->size < CONFIG_LIMIT) {
		char *room = array_grow(text->data, &capacity,
					text->size + (1u << 16), 1);

		if (!room)
			break;
		text->data = room;
		stream.next_out = (Bytef *)room + text->size;
		stream.avail_out = (uInt)(capacity - text->size);
		status = inflate(&stream, Z_NO_FLUSH);
		text->size = capacity - stream.avail_out;
	}
	inflateEnd(&stream);
	if (status == Z_STREAM_END)
		return 0;
	free(text->data);
	*text = (struct text){ NULL, 0 };
	return -1;
}

/* Reads a whole small file; -1 with errno where that fails. */
static int read_text(struct text *text, const char *path)
{
	struct stat status;
	FILE *file = fopen(path, "re");
	size_t capacity = 0;
	int result = -1;

	if (!file)
		return -1;
	if (fstat(fileno(file), &status) != 0)
		goto out;
	errno = EFBIG;
	if (!S_ISREG(status.st_mode) || status.st_size > CONFIG_LIMIT)
		goto out;
	errno = ENOMEM;
	text->data = array_grow(NULL, &capacity, (size_t)status.st_size + 1, 1);
	if (!text->data)
		goto out;
	text->size = fread(text->data, 1, (size_t)status.st_size, file);
	if (!ferror(file))
		result = 0;
out:
	fclose(file);
	if (result != 0) {
		free(text->data);
		*text = (struct text){ NULL, 0 };
	}
	return result;
}

static bool is_name(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

/*
 * "CONFIG_X=value" or "# CONFIG_X is not set"; everything else is a comment.
 * Returns 1 and fills *option (its texts end in NUL), 0 if it is none, -1
 * when out of memory.
 */
static int parse_line(struct arena *arena, const char *line, size_t length,
		      struct kconfig_option *option)
{
	static const char unset[] = " is not set";
	size_t start = 0, name;

	if (length > 2 && line[0] == '#' && line[1] == ' ')
		start = 2;
	if (length - start < 8 || memcmp(line + start, "CONFIG_", 7) != 0)
		return 0;
	for (name = start + 7; name < length && is_name(line[name]); name++)
		;
	if (start) {
		if (length - name < sizeof(unset) - 1 ||
		    memcmp(line + name, unset, sizeof(unset) - 1) != 0)
			return 0;
		option->value = "n";
	} else {
		if (name >= length || line[name] != '=')
			return 0;
		option->value = arena_strndup(arena, line + name + 1,
					      length - name - 1);
	}
	option->name = arena_strndup(arena, line + start, name - start);
	return option->name && option->value ? 1 : -1;
}

static int by_name(const void *a, const void *b)
{
	const struct kconfig_option *one = a, *two = b;

	return strcmp(one->name, two->name);
}

/* Sorts, and keeps one of options that stand there more than once. */
static void finish(struct kconfig *kconfig)
{
	uint32_t kept = 0;

	if (kconfig->count == 0)
		return;
	qsort(kconfig->options, kconfig->count, sizeof(*kconfig->options),
	      by_name);
	for (uint32_t i = 1; i < kconfig->count; i++)
		if (by_name(&kconfig->options[kept],
			    &kconfig->options[i]) != 0)
			kconfig->options[++kept] = kconfig->options[i];
	kconfig->count = kept + 1;
}

int kconfig_parse(struct kconfig *kconfig, const char *text, size_t length,
		  struct err *err)
{
	size_t capacity = kconfig->count;

	for (size_t at = 0, end; at < length; at = end + 1) {
		const char *newline = memchr(text + at, '\n', length - at);
		struct kconfig_option option, *room;
		int found;

		end = newline ? (size_t)(newline - text) : length;
		found = parse_line(&kconfig->arena, text + at, end - at,
				   &option);
		if (found == 0)
			continue;
		room = array_grow(kconfig->options, &capacity,
				  (size_t)kconfig->count + 1,
				  sizeof(*kconfig->options));
		if (found < 0 || !room)
			return err_oom(err, "reading a configuration");
		kconfig->options = room;
		kconfig->options[kconfig->count++] = option;
	}
	finish(kconfig);
	return 0;
}

/*
 * The version in "# Linux/x86 6.1.192 Kernel Configuration" against the
 * banner's release, which may go on ("6.1.192-foo", or Debian's "6.1.0-56"
 * for the ABI). True unless both are known and cannot belong together.
 */
static bool version_fits(const struct text *text, const struct ident *ident)
{
	static const char mark[] = " Kernel Configuration";
	size_t limit = text->size < 512 ? text->size : 512;
	const char *end = limit ? memmem(text->data, limit, mark,
					 sizeof(mark) - 1) : NULL;
	const char *start = end;
	size_t same;

	if (!end || !ident->release)
		return true;
	while (start > text->data && start[-1] != ' ' && start[-1] != '\n')
		start--;
	/* Compare major.minor: what follows depends on the packager. */
	for (same = 0; start + same < end; same++) {
		if (start[same] != ident->release[same])
			return false;
		if (start[same] == '.' && memchr(start, '.', same))
			break;
	}
	return true;
}

static int accept(struct kconfig *kconfig, const struct text *text,
		  const char *origin, struct err *err)
{
	if (kconfig_parse(kconfig, text->data, text->size, err) != 0)
		return -1;
	if (kconfig->count == 0)
		return 0;
	kconfig->origin = arena_strndup(&kconfig->arena, origin,
					strlen(origin));
	return kconfig->origin ? 0 : err_oom(err, "reading a configuration");
}

static int read_given(struct kconfig *kconfig, const char *path,
		      struct err *err)
{
	struct text text = { NULL, 0 };
	int result;

	if (read_text(&text, path) != 0)
		return err_set(err, "%s: cannot be read as a kernel "
			       "configuration: %s", path, strerror(errno));
	/* A gzip'd one, as in /proc/config.gz. */
	if (text.size > 2 && memcmp(text.data, "\x1f\x8b", 2) == 0) {
		struct text plain = { NULL, 0 };

		inflate_config(&plain, (const uint8_t *)text.data, text.size);
		free(text.data);
		text = plain;
	}
	kconfig->given = true;
	result = accept(kconfig, &text, path, err);
	if (result == 0 && kconfig->count == 0)
		result = err_set(err, "%s: is no kernel configuration: no "
				 "line CONFIG_...= in it", path);
	free(text.data);
	return result;
}

static int read_embedded(struct kconfig *kconfig, struct image *image,
			 const struct ident *ident, struct err *err)
{
	struct text text = { NULL, 0 };
	int result;

	if (!ident->config)
		return 0;
	if (inflate_config(&text, ident->config, ident->config_size) != 0) {
		image_warn(image, "%s: its embedded configuration cannot be "
			   "decompressed", image->path);
		return 0;
	}
	result = accept(kconfig, &text, "embedded", err);
	free(text.data);
	return result;
}

static int try_beside(struct kconfig *kconfig, const struct ident *ident,
		      const char *path, struct err *err)
{
	struct text text = { NULL, 0 };
	int result = 0;

	if (!path)
		return err_oom(err, "looking for a configuration");
	if (read_text(&text, path) != 0)
		return 0;
	if (version_fits(&text, ident))
		result = accept(kconfig, &text, path, err);
	free(text.data);
	return result;
}

/* "none.vmlinux.o" -> "none": the name before ".vmlinux", or all of it. */
static size_t stem_length(const char *name)
{
	const char *mark = strstr(name, ".vmlinux");

	return mark ? (size_t)(mark - name) : strlen(name);
}

/* Where a configuration may lie; %1 directory, %2 stem, %3 release. */
enum beside { BESIDE_STEM, BESIDE_RELEASE, BESIDE_SUFFIX, BESIDE_BOOT,
	      BESIDE_DOT, BESIDE_COUNT };

static char *beside_path(struct arena *arena, enum beside where,
			 const char *path, const struct ident *ident)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	int directory = (int)(name - path);

	switch (where) {
	case BESIDE_STEM: /* none.vmlinux: none.config */
		return arena_printf(arena, "%.*s%.*s.config", directory, path,
				    (int)stem_length(name), name);
	case BESIDE_RELEASE: /* as in /boot */
		return arena_printf(arena, "%.*sconfig-%s", directory, path,
				    ident->release ? ident->release : "");
	case BESIDE_SUFFIX: /* vmlinux-6.1-test: config-6.1-test */
		return arena_printf(arena, "%.*sconfig%s", directory, path,
				    strncmp(name, "vmlinux", 7) == 0 ?
				    name + 7 : "-");
	case BESIDE_BOOT: /* a debug package's vmlinux of this machine */
		return arena_printf(arena, "/boot/config-%s",
				    ident->release ? ident->release : "");
	default: /* a build directory */
		return arena_printf(arena, "%.*s.config", directory, path);
	}
}

int kconfig_read(struct kconfig *kconfig, struct image *image,
		 const struct ident *ident, const char *given, struct err *err)
{
	memset(kconfig, 0, sizeof(*kconfig));
	if (given)
		return read_given(kconfig, given, err);
	if (read_embedded(kconfig, image, ident, err) != 0)
		return -1;
	/* Not a kernel, no kernel configuration. */
	if (!image->path || (!ident->banner && !ident->known[KNOWN_STEXT] &&
			     !strstr(image->path, "vmlinux")))
		return 0;
	for (int i = 0; i < BESIDE_COUNT && !kconfig->origin; i++) {
		const char *path = beside_path(&kconfig->arena, i,
					       image->path, ident);

		if (try_beside(kconfig, ident, path, err) != 0)
			return -1;
	}
	return 0;
}

const char *kconfig_value(const struct kconfig *kconfig, const char *name)
{
	struct kconfig_option key = { name, NULL };
	const struct kconfig_option *found = NULL;

	if (kconfig->count)
		found = bsearch(&key, kconfig->options, kconfig->count,
				sizeof(key), by_name);
	return found ? found->value : NULL;
}

void kconfig_release(struct kconfig *kconfig)
{
	if (!kconfig)
		return;
	free(kconfig->options);
	arena_release(&kconfig->arena);
	memset(kconfig, 0, sizeof(*kconfig));
}

/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_SEPARATE_H
#define VMDELTA_DEBUG_SEPARATE_H

#include "image/image.h"

/*
 * Opens the file with an image's debug information: `path` if that is given,
 * else by build-id below /usr/lib/debug, else by .gnu_debuglink beside the
 * image. Returns a malloc'ed image, or NULL: a given path that does not fit
 * is a warning on `image`, one that is not there is none.
 */
struct image *separate_open(struct image *image, const char *path);

#endif

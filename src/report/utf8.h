/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_REPORT_UTF8_H
#define VMDELTA_REPORT_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * The length of the valid UTF-8 sequence (RFC 3629) that `text` begins with,
 * its character in *character; 0 where it begins with none. `length` is at
 * least 1.
 */
size_t utf8_decode(const char *text, size_t length, uint32_t *character);

#endif

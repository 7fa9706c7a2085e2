/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_DEBUG_BTF_H
#define VMDELTA_DEBUG_BTF_H

/*
 * BTF, the kernel's loaded type information: its records as runs of bytes
 * with a kind and a name. Source: <linux/btf.h>, Documentation/bpf/btf.rst.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "image/image.h"

struct btf {
	bool present;
	struct arena arena;
};

void btf_release(struct btf *btf);

#endif

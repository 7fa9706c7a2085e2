/* SPDX-License-Identifier: MIT */
#include <kernel.h>

const char linux_banner[] __used = "Linux version 6.1.0-demo (demo@demo) ("
	__VERSION__ ") #1 SMP\n";

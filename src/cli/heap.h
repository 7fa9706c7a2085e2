/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_CLI_HEAP_H
#define VMDELTA_CLI_HEAP_H

/* Sets malloc() up for what runs ask of it. Before anything else. */
void heap_tune(void);

#endif

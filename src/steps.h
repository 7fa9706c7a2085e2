/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_STEPS_H
#define VMDELTA_STEPS_H

/*
 * How far vmd_open() is: each stage of the pipeline marks its end, reading
 * debug information also its middle, and a thread of its own tells the user's
 * callback ten times a second. Without a callback nothing is started.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "debug/dwarf.h"
#include "match/match.h"
#include "vmdelta.h"

/* In their order; STEP_MATCH and later are of both sides. */
enum step {
	STEP_OPEN,
	STEP_DEBUG_INFO,
	STEP_TYPES,
	STEP_LEDGER,
	STEP_SIDES,
	STEP_MATCH = STEP_SIDES,
	STEP_EXPLAIN,
	STEP_COUNT
};

struct steps {
	const struct vmd_options *options;
	_Atomic unsigned at[SIDES];          /* enum step that runs */
	struct dwarf_progress units[SIDES];
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	bool started, stop;                  /* stop: under lock */
};

/* Starts to tell; steps_stop() must follow. `single`: no old side. */
void steps_start(struct steps *steps, const struct vmd_options *options,
		 bool single);
/* Side `side` (any, for steps of both) begins `step`. Thread-safe. */
void steps_begin(struct steps *steps, unsigned side, enum step step);
void steps_stop(struct steps *steps);

#endif

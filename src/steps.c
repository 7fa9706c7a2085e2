/* SPDX-License-Identifier: MIT */
/*
 * The stages know nothing of each other's length, so their shares of the
 * whole are guesses from real kernels with debug information. A bar only has
 * to move, and to end near the end.
 */
#include "steps.h"

#include <time.h>

#define INTERVAL_NS 100000000L

static const struct {
	const char *what;
	double share;
} steps_table[STEP_COUNT] = {
	[STEP_OPEN] = { "opening", 0.05 },
	[STEP_DEBUG_INFO] = { "reading debug information", 0.35 },
	[STEP_TYPES] = { "reading BTF", 0.05 },
	[STEP_LEDGER] = { "booking bytes", 0.35 },
	[STEP_MATCH] = { "pairing symbols", 0.1 },
	[STEP_EXPLAIN] = { "finding causes", 0.1 },
};

static double units_read(const struct dwarf_progress *units)
{
	uint32_t total = atomic_load(&units->total);

	return total ? (double)atomic_load(&units->done) / total : 0;
}

/* What is done of one side and of what follows it. */
static double side_done(struct steps *steps, unsigned side, unsigned at)
{
	double done = 0;

	for (unsigned i = 0; i < at; i++)
		done += steps_table[i].share;
	if (at == STEP_DEBUG_INFO)
		done += steps_table[at].share *
			units_read(&steps->units[side]);
	return done;
}

static void tell(struct steps *steps)
{
	unsigned slow = OLD;
	double done[SIDES], fraction;

	for (unsigned side = 0; side < SIDES; side++)
		done[side] = side_done(steps, side,
				       atomic_load(&steps->at[side]));
	fraction = (done[OLD] + done[NEW]) / SIDES;
	if (done[NEW] < done[OLD])
		slow = NEW;
	steps->options->progress(steps->options->progress_arg,
		steps_table[atomic_load(&steps->at[slow])].what, fraction);
}

static void *run(void *arg)
{
	struct steps *steps = arg;
	struct timespec until;

	pthread_mutex_lock(&steps->lock);
	while (!steps->stop) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += INTERVAL_NS;
		if (until.tv_nsec >= 1000000000L) {
			until.tv_nsec -= 1000000000L;
			until.tv_sec++;
		}
		pthread_cond_timedwait(&steps->wake, &steps->lock, &until);
		if (!steps->stop)
			tell(steps);
	}
	pthread_mutex_unlock(&steps->lock);
	return NULL;
}

void steps_start(struct steps *steps, const struct vmd_options *options,
		 bool single)
{
	*steps = (struct steps){ .options = options };
	if (single)
		atomic_store(&steps->at[OLD], STEP_SIDES);
	if (!options->progress)
		return;
	pthread_mutex_init(&steps->lock, NULL);
	pthread_cond_init(&steps->wake, NULL);
	steps->started = !pthread_create(&steps->thread, NULL, run, steps);
}

void steps_begin(struct steps *steps, unsigned side, enum step step)
{
	if (step < STEP_SIDES) {
		atomic_store(&steps->at[side], step);
		return;
	}
	for (unsigned i = 0; i < SIDES; i++)
		atomic_store(&steps->at[i], step);
}

void steps_stop(struct steps *steps)
{
	if (!steps->started)
		return;
	pthread_mutex_lock(&steps->lock);
	steps->stop = true;
	pthread_cond_signal(&steps->wake);
	pthread_mutex_unlock(&steps->lock);
	pthread_join(steps->thread, NULL);
	pthread_cond_destroy(&steps->wake);
	pthread_mutex_destroy(&steps->lock);
}

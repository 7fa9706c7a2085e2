/* SPDX-License-Identifier: MIT */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/fault.h"
#include "cli/terminal.h"

#define PATIENCE 1000 /* milliseconds before anything is shown */
#define INTERVAL 100  /* between two drawings */
#define BAR 20        /* columns */

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 +
	       (uint64_t)time.tv_nsec / 1000000;
}

void progress_start(struct progress *progress, bool wanted, bool unicode)
{
	*progress = (struct progress){
		.enabled = wanted && terminal_is_smart(STDERR_FILENO),
		.unicode = unicode,
		.started = now(),
	};
}

static void draw_bar(const struct progress *progress, double fraction)
{
	int full = (int)(fraction * BAR + 0.5);

	for (int i = 0; i < BAR; i++)
		fputs(i < full ? progress->unicode ? "\u2588" : "#"
			       : progress->unicode ? "\u2591" : ".", stderr);
	fprintf(stderr, " %3d%%", (int)(fraction * 100));
}

void progress_report(void *arg, const char *what, double fraction)
{
	struct progress *progress = arg;
	unsigned width;
	uint64_t time;

	if (!progress->enabled)
		return;
	time = now();
	if (time - progress->started < PATIENCE ||
	    time - progress->drawn < INTERVAL)
		return;
	progress->drawn = time;
	width = terminal_width(STDERR_FILENO);
	if (width < BAR + 20)
		return;
	if (!(fraction >= 0))
		fraction = 0;
	if (fraction > 1)
		fraction = 1;
	fputs("\r\033[K", stderr);
	draw_bar(progress, fraction);
	fprintf(stderr, "  %.*s", (int)width - BAR - 8, what);
	fflush(stderr);
	progress->shown = true;
	fault_line_shown(true);
}

void progress_finish(struct progress *progress)
{
	if (progress->shown) {
		fputs("\r\033[K", stderr);
		fflush(stderr);
	}
	progress->shown = false;
	progress->enabled = false;
	fault_line_shown(false);
}

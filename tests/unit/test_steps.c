/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "steps.h"

/* What the callback was told; read after steps_stop(). */
struct told {
	unsigned count;
	double last;
	bool backwards, outside;
	char what[64];
};

static void note(void *arg, const char *what, double fraction)
{
	struct told *told = arg;

	told->count++;
	told->backwards |= fraction < told->last;
	told->outside |= !(fraction >= 0 && fraction <= 1);
	told->last = fraction;
	strncpy(told->what, what, sizeof(told->what) - 1);
}

static void wait_a_bit(void)
{
	const struct timespec time = { .tv_nsec = 250000000 };

	nanosleep(&time, NULL);
}

static void run_side(struct steps *steps, unsigned side)
{
	for (int step = 0; step < STEP_SIDES; step++)
		steps_begin(steps, side, (enum step)step);
}

START_TEST(steps_go_forward_and_end_near_the_end)
{
	struct told told = { 0 };
	const struct vmd_options options = { .progress = note,
					     .progress_arg = &told };
	struct steps steps;

	steps_start(&steps, &options, false);
	steps_begin(&steps, OLD, STEP_DEBUG_INFO);
	wait_a_bit();
	atomic_store(&steps.units[OLD].total, 10);
	atomic_store(&steps.units[OLD].done, 10);
	wait_a_bit();
	run_side(&steps, OLD);
	run_side(&steps, NEW);
	wait_a_bit();
	steps_begin(&steps, NEW, STEP_MATCH);
	steps_begin(&steps, NEW, STEP_EXPLAIN);
	wait_a_bit();
	steps_stop(&steps);
	ck_assert_uint_ge(told.count, 3);
	ck_assert(!told.backwards);
	ck_assert(!told.outside);
	ck_assert(told.last > 0.8);
	ck_assert_str_eq(told.what, "finding causes");
}
END_TEST

START_TEST(steps_name_what_the_slower_side_does)
{
	struct told told = { 0 };
	const struct vmd_options options = { .progress = note,
					     .progress_arg = &told };
	struct steps steps;

	steps_start(&steps, &options, false);
	run_side(&steps, OLD);
	steps_begin(&steps, NEW, STEP_DEBUG_INFO);
	wait_a_bit();
	steps_stop(&steps);
	ck_assert_str_eq(told.what, "reading debug information");
}
END_TEST

START_TEST(steps_of_one_build_wait_for_no_other)
{
	struct told told = { 0 };
	const struct vmd_options options = { .progress = note,
					     .progress_arg = &told };
	struct steps steps;

	steps_start(&steps, &options, true);
	steps_begin(&steps, NEW, STEP_LEDGER);
	wait_a_bit();
	steps_stop(&steps);
	ck_assert_str_eq(told.what, "booking bytes");
	ck_assert(told.last > 0.5);
}
END_TEST

START_TEST(steps_without_a_callback_cost_nothing)
{
	const struct vmd_options options = { 0 };
	struct steps steps;

	steps_start(&steps, &options, false);
	steps_begin(&steps, OLD, STEP_LEDGER);
	ck_assert(!steps.started);
	steps_stop(&steps);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("steps");
	TCase *tests = tcase_create("steps");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, steps_go_forward_and_end_near_the_end);
	tcase_add_test(tests, steps_name_what_the_slower_side_does);
	tcase_add_test(tests, steps_of_one_build_wait_for_no_other);
	tcase_add_test(tests, steps_without_a_callback_cost_nothing);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}

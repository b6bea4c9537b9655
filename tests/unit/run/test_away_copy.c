/* SPDX-License-Identifier: Apache-2.0 */
/* test_away_copy.c - what a lost worker had saved is large, and copying it takes seconds: the run
 * goes on meanwhile. */
#include "away_fixture.h"

#include <stdatomic.h>
#include <unistd.h>

#define SLOW 3.0 /* seconds for each of our files: of gigabytes, or over a network */

static atomic_int copies;

/* In place of the C library's. */
ssize_t copy_file_range(int in, off64_t *in_at, int out, off64_t *out_at, size_t length,
			unsigned flags)
{
	char block[4096];
	ssize_t n;

	ck_assert(!in_at && !out_at && !flags);
	n = read(in, block, length < sizeof block ? length : sizeof block);
	if (n <= 0)
		return n;
	usleep((useconds_t)(1e6 * SLOW));
	copies++;
	return write(out, block, (size_t)n);
}

static double ticked, longest;
static size_t ended_meanwhile;

/* One stage is copied at first: nobody else has lost anything. */
static void tick(void *data, const struct abl_run *run, int stops)
{
	const double now = abl_clock_now();

	(void)data, (void)stops;
	if (ticked > 0 && now - ticked > longest)
		longest = now - ticked;
	ticked = now;
	for (size_t i = 0; !copies && i < run->node_count; i++)
		if (run->nodes[i].attempt == 1 && run->nodes[i].cause == ABL_CAUSE_LOST)
			ended_meanwhile = run->done;
}

static bool had_state;
static const char *lost; /* its log's beginning */

static enum abl_pretends lose_one(const struct abl_pretended_attempt *a)
{
	char *state;

	if (!strstr(a->spec.log, "finetune"))
		return ABL_PRETENDS_DONE;
	if (a->attempt == 1 && !lost) {
		lost = abl_strdup(a->key);
		return ABL_PRETENDS_LOST;
	}
	if (a->attempt == 2) {
		state = abl_path_join(a->folder, "state");
		had_state = abl_file_exists(state);
		free(state);
	}
	return ABL_PRETENDS_DONE;
}

START_TEST(test_away_copy__others_go_on)
{
	struct outcome out;

	given.lease = 30;
	given.tick = tick;
	all.decide = lose_one;
	out = run(&all);
	ck_assert_uint_eq(out.done, 3);
	ck_assert_int_eq(copies, 1);
	ck_assert(had_state);
	ck_assert_double_lt(longest, .6 * SLOW);
	ck_assert_uint_ge(ended_meanwhile, 1);
	free((char *)(uintptr_t)lost);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("away_copy");
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, test_away_copy__others_go_on);
	failed = run_case(c, "away_copy");
	return abl_remove_tree(folder, NULL) || failed;
}

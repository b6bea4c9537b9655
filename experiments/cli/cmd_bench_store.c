/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_bench_store.c - `ablate bench store`: what a run costs beside training. */
#include "cmd_bench.h"
#include "bench_store.h"
#include "store.h"
#include "str.h"

#include <stdio.h>

static void print_json(const struct abl_bench_bookkeeping *b, const char *cpu)
{
	const struct abl_bench_mark *last = &b->marks[b->mark_count - 1];
	double seconds = 0;

	for (int i = 0; i < b->mark_count; i++) /* of all trials, not of the last ones */
		seconds += b->marks[i].seconds *
			   (double)(b->marks[i].trials - (i ? b->marks[i - 1].trials : 0));
	printf("{\"trials\": %lld, \"stages\": %lld, \"plan_ms\": %.4f, "
	       "\"ms_per_trial\": %.4f, \"trials_s\": %.0f, \"marks\": [",
	       (long long)b->trials, (long long)b->stages, 1e3 * b->plan_seconds,
	       1e3 * seconds / (double)b->trials, 1 / last->seconds);
	for (int i = 0; i < b->mark_count; i++)
		printf("%s{\"trials\": %lld, \"ms\": %.4f, \"store_mb\": %.1f}", i ? ", " : "",
		       (long long)b->marks[i].trials, 1e3 * b->marks[i].seconds,
		       b->marks[i].store_size / (1 << 20));
	printf("], \"machine\": \"%s\"}\n", cpu);
}

static void print_table(const struct abl_bench_bookkeeping *b, const char *cpu)
{
	char trials[32], stages[32];

	printf("%s trials, %s stages; %s\n", abl_format_count(b->trials, trials),
	       abl_format_count(b->stages, stages), cpu);
	printf("planning and recording the plan: %.3f ms per trial\n\n", 1e3 * b->plan_seconds);
	printf("%12s  %12s  %10s  %10s\n", "up to trial", "ms per trial", "trials/s", "store MiB");
	for (int i = 0; i < b->mark_count; i++) {
		const struct abl_bench_mark *m = &b->marks[i];

		printf("%12s  %12.3f  %10.0f  %10.1f\n", abl_format_count(m->trials, trials),
		       1e3 * m->seconds, 1 / m->seconds, m->store_size / (1 << 20));
	}
}

int abl_bench_part_store(const struct abl_args *args, struct abl_err *err)
{
	const int64_t trials = abl_args_int(args, "trials", 10000);
	struct abl_bench_bookkeeping out;
	struct abl_provenance machine;

	if (trials < ABL_BENCH_VARIANTS || trials > 1000 * ABL_BENCH_VARIANTS) {
		abl_err_set(err, ABL_EINPUT, "--trials must be from %d to %d", ABL_BENCH_VARIANTS,
			    1000 * ABL_BENCH_VARIANTS);
		return ABL_EXIT_USAGE;
	}
	if (abl_bench_store(trials, &out, err))
		return ABL_EXIT_FAILED;
	abl_provenance_gather(&machine);
	(abl_bench_json(args) ? print_json : print_table)(&out, machine.cpu);
	return ABL_EXIT_OK;
}

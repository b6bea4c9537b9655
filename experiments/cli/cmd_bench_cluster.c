/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_bench_cluster.c - `ablate bench cluster`: what a run on many workers costs its head. */
#include "bench_cluster.h"
#include "cmd_bench.h"
#include "bench_run.h"
#include "store.h"
#include "str.h"

#include <stdio.h>

enum { MOST_WORKERS = 10000 };

static double mean_wait(const struct abl_bench_head *h)
{
	return h->waits.count ? h->waits.sum / (double)h->waits.count : 0;
}

static void print_json(const struct abl_bench_head *h, int64_t workers, const char *cpu)
{
	printf("{\"trials\": %lld, \"stages\": %lld, \"workers\": %lld, \"seconds\": %.3f, "
	       "\"cpu_ms_per_trial\": %.4f, \"memory_mb\": %.1f, \"plan_memory_mb\": %.1f, "
	       "\"longest_pass_s\": %.4f, \"wait_ms\": %.3f, \"longest_wait_ms\": %.3f, "
	       "\"store_mb\": %.1f, \"machine\": \"%s\"}\n",
	       (long long)h->trials, (long long)h->stages, (long long)workers, h->wall,
	       1e3 * h->cpu / (double)h->trials, h->memory / (1 << 20), h->plan_memory / (1 << 20),
	       h->longest, 1e3 * mean_wait(h), 1e3 * h->waits.most, h->store_size / (1 << 20), cpu);
}

static void print_table(const struct abl_bench_head *h, int64_t workers, const char *cpu)
{
	char trials[32], stages[32], count[32], text[32];

	printf("%s trials, %s stages, on %s pretended workers; %s\n",
	       abl_format_count(h->trials, trials), abl_format_count(h->stages, stages),
	       abl_format_count(workers, count), cpu);
	printf("wall clock            %s, %.0f trials/s\n", abl_format_duration(h->wall, text),
	       (double)h->trials / h->wall);
	printf("head's CPU            %.3f ms per trial, %.0f %% of a core\n",
	       1e3 * h->cpu / (double)h->trials, 100 * h->cpu / h->wall);
	printf("head's memory         %s at most", abl_format_bytes(h->memory, text));
	printf(", %s with the plan alone\n", abl_format_bytes(h->plan_memory, text));
	printf("longest pass          %.0f ms\n", 1e3 * h->longest);
	printf("a worker's next stage after %.1f ms on average, %.0f ms at most\n",
	       1e3 * mean_wait(h), 1e3 * h->waits.most);
	printf("store                 %s\n", abl_format_bytes(h->store_size, text));
}

int abl_bench_part_cluster(const struct abl_args *args, struct abl_err *err)
{
	const double seconds = abl_args_real(args, "seconds", 0);
	struct abl_bench_head out;
	struct abl_provenance machine;
	int64_t workers, trials = abl_args_int(args, "trials", 10000);

	if (abl_bench_number(args, "workers", 500, 1, MOST_WORKERS, &workers, err))
		return ABL_EXIT_USAGE;
	if (trials < ABL_BENCH_VARIANTS || trials > 1000 * ABL_BENCH_VARIANTS) {
		abl_err_set(err, ABL_EINPUT, "--trials must be from %d to %d", ABL_BENCH_VARIANTS,
			    1000 * ABL_BENCH_VARIANTS);
		return ABL_EXIT_USAGE;
	}
	if (!(seconds >= 0 && seconds <= 3600)) {
		abl_err_set(err, ABL_EINPUT, "--seconds must be from 0 to 3600");
		return ABL_EXIT_USAGE;
	}
	if (abl_bench_cluster(trials, (int)workers, seconds, &out, err))
		return ABL_EXIT_FAILED;
	abl_provenance_gather(&machine);
	if (abl_bench_json(args))
		print_json(&out, workers, machine.cpu);
	else
		print_table(&out, workers, machine.cpu);
	return ABL_EXIT_OK;
}

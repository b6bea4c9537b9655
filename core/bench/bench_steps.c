/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_steps.h"

#include "bench_source.h"
#include "compute.h"

#include <time.h>

struct watch {
	double first, last; /* processor seconds at the ends of the first step and the last one */
	int64_t steps;
};

static double cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The loop asks this behind every step but the last. */
static bool tick(void *data)
{
	struct watch *w = data;

	w->last = cpu_now();
	if (!w->steps++)
		w->first = w->last;
	return false;
}

int abl_bench_model(struct abl_model **m, const struct abl_compute *compute,
		    const struct abl_config *c, bool pretrain, struct abl_err *err)
{
	size_t micro = abl_micro_tokens(c);
	struct abl_model_request request = {.compute = compute,
					    .config = c,
					    .vocab_size = (size_t)c->vocab_size,
					    .train = true,
					    .pretraining = pretrain,
					    .max_tokens = micro,
					    .max_sequences = micro,
					    .seed = 1};

	if (pretrain) {
		request.heads[request.head_count++].name = "mlm";
		request.heads[request.head_count++].name = "nsp";
	} else {
		request.heads[request.head_count++] = (struct abl_head_request){"classify", 2};
	}
	return abl_model_create(m, &request, err);
}

int abl_bench_steps(const struct abl_bench_steps *r, double *cpu_seconds, struct abl_err *err)
{
	const struct abl_config *c = r->config;
	struct abl_bench_source made = {.config = c,
					.pretrain = r->pretrain,
					.lengths = &r->length,
					.count = 1,
					.items = (size_t)((r->steps + 2) * r->batch),
					.batch = (size_t)r->batch};
	const struct abl_source source = {.data = &made,
					  .begin_epoch = abl_bench_source_begin,
					  .put = abl_bench_source_put,
					  .sequences = 1,
					  .longest = (size_t)c->max_length};
	struct abl_recipe recipe = r->pretrain ? c->pretrain : c->finetune;
	struct watch watch = {0};
	const struct abl_events events = {.data = &watch, .stopping = tick};
	struct abl_compute *compute = NULL;
	struct abl_model *m = NULL;
	int rc;

	recipe.steps = r->steps + 2; /* one more that only ends the last of them */
	recipe.batch_size = r->batch;
	recipe.batch_tokens = 0;
	abl_bench_source_init(&made);
	rc = abl_compute_create(&compute, c->precision, r->threads, err);
	rc = rc ? rc : abl_bench_model(&m, compute, c, r->pretrain, err);
	rc = rc ? rc
		: abl_loop_run(&(struct abl_loop){.model = m,
						  .recipe = &recipe,
						  .source = &source,
						  .seed = 1,
						  .folder = "", /* nothing is saved so soon */
						  .events = &events},
			       err);
	if (!rc)
		*cpu_seconds = (watch.last - watch.first) / (double)(watch.steps - 1);
	abl_bench_source_finish(&made);
	abl_model_destroy(m);
	abl_compute_destroy(compute);
	return rc;
}

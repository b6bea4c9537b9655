/* SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"
#include "bench_train.h"

#include "bench_machine.h"
#include "bench_source.h"
#include "bench_steps.h"
#include "files.h"
#include "str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { UNTIMED = 3, MEASURED = 3 }; /* steps before the timed ones; behind, with the meter on */
#define BESIDE .1                   /* of a step's time goes to the product behind it */

struct timing {
	const struct abl_bench_request *r;
	struct abl_compute *compute; /* the model's, with both meters */
	/* the products', which leave the model's copies of weights alone */
	struct abl_compute *for_product, *for_product_in_precision;
	struct abl_gemm_meter meter;
	struct abl_team_meter team;
	struct abl_bench_product product; /* in fp32 */
	struct abl_bench_product in_precision;
	double *began, *ended; /* [steps + 2] of step i, from 1; the first has the set-up in it */
	double *beside;        /* [steps + 2] FLOP/s of the product behind that step */
	double *beside_in_precision;
	int64_t step;
	double loss;
};

/* The loop asks this behind every step but the last. */
static bool tick(void *data)
{
	struct timing *t = data;
	double took;

	t->ended[++t->step] = abl_clock_now();
	t->compute->meter = NULL;
	t->compute->team.meter = NULL;
	took = t->ended[t->step] - t->began[t->step];
	t->beside[t->step] = abl_bench_product_rate(&t->product, BESIDE * took);
	t->beside_in_precision[t->step] = abl_bench_product_rate(&t->in_precision, BESIDE * took);
	if (t->step >= UNTIMED + t->r->steps && t->step < UNTIMED + t->r->steps + MEASURED) {
		t->compute->meter = &t->meter;
		t->compute->team.meter = &t->team;
	}
	t->began[t->step + 1] = abl_clock_now();
	return false;
}

static void take_loss(void *data, int64_t step, const char *name, double value)
{
	(void)step;
	if (!strcmp(name, "loss"))
		((struct timing *)data)->loss = value;
}

/* Training = 3 x forward; a product of [m, k] and [k, n] is 2 m n k. In the last layer keys and
 * values are made for every token, the rest for the rows that are read. */
static double least_flops(const struct abl_bench_request *r, const struct abl_bench_work *w)
{
	const struct abl_config *c = r->config;
	double H = (double)c->hidden, F = (double)c->ffn_size, V = (double)c->vocab_size;
	double read = w->targets + w->sequences;
	double full = w->tokens * (8 * H * H + 4 * H * F) + 4 * H * w->squares;
	double last =
		w->tokens * 4 * H * H + read * (4 * H * H + 4 * H * F) + 4 * H * w->read_tokens;
	double head = w->targets * (2 * H * V + 2 * H * H);

	return 3 * ((double)(c->layers - 1) * full + last + head);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *x, int64_t n)
{
	qsort(x, (size_t)n, sizeof *x, by_value);
	return (x[n / 2] + x[(n - 1) / 2]) / 2;
}

static void evaluate(const struct timing *t, const struct abl_bench_work *work,
		     struct abl_bench_result *out)
{
	const int64_t n = t->r->steps;
	double *took = abl_calloc((size_t)n, sizeof *took);
	double *rate = abl_calloc((size_t)n, sizeof *rate), tokens = 0, flops = 0, metered = 0;
	double *efficiency = abl_calloc((size_t)n, sizeof *efficiency);
	double *in_precision = abl_calloc((size_t)n, sizeof *in_precision);

	for (int64_t i = 0; i < n; i++) {
		const struct abl_bench_work *w = &work[UNTIMED + i];
		int64_t step = UNTIMED + i + 1;

		took[i] = t->ended[step] - t->began[step];
		rate[i] = w->tokens / took[i];
		efficiency[i] = least_flops(t->r, w) / took[i] / t->beside[step];
		in_precision[i] = least_flops(t->r, w) / took[i] / t->beside_in_precision[step];
		tokens += w->tokens;
		flops += least_flops(t->r, w);
	}
	for (int64_t step = UNTIMED + n + 1; step <= UNTIMED + n + MEASURED; step++)
		metered += t->ended[step] - t->began[step];
	out->step_seconds = median(took, n);
	out->tokens_per_second = median(rate, n);
	out->flops_per_token = flops / tokens;
	out->gemm_share = t->meter.seconds / metered;
	out->serial_share = 1 - t->team.together / metered;
	out->wait_share = t->team.waited / metered / t->r->threads;
	out->best_product = t->product.rate;
	out->product_beside = median(t->beside + UNTIMED + 1, n);
	out->efficiency = median(efficiency, n);
	out->backend_product = t->in_precision.rate;
	out->backend_efficiency = median(in_precision, n);
	out->loss = t->loss;
	out->resident_bytes = abl_bench_resident();
	free(took), free(rate), free(efficiency), free(in_precision);
}

static int run_steps(struct timing *t, struct abl_model *m, struct abl_bench_source *made,
		     const char *folder, struct abl_err *err)
{
	const struct abl_config *c = t->r->config;
	const struct abl_events events = {.data = t, .metric = take_loss, .stopping = tick};
	const struct abl_source source = {.data = made,
					  .begin_epoch = abl_bench_source_begin,
					  .put = abl_bench_source_put,
					  .sequences = 1,
					  .longest = (size_t)c->max_length};
	struct abl_recipe recipe = t->r->pretrain ? c->pretrain : c->finetune;

	recipe.steps = (int64_t)(made->items / made->batch);
	recipe.batch_size = t->r->batch;
	recipe.batch_tokens = 0;
	t->began[1] = abl_clock_now();
	return abl_loop_run(&(struct abl_loop){.model = m,
					       .recipe = &recipe,
					       .source = &source,
					       .seed = 1,
					       .folder = folder,
					       .events = &events},
			    err);
}

static int create_computes(struct timing *t, struct abl_err *err)
{
	const char *precision = t->r->config->precision;
	const int threads = t->r->threads;
	int rc = abl_compute_create(&t->compute, precision, threads, err);

	rc = rc ? rc : abl_compute_create(&t->for_product_in_precision, precision, threads, err);
	return rc ? rc
		  : abl_compute_create_by(&t->for_product, "fp32", threads, NULL,
					  abl_compute_fp32_backend(), err);
}

int abl_bench_train(const struct abl_bench_request *r, struct abl_bench_result *out,
		    struct abl_err *err)
{
	const size_t steps = (size_t)r->steps + UNTIMED + MEASURED + 1;
	struct timing t = {.r = r,
			   .began = abl_calloc(steps + 2, sizeof *t.began),
			   .ended = abl_calloc(steps + 2, sizeof *t.ended),
			   .beside = abl_calloc(steps + 2, sizeof *t.beside),
			   .beside_in_precision = abl_calloc(steps + 2, sizeof *t.beside)};
	struct abl_bench_source made = {.config = r->config,
					.pretrain = r->pretrain,
					.lengths = r->lengths,
					.count = r->length_count,
					.items = steps * (size_t)r->batch,
					.batch = (size_t)r->batch};
	struct abl_model *m = NULL;
	char *folder = NULL;
	int rc;

	*out = (struct abl_bench_result){0};
	abl_bench_source_init(&made);
	rc = create_computes(&t, err);
	if (!rc) {
		abl_bench_product_find(&t.product, t.for_product, false);
		abl_bench_product_find(&t.in_precision, t.for_product_in_precision, true);
		rc = abl_bench_folder(&folder, err);
	}
	if (!rc)
		rc = abl_bench_model(&m, t.compute, r->config, r->pretrain, err);
	if (!rc)
		rc = run_steps(&t, m, &made, folder, err);
	if (!rc) {
		out->parameters = (int64_t)abl_model_parameters(m, true);
		evaluate(&t, made.work, out);
	}
	if (folder && abl_remove_tree(folder, err) && !rc)
		rc = ABL_EIO;
	abl_bench_source_finish(&made);
	abl_model_destroy(m);
	abl_bench_product_drop(&t.product);
	abl_bench_product_drop(&t.in_precision);
	abl_compute_destroy(t.compute);
	abl_compute_destroy(t.for_product);
	abl_compute_destroy(t.for_product_in_precision);
	free(folder), free(t.began), free(t.ended), free(t.beside), free(t.beside_in_precision);
	return rc;
}

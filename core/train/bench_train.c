/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_train.h"

#include "gemm.h"
#include "loop.h"
#include "optimize.h"
#include "rng.h"
#include "str.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define FIRST_PIECE 8 /* behind the special ones */
#define UNTIMED 3

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Half of each sequence is the second text; 15 % of the pieces are targets. */
static void fill(const struct abl_bench_request *r, struct abl_batch *b, uint64_t step)
{
	const struct abl_layout layout = {.first = 2, .between = 3, .last = 3, .read_first = true,
					  .max_length = (size_t)r->length};
	size_t n = (size_t)r->length - 3, half = n / 2;
	uint64_t range = (uint64_t)r->config->vocab_size - FIRST_PIECE;
	int32_t *pieces = abl_calloc(n, sizeof *pieces);

	abl_batch_clear(b);
	for (int64_t s = 0; s < r->batch; s++) {
		uint64_t id = step * 100000 + (uint64_t)s;
		size_t start, targets = (size_t)(.15 * (double)n);

		for (size_t i = 0; i < n; i++)
			pieces[i] = (int32_t)(FIRST_PIECE + abl_rng_below(1, id, i, range));
		start = abl_batch_add(b, &layout, pieces, half, pieces + half, n - half, id,
				      (int32_t)(s % 2), NULL, NULL);
		for (size_t i = 0; r->pretrain && i < targets; i++) {
			b->target_row[b->targets] = (int32_t)(start + 1 + i * (half - 1) / targets);
			b->target_piece[b->targets++] = pieces[i];
		}
	}
	free(pieces);
}

/* Training = 3 x forward; a product of [m, k] and [k, n] is 2 m n k. */
static double least_flops(const struct abl_bench_request *r)
{
	const struct abl_config *c = r->config;
	double H = (double)c->hidden, F = (double)c->ffn_size, S = (double)r->length,
	       V = (double)c->vocab_size;
	double read = r->pretrain ? .15 + 1 / S : 1 / S;
	double full = 8 * H * H + 4 * H * F + 4 * S * H;
	double last = 4 * H * H + read * (4 * H * H + 4 * H * F + 4 * S * H);
	double head = r->pretrain ? .15 * (2 * H * V + 2 * H * H) : 0;

	return 3 * ((double)(c->layers - 1) * full + last + head);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double one_step(const struct abl_bench_request *r, struct abl_model *m,
		       struct abl_batch *whole, struct abl_batch *part, int64_t step)
{
	struct abl_pass pass = {
		.train = true, .step = step, .sequence_scale = 1 / (double)whole->sequences};
	size_t micro = abl_micro_tokens(r->config);

	pass.token_scale = whole->targets ? 1 / (double)whole->targets : 0;
	for (size_t from = 0, to; from < whole->sequences; from = to) {
		to = abl_micro_end(whole, from, micro);
		abl_batch_slice(whole, from, to, part);
		abl_model_pass(m, part, &pass);
	}
	abl_optimize(m, r->pretrain ? &r->config->pretrain : &r->config->finetune, step, 1000,
		     NULL);
	return pass.loss;
}

static void run_steps(const struct abl_bench_request *r, struct abl_model *m,
		      struct abl_batch *whole, struct abl_batch *part, struct abl_bench_result *out)
{
	double *times = abl_calloc((size_t)r->steps, sizeof *times);
	struct rusage usage;

	for (int64_t step = 0; step < r->steps + UNTIMED; step++) {
		double start;

		fill(r, whole, (uint64_t)step);
		start = seconds();
		out->loss = one_step(r, m, whole, part, step);
		if (step >= UNTIMED)
			times[step - UNTIMED] = seconds() - start;
	}
	qsort(times, (size_t)r->steps, sizeof *times, by_value);
	out->step_seconds = times[r->steps / 2];
	out->tokens_per_second = (double)whole->tokens / out->step_seconds;
	out->flops_per_token = least_flops(r);
	out->parameters = (int64_t)abl_model_parameters(m, true);
	getrusage(RUSAGE_SELF, &usage);
	out->resident_bytes = (int64_t)usage.ru_maxrss * 1024;
	free(times);
}

int abl_bench_train(const struct abl_bench_request *r, struct abl_bench_result *out,
		    struct abl_err *err)
{
	size_t micro = abl_micro_tokens(r->config);
	struct abl_model_request request = {.config = r->config,
					    .vocab_size = (size_t)r->config->vocab_size,
					    .train = true,
					    .pretraining = r->pretrain,
					    .max_tokens = micro,
					    .max_sequences = micro,
					    .seed = 1};
	struct abl_batch whole = {0}, part = {0};
	struct abl_model *m = NULL;
	int rc = abl_batch_init(&whole, (size_t)(r->batch * r->length), (size_t)r->batch, err);

	if (!rc)
		rc = abl_batch_init(&part, micro, micro, err);
	if (r->pretrain) {
		request.heads[request.head_count++].name = "mlm";
		request.heads[request.head_count++].name = "nsp";
	} else {
		request.heads[request.head_count++] = (struct abl_head_request){"classify", 2};
	}
	abl_gemm_threads(r->threads);
	if (!rc)
		rc = abl_model_create(&m, &request, err);
	if (!rc)
		run_steps(r, m, &whole, &part, out);
	abl_model_destroy(m);
	abl_batch_finish(&whole);
	abl_batch_finish(&part);
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_attention.h"

#include "attention_kernel.h"
#include "bench_machine.h"
#include "gemm.h"
#include "kernels.h"
#include "machine.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>

#define SECONDS .02 /* that one form is repeated for */
#define LARGE ((size_t)512)

struct arrays {
	float *qkv, *gradients, *out, *d_out, *log_sums;
	uint16_t *masks;
	unsigned char *scratch;
	struct abl_attention call;
	struct abl_attention_gradients back;
};

static void run_forward(const struct abl_attention_form *form, const struct arrays *x)
{
	form->forward(&x->call);
}

static void run_backward(const struct abl_attention_form *form, const struct arrays *x)
{
	form->backward(&x->call, &x->back);
}

/* products: of a [rows, keys] matrix that the formula has; the backward pass makes scores again. */
static const struct row {
	const char *name;
	void (*run)(const struct abl_attention_form *form, const struct arrays *x);
	double products;
} table[] = {{"attention_bf16", run_forward, 2}, {"attn_bf16_backward", run_backward, 5}};
enum { ROWS = sizeof table / sizeof *table };

size_t abl_bench_attention_count(const struct abl_kernels *k)
{
	return abl_attention_bf16(k) ? ROWS : 0;
}

static void make_arrays(struct arrays *x, const struct abl_kernels *k,
			const struct abl_bench_shape *s)
{
	const size_t n = s->seq, width = s->hidden / s->heads, H = s->hidden,
		     words = ABL_MASK_WORDS(n), align = 64;
	const struct abl_dropout d = abl_dropout_make(1, .1);

	*x = (struct arrays){.qkv = abl_bench_values(n * 3 * H),
			     .gradients = abl_bench_values(n * 3 * H),
			     .out = abl_bench_values(n * H),
			     .d_out = abl_bench_values(n * H),
			     .log_sums = abl_bench_values(n),
			     .masks = abl_calloc(n * words, sizeof *x->masks),
			     .scratch = abl_calloc(1, abl_attention_scratch(n, width) + align)};
	for (size_t r = 0; r < n; r++)
		k->draw_mask(x->masks + r * words, n, &d, 7, (uint32_t)r);
	x->call = (struct abl_attention){
		.rows = n,
		.n = n,
		.width = width,
		.q = x->qkv,
		.k = x->qkv + H,
		.v = x->qkv + 2 * H,
		.q_stride = 3 * H,
		.kv_stride = 3 * H,
		.scale = (float)(1 / sqrt((double)width)),
		.masks = x->masks,
		.keep_scale = d.scale,
		.out = x->out,
		.out_stride = H,
		.log_sums = x->log_sums,
		.scratch = x->scratch + (align - (uintptr_t)x->scratch % align) % align};
	x->back = (struct abl_attention_gradients){x->d_out, x->gradients, x->gradients + H,
						   x->gradients + 2 * H};
}

static void drop_arrays(struct arrays *x)
{
	free(x->qkv), free(x->gradients), free(x->out), free(x->d_out), free(x->log_sums);
	free(x->masks), free(x->scratch);
}

static double time_row(const struct row *row, const struct abl_attention_form *form,
		       const struct arrays *x)
{
	double begin = abl_clock_now(), least = 0;

	do {
		double start = abl_clock_now(), took;

		row->run(form, x);
		took = abl_clock_now() - start;
		least = least <= 0 || took < least ? took : least;
	} while (abl_clock_now() - begin < SECONDS);
	return least;
}

/* FLOP/s of a large product in bf16. */
static double best_product(void)
{
	float *x = abl_bench_values(LARGE * LARGE), *c = abl_bench_values(LARGE * LARGE);
	const struct abl_gemm g = {.bt = true,
				   .m = LARGE,
				   .n = LARGE,
				   .k = LARGE,
				   .alpha = 1,
				   .a = x,
				   .lda = LARGE,
				   .b = x,
				   .ldb = LARGE,
				   .c = c,
				   .ldc = LARGE,
				   .rounds = true,
				   .kept = true};
	struct abl_compute *compute = NULL;
	double rate = 0;

	if (!abl_compute_create(&compute, "bf16", 1, NULL)) {
		abl_gemm(compute, &g); /* its weights are rounded */
		rate = abl_bench_rate(compute, &g, SECONDS);
	}
	abl_compute_destroy(compute);
	free(x), free(c);
	return rate;
}

void abl_bench_attention(const struct abl_kernels *k, const struct abl_bench_shape *shape,
			 struct abl_bench_kernel *out)
{
	const double n = (double)shape->seq, width = (double)(shape->hidden / shape->heads);
	struct arrays x;
	double best;

	if (!abl_bench_attention_count(k))
		return;
	best = best_product();
	make_arrays(&x, k, shape);
	for (size_t i = 0; i < ROWS; i++) {
		out[i] = (struct abl_bench_kernel){.name = table[i].name,
						   .rows = shape->seq,
						   .width = shape->seq,
						   .bytes = 4 * n * width * sizeof(float),
						   .flops = 2 * n * n * width * table[i].products,
						   .bound = "product"};
		out[i].seconds = time_row(&table[i], abl_attention_bf16(k), &x);
		out[i].plain_seconds = time_row(&table[i], &abl_attention_form_plain, &x);
		out[i].roof_seconds = out[i].flops / best;
	}
	drop_arrays(&x);
}

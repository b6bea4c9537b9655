/* SPDX-License-Identifier: Apache-2.0 */
/* gemm.c - the choice of the back end, the split by threads and the products of dense layers. */
#include "gemm.h"

#include "bf16.h"
#include "gemm_backend.h"
#include "kernels.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE__
#include <xmmintrin.h>
#endif

static int thread_count = 1;

static const struct abl_gemm_backend *const backends[] = {
#ifdef ABL_GEMM_AMX
	&abl_gemm_amx,
#endif
#ifdef ABL_GEMM_PANELS
	&abl_gemm_panels,
#endif
#ifndef ABL_DOUBLE
	&abl_gemm_blis,
#endif
#ifdef ABL_ONEDNN
	&abl_gemm_onednn,
#endif
	&abl_gemm_plain,
};

static const struct abl_gemm_backend *rounding; /* NULL: fp32 */
static const struct abl_gemm_backend *chosen;   /* NULL: not yet */

static bool usable(const struct abl_gemm_backend *b)
{
	return !b->usable || b->usable();
}

static void start(const struct abl_gemm_backend *b)
{
	static bool started[sizeof backends / sizeof *backends];
	size_t i = 0;

	while (backends[i] != b)
		i++;
	if (!started[i] && b->start)
		b->start();
	started[i] = true;
	if (b->otherwise)
		start(b->otherwise);
}

static const struct abl_gemm_backend *backend(void)
{
	const char *forced;

	if (chosen)
		return chosen;
	forced = getenv("ABLATE_GEMM");
	for (size_t i = 0; i < sizeof backends / sizeof *backends; i++)
		if ((!chosen || (forced && !strcmp(backends[i]->name, forced))) &&
		    usable(backends[i]))
			chosen = backends[i];
	start(chosen);
	return chosen;
}

bool abl_gemm_use(const char *name)
{
	for (size_t i = 0; i < sizeof backends / sizeof *backends; i++)
		if (!strcmp(backends[i]->name, name) && usable(backends[i])) {
			chosen = backends[i];
			start(chosen);
			return true;
		}
	return false;
}

const char *abl_gemm_backend(void)
{
	return backend()->name;
}

const char *abl_gemm_fp32_backend(void)
{
	return backend()->otherwise ? backend()->otherwise->name : backend()->name;
}

const char *abl_gemm_kernel_set(void)
{
	return backend()->kernel_set ? backend()->kernel_set() : "-";
}

static const struct abl_gemm_backend *bf16_backend(void)
{
#ifdef ABL_ONEDNN
	/* $ABLATE_KERNELS, which forces less than the CPU can do, counts here too */
	if (usable(&abl_gemm_onednn) && !strcmp(abl_kernels()->name, "avx512"))
		return &abl_gemm_onednn;
#endif
	return NULL;
}

int abl_gemm_precision_check(const char *name, struct abl_err *err)
{
	if (strcmp(name, "bf16") != 0 || bf16_backend())
		return 0;
#ifdef ABL_ONEDNN
	if (abl_bf16_supported() && !usable(&abl_gemm_onednn))
		return abl_err_set(err, ABL_EFAIL,
				   "'precision: bf16' cannot run here: the library of oneDNN is "
				   "missing; install libdnnl-dev, or use 'precision: fp32'");
	return abl_err_set(
		err, ABL_EFAIL,
		"'precision: bf16' cannot run here: this CPU has neither avx512_bf16 nor "
		"AMX; use 'precision: fp32' or another machine");
#else
	return abl_err_set(err, ABL_EFAIL,
			   "'precision: bf16' cannot run here: this program was built without "
			   "oneDNN; install libdnnl-dev and build again, or use 'precision: fp32'");
#endif
}

int abl_gemm_precision(const char *name, struct abl_err *err)
{
	int rc = abl_gemm_precision_check(name, err);

	if (rc)
		return rc;
	rounding = strcmp(name, "bf16") ? NULL : bf16_backend();
	if (rounding)
		start(rounding);
	return 0;
}

const char *abl_gemm_precision_kernels(const char *name)
{
	static char both[64];
	const struct abl_gemm_backend *by = strcmp(name, "bf16") ? NULL : bf16_backend();

	if (!by || by == backend())
		return abl_gemm_kernel_set();
	snprintf(both, sizeof both, "%s %s", abl_gemm_kernel_set(), by->kernel_set());
	return both;
}

void abl_gemm_weights_changed(void)
{
	for (size_t i = 0; i < sizeof backends / sizeof *backends; i++)
		if (backends[i]->weights_changed)
			backends[i]->weights_changed();
}

void abl_gemm_weights_gone(void)
{
	for (size_t i = 0; i < sizeof backends / sizeof *backends; i++)
		if (backends[i]->weights_gone)
			backends[i]->weights_gone();
}

/* Tiny moments and softmax tails would otherwise cost up to a hundred times as much. */
static void flush_denormals(void)
{
#ifdef __SSE__
	_mm_setcsr(_mm_getcsr() | 0x8040); /* as results, and as operands */
#endif
}

/* Threads that OpenMP starts later take the caller's mode over; those it has already are told. */
void abl_gemm_threads(int threads)
{
	thread_count = threads;
	flush_denormals();
	if (threads < 2 || omp_in_parallel())
		return;
#pragma omp parallel num_threads(threads)
	flush_denormals();
}

int abl_gemm_thread_count(void)
{
	return thread_count;
}

#define SPLIT_UNIT ((size_t)96)         /* BLIS sums fewer rows or columns in another order */
#define SPLIT_FLOPS ((double)(1 << 21)) /* below this a product is not worth a second thread */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Splits the longer of rows and columns into whole units, one run of units for each thread. */
static void multiply_split(const struct abl_gemm_backend *by, const struct abl_gemm *g, int threads)
{
	bool by_rows = g->m >= g->n;
	const size_t unit = by->unit ? by->unit : SPLIT_UNIT;
	size_t units = ((by_rows ? g->m : g->n) + unit - 1) / unit;

#pragma omp parallel for num_threads(threads) schedule(static)
	for (int t = 0; t < threads; t++) {
		size_t from = units * (size_t)t / (size_t)threads * unit;
		size_t to = units * (size_t)(t + 1) / (size_t)threads * unit;
		struct abl_gemm part = *g;

		if (by_rows) {
			part.m = least(to, g->m) - least(from, g->m);
			part.a += from * (g->at ? 1 : g->lda);
			part.c += from * g->ldc;
		} else {
			part.n = least(to, g->n) - least(from, g->n);
			part.b += from * (g->bt ? g->ldb : 1);
			part.c += from;
			part.bias += g->bias ? from : 0;
		}
		if (part.m && part.n)
			by->multiply(&part);
	}
}

static void multiply(const struct abl_gemm *g)
{
	const struct abl_gemm_backend *by = g->rounds && rounding ? rounding : backend();
	bool split = thread_count > 1 && !omp_in_parallel() &&
		     2. * (double)g->m * (double)g->n * (double)g->k > SPLIT_FLOPS;

	if (by->suits && !by->suits(g))
		by = by->otherwise;
	if (split && by->multiply_threads)
		by->multiply_threads(g, thread_count);
	else if (split)
		multiply_split(by, g, thread_count);
	else
		by->multiply(g);
}

static struct abl_gemm_meter *meter;

void abl_gemm_measure(struct abl_gemm_meter *m)
{
	meter = m;
}

/* Products inside a parallel region run side by side: each counts its share of the clock. */
static void multiply_measured(const struct abl_gemm *g)
{
	double start = omp_get_wtime(), seconds;

	multiply(g);
	seconds = (omp_get_wtime() - start) / omp_get_num_threads();
#pragma omp atomic
	meter->seconds += seconds;
#pragma omp atomic
	meter->flops += 2. * (double)g->m * (double)g->n * (double)g->k;
}

void abl_gemm(const struct abl_gemm *g)
{
	if (!g->m || !g->n)
		return;
	if (meter)
		multiply_measured(g);
	else
		multiply(g);
}

/* Depends on the layer alone, not on the rows: a row's result is the same in every batch. */
static bool wide(size_t in, size_t out)
{
	return in >= 32 && out >= 32;
}

void abl_linear(real *y, const real *x, const real *w, const real *bias, size_t rows, size_t in,
		size_t out)
{
	abl_gemm(&(struct abl_gemm){.bt = true,
				    .m = rows,
				    .n = out,
				    .k = in,
				    .alpha = 1,
				    .a = x,
				    .lda = in,
				    .b = w,
				    .ldb = in,
				    .beta = 0,
				    .c = y,
				    .ldc = out,
				    .bias = bias,
				    .rounds = wide(in, out),
				    .kept = true});
}

void abl_linear_backward_input(real *dx, const real *dy, const real *w, size_t rows, size_t in,
			       size_t out, bool add)
{
	abl_gemm(&(struct abl_gemm){.m = rows,
				    .n = in,
				    .k = out,
				    .alpha = 1,
				    .a = dy,
				    .lda = out,
				    .b = w,
				    .ldb = in,
				    .beta = add,
				    .c = dx,
				    .ldc = in,
				    .rounds = wide(in, out),
				    .kept = true});
}

void abl_linear_backward_weight(real *dw, const real *dy, const real *x, size_t rows, size_t in,
				size_t out)
{
	abl_gemm(&(struct abl_gemm){.at = true,
				    .m = out,
				    .n = in,
				    .k = rows,
				    .alpha = 1,
				    .a = dy,
				    .lda = out,
				    .b = x,
				    .ldb = in,
				    .beta = 1,
				    .c = dw,
				    .ldc = in,
				    .rounds = wide(in, out)});
}

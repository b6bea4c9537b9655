/* SPDX-License-Identifier: Apache-2.0 */
/* compute.c - the choice of kernels and back ends. */
#include "compute.h"

#include "gemm_backend.h"
#include "gemm_kept.h"
#include "str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
#ifdef ABL_GEMM_BF16
#ifdef ABL_GEMM_AMX
	&abl_gemm_bf16_amx,
#endif
	&abl_gemm_bf16,
#endif
#ifdef ABL_ONEDNN
	&abl_gemm_onednn,
#endif
	&abl_gemm_plain,
};

static bool usable(const struct abl_gemm_backend *b, const struct abl_kernels *k)
{
	return !b->usable || b->usable(k);
}

static void start(const struct abl_gemm_backend *b)
{
	if (b->start)
		b->start();
	if (b->otherwise)
		start(b->otherwise);
}

/* The wanted one (NULL: that $ABLATE_GEMM names), or else the first that no later one outdoes; NULL
 * where nothing rounds. */
static const struct abl_gemm_backend *choose(const struct abl_kernels *k, bool rounds,
					     const char *wanted)
{
	const char *name = wanted ? wanted : getenv("ABLATE_GEMM");
	const struct abl_gemm_backend *found = NULL;

	for (size_t i = 0; i < sizeof backends / sizeof *backends; i++) {
		const struct abl_gemm_backend *b = backends[i];
		bool better = !found || (found->outdone && found->outdone());

		if (b->rounds == rounds && name && !strcmp(b->name, name) && usable(b, k))
			return b;
		if (b->rounds == rounds && better && usable(b, k))
			found = b;
	}
	return found;
}

static bool rounds(const char *precision)
{
	return !strcmp(precision, "bf16");
}

/* Of dense layers in that precision, by default. */
static const struct abl_gemm_backend *backend_of(const char *precision)
{
	return choose(abl_kernels_choose(), rounds(precision), NULL);
}

/* ABL_EFAIL */
static int cannot_round(struct abl_err *err)
{
#if !defined ABL_GEMM_BF16 && !defined ABL_ONEDNN
	return abl_err_set(
		err, ABL_EFAIL,
		"'precision: bf16' cannot run here: this program was built by a compiler "
		"without avx512_bf16 and without oneDNN; use 'precision: fp32'");
#else
	return abl_err_set(
		err, ABL_EFAIL,
		"'precision: bf16' cannot run here: this CPU has neither avx512_bf16 nor "
		"AMX; use 'precision: fp32' or another machine");
#endif
}

int abl_compute_check(const char *precision, struct abl_err *err)
{
	return backend_of(precision) ? 0 : cannot_round(err);
}

const char *abl_compute_backend(const char *precision)
{
	const struct abl_gemm_backend *by = backend_of(precision);

	return by ? by->name : "-";
}

const char *abl_compute_fp32_backend(void)
{
	const struct abl_gemm_backend *by = backend_of("fp32");

	return by->otherwise ? by->otherwise->name : by->name;
}

/* Appends its name to the text. */
static void add_kernel_set(const struct abl_gemm_backend *by, char *out, size_t size)
{
	const size_t n = strlen(out);

	start(by);
	snprintf(out + n, size - n, "%s%s", n ? " " : "",
		 by->kernel_set ? by->kernel_set(abl_kernels_choose()) : "-");
}

void abl_compute_kernel_sets(const char *precision, char *out, size_t size)
{
	const struct abl_gemm_backend *by = backend_of(precision);

	*out = '\0';
	add_kernel_set(backend_of("fp32"), out, size);
	if (by && by->rounds)
		add_kernel_set(by, out, size);
}

int abl_compute_create_by(struct abl_compute **out, const char *precision, int threads,
			  const char *kernels, const char *backend, struct abl_err *err)
{
	const struct abl_kernels *k = kernels ? abl_kernels_find(kernels) : abl_kernels_choose();
	struct abl_compute c = {.kernels = k, .team.threads = threads > 1 ? threads : 1};

	if (!k)
		return abl_err_set(err, ABL_EFAIL, "no kernels '%s' here", kernels);
	c.fp32 = choose(k, false, backend);
	c.rounding = rounds(precision) ? choose(k, true, backend) : NULL;
	if (rounds(precision) && !c.rounding)
		return cannot_round(err);
	if (backend && strcmp(backend, (c.rounding ? c.rounding : c.fp32)->name) != 0 &&
	    strcmp(backend, c.fp32->name) != 0)
		return abl_err_set(err, ABL_EFAIL, "no back end '%s' for products in %s here",
				   backend, precision);
	start(c.fp32);
	if (c.rounding)
		start(c.rounding);
	c.kept = abl_kept_create();
	abl_team_enter();
	*out = abl_calloc(1, sizeof **out);
	**out = c;
	return 0;
}

int abl_compute_create(struct abl_compute **out, const char *precision, int threads,
		       struct abl_err *err)
{
	return abl_compute_create_by(out, precision, threads, NULL, NULL, err);
}

void abl_compute_destroy(struct abl_compute *c)
{
	if (!c)
		return;
	abl_kept_destroy(c->kept);
	free(c);
}

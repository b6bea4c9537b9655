/* SPDX-License-Identifier: Apache-2.0 */
#include "sharpness.h"

#include "kernels.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REACH 2.5 /* half-widths that all steps together could go */

/* One move of a tensor: w goes up the gradient g by `share` of the region's half-width and stays
 * in the region around x. */
typedef void move_hook(const struct abl_kernels *k, real *w, const real *x, const real *g, size_t n,
		       double epsilon, double share);

static void move_in_box(const struct abl_kernels *k, real *w, const real *x, const real *g,
			size_t n, double epsilon, double share)
{
	(void)k;
	for (size_t i = 0; i < n; i++) {
		double half = epsilon * (fabs((double)x[i]) + 1);
		double z = (double)w[i] - (double)x[i];

		z += share * half * ((g[i] > 0) - (g[i] < 0));
		w[i] = (real)((double)x[i] + fmin(fmax(z, -half), half));
	}
}

static void move_in_ball(const struct abl_kernels *k, real *w, const real *x, const real *g,
			 size_t n, double epsilon, double share)
{
	double radius = epsilon * sqrt(k->sum_squares(x, n));
	double slope = sqrt(k->sum_squares(g, n)), length = 0, scale;

	if (!(radius > 0) || !(slope > 0))
		return;
	for (size_t i = 0; i < n; i++) {
		double z = (double)w[i] - (double)x[i] + share * radius * ((double)g[i] / slope);

		length += z * z;
	}
	scale = sqrt(length) > radius ? radius / sqrt(length) : 1;
	for (size_t i = 0; i < n; i++) {
		double z = (double)w[i] - (double)x[i] + share * radius * ((double)g[i] / slope);

		w[i] = (real)((double)x[i] + scale * z);
	}
}

static const struct {
	const char *name;
	move_hook *move;
} regions[ABL_SHARPNESS_REGIONS] = {
	[ABL_SHARPNESS_BOX] = {"box", move_in_box},
	[ABL_SHARPNESS_RELATIVE] = {"relative", move_in_ball},
};

const char *abl_sharpness_region_name(enum abl_sharpness_region region)
{
	return regions[region].name;
}

const struct abl_sharpness_rule abl_sharpness_usual[ABL_SHARPNESS_REGIONS] = {
	[ABL_SHARPNESS_BOX] = {ABL_SHARPNESS_BOX, 1e-3, ABL_SHARPNESS_STEPS},
	[ABL_SHARPNESS_RELATIVE] = {ABL_SHARPNESS_RELATIVE, .05, ABL_SHARPNESS_STEPS},
};

struct climb {
	const struct abl_sharpness_loss *l;
	struct abl_batch batch;
	double token_scale, sequence_scale;
};

/* Calls `use` on the micro-batches in turn; it returns non-zero to end. */
static int each_batch(struct climb *c, int (*use)(struct climb *c, void *data, struct abl_err *err),
		      void *data, struct abl_err *err)
{
	const struct abl_source *s = c->l->source;
	int rc = 0;

	abl_batch_clear(&c->batch);
	for (size_t i = 0; !rc && i < c->l->count; i++) {
		s->put(s->data, c->l->items[i], &c->batch);
		if (i + 1 < c->l->count && c->batch.tokens + s->longest <= c->l->micro &&
		    c->batch.sequences + s->sequences <= c->l->micro)
			continue;
		rc = use(c, data, err);
		abl_batch_clear(&c->batch);
	}
	return rc;
}

static int count_targets(struct climb *c, void *data, struct abl_err *err)
{
	size_t *counts = data; /* token targets, labelled sequences */

	(void)err;
	counts[0] += c->batch.targets;
	for (size_t s = 0; s < c->batch.sequences; s++)
		counts[1] += c->batch.label[s] >= 0;
	return 0;
}

static int pass_on(struct climb *c, void *data, struct abl_err *err)
{
	if (c->l->stopping && c->l->stopping(c->l->data))
		return abl_err_set(err, ABL_ESTOP, "stopped while measuring sharpness");
	abl_model_pass(c->l->model, &c->batch, data);
	return 0;
}

/* f at the present weights, and its gradient, which is set. */
static int loss_here(struct climb *c, double *loss, struct abl_err *err)
{
	struct abl_params *p = abl_model_params(c->l->model);
	struct abl_pass pass = {
		.train = true, .token_scale = c->token_scale, .sequence_scale = c->sequence_scale};
	int rc;

	memset(p->g, 0, p->values * sizeof *p->g);
	rc = each_batch(c, pass_on, &pass, err);
	*loss = pass.loss;
	return rc;
}

static int prepare(struct climb *c, struct abl_err *err)
{
	size_t counts[2] = {0};
	int rc = abl_batch_init(&c->batch, c->l->micro, c->l->micro, err);

	if (!rc)
		rc = each_batch(c, count_targets, counts, err);
	if (!rc && !counts[0] && !counts[1])
		rc = abl_err_set(
			err, ABL_EINPUT,
			"no sharpness: none of the %zu examples has an answer, so there is no loss",
			c->l->count);
	c->token_scale = counts[0] ? 1 / (double)counts[0] : 0;
	c->sequence_scale = counts[1] ? 1 / (double)counts[1] : 0;
	return rc;
}

/* From x, the copy of the weights, up: out->highest. */
static int ascend(struct climb *c, const real *x, const struct abl_sharpness_rule *rule,
		  struct abl_sharpness *out, struct abl_err *err)
{
	struct abl_params *p = abl_model_params(c->l->model);
	double loss;
	int rc = 0;

	for (int step = 0; !rc && step < rule->steps && isfinite(out->highest); step++) {
		for (size_t t = 0; t < p->count; t++)
			regions[rule->region].move(abl_model_compute(c->l->model)->kernels,
						   abl_weight(p, t), x + p->items[t].offset,
						   abl_gradient(p, t), p->items[t].count,
						   rule->epsilon, REACH / rule->steps);
		rc = loss_here(c, &loss, err);
		if (!rc)
			out->highest = isfinite(loss) ? fmax(out->highest, loss) : INFINITY;
	}
	return rc;
}

int abl_sharpness_measure(struct abl_sharpness *out, const struct abl_sharpness_loss *l,
			  const struct abl_sharpness_rule *rule, struct abl_err *err)
{
	struct abl_params *p = abl_model_params(l->model);
	size_t bytes = p->values * sizeof *p->w;
	real *x = memcpy(abl_malloc(bytes), p->w, bytes);
	struct climb c = {.l = l};
	int rc = prepare(&c, err);

	*out = (struct abl_sharpness){0};
	if (!rc)
		rc = loss_here(&c, &out->loss, err);
	if (!rc && !isfinite(out->loss))
		rc = abl_err_set(err, ABL_EINPUT, "no sharpness: the loss of the model is %s",
				 isnan(out->loss) ? "nan" : "infinite");
	out->highest = out->loss;
	if (!rc)
		rc = ascend(&c, x, rule, out, err);
	out->sharpness = 100 * (out->highest - out->loss) / (1 + out->loss);
	memcpy(p->w, x, bytes);
	memset(p->g, 0, bytes);
	abl_batch_finish(&c.batch);
	free(x);
	return rc;
}

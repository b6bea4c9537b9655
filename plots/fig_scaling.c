/* SPDX-License-Identifier: Apache-2.0 */
/* fig_scaling.c - metric or loss against the number of parameters: with the curve through the sizes
 * where there are enough of them (scaling_chart.c), else the points alone. */
#include "figure.h"

#include "lines.h"
#include "options.h"
#include "scaling_chart.h"
#include "scores.h"
#include "sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const char abl_file_scaling_gp[];

/* What makes a model larger: it lies on the axis, so it does not part the lines. */
static const char sizes[] = " layers hidden heads ffn_size vocab_size ";

struct axis {
	const struct abl_facts *facts;
	double *x; /* [variants] */
};

static void take_parameters(void *data, const struct abl_score *score)
{
	const struct axis *a = data;
	const int at = abl_facts_variant(a->facts, score->variant);

	if (at >= 0)
		a->x[at] = score->value;
}

/* What a variant has of these, as its options say. */
struct shape {
	double layers, hidden, ffn_size, vocab_size;
};

struct shapes {
	const struct abl_facts *facts;
	struct shape *shape; /* [variants] */
};

static void take_shape(void *data, const struct abl_option_value *value)
{
	const struct shapes *s = data;
	const int at = abl_facts_variant(s->facts, value->variant);
	const struct {
		const char *name;
		double *number;
	} wanted[] = {
		{"layers", &s->shape[at < 0 ? 0 : at].layers},
		{"hidden", &s->shape[at < 0 ? 0 : at].hidden},
		{"ffn_size", &s->shape[at < 0 ? 0 : at].ffn_size},
		{"vocab_size", &s->shape[at < 0 ? 0 : at].vocab_size},
	};

	for (size_t i = 0; at >= 0 && i < sizeof wanted / sizeof *wanted; i++)
		if (!strcmp(value->name, wanted[i].name) && isfinite(value->number))
			*wanted[i].number = value->number;
}

/* Parameters, roughly: embeddings, attention, feed-forward. */
static double roughly(const struct shape *s)
{
	return s->vocab_size * s->hidden +
	       s->layers * (4 * s->hidden * s->hidden + 2 * s->hidden * s->ffn_size);
}

/* A variant that has not been trained has no parameters yet, but a place on the axis: the line is
 * broken there. It is placed beside the measured one that is most like it. */
static int place_untrained(struct abl_sweep *s, struct abl_store *store, const struct abl_facts *f,
			   struct abl_err *err)
{
	struct shapes shapes = {f, abl_calloc(f->variants, sizeof *shapes.shape)};
	bool *measured = abl_calloc(f->variants, sizeof *measured);
	int rc = abl_read_options(store, f->study, take_shape, &shapes, err);

	for (size_t v = 0; v < f->variants; v++)
		measured[v] = isfinite(s->x[v]);
	for (size_t v = 0; v < f->variants && !rc; v++) {
		double mine = roughly(&shapes.shape[v]), nearest = INFINITY;

		for (size_t w = 0; w < f->variants && !measured[v] && mine > 0; w++) {
			double its = roughly(&shapes.shape[w]);

			if (!measured[w] || its <= 0 || fabs(log(mine / its)) >= nearest)
				continue;
			nearest = fabs(log(mine / its));
			s->x[v] = s->x[w] * (mine / its);
		}
	}
	free(shapes.shape), free(measured);
	return rc;
}

static int load_parameters(struct abl_sweep *s, struct abl_store *store, const struct abl_facts *f,
			   struct abl_err *err)
{
	s->x = abl_calloc(f->variants, sizeof *s->x);
	for (size_t v = 0; v < f->variants; v++)
		s->x[v] = NAN;
	return abl_read_parameters(store, f->study, take_parameters, &(struct axis){f, s->x}, err);
}

/* 4410000 -> "4.41 M" */
static void tic(double x, char out[32])
{
	static const struct {
		double size;
		const char *unit;
	} units[] = {{1e9, " G"}, {1e6, " M"}, {1e3, " k"}, {0, ""}};
	int i = 0;

	while (x < units[i].size)
		i++;
	snprintf(out, 32, "%.3g%s", units[i].size > 0 ? x / units[i].size : x, units[i].unit);
}

static int collect(struct abl_chart *c, struct abl_store *store, const struct abl_figure_request *r,
		   struct abl_str *absent, struct abl_err *err)
{
	struct abl_facts f = {0};
	struct abl_scaling *laws = NULL;
	struct abl_sweep s = {.x_title = "parameters", .tic = tic, .measured = true};
	int rc;

	if ((rc = abl_facts_load(&f, store, r->study, r->metric, err)))
		return rc;
	if ((rc = abl_scaling_chart_laws(&laws, store, r, err)) || laws) {
		if (!rc)
			abl_scaling_chart(c, laws, tic);
		rc = rc ? rc : abl_lines_caption_failed(c, store, &f, err);
		goto fail;
	}
	if ((rc = abl_read_varies(store, f.study, sizes, err)) < 0)
		goto fail;
	if (!rc) {
		abl_str_puts(absent, "no option that makes the model larger varies in this study");
		goto fail;
	}
	if ((rc = load_parameters(&s, store, &f, err)) ||
	    (rc = place_untrained(&s, store, &f, err)) ||
	    (rc = abl_sweep_group(&s, store, &f, sizes, err)))
		goto fail;
	abl_chart_title(c, "%s: scaling with the number of parameters", r->study);
	if (!(rc = abl_sweep_chart(c, store, &f, &s, err)) && !c->panels)
		abl_str_puts(absent, abl_sweep_has_lines(&s, &f)
					     ? "no two sizes of the model have finished trials yet"
					     : "no two variants with finished trials differ in the "
					       "size of the model alone");
fail:
	abl_scaling_destroy(laws);
	abl_sweep_finish(&s, &f);
	abl_facts_finish(&f);
	return rc;
}

const struct abl_figure abl_figure_scaling = {
	.name = "scaling",
	.help = "metric or loss against parameters (else words, FLOPs): seeds, curve and interval",
	.template = abl_file_scaling_gp,
	.in_text = true,
	.collect = collect,
};

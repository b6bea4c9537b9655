/* SPDX-License-Identifier: Apache-2.0 */
/* fig_scaling.c - metric or loss against the number of parameters. */
#include "figure.h"

#include "sql.h"
#include "store.h"
#include "sweep.h"

#include <math.h>
#include <stdio.h>

extern const char abl_file_scaling_gp[];

/* What makes a model larger: it lies on the axis, so it does not part the lines. */
static const char sizes[] = " layers hidden heads ffn_size vocab_size ";

static const char size_varies_sql[] =
	"SELECT 1 FROM " ABL_SQL_VARIANTS "JOIN variant_option p ON p.variant_id = v.id "
	"WHERE ?2 LIKE '% ' || p.name || ' %' "
	"GROUP BY p.name HAVING count(DISTINCT p.canonical) > 1";

/* Of the model that is fine-tuned; tasks differ a little in their heads. */
static const char parameters_sql[] =
	"SELECT t.variant_id, avg(r.value) FROM " ABL_SQL_TRIALS
	"JOIN trial_stage l ON l.trial_id = t.id AND l.role = 'finetune' "
	"JOIN result r ON r.stage_id = l.stage_id AND r.name = 'parameters' GROUP BY t.variant_id";

static int size_varies(struct abl_store *store, const struct abl_facts *f, struct abl_err *err)
{
	struct abl_query *q;
	int code;

	if ((code = abl_query_open(&q, abl_store_sql(store), size_varies_sql, err)))
		return code;
	abl_query_set_int(q, 1, f->study);
	abl_query_set_text(q, 2, sizes);
	code = abl_query_step(q, err);
	abl_query_close(q);
	return code;
}

static int load_parameters(struct abl_sweep *s, struct abl_store *store, const struct abl_facts *f,
			   struct abl_err *err)
{
	struct abl_query *q;
	int code, at;

	s->x = abl_calloc(f->variants, sizeof *s->x);
	for (size_t v = 0; v < f->variants; v++)
		s->x[v] = NAN;
	if ((code = abl_query_open(&q, abl_store_sql(store), parameters_sql, err)))
		return code;
	abl_query_set_int(q, 1, f->study);
	while ((code = abl_query_step(q, err)) > 0)
		if ((at = abl_facts_variant(f, abl_query_int(q, 0))) >= 0)
			s->x[at] = abl_query_real(q, 1);
	abl_query_close(q);
	return code;
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
	struct abl_sweep s = {.x_title = "parameters", .tic = tic, .measured = true};
	int code;

	if ((code = abl_facts_load(&f, store, r->study, r->metric, err)))
		return code;
	if ((code = size_varies(store, &f, err)) < 0)
		goto fail;
	if (!code) {
		abl_str_puts(absent, "no option that makes the model larger varies in this study");
		goto fail;
	}
	if ((code = load_parameters(&s, store, &f, err)) ||
	    (code = abl_sweep_group(&s, store, &f, sizes, err)))
		goto fail;
	abl_chart_title(c, "%s: scaling with the number of parameters", r->study);
	if (!(code = abl_sweep_chart(c, store, &f, &s, err)) && !c->panels)
		abl_str_puts(absent, "no two sizes of the model have finished trials yet");
fail:
	abl_sweep_finish(&s, &f);
	abl_facts_finish(&f);
	return code;
}

const struct abl_figure abl_figure_scaling = {
	.name = "scaling",
	.help = "metric or loss against the number of parameters: single seeds, mean and interval",
	.template = abl_file_scaling_gp,
	.collect = collect,
};

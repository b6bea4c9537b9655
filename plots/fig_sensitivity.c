/* SPDX-License-Identifier: Apache-2.0 */
/* fig_sensitivity.c - metric against one numeric option that varies in the study. */
#include "figure.h"

#include "sql.h"
#include "store.h"
#include "sweep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const char abl_file_sensitivity_gp[];

/* Numeric options with two or more values in the study, the one with most values first; those that
 * usually follow from others last. */
static const char varying_sql[] =
	"SELECT p.name, count(DISTINCT p.canonical) FROM " ABL_SQL_VARIANTS
	"JOIN variant_option p ON p.variant_id = v.id AND p.text_value IS NULL "
	"GROUP BY p.name HAVING count(DISTINCT p.canonical) > 1 "
	"ORDER BY 2 DESC, p.name = 'learning_rate' DESC, p.name IN ('heads', 'ffn_size'), 1";

static const char values_sql[] = "SELECT variant_id, coalesce(real_value, int_value) "
				 "FROM variant_option WHERE name = ?1 AND task = ''";

/* The option to draw in `name`, or why there is none in `absent`. */
static int choose(const struct abl_facts *f, struct abl_store *store, const char *wanted,
		  struct abl_str *name, struct abl_str *absent, struct abl_err *err)
{
	struct abl_str list = {0};
	struct abl_query *q;
	int code;

	if ((code = abl_query_open(&q, abl_store_sql(store), varying_sql, err)))
		return code;
	abl_query_set_int(q, 1, f->study);
	while ((code = abl_query_step(q, err)) > 0) {
		const char *found = abl_query_text(q, 0);

		abl_str_printf(&list, "%s%s", list.length ? ", " : "", found);
		if (!name->length && (!wanted || !strcmp(wanted, found)))
			abl_str_puts(name, found);
	}
	abl_query_close(q);
	if (!code && wanted && !name->length && list.length)
		code = abl_err_set(err, ABL_EINPUT,
				   "no numeric option '%s' varies in the study; there are: %s",
				   wanted, list.text);
	else if (!code && !list.length)
		abl_str_puts(absent, "no numeric option varies in this study");
	abl_str_finish(&list);
	return code;
}

static int load_values(struct abl_sweep *s, struct abl_store *store, const struct abl_facts *f,
		       const char *name, struct abl_err *err)
{
	struct abl_query *q;
	int code, at;

	s->x = abl_calloc(f->variants, sizeof *s->x);
	for (size_t v = 0; v < f->variants; v++)
		s->x[v] = NAN;
	if ((code = abl_query_open(&q, abl_store_sql(store), values_sql, err)))
		return code;
	abl_query_set_text(q, 1, name);
	while ((code = abl_query_step(q, err)) > 0)
		if ((at = abl_facts_variant(f, abl_query_int(q, 0))) >= 0)
			s->x[at] = abl_query_real(q, 1);
	abl_query_close(q);
	return code;
}

static void tic(double x, char out[32])
{
	abl_format_real(x, out);
}

static int collect(struct abl_chart *c, struct abl_store *store, const struct abl_figure_request *r,
		   struct abl_str *absent, struct abl_err *err)
{
	struct abl_facts f = {0};
	struct abl_sweep s = {.tic = tic};
	struct abl_str name = {0}, without = {0};
	int code;

	if ((code = abl_facts_load(&f, store, r->study, r->metric, err)) ||
	    (code = choose(&f, store, r->option, &name, absent, err)) || absent->length)
		goto fail;
	s.x_title = name.text;
	abl_str_printf(&without, " %s ", name.text);
	if ((code = load_values(&s, store, &f, name.text, err)) ||
	    (code = abl_sweep_group(&s, store, &f, without.text, err)))
		goto fail;
	abl_chart_title(c, "%s: sensitivity to %s", r->study, name.text);
	if (!(code = abl_sweep_chart(c, store, &f, &s, err)) && !c->panels)
		abl_str_printf(absent, "no two values of %s have finished trials yet", name.text);
fail:
	abl_sweep_finish(&s, &f);
	abl_facts_finish(&f);
	abl_str_finish(&name), abl_str_finish(&without);
	return code;
}

const struct abl_figure abl_figure_sensitivity = {
	.name = "sensitivity",
	.help = "metric against one numeric option that varies: single seeds, mean and interval",
	.template = abl_file_sensitivity_gp,
	.collect = collect,
};

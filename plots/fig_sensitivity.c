/* SPDX-License-Identifier: Apache-2.0 */
/* fig_sensitivity.c - metric against one numeric option that varies in the study. */
#include "figure.h"

#include "options.h"
#include "sweep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const char abl_file_sensitivity_gp[];

struct choice {
	const char *wanted; /* NULL: the first */
	struct abl_str *name, list;
};

static void take_name(void *data, const char *name)
{
	struct choice *c = data;

	abl_str_printf(&c->list, "%s%s", c->list.length ? ", " : "", name);
	if (!c->name->length && (!c->wanted || !strcmp(c->wanted, name)))
		abl_str_puts(c->name, name);
}

/* The option to draw in `name`, or why there is none in `absent`. */
static int choose(const struct abl_facts *f, struct abl_store *store, const char *wanted,
		  struct abl_str *name, struct abl_str *absent, struct abl_err *err)
{
	struct choice c = {.wanted = wanted, .name = name};
	int rc = abl_read_numeric_options(store, f->study, take_name, &c, err);

	if (!rc && wanted && !name->length && c.list.length)
		rc = abl_err_set(err, ABL_EINPUT,
				 "no numeric option '%s' varies in this study; those that vary: %s",
				 wanted, c.list.text);
	else if (!rc && !c.list.length)
		abl_str_puts(absent, "no numeric option varies in this study");
	abl_str_finish(&c.list);
	return rc;
}

struct axis {
	const struct abl_facts *facts;
	const char *name;
	double *x; /* [variants] */
};

static void take_value(void *data, const struct abl_option_value *value)
{
	const struct axis *a = data;
	const int at = abl_facts_variant(a->facts, value->variant);

	if (at >= 0 && !strcmp(value->name, a->name))
		a->x[at] = value->number;
}

static int load_values(struct abl_sweep *s, struct abl_store *store, const struct abl_facts *f,
		       const char *name, struct abl_err *err)
{
	s->x = abl_calloc(f->variants, sizeof *s->x);
	for (size_t v = 0; v < f->variants; v++)
		s->x[v] = NAN;
	return abl_read_options(store, f->study, take_value, &(struct axis){f, name, s->x}, err);
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
	int rc;

	if ((rc = abl_facts_load(&f, store, r->study, r->metric, err)) ||
	    (rc = choose(&f, store, r->option, &name, absent, err)) || absent->length)
		goto fail;
	s.x_title = name.text;
	abl_str_printf(&without, " %s ", name.text);
	if ((rc = load_values(&s, store, &f, name.text, err)) ||
	    (rc = abl_sweep_group(&s, store, &f, without.text, err)))
		goto fail;
	abl_chart_title(c, "%s: sensitivity to %s", r->study, name.text);
	if (!(rc = abl_sweep_chart(c, store, &f, &s, err)) && !c->panels)
		abl_str_printf(absent, "no two values of %s have finished trials yet", name.text);
fail:
	abl_sweep_finish(&s, &f);
	abl_facts_finish(&f);
	abl_str_finish(&name), abl_str_finish(&without);
	return rc;
}

const struct abl_figure abl_figure_sensitivity = {
	.name = "sensitivity",
	.help = "metric against one numeric option that varies: single seeds, mean and interval",
	.template = abl_file_sensitivity_gp,
	.collect = collect,
};

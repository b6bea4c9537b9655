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
	const char *wanted; /* NULL: the first that makes a line */
	char **name;        /* the options that may be drawn */
	size_t count, capacity;
	struct abl_str list; /* all numeric ones that vary */
};

static void take_name(void *data, const char *name)
{
	struct choice *c = data;

	abl_str_printf(&c->list, "%s%s", c->list.length ? ", " : "", name);
	if (c->wanted && strcmp(c->wanted, name))
		return;
	abl_grow(&c->name, &c->capacity, c->count + 1, sizeof *c->name);
	c->name[c->count++] = abl_strdup(name);
}

static void finish_choice(struct choice *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->name[i]);
	free(c->name);
	abl_str_finish(&c->list);
}

/* The options to draw, or why there are none in `absent`. */
static int choose(struct choice *c, const struct abl_facts *f, struct abl_store *store,
		  struct abl_str *absent, struct abl_err *err)
{
	int rc = abl_read_numeric_options(store, f->study, take_name, c, err);

	if (!rc && !c->count && c->list.length)
		rc = abl_err_set(err, ABL_EINPUT,
				 "no numeric option '%s' varies in this study; those that vary: %s",
				 c->wanted, c->list.text);
	else if (!rc && !c->list.length)
		abl_str_puts(absent, "no numeric option varies in this study");
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

/* Tries one option: no panel where its variants make no line; waiting for trials is told. */
static int draw(struct abl_chart *c, struct abl_store *store, const struct abl_facts *f,
		const char *study, const char *name, struct abl_str *absent, struct abl_err *err)
{
	struct abl_sweep s = {.tic = tic, .x_title = name, .option = name};
	struct abl_str without = {0};
	int rc;

	abl_str_printf(&without, " %s ", name);
	if ((rc = load_values(&s, store, f, name, err)) ||
	    (rc = abl_sweep_group(&s, store, f, without.text, err)))
		goto fail;
	abl_chart_title(c, "%s: sensitivity to %s", study, name);
	if (!(rc = abl_sweep_chart(c, store, f, &s, err)) && !c->panels && !absent->length &&
	    abl_sweep_has_lines(&s, f))
		abl_str_printf(absent, "no two values of %s have finished trials yet", name);
fail:
	abl_sweep_finish(&s, f);
	abl_str_finish(&without);
	return rc;
}

static int collect(struct abl_chart *c, struct abl_store *store, const struct abl_figure_request *r,
		   struct abl_str *absent, struct abl_err *err)
{
	struct choice options = {.wanted = r->option};
	const struct abl_chart empty = *c;
	struct abl_facts f = {0};
	int rc;

	if ((rc = abl_facts_load(&f, store, r->study, r->metric, err)) ||
	    (rc = choose(&options, &f, store, absent, err)))
		goto fail;
	for (size_t i = 0; !rc && !c->panels && i < options.count; i++) {
		abl_chart_finish(c);
		*c = empty;
		rc = draw(c, store, &f, r->study, options.name[i], absent, err);
	}
	if (c->panels)
		abl_str_clear(absent);
	else if (!rc && !absent->length)
		abl_str_printf(absent, "no two variants differ in one numeric option alone: %s",
			       r->option ? r->option : options.list.text);
fail:
	abl_facts_finish(&f);
	finish_choice(&options);
	return rc;
}

const struct abl_figure abl_figure_sensitivity = {
	.name = "sensitivity",
	.help = "metric against one numeric option that varies: single seeds, mean and interval",
	.template = abl_file_sensitivity_gp,
	.by_option = true,
	.collect = collect,
};

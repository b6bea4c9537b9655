/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep.h"

#include "samples.h"
#include "store.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINES = 8, LABEL = 26, MARK = 16 };

void abl_sweep_finish(struct abl_sweep *s, const struct abl_facts *f)
{
	if (!s)
		return;
	for (size_t v = 0; s->group && v < f->variants; v++)
		free(s->group[v]);
	free(s->group), free(s->x);
	*s = (struct abl_sweep){0};
}

/* ---- which variants belong on one line ---- */

struct option {
	char *name;
	char **value; /* [variants] NULL = inactive */
};

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool varies(const struct option *o, size_t variants)
{
	for (size_t v = 1; v < variants; v++)
		if (!same(o->value[v], o->value[0]))
			return true;
	return false;
}

/* Is its value the same wherever x is? (heads = hidden / 64 when hidden is on the axis) */
static bool follows(const struct option *o, const struct abl_sweep *s, size_t variants)
{
	for (size_t v = 0; v < variants; v++)
		for (size_t w = 0; w < v; w++)
			if (s->x[v] == s->x[w] && !same(o->value[v], o->value[w]))
				return false;
	return true;
}

static bool listed(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = strstr(list, name); at; at = strstr(at + 1, name))
		if (at > list && at[-1] == ' ' && at[n] == ' ')
			return true;
	return false;
}

static void add_to_groups(struct abl_sweep *s, const struct option *o, size_t variants)
{
	for (size_t v = 0; v < variants; v++) {
		struct abl_str text = {0};

		if (!o->value[v])
			continue;
		abl_str_printf(&text, "%s%s%s=%s", s->group[v], *s->group[v] ? ", " : "", o->name,
			       o->value[v]);
		free(s->group[v]);
		s->group[v] = text.text;
	}
}

static void finish_option(struct option *o, size_t variants)
{
	for (size_t v = 0; v < variants; v++)
		free(o->value[v]), o->value[v] = NULL;
	free(o->name), o->name = NULL;
}

int abl_sweep_group(struct abl_sweep *s, struct abl_store *store, const struct abl_facts *f,
		    const char *without, struct abl_err *err)
{
	static const char sql[] = "SELECT p.name, p.variant_id, p.canonical FROM variant_option p "
				  "JOIN variant v ON v.id = p.variant_id "
				  "JOIN study y ON y.id = v.study_id AND y.plan = v.plan WHERE "
				  "y.id = ?1 AND p.task = '' ORDER BY p.name";
	struct option o = {.value = abl_calloc(f->variants, sizeof *o.value)};
	struct abl_query *q = NULL;
	int code, at;

	s->group = abl_calloc(f->variants, sizeof *s->group);
	for (size_t v = 0; v < f->variants; v++)
		s->group[v] = abl_strdup("");
	if ((code = abl_query_open(&q, store, sql, err)))
		goto fail;
	abl_query_set_int(q, 1, f->study);
	do {
		const char *name;

		code = abl_query_step(q, err);
		name = code > 0 ? abl_query_text(q, 0) : NULL;
		if (o.name && (!name || strcmp(name, o.name))) { /* the last option is complete */
			if (varies(&o, f->variants) && !listed(without, o.name) &&
			    !follows(&o, s, f->variants))
				add_to_groups(s, &o, f->variants);
			finish_option(&o, f->variants);
		}
		if (name && !o.name)
			o.name = abl_strdup(name);
		if (name && (at = abl_facts_variant(f, abl_query_int(q, 1))) >= 0 && !o.value[at])
			o.value[at] = abl_strdup(abl_query_text(q, 2));
	} while (code > 0);
fail:
	abl_query_close(q);
	finish_option(&o, f->variants);
	free(o.value);
	return code;
}

/* ---- the chart ---- */

/* The variants' own groups, in the order of listings, each once. Returns how many. */
static size_t distinct_groups(const struct abl_sweep *s, const struct abl_facts *f,
			      const char **out)
{
	size_t n = 0;

	for (size_t v = 0; v < f->variants; v++) {
		size_t i = 0;

		if (!isfinite(s->x[v]))
			continue;
		while (i < n && strcmp(out[i], s->group[v]))
			i++;
		if (i == n)
			out[n++] = s->group[v];
	}
	return n;
}

static bool is_line(const struct abl_samples *s)
{
	return s->count && s->item[0].x != s->item[s->count - 1].x;
}

static int collect(struct abl_samples *out, struct abl_store *store, const struct abl_facts *f,
		   size_t task, const struct abl_sweep *s, const char *group, struct abl_err *err)
{
	static const char sql[] = "SELECT variant_id, seed, value FROM trial_metrics "
				  "WHERE study_id = ?1 AND task = ?2 AND metric = ?3";
	struct abl_query *q;
	int code, at;

	abl_samples_clear(out);
	if ((code = abl_query_open(&q, store, sql, err)))
		return code;
	abl_query_set_int(q, 1, f->study);
	abl_query_set_text(q, 2, f->task[task].name);
	abl_query_set_text(q, 3, f->task[task].metric);
	while ((code = abl_query_step(q, err)) > 0)
		if ((at = abl_facts_variant(f, abl_query_int(q, 0))) >= 0 &&
		    !strcmp(s->group[at], group))
			abl_samples_add(out, s->x[at], abl_query_int(q, 1), abl_query_real(q, 2));
	abl_query_close(q);
	abl_samples_sort(out);
	return code;
}

struct counts {
	size_t least, most; /* seeds per point */
};

/* Rows x, mean, low, high, value, seed. */
static void add_rows(struct abl_chart *c, const struct abl_samples *samples, struct counts *n)
{
	struct abl_spread p;

	for (size_t at = 0; abl_samples_next(samples, &at, &p);) {
		n->least = !n->least || p.n < n->least ? p.n : n->least;
		n->most = p.n > n->most ? p.n : n->most;
		for (size_t i = p.first; i < at; i++)
			abl_chart_add_row(c, (double[]){p.x, p.mean, p.mean - p.half,
							p.mean + p.half, samples->item[i].value,
							(double)samples->item[i].seed});
	}
}

static void set_ranges(struct abl_chart *c, struct abl_chart_panel *p, const struct abl_sweep *s)
{
	double last = -INFINITY;
	char text[32];

	for (size_t i = p->first; i < p->last; i++)
		for (size_t row = 0; row < c->series[i].rows; row++) {
			const double *r = c->series[i].row[row];

			abl_chart_see(&p->x, r[0]);
			for (int k = 1; k < 5; k++)
				abl_chart_see(&p->y, r[k]);
		}
	p->x.log = p->x.low > 0 && p->x.high / p->x.low >= 5;
	abl_chart_widen(&p->x, .06);
	abl_chart_widen(&p->y, .06);
	for (;;) { /* a mark at every value there is, from the left */
		double next = INFINITY;

		for (size_t i = p->first; i < p->last; i++)
			for (size_t row = 0; row < c->series[i].rows; row++)
				if (c->series[i].row[row][0] > last)
					next = fmin(next, c->series[i].row[row][0]);
		if (!isfinite(next))
			break;
		s->tic(last = next, text);
		abl_chart_add_tic(c, p, next, text);
	}
}

static void add_panel(struct abl_chart *c, const struct abl_fact_task *task, const char *x_title)
{
	struct abl_str title = {0}, y_title = {0};

	abl_str_printf(&title, "%s%s%s", task->name, task->label ? ", " : "",
		       task->label ? task->label : "");
	abl_str_printf(&y_title, "%s%s%s", task->metric, task->split ? " on " : "",
		       task->split ? task->split : "");
	abl_chart_add_panel(c, title.text, x_title, y_title.text, 230);
	abl_str_finish(&title), abl_str_finish(&y_title);
}

static void caption(struct abl_chart *c, const struct counts *n, size_t left_out)
{
	if (n->least == n->most)
		abl_chart_caption(c, "n = %zu seed%s per point.", n->most, n->most == 1 ? "" : "s");
	else
		abl_chart_caption(c, "n = %zu to %zu seeds per point.", n->least, n->most);
	abl_chart_caption(c, "Small points: single seeds; line: their mean%s",
			  n->most > 2 ? "; band: 95 % t interval of the mean." : ".");
	if (n->most < 3)
		abl_chart_caption(c, "No interval: that needs 3 seeds.");
	if (left_out)
		abl_chart_caption(c,
				  "%zu more lines are left out; 'ablate results' lists all values.",
				  left_out);
}

int abl_sweep_chart(struct abl_chart *c, struct abl_store *store, const struct abl_facts *f,
		    const struct abl_sweep *s, struct abl_err *err)
{
	const char **group = abl_calloc(f->variants, sizeof *group);
	size_t groups = distinct_groups(s, f, group), left_out = 0;
	struct abl_samples samples = {0};
	struct counts n = {0};
	int code = 0;

	c->columns = "x\tmean\tlow\thigh\tvalue\tseed";
	c->column_count = 6;
	c->panel_width = f->tasks == 1 ? 440 : 330, c->left = 84, c->right = 30;
	for (size_t t = 0; t < f->tasks; t++) {
		size_t lines = 0, beyond = 0;

		for (size_t g = 0; g < groups; g++) {
			char *label;

			if ((code = collect(&samples, store, f, t, s, group[g], err)) < 0)
				goto fail;
			if (!is_line(&samples) || (lines == LINES && ++beyond))
				continue;
			if (!lines++)
				add_panel(c, &f->task[t], s->x_title);
			label = abl_chart_shorten(group[g], LABEL);
			if ((int)(abl_chart_letters(label) * 8 + MARK) > c->right)
				c->right = (int)(abl_chart_letters(label) * 8 + MARK);
			abl_chart_add_series(c, (int)g + 1, label, "");
			free(label);
			add_rows(c, &samples, &n);
		}
		left_out = beyond > left_out ? beyond : left_out;
	}
	for (size_t p = 0; p < c->panels; p++)
		set_ranges(c, &c->panel[p], s);
	c->grid = c->right > 60 ? 2 : 3;
	abl_chart_place_labels(c, 16);
	caption(c, &n, left_out);
fail:
	abl_samples_finish(&samples);
	free(group);
	return code;
}

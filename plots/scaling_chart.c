/* SPDX-License-Identifier: Apache-2.0 */
#include "scaling_chart.h"

#include "labels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CURVE_POINTS 60
#define LINES_MOST 6 /* of a panel: more cannot be told apart */

/* What a series is, for the template. */
#define FIT "fit"
#define SEEN "seen"
#define HELD "held"

static bool has_curve(const struct abl_scaling *s)
{
	for (size_t i = 0; i < s->rows; i++)
		if (s->row[i].law.fit[s->row[i].law.chosen].found)
			return true;
	return false;
}

int abl_scaling_chart_laws(struct abl_scaling **out, struct abl_store *store,
			   const struct abl_figure_request *r, struct abl_err *err)
{
	*out = NULL;
	for (int axis = 0; axis < ABL_AXES; axis++) { /* the first that has curves */
		const struct abl_scaling_request request = {.metric = r->metric,
							    .axis = (enum abl_scaling_axis)axis};
		struct abl_err none = {0};
		const int rc = abl_scaling(out, store, r->study, &request, &none);

		if (rc && rc != ABL_EINPUT)
			return abl_err_set(err, rc, "%s", none.text);
		if (!rc && has_curve(*out))
			return 0;
		if (!rc)
			abl_scaling_destroy(*out);
		*out = NULL; /* nothing grows: the sweep says what there is */
	}
	return 0;
}

/* Low and high of what is shown: those of a score are turned round. */
static void add_point(struct abl_chart *c, const struct abl_scaling_row *r, double x, double y,
		      double low, double high, double value, int64_t seed)
{
	const bool score = !isnan(r->ceiling);

	abl_chart_add_row(c, (double[]){x, abl_scaling_shown(r->ceiling, y),
					abl_scaling_shown(r->ceiling, score ? high : low),
					abl_scaling_shown(r->ceiling, score ? low : high),
					abl_scaling_shown(r->ceiling, value), (double)seed});
}

/* Is x nearer to a size that has no value than to those that have one? */
static bool in_gap(const struct abl_scaling_row *r, double x)
{
	double missing = INFINITY, seen = INFINITY;

	for (size_t i = 0; i < r->gaps; i++)
		missing = fmin(missing, fabs(log(r->gap[i] / x)));
	for (size_t i = 0; i < r->law.sizes; i++)
		seen = fmin(seen, fabs(log(r->law.size[i].x / x)));
	return missing < seen;
}

static void name_curve(struct abl_chart *c, const struct abl_scaling_row *r, int style)
{
	struct abl_str label = {0};
	int room;

	if (*r->line)
		abl_str_puts(&label, r->line);
	else
		abl_scaling_formula_text(r, false, &label);
	if (label.length > ABL_LABEL_ROOM) /* the caption has all of it */
		abl_str_clear(&label);
	room = abl_chart_label_width(label.length ? label.text : "");
	c->right = room > c->right ? room : c->right;
	abl_chart_add_series(c, style, label.length ? label.text : "", FIT);
	c->series[c->series_count - 1].curve = true;
	abl_str_finish(&label);
}

/* Broken where a size has no value. */
static void add_curve(struct abl_chart *c, const struct abl_scaling_row *r, int style)
{
	const struct abl_scaling_law *l = &r->law;
	const double first = l->size[0].x;
	const double end = isnan(r->next_x) ? l->size[l->sizes - 1].x : r->next_x;

	name_curve(c, r, style);
	for (int i = 0; i <= CURVE_POINTS; i++) {
		const double x = first * pow(end / first, (double)i / CURVE_POINTS);
		double y, low, high;

		abl_scaling_predict(l, x, 0, &y, &low, &high);
		if (in_gap(r, x))
			y = low = high = NAN;
		else if (!isfinite(y))
			continue;
		add_point(c, r, x, y, low, high, NAN, 0);
	}
}

static void add_seen(struct abl_chart *c, const struct abl_scaling_row *r, int style)
{
	const struct abl_scaling_law *l = &r->law;

	abl_chart_add_series(c, style, "", SEEN);
	c->series[c->series_count - 1].loose = true;
	for (size_t i = 0; i < l->sizes; i++)
		for (size_t k = l->size[i].first; k < l->size[i].first + l->size[i].n; k++)
			add_point(c, r, l->size[i].x, l->size[i].mean, NAN, NAN, l->run[k].y,
				  l->run[k].seed);
}

static void add_held(struct abl_chart *c, const struct abl_scaling_row *r, int style)
{
	const struct abl_scaling_law *l = &r->law;

	if (isnan(l->held_low))
		return;
	abl_chart_add_series(c, style, "", HELD);
	add_point(c, r, l->size[l->sizes - 1].x, l->held_predicted, l->held_low, l->held_high, NAN,
		  0);
}

static void add_panel(struct abl_chart *c, const struct abl_scaling_row *r)
{
	struct abl_str title = {0}, y_title = {0};

	abl_str_printf(&title, "%s%s%s", r->task, r->label ? ", " : "", r->label ? r->label : "");
	abl_str_printf(&y_title, "%s%s%s", r->metric, r->split ? " on " : "",
		       r->split ? r->split : "");
	abl_chart_add_panel(c, title.text, r->x_title, y_title.text, 230);
	abl_str_finish(&title), abl_str_finish(&y_title);
}

static void set_range(struct abl_chart *c, struct abl_chart_panel *p)
{
	for (size_t i = p->first; i < p->last; i++)
		for (size_t row = 0; row < c->series[i].rows; row++) {
			abl_chart_see(&p->x, c->series[i].row[row][0]);
			for (int k = 1; k < 5; k++)
				abl_chart_see(&p->y, c->series[i].row[row][k]);
		}
	p->x.log = p->x.low > 0 && p->x.high / p->x.low >= 5;
	abl_chart_widen(&p->x, .06), abl_chart_widen(&p->y, .06);
}

/* A mark at every size, from the left. */
static void put_marks(struct abl_chart *c, struct abl_chart_panel *p,
		      void (*tic)(double x, char out[32]))
{
	double last = -INFINITY, next;
	char text[32];

	do {
		next = INFINITY;
		for (size_t i = p->first; i < p->last; i++)
			for (size_t row = 0; row < c->series[i].rows; row++)
				if (!strcmp(c->series[i].note, SEEN) &&
				    c->series[i].row[row][0] > last)
					next = fmin(next, c->series[i].row[row][0]);
		if (isfinite(next)) {
			tic(last = next, text);
			abl_chart_add_tic(c, p, next, text);
		}
	} while (isfinite(next));
}

/* Lines as one sentence. */
static void add_sentence(struct abl_chart *c, const char *lines)
{
	struct abl_str text = {0};

	for (; *lines; lines++)
		if (*lines != '\n')
			abl_str_add(&text, lines, 1);
		else if (lines[1])
			abl_str_puts(&text, "; ");
	abl_chart_caption(c, "%s.", text.text);
	abl_str_finish(&text);
}

static void caption(struct abl_chart *c, const struct abl_scaling *s)
{
	struct abl_str text = {0};
	size_t least = SIZE_MAX, most = 0;

	for (size_t i = 0; i < s->rows; i++)
		for (size_t k = 0; k < s->row[i].law.sizes; k++) {
			const size_t n = s->row[i].law.size[k].n;

			least = n < least ? n : least, most = n > most ? n : most;
		}
	abl_chart_caption_n(
		c, least, most, "seed",
		" per size: small rings are single seeds, points their means. Curve and "
		"95 % band go on to twice the largest size. The ring with bars is where "
		"a power law of the other sizes has the largest.");
	for (size_t i = 0; i < s->rows; i++) {
		const struct abl_scaling_row *r = &s->row[i];

		abl_str_clear(&text);
		abl_str_printf(&text, "%s%s%s: ", r->task, *r->line ? ", " : "", r->line);
		abl_scaling_formula_text(r, true, &text);
		abl_str_puts(&text, r->law.fit[r->law.chosen].found ? "; " : "");
		abl_scaling_verdict_text(r, &text);
		abl_str_puts(&text, "\n");
		abl_scaling_notes(r, &text);
		add_sentence(c, text.text);
	}
	if (s->off_line.length)
		abl_chart_caption(c, "Not drawn, as they differ in more than size: %s.",
				  s->off_line.text);
	abl_str_finish(&text);
}

void abl_scaling_chart(struct abl_chart *c, const struct abl_scaling *s,
		       void (*tic)(double x, char out[32]))
{
	const char *task = NULL;
	int style = 0;

	c->columns = "x\tmean\tlow\thigh\tvalue\tseed";
	c->column_count = 6;
	c->left = 84, c->right = 30, c->grid = 3;
	abl_chart_title(c, "%s: scaling with %s", s->study, s->row[0].x_title);
	for (size_t i = 0; i < s->rows; i++) {
		const struct abl_scaling_row *r = &s->row[i];

		if (!task || strcmp(task, r->task)) {
			if (!r->law.sizes)
				continue;
			add_panel(c, r);
			task = r->task, style = 0;
		}
		if (++style > LINES_MOST)
			continue;
		if (r->law.fit[r->law.chosen].found)
			add_curve(c, r, style);
		add_seen(c, r, style);
		add_held(c, r, style);
	}
	for (size_t p = 0; p < c->panels; p++)
		set_range(c, &c->panel[p]);
	abl_chart_make_left(c);
	abl_chart_fit(c);
	for (size_t p = 0; p < c->panels; p++)
		put_marks(c, &c->panel[p], tic);
	abl_chart_place_labels(c, 16);
	caption(c, s);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "chart.h"

#include "labels.h"
#include "utf8.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void finish_texts(char **text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(text[i]);
	free(text);
}

void abl_chart_finish(struct abl_chart *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->panels; i++) {
		free(c->panel[i].title), free(c->panel[i].x_title), free(c->panel[i].y_title);
		abl_str_finish(&c->panel[i].x_tics);
		finish_texts(c->panel[i].cell, c->panel[i].cells);
	}
	for (size_t i = 0; i < c->series_count; i++) {
		free(c->series[i].label), free(c->series[i].name), free(c->series[i].note);
		finish_texts(c->series[i].text, c->series[i].texts);
		free(c->series[i].row);
	}
	free(c->panel), free(c->series), free(c->title);
	abl_str_finish(&c->captions);
	*c = (struct abl_chart){0};
}

void abl_chart_title(struct abl_chart *c, const char *fmt, ...)
{
	va_list args;

	free(c->title);
	va_start(args, fmt);
	if (vasprintf(&c->title, fmt, args) < 0)
		abl_there(NULL, "the title of a chart");
	va_end(args);
}

void abl_chart_caption(struct abl_chart *c, const char *fmt, ...)
{
	char *text;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		abl_there(NULL, "the caption of a chart");
	va_end(args);
	abl_str_printf(&c->captions, "%s%s", c->captions.length ? " " : "", text);
	free(text);
}

void abl_chart_caption_n(struct abl_chart *c, size_t least, size_t most, const char *what,
			 const char *tail)
{
	if (least == most)
		abl_chart_caption(c, "n = %zu %s%s%s", most, what, abl_plural(most), tail);
	else
		abl_chart_caption(c, "n = %zu to %zu %ss%s", least, most, what, tail);
}

struct abl_chart_panel *abl_chart_add_panel(struct abl_chart *c, const char *title,
					    const char *x_title, const char *y_title, int height)
{
	abl_grow(&c->panel, &c->panel_capacity, c->panels + 1, sizeof *c->panel);
	c->panel[c->panels] = (struct abl_chart_panel){.title = abl_strdup(title),
						       .x_title = abl_strdup(x_title),
						       .y_title = abl_strdup(y_title),
						       .x = {INFINITY, -INFINITY, false},
						       .y = {INFINITY, -INFINITY, false},
						       .chance = NAN,
						       .height = height,
						       .first = c->series_count,
						       .last = c->series_count};
	return &c->panel[c->panels++];
}

struct abl_chart_series *abl_chart_add_series(struct abl_chart *c, int style, const char *label,
					      const char *note)
{
	assert(c->panels);
	abl_grow(&c->series, &c->series_capacity, c->series_count + 1, sizeof *c->series);
	c->series[c->series_count] = (struct abl_chart_series){.panel = c->panels - 1,
							       .style = style,
							       .label = abl_strdup(label),
							       .note = abl_strdup(note)};
	c->panel[c->panels - 1].last = c->series_count + 1;
	return &c->series[c->series_count++];
}

void abl_chart_add_row(struct abl_chart *c, const double *values)
{
	struct abl_chart_series *s = &c->series[c->series_count - 1];

	assert(c->series_count && c->column_count <= ABL_CHART_COLUMNS);
	abl_grow(&s->row, &s->capacity, s->rows + 1, sizeof *s->row);
	memcpy(s->row[s->rows++], values, (size_t)c->column_count * sizeof *values);
}

static void add_text(char ***texts, size_t *count, const char *text)
{
	*texts = abl_there(realloc(*texts, (*count + 1) * sizeof **texts), "texts of a chart");
	(*texts)[(*count)++] = abl_strdup(text);
}

void abl_chart_add_cell(struct abl_chart *c, const char *heading)
{
	struct abl_chart_panel *p = &c->panel[c->panels - 1];

	add_text(&p->cell, &p->cells, heading);
}

void abl_chart_add_text(struct abl_chart *c, const char *text)
{
	struct abl_chart_series *s = &c->series[c->series_count - 1];

	add_text(&s->text, &s->texts, text);
}

void abl_chart_see(struct abl_chart_range *r, double value)
{
	if (!isfinite(value))
		return;
	r->low = fmin(r->low, value);
	r->high = fmax(r->high, value);
}

static int by_size(const void *a, const void *b)
{
	const double x = fabs(*(const double *)a), y = fabs(*(const double *)b);

	return (x > y) - (x < y);
}

double abl_chart_limit(double *value, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (isfinite(value[i]) && value[i] != 0)
			value[kept++] = value[i];
	qsort(value, kept, sizeof *value, by_size);
	return kept ? 100 * fabs(value[(kept - 1) / 2]) : INFINITY;
}

void abl_chart_widen(struct abl_chart_range *r, double share)
{
	double room;
	bool differ;

	if (!(r->low <= r->high)) {
		r->low = r->log ? 1 : 0;
		r->high = r->log ? 10 : 1;
	}
	differ = r->high - r->low > 1e-9 * fmax(fabs(r->low), fabs(r->high)); /* not by rounding */
	if (r->log) {
		double factor = differ ? pow(r->high / r->low, share) : 2;

		r->low /= factor;
		r->high *= factor;
		return;
	}
	room = differ ? (r->high - r->low) * share : fmax(fabs(r->high) * .1, 1e-3);
	r->low -= room;
	r->high += room;
}

double abl_chart_share(const struct abl_chart_range *r, double value)
{
	double x = r->log ? log(value / r->low) / log(r->high / r->low)
			  : (value - r->low) / (r->high - r->low);

	return fmin(fmax(x, 0), 1);
}

void abl_chart_add_tic(struct abl_chart *c, struct abl_chart_panel *p, double x, const char *text)
{
	double room = 7.0 * ((double)strlen(text) + 2) / c->panel_width,
	       place = abl_chart_share(&p->x, x);
	char number[32];

	if (p->x_tics.length && fabs(place - p->last_tic) < room)
		return;
	p->last_tic = place;
	abl_str_printf(&p->x_tics, "%s'%s' %s", p->x_tics.length ? ", " : "", text,
		       abl_format_real(x, number));
}

/* 1, 2 or 5 times a power of ten: the least step that parts the range into at most `parts`. */
static double round_step(double span, double parts)
{
	const double least = span / parts, power = pow(10, floor(log10(least)));

	for (int i = 1; i < 10; i = i == 1 ? 2 : i == 2 ? 5 : 10)
		if (power * i >= least * (1 - 1e-9))
			return power * i;
	return power * 10;
}

/* 4410000 -> "4.41 M" */
static void short_number(double x, double step, char out[32])
{
	x = x == 0 ? 0 : x; /* no minus */
	static const struct {
		double size;
		const char *unit;
	} units[] = {{1e18, " E"}, {1e15, " P"}, {1e12, " T"},
		     {1e9, " G"},  {1e6, " M"},  {1e3, " k"}};

	for (size_t i = 0; i < sizeof units / sizeof *units && fabs(x) >= 1e5; i++)
		if (fabs(x) >= units[i].size) {
			snprintf(out, 32, "%.4g%s", x / units[i].size, units[i].unit);
			return;
		}
	snprintf(out, 32, step >= 1 ? "%.0f" : "%g", x);
}

/* 1, 2 and 5 times each power of ten, those that there is room for. */
static void add_log_tics(struct abl_chart *c, struct abl_chart_panel *p)
{
	char text[32];

	for (double power = pow(10, floor(log10(p->x.low))); power <= p->x.high; power *= 10)
		for (int k = 1; k < 10; k += k == 1 ? 1 : k == 2 ? 3 : 5)
			if (k * power >= p->x.low && k * power <= p->x.high) {
				short_number(k * power, k * power, text);
				abl_chart_add_tic(c, p, k * power, text);
			}
}

/* The least step whose numbers have room beside each other: those that are left out would leave
 * uneven ones. */
static double step_with_room(const struct abl_chart *c, const struct abl_chart_panel *p,
			     double span)
{
	double letters = 2, step = 0, wanted;
	char text[32];

	while ((wanted = round_step(span, fmax(2, c->panel_width / (18 + 9 * letters)))) > step) {
		step = wanted, letters = 2;
		for (int i = 0; i < 100 && (ceil(p->x.low / step) + i) * step <= p->x.high; i++) {
			short_number((ceil(p->x.low / step) + i) * step, step, text);
			letters = fmax(letters, (double)strlen(text));
		}
	}
	return step;
}

void abl_chart_add_tics(struct abl_chart *c)
{
	for (size_t p = 0; p < c->panels; p++) {
		struct abl_chart_panel *panel = &c->panel[p];
		const double high = panel->x.high, span = high - panel->x.low;
		double step;
		char text[32];

		if (!(span > 0) || !isfinite(span))
			continue;
		if (panel->x.log) {
			add_log_tics(c, panel);
			continue;
		}
		step = step_with_room(c, panel, span);
		step = panel->whole ? fmax(step, 1) : step;
		for (int i = 0; i < 100; i++) {
			const double mark = (ceil(panel->x.low / step) + i) * step;

			if (mark > high + 1e-9 * span)
				break;
			short_number(mark, step, text);
			abl_chart_add_tic(c, panel, mark, text);
		}
	}
}

size_t abl_chart_label_room(const struct abl_chart *c)
{
	return c->narrow ? 14 : ABL_LABEL_ROOM;
}

int abl_chart_label_width(const char *label)
{
	double width = 22 + 8.4 * (double)abl_utf8_cells(label);

	for (const char *c = label; *c; c++) /* letters of other scripts are wider */
		width += ((unsigned char)*c & 0xc0) == 0xc0 ? 1.6 : 0;
	return (int)width;
}

/* Letters of the longest mark of an axis with about five of them. */
static int tic_letters(const struct abl_chart_range *r)
{
	double span = r->high - r->low, step = pow(10, floor(log10(span / 5)));
	int most = 0;

	if (!(span > 0) || !isfinite(span))
		return 0;
	step *= span / step > 25 ? 5 : span / step > 10 ? 2 : 1;
	for (int i = 0; i < 30; i++) {
		const double mark = (ceil(r->low / step) + i) * step;
		const int n = mark <= r->high ? snprintf(NULL, 0, "%g", mark) : 0;

		most = n > most ? n : most;
	}
	return most;
}

void abl_chart_make_left(struct abl_chart *c)
{
	for (size_t p = 0; p < c->panels; p++) {
		int needed = 44 + 8 * tic_letters(&c->panel[p].y);

		c->left = needed > c->left ? needed : c->left;
	}
}

static int by_place(const void *a, const void *b)
{
	const struct abl_chart_series *const *s = a, *const *t = b;

	return ((*s)->at > (*t)->at) - ((*s)->at < (*t)->at);
}

/* Moves labels apart: from below each is pushed up past the one before, then all that went over the
 * top are pushed down again. */
static void spread(struct abl_chart_series **s, size_t n, double gap)
{
	double top = fmax(1 - gap / 2, (double)(n - 1) * gap);

	for (size_t i = 1; i < n; i++)
		s[i]->at = fmax(s[i]->at, s[i - 1]->at + gap);
	for (size_t i = n; i-- > 0; top -= gap)
		if (s[i]->at > top)
			s[i]->at = top;
		else
			break;
}

void abl_chart_place_labels(struct abl_chart *c, int pixels)
{
	for (size_t p = 0; p < c->panels; p++) {
		struct abl_chart_panel *panel = &c->panel[p];
		size_t n = 0;
		struct abl_chart_series **order =
			abl_calloc(panel->last - panel->first, sizeof *order);

		for (size_t i = panel->first; i < panel->last; i++) {
			struct abl_chart_series *s = &c->series[i];
			double last = .5;

			if (*s->label)
				order[n++] = s;

			for (size_t row = 0; row < s->rows; row++)
				if (isfinite(s->row[row][1]))
					last = abl_chart_share(&panel->y, s->row[row][1]);
			s->at = last;
		}
		qsort(order, n, sizeof *order, by_place);
		spread(order, n, (double)pixels / panel->height);
		free(order);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* fig_interactions.c - two changes together: the means of the four cells as two lines, and where
 * the cell with both would lie if the changes only added up. */
#include "figure.h"

#include "chart.h"
#include "compare.h"
#include "facts.h"
#include "labels.h"
#include "lines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const char abl_file_interactions_gp[];

enum { PANELS = 6, HEIGHT = 220 };

struct work {
	struct abl_chart *chart;
	struct abl_facts facts;
	struct abl_lines lines;
	size_t least, most; /* units */
	bool contexts, interim;
};

static size_t variant_of(const struct abl_facts *f, const char *label)
{
	for (size_t i = 0; label && i < f->variants; i++)
		if (!strcmp(f->variant[i].label, label))
			return i;
	return 0;
}

/* What a line or place is called. */
static const char *name_of(const struct work *w, const char *label)
{
	const size_t at = variant_of(&w->facts, label);

	return at ? w->lines.label[at] : label;
}

static void add_line(struct work *w, const struct abl_interaction *i, const char *label, int style,
		     const double *cell)
{
	struct abl_chart *c = w->chart;
	struct abl_chart_panel *p = &c->panel[c->panels - 1];
	struct abl_chart_series *s = abl_chart_add_series(c, style, label, "");
	const double sum = i->cell[1] + i->cell[2] - i->cell[0];
	const bool both = cell == i->cell + 2;
	const double rows[2][6] = {{0, cell[0], NAN, NAN, NAN, (double)i->n},
				   {1, cell[1], both ? sum + i->t.low : NAN,
				    both ? sum + i->t.high : NAN, both ? sum : NAN, (double)i->n}};
	const int room = abl_chart_label_width(label);

	s->name = abl_strdup(label);
	for (int k = 0; k < 2; k++) {
		abl_chart_add_row(c, rows[k]);
		for (int column = 1; column < 5; column++)
			abl_chart_see(&p->y, rows[k][column]);
	}
	c->right = room > c->right ? room : c->right;
}

static void add_panel(struct work *w, const struct abl_interaction *i, const char *metric)
{
	const size_t b = variant_of(&w->facts, i->b);
	struct abl_str title = {0}, words = {0};
	struct abl_chart_panel *p;

	if (strcmp(i->task, ABL_TASK_ALL))
		abl_str_printf(&title, "%s: ", i->task);
	abl_str_puts(&title, i->label);
	abl_interaction_words(i, &words);
	if (words.length && strcmp(words.text, "-"))
		abl_str_printf(&title, ": %s", words.text);
	abl_chart_add_panel(w->chart, title.text, "", metric, HEIGHT);
	add_line(w, i, "baseline", 0, i->cell);
	/* cells are: neither, a, b, both */
	add_line(w, i, name_of(w, i->b), b && w->lines.style[b] > 0 ? w->lines.style[b] : 1,
		 i->cell + 2);
	p = &w->chart->panel[w->chart->panels - 1];
	p->x.low = -.3, p->x.high = 1.3;
	abl_chart_widen(&p->y, .08);
	abl_chart_add_cell(w->chart, "baseline");
	abl_chart_add_cell(w->chart, name_of(w, i->a));
	w->least = !w->least || i->n < w->least ? i->n : w->least;
	w->most = i->n > w->most ? i->n : w->most;
	w->contexts |= i->contexts > 1;
	w->interim |= i->interim;
	abl_str_finish(&title), abl_str_finish(&words);
}

static bool is_drawn(const struct abl_interaction *i, bool all)
{
	return !i->single && i->b && i->n &&
	       isfinite(i->cell[0] + i->cell[1] + i->cell[2] + i->cell[3]) &&
	       (!all || !strcmp(i->task, ABL_TASK_ALL));
}

/* Found ones first, then by their size against their error. */
static int by_weight(const void *a, const void *b)
{
	const struct abl_interaction *const *i = a, *const *j = b;
	const double x = isfinite((*i)->t.t) ? fabs((*i)->t.t) : 0,
		     y = isfinite((*j)->t.t) ? fabs((*j)->t.t) : 0;

	return (*i)->found != (*j)->found ? (*j)->found - (*i)->found : (x < y) - (x > y);
}

static size_t add_panels(struct work *w, const struct abl_analysis *a)
{
	const struct abl_interaction **order = abl_calloc(a->interactions + 1, sizeof *order);
	bool all = false;
	size_t n = 0;

	for (size_t i = 0; i < a->interactions; i++)
		all |= is_drawn(&a->interaction[i], true);
	for (size_t i = 0; i < a->interactions; i++)
		if (is_drawn(&a->interaction[i], all))
			order[n++] = &a->interaction[i];
	qsort(order, n, sizeof *order, by_weight);
	for (size_t i = 0; i < n && i < PANELS; i++)
		add_panel(w, order[i], a->all->metric);
	free(order);
	return n;
}

static void put_marks(struct abl_chart *c)
{
	for (size_t p = 0; p < c->panels; p++) {
		struct abl_chart_panel *panel = &c->panel[p];

		for (size_t i = 0; i < panel->cells; i++)
			abl_chart_add_tic(c, panel, (double)i, panel->cell[i]);
	}
}

static void caption(const struct work *w, size_t found)
{
	struct abl_chart *c = w->chart;

	abl_chart_caption_n(c, w->least, w->most, "seed", " per contrast.");
	abl_chart_caption(c,
			  "Lines: means over seeds, without and with the second change. Hollow: "
			  "where both together would lie if the changes only added up; bar: "
			  "the 95 %% t interval of the interaction, seed by seed, laid from "
			  "there. Where it leaves out the hollow point they do not just add up.");
	if (w->contexts)
		abl_chart_caption(c, "Cells are means over the levels of the other factors.");
	if (w->interim)
		abl_chart_caption(c, "Interim: planned seeds are missing.");
	if (found > PANELS)
		abl_chart_caption(c, "Drawn: the %d clearest of %zu; 'ablate compare' lists all.",
				  PANELS, found);
	if (w->lines.legend.length)
		abl_chart_caption(c, "%s", w->lines.legend.text);
}

static int collect(struct abl_chart *c, struct abl_store *store, const struct abl_figure_request *r,
		   struct abl_str *absent, struct abl_err *err)
{
	struct abl_analysis *a = NULL;
	struct work w = {.chart = c};
	int rc;

	if ((rc = abl_facts_load(&w.facts, store, r->study, r->metric, err)) ||
	    (rc = abl_lines_load(&w.lines, store, &w.facts, abl_chart_label_room(c), err)) ||
	    (rc = abl_lines_analyse(&a, store, w.facts.study, r->metric, absent, err)) ||
	    absent->length)
		goto fail;
	c->columns = "first change\tmean\tlow\thigh\tsum of changes\tn";
	c->column_count = 6;
	c->grid = 2, c->left = 60, c->right = 40;
	abl_chart_title(c, "%s: interactions", r->study);
	caption(&w, add_panels(&w, a));
	abl_chart_make_left(c);
	abl_chart_fit(c);
	put_marks(c);
	abl_chart_place_labels(c, 16);
	if (!c->panels)
		abl_str_puts(absent,
			     a->interactions
				     ? "no pair of changes has a score in all its four cells yet"
				     : "this study combines no two changes: designs `pairs` "
				       "and `factorial` do");
fail:
	abl_analysis_destroy(a);
	abl_lines_finish(&w.lines);
	abl_facts_finish(&w.facts);
	return rc;
}

const struct abl_figure abl_figure_interactions = {
	.name = "interactions",
	.help = "two changes together: means of the four cells, and the interval of the "
		"interaction",
	.template = abl_file_interactions_gp,
	.collect = collect,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "lines.h"

#include "chart.h"
#include "compare.h"
#include "facts.h"
#include "labels.h"
#include "scores.h"
#include "utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void abl_lines_finish(struct abl_lines *l)
{
	if (!l)
		return;
	abl_labels_destroy(l->label, l->count);
	free(l->style);
	abl_str_finish(&l->legend);
	*l = (struct abl_lines){0};
}

/* The best or the worst that is not chosen yet; n: none has a score. */
static size_t extreme(const double *score, size_t n, const bool *chosen, bool best)
{
	size_t at = n;

	for (size_t i = 0; i < n; i++)
		if (!chosen[i] && isfinite(score[i]) &&
		    (at == n || (best ? score[i] > score[at] : score[i] < score[at])))
			at = i;
	return at;
}

void abl_lines_choose(const double *score, size_t n, size_t room, bool *chosen)
{
	for (size_t i = 0; i < n; i++)
		chosen[i] = n <= room || i == 0;
	for (size_t k = 1; n > room && k < room; k++) {
		size_t at = extreme(score, n, chosen, k % 2);

		for (size_t i = 0; at == n && i < n; i++)
			at = chosen[i] ? n : i;
		chosen[at] = true;
	}
}

/* Adds a task's effects, in units of their size, better ones above zero. */
static void add_effects(const struct abl_comparison *k, const struct abl_facts *f, double *sum,
			size_t *tasks)
{
	double squares = 0;
	size_t n = 0;

	for (size_t i = 0; i < k->count; i++)
		if (isfinite(k->effect[i].t.estimate)) {
			squares += k->effect[i].t.estimate * k->effect[i].t.estimate;
			n++;
		}
	for (size_t i = 0; i < k->count && squares > 0; i++)
		for (size_t v = 0; v < f->variants; v++)
			if (isfinite(k->effect[i].t.estimate) &&
			    !strcmp(f->variant[v].label, k->effect[i].arm.label)) {
				sum[v] += (k->lower_is_better ? -1 : 1) * k->effect[i].t.estimate /
					  sqrt(squares / (double)n);
				tasks[v]++;
			}
}

int abl_lines_analyse(struct abl_analysis **out, struct abl_store *store, int64_t study,
		      const char *metric, struct abl_str *absent, struct abl_err *err)
{
	const struct abl_compare_request request = {.metric = metric};
	struct abl_err refused = {0};
	const int rc = abl_analyse(out, store, study, &request, &refused);

	if (rc == ABL_EINPUT)
		abl_str_puts(absent, refused.text);
	else if (rc)
		return abl_err_set(err, rc, "%s", refused.text);
	return 0;
}

/* Mean over tasks of each variant's effect. */
static int load_scores(double *score, struct abl_store *store, const struct abl_facts *f,
		       struct abl_err *err)
{
	size_t *tasks = abl_calloc(f->variants, sizeof *tasks);
	struct abl_analysis *a = NULL;
	struct abl_str absent = {0};
	const int rc = abl_lines_analyse(&a, store, f->study, NULL, &absent, err);

	for (size_t t = 0; a && t < a->tasks; t++)
		add_effects(a->task[t], f, score, tasks);
	for (size_t v = 0; v < f->variants; v++)
		score[v] = tasks[v] ? score[v] / (double)tasks[v] : NAN;
	abl_analysis_destroy(a);
	abl_str_finish(&absent);
	free(tasks);
	return rc;
}

int abl_lines_load(struct abl_lines *l, struct abl_store *store, const struct abl_facts *f,
		   size_t room, struct abl_err *err)
{
	const char **label = abl_calloc(f->variants, sizeof *label);
	double *score = abl_calloc(f->variants, sizeof *score);
	bool *chosen = abl_calloc(f->variants, sizeof *chosen);
	int rc = 0, style = 0;

	for (size_t v = 0; v < f->variants; v++)
		label[v] = f->variant[v].label;
	l->count = f->variants;
	l->label = abl_labels_shorten(label, f->variants, room, &l->legend);
	l->style = abl_calloc(f->variants, sizeof *l->style);
	if (f->variants > ABL_LINES_MAX)
		rc = load_scores(score, store, f, err);
	abl_lines_choose(score, f->variants, ABL_LINES_MAX, chosen);
	for (size_t v = 0; v < f->variants; v++) {
		l->style[v] = chosen[v] ? style++ : ABL_LINES_GREY;
		l->left_out += !chosen[v];
	}
	free(label), free(score), free(chosen);
	if (rc)
		abl_lines_finish(l);
	return rc;
}

void abl_lines_caption_left_out(struct abl_chart *c, const char *what, char *const *label,
				const bool *drawn, size_t n)
{
	enum { NAMED = 400 }; /* columns */
	struct abl_str list = {0};
	size_t more = 0, named = 0;

	for (size_t i = 0; i < n; i++) {
		if (drawn[i])
			continue;
		if (abl_utf8_cells(list.length ? list.text : "") + abl_utf8_cells(label[i]) >
		    NAMED) {
			more++;
			continue;
		}
		abl_str_printf(&list, "%s%s", list.length ? "; " : "", label[i]);
		named++;
	}
	if (more)
		abl_str_printf(&list, " and %zu more", more);
	if (named || more)
		abl_chart_caption(c, "Left out, %zu %s%s: %s.", named + more, what,
				  abl_plural(named + more), list.text);
	abl_str_finish(&list);
}

struct failed {
	size_t tasks;
	struct abl_str list;
};

static void take_summary(void *data, const struct abl_score_summary *row)
{
	struct failed *k = data;

	if (row->trials && row->failed == row->trials)
		abl_str_printf(&k->list, "%s%s%s%s", k->list.length ? "; " : "", row->variant,
			       k->tasks > 1 ? " on " : "", k->tasks > 1 ? row->task : "");
}

int abl_lines_caption_failed(struct abl_chart *c, struct abl_store *store,
			     const struct abl_facts *f, struct abl_err *err)
{
	struct failed k = {.tasks = f->tasks};
	int rc = abl_read_summaries(store, f->study, false, take_summary, &k, err);

	if (!rc && k.list.length) {
		char *list = abl_utf8_cut(k.list.text, 400);

		abl_chart_caption(c, "All seeds failed: %s.", list);
		free(list);
	}
	abl_str_finish(&k.list);
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* compare.c - from trials to pairs to effects. */
#include "compare.h"

#include "store.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct run { /* one trial */
	int64_t seed, pretraining; /* stage ids; 0 = none */
	bool done, diverged;
	double value, seconds;
};

struct loaded { /* one variant with its trials */
	struct abl_arm arm;
	struct run *runs;
	size_t count, capacity;
};

struct loading {
	struct abl_comparison *c;
	struct loaded *arms;
	size_t count, capacity;
	double majority_sum, example_sum; /* over `known` trials: dev sets of seeds may differ */
	int majorities, known;
};

static char *copy(const struct abl_query *q, int column)
{
	const char *text = abl_query_text(q, column);

	return text ? abl_strdup(text) : NULL;
}

static const char task_sql[] =
	"SELECT y.name, k.name, k.metric, k.split, k.label, k.lower_is_better FROM task k "
	"JOIN study y ON y.id = k.study_id WHERE k.study_id = ?1 AND k.name = ?2";

#define RESULT(name) "(SELECT r.value FROM trial_stage l JOIN result r ON r.stage_id = l.stage_id " \
		     "WHERE l.trial_id = t.trial_id AND l.role = 'evaluate' AND r.name = " name ")"

static const char trials_sql[] =
	"SELECT t.variant, v.kind, v.subject, t.seed, t.state, t.diverged, " RESULT("?3") ", "
	RESULT("'majority'") ", " RESULT("'examples'") ", "
	"(SELECT min(l.stage_id) FROM trial_stage l WHERE l.trial_id = t.trial_id AND l.role = 'pretrain'), "
	"(SELECT sum(s.seconds) FROM trial_stage l JOIN stage s ON s.id = l.stage_id "
	"WHERE l.trial_id = t.trial_id AND l.role IN ('pretrain', 'finetune')) "
	"FROM trial_states t JOIN variant v ON v.id = t.variant_id WHERE t.study_id = ?1 AND t.task = ?2 "
	"ORDER BY t.position, t.variant_id, t.seed";

/* The columns of trials_sql. */
enum { VARIANT, KIND, SUBJECT, SEED, STATE, DIVERGED, VALUE, MAJORITY, EXAMPLES, PRETRAINING, SECONDS };

static void load_trial(struct loading *l, const struct abl_query *q)
{
	const char *label = abl_query_text(q, VARIANT);
	int state = abl_state_find(abl_query_text(q, STATE));
	struct run run = {.seed = abl_query_int(q, SEED), .pretraining = abl_query_int(q, PRETRAINING),
			  .value = NAN, .seconds = abl_query_real(q, SECONDS)};
	struct loaded *a;

	if (!l->count || strcmp(l->arms[l->count - 1].arm.label, label)) {
		abl_grow(&l->arms, &l->capacity, l->count + 1, sizeof *l->arms);
		l->arms[l->count++] = (struct loaded){
			.arm = {.label = copy(q, VARIANT), .kind = copy(q, KIND), .subject = copy(q, SUBJECT)}};
	}
	a = &l->arms[l->count - 1];
	a->arm.planned++;
	if (state == ABL_DONE) {
		run.value = abl_query_real(q, VALUE);
		run.done = !isnan(run.value);
	} else if (state == ABL_WAITING || state == ABL_RUNNING) {
		a->arm.pending++;
	}
	run.diverged = abl_query_int(q, DIVERGED) && state == ABL_FAILED;
	a->arm.done += run.done;
	a->arm.diverged += run.diverged;
	if (run.done && abl_query_type(q, EXAMPLES) != ABL_COLUMN_NULL)
		l->known++, l->example_sum += abl_query_real(q, EXAMPLES);
	if (run.done && abl_query_type(q, MAJORITY) != ABL_COLUMN_NULL)
		l->majorities++, l->majority_sum += abl_query_real(q, MAJORITY);
	abl_grow(&a->runs, &a->capacity, a->count + 1, sizeof *a->runs);
	a->runs[a->count++] = run;
}

/* The names of the query's first column, for did-you-mean. */
static const char *name_at(size_t i, const void *data)
{
	return ((char *const *)data)[i];
}

static int names(char ***out, struct abl_store *store, const char *sql, int64_t study, struct abl_err *err)
{
	size_t count = 0, capacity = 0;
	struct abl_query *q;
	int code;

	*out = NULL;
	code = abl_query_open(&q, store, sql, err);
	if (code)
		return code;
	abl_query_set_int(q, 1, study);
	while ((code = abl_query_step(q, err)) == 1) {
		abl_grow(out, &capacity, count + 2, sizeof **out);
		(*out)[count++] = abl_strdup(abl_query_text(q, 0));
	}
	abl_query_close(q);
	abl_grow(out, &capacity, count + 1, sizeof **out);
	(*out)[count] = NULL;
	if (code)
		abl_names_destroy(*out);
	return code;
}

int abl_compare_tasks(char ***out, struct abl_store *store, int64_t study, struct abl_err *err)
{
	return names(out, store, "SELECT k.name FROM task k JOIN study y ON y.id = k.study_id "
		     "WHERE k.study_id = ?1 AND EXISTS (SELECT 1 FROM trial t WHERE t.study_id = ?1 "
		     "AND t.task = k.name AND t.plan = y.plan) ORDER BY k.position, k.name", study, err);
}

void abl_names_destroy(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

static int unknown(struct abl_store *store, int64_t study, const char *what, const char *name,
		   const char *sql, struct abl_err *err)
{
	const char *near;
	struct abl_str all = {0};
	char **list;
	size_t n = 0;
	int code = names(&list, store, sql, study, err);

	if (code)
		return code;
	for (; list[n]; n++)
		abl_str_printf(&all, "%s'%s'", n ? ", " : "", list[n]);
	near = abl_nearest(name, n, name_at, list);
	code = near ? abl_err_set(err, ABL_EINPUT, "the study has no %s '%s'; did you mean '%s'?", what, name, near)
		    : abl_err_set(err, ABL_EINPUT, "the study has no %s '%s'; it has %.800s", what, name,
				  n ? all.text : "none");
	abl_str_finish(&all);
	abl_names_destroy(list);
	return code;
}

static int load(struct loading *l, struct abl_store *store, int64_t study, const char *task, struct abl_err *err)
{
	struct abl_query *q;
	int code = abl_query_open(&q, store, task_sql, err);

	if (code)
		return code;
	abl_query_set_int(q, 1, study);
	abl_query_set_text(q, 2, task);
	code = abl_query_step(q, err);
	if (code == 1)
		*l->c = (struct abl_comparison){
			.study = copy(q, 0), .task = copy(q, 1), .metric = copy(q, 2), .split = copy(q, 3),
			.label = copy(q, 4), .lower_is_better = abl_query_int(q, 5)};
	abl_query_close(q);
	if (code <= 0)
		return code ? code : unknown(store, study, "task", task, "SELECT name FROM task "
					     "WHERE study_id = ?1 ORDER BY position", err);
	code = abl_query_open(&q, store, trials_sql, err);
	if (code)
		return code;
	abl_query_set_int(q, 1, study);
	abl_query_set_text(q, 2, task);
	abl_query_set_text(q, 3, l->c->metric);
	while ((code = abl_query_step(q, err)) == 1)
		load_trial(l, q);
	abl_query_close(q);
	l->c->examples = l->known ? l->example_sum / l->known : NAN;
	l->c->majority = l->majorities ? l->majority_sum / l->majorities : NAN;
	return code;
}

/* What a trial counts as: its value, the majority predictor where it diverged, or nothing. */
static double value_of(const struct run *r, double majority)
{
	return r->done ? r->value : r->diverged ? majority : NAN;
}

static void describe_arm(struct loaded *a, const struct abl_comparison *c)
{
	double *all = abl_calloc(a->count + 1, sizeof *all), *own = abl_calloc(a->count + 1, sizeof *own);
	double tolerance = c->examples > 0 ? .5 / c->examples : 1e-9; /* half an example */
	size_t n = 0;

	for (size_t i = 0; i < a->count; i++) {
		double value = value_of(&a->runs[i], c->majority);

		if (!isnan(value))
			all[a->arm.n++] = value;
		if (!a->runs[i].done)
			continue;
		own[n++] = value;
		a->arm.collapsed += fabs(value - c->majority) < tolerance;
	}
	a->arm.failed = a->arm.planned - a->arm.done - a->arm.pending - a->arm.diverged;
	a->arm.mean = abl_stats_mean(all, a->arm.n);
	a->arm.sd = abl_stats_sd(all, a->arm.n);
	a->arm.mean_without = abl_stats_mean(own, n);
	free(all);
	free(own);
}

struct pairs {
	double *x, *y, *difference, *without; /* variant, base, and their differences */
	int64_t *block; /* pre-training that a pair belongs to; 0 = a block of its own */
	size_t n, without_n;
	double x_seconds, y_seconds;
};

static void collect_pairs(struct pairs *p, const struct loaded *a, const struct loaded *base, double majority)
{
	for (size_t i = 0; i < a->count; i++)
		for (size_t k = 0; k < base->count; k++) {
			const struct run *r = &a->runs[i], *b = &base->runs[k];
			double x = value_of(r, majority), y = value_of(b, majority);

			if (r->seed != b->seed || isnan(x) || isnan(y))
				continue;
			p->x[p->n] = x;
			p->y[p->n] = y;
			p->difference[p->n] = x - y;
			p->block[p->n++] = r->pretraining == b->pretraining ? 0
					   : b->pretraining ? b->pretraining : r->pretraining;
			if (!r->done || !b->done)
				continue;
			p->without[p->without_n++] = x - y;
			p->x_seconds += r->seconds;
			p->y_seconds += b->seconds;
		}
}

/* Averages the differences within each block, in place. Returns whether there was anything to average. */
static bool average_blocks(struct pairs *p)
{
	size_t blocks = 0;

	for (size_t i = 0; i < p->n; i++) {
		double sum = 0, count = 0;
		bool first = true;

		for (size_t k = 0; k < p->n; k++)
			if (k == i || (p->block[i] && p->block[k] == p->block[i])) {
				first &= k >= i;
				sum += p->difference[k];
				count++;
			}
		if (first)
			p->x[blocks++] = sum / count;
	}
	memcpy(p->difference, p->x, blocks * sizeof *p->x);
	if (blocks == p->n)
		return false;
	p->n = blocks;
	return true;
}

static void describe_effect(struct abl_effect *e, const struct loaded *a, const struct loaded *base,
			    const struct abl_comparison *c)
{
	size_t room = a->count * base->count + 1;
	struct pairs p = {.x = abl_calloc(room, sizeof *p.x), .y = abl_calloc(room, sizeof *p.y),
			  .difference = abl_calloc(room, sizeof *p.x), .without = abl_calloc(room, sizeof *p.x),
			  .block = abl_calloc(room, sizeof *p.block)};

	collect_pairs(&p, a, base, c->majority);
	*e = (struct abl_effect){.arm = a->arm, .p_holm = NAN, .p = NAN, .p_sign_flip = NAN,
				 .correlation = abl_stats_correlation(p.x, p.y, p.n)};
	e->without = p.without_n < p.n ? abl_stats_mean(p.without, p.without_n) : NAN;
	e->time = p.y_seconds > 0 && p.x_seconds > 0 ? p.x_seconds / p.y_seconds - 1 : NAN;
	e->by_pretraining = average_blocks(&p);
	e->n = p.n;
	e->difference = p.difference;
	abl_stats_t(e->difference, e->n, .05, &e->t);
	e->could_see = abl_stats_could_see(e->t.sd, e->n);
	if (e->n >= ABL_VERDICT_PAIRS) { /* fewer: values only */
		e->p_sign_flip = abl_stats_sign_flip(e->difference, e->n);
		e->p = isnan(e->t.p) ? e->p_sign_flip : e->t.p;
	}
	free(p.x);
	free(p.y);
	free(p.without);
	free(p.block);
}

/* Holm over all but placebos, then the verdicts. */
static void decide(struct abl_comparison *c)
{
	double *p = abl_calloc(c->count + 1, sizeof *p);

	for (size_t i = 0; i < c->count; i++) {
		bool placebo = !strcmp(c->effect[i].arm.kind, "placebo");

		p[i] = placebo ? NAN : c->effect[i].p;
		c->family += !isnan(p[i]);
	}
	abl_stats_holm(p, c->count, p);
	for (size_t i = 0; i < c->count; i++) {
		struct abl_effect *e = &c->effect[i];

		e->p_holm = p[i];
		e->verdict = abl_stats_verdict(e->difference, e->n, isnan(p[i]) ? e->p : p[i],
					       c->lower_is_better, c->margin);
	}
	free(p);
}

static const struct loaded *find_arm(const struct loading *l, const char *label)
{
	for (size_t i = 0; i < l->count; i++)
		if (label ? !strcmp(l->arms[i].arm.label, label) : !strcmp(l->arms[i].arm.kind, "baseline"))
			return &l->arms[i];
	return NULL;
}

static int compute(struct loading *l, struct abl_store *store, int64_t study,
		   const struct abl_compare_request *request, struct abl_err *err)
{
	static const char labels[] = "SELECT v.label FROM variant v JOIN study y ON y.id = v.study_id "
				     "WHERE v.study_id = ?1 AND v.plan = y.plan ORDER BY v.position";
	struct abl_comparison *c = l->c;
	const struct loaded *base = find_arm(l, request->base);

	if (!base)
		return request->base ? unknown(store, study, "variant", request->base, labels, err)
				     : abl_err_set(err, ABL_EINPUT, "the study has no baseline on '%s'; name "
						   "the variant to compare with", request->task);
	if (request->variant && !find_arm(l, request->variant))
		return unknown(store, study, "variant", request->variant, labels, err);
	for (size_t i = 0; i < l->count; i++)
		describe_arm(&l->arms[i], c);
	c->margin = request->margin;
	c->baseline = base->arm;
	c->noise = abl_stats_binomial_error(base->arm.mean, c->examples);
	c->effect = abl_calloc(l->count, sizeof *c->effect);
	for (size_t i = 0; i < l->count; i++)
		if (&l->arms[i] != base && (!request->variant || !strcmp(l->arms[i].arm.label, request->variant)))
			describe_effect(&c->effect[c->count++], &l->arms[i], base, c);
	decide(c);
	return 0;
}

/* What the done stages of the task's trials were not all run with. */
static int find_mixed(struct abl_comparison *c, struct abl_store *store, int64_t study, struct abl_err *err)
{
	static const char *const kinds[] = {"engine", "compiler", "cpu", "kernels"};
	struct abl_str mixed = {0};
	struct abl_query *q;
	int code = abl_query_open(&q, store,
		"SELECT group_concat(DISTINCT a.engine), group_concat(DISTINCT a.compiler), "
		"group_concat(DISTINCT a.cpu), group_concat(DISTINCT a.kernels), count(DISTINCT a.engine), "
		"count(DISTINCT a.compiler), count(DISTINCT a.cpu), count(DISTINCT a.kernels) FROM trial_states t "
		"JOIN trial_stage l ON l.trial_id = t.trial_id JOIN stage s ON s.id = l.stage_id "
		"AND s.state = 'done' AND s.kind IN ('pretrain', 'finetune', 'evaluate') "
		"JOIN attempt a ON a.stage_id = s.id AND a.number = s.attempt "
		"WHERE t.study_id = ?1 AND t.task = ?2", err);

	if (code)
		return code;
	abl_query_set_int(q, 1, study);
	abl_query_set_text(q, 2, c->task);
	code = abl_query_step(q, err);
	for (int i = 0; code == 1 && i < 4; i++)
		if (abl_query_int(q, 4 + i) > 1)
			abl_str_printf(&mixed, "%s%s %s", mixed.length ? "; " : "", kinds[i], abl_query_text(q, i));
	abl_query_close(q);
	c->mixed = mixed.text;
	return code < 0 ? code : 0;
}

static void finish_arm(struct abl_arm *a)
{
	free(a->label);
	free(a->kind);
	free(a->subject);
}

/* Hands the texts of the arms that are not shown back. */
static void finish_loading(struct loading *l)
{
	for (size_t i = 0; i < l->count; i++) {
		bool kept = l->c && l->arms[i].arm.label == l->c->baseline.label;

		for (size_t k = 0; l->c && k < l->c->count; k++)
			kept |= l->arms[i].arm.label == l->c->effect[k].arm.label;
		if (!kept)
			finish_arm(&l->arms[i].arm);
		free(l->arms[i].runs);
	}
	free(l->arms);
}

int abl_compare(struct abl_comparison **out, struct abl_store *store, int64_t study,
		const struct abl_compare_request *request, struct abl_err *err)
{
	struct loading l = {.c = abl_calloc(1, sizeof *l.c)};
	int code = load(&l, store, study, request->task, err);

	code = code ? code : compute(&l, store, study, request, err);
	code = code ? code : find_mixed(l.c, store, study, err);
	finish_loading(&l);
	if (code) {
		abl_comparison_destroy(l.c);
		return code;
	}
	*out = l.c;
	return 0;
}

void abl_comparison_destroy(struct abl_comparison *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->count; i++) {
		finish_arm(&c->effect[i].arm);
		free(c->effect[i].difference);
	}
	finish_arm(&c->baseline);
	free(c->effect);
	free(c->study);
	free(c->task);
	free(c->metric);
	free(c->split);
	free(c->label);
	free(c->mixed);
	free(c);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "scaling_axes.h"

#include "costs.h"
#include "options.h"
#include "size_names.h"
#include "told.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *abl_axis_name(enum abl_scaling_axis axis)
{
	static const char *const names[ABL_AXES] = {"parameters", "words", "flops"};

	return names[axis];
}

/* ---- what stages told ---- */

/* What a variant's stages told, each number by the stage that knows it best. */
struct told {
	double size[ABL_SIZES], pieces, seconds, cpu, cpu_told;
	int rank[ABL_SIZES]; /* of the stage and the name that it is from */
	bool pretrained;
};

struct load {
	const struct abl_facts *facts;
	struct told *told; /* [variants] */
	bool pretraining;
};

/* The stage whose model is scored; a user's program may tell it anywhere. */
static int rank_of(const struct load *l, const char *role)
{
	if (!strcmp(role, "pretrain_first"))
		return 0;
	if (!strcmp(role, "pretrain"))
		return l->pretraining ? 3 : 1;
	return !strcmp(role, "finetune") ? 2 + !l->pretraining : 2;
}

static bool trains(const struct abl_told *t)
{
	return !t->type || !strncmp(t->role, "pretrain", 8) || !strcmp(t->role, "finetune");
}

/* Of the built-in engine, what a task tells as `words` is what it scored; its names are exact. */
static bool tells(const struct abl_told *t, enum abl_size size)
{
	if (size == ABL_SIZES || !t->type)
		return size != ABL_SIZES;
	if (strcmp(t->name, abl_size_name(size)) != 0 || size == ABL_SIZE_FLOPS)
		return false;
	return size == ABL_SIZE_PARAMETERS || size == ABL_SIZE_BARE || !strcmp(t->role, "tokenize");
}

/* Adds up what the stages of training took; NaN where one of them does not know. */
static void add_time(const struct load *l, const struct abl_told *t, double *sum)
{
	if (trains(t) && (!l->pretraining || strcmp(t->role, "finetune")))
		*sum += t->value;
}

static void take(void *data, const struct abl_told *t)
{
	const struct load *l = data;
	const int at = abl_facts_variant(l->facts, t->variant);
	const enum abl_size size = abl_size_of_name(t->name);
	struct told *v = at < 0 ? NULL : &l->told[at];
	int rank;

	if (!v)
		return;
	v->pretrained |= !strcmp(t->role, "pretrain");
	if (!strcmp(t->name, "seconds"))
		add_time(l, t, &v->seconds);
	else if (!strcmp(t->name, "cpu"))
		add_time(l, t, &v->cpu);
	else if (!strcmp(t->name, "cpu_seconds") && !t->type)
		add_time(l, t, &v->cpu_told);
	else if (!strcmp(t->name, "pieces") && (!t->type || !strcmp(t->role, "tokenize")))
		v->pieces = t->value;
	if (!tells(t, size))
		return;
	rank = 2 * rank_of(l, t->role) + !strcmp(t->name, abl_size_name(size));
	if (rank >= v->rank[size])
		v->rank[size] = rank, v->size[size] = t->value;
}

/* ---- options ---- */

struct options {
	struct abl_axes *axes;
	const struct abl_facts *facts;
};

static void take_option(void *data, const struct abl_option_value *value)
{
	const struct options *o = data;
	struct abl_axes *a = o->axes;
	const int at = abl_facts_variant(o->facts, value->variant);
	struct abl_axes_option *last = a->options ? &a->option[a->options - 1] : NULL;

	if (!last || strcmp(last->name, value->name)) {
		abl_grow(&a->option, &a->option_capacity, a->options + 1, sizeof *a->option);
		last = &a->option[a->options++];
		last->name = abl_strdup(value->name);
		last->text = abl_calloc(a->variants + 1, sizeof *last->text);
		last->number = abl_calloc(a->variants + 1, sizeof *last->number);
		for (size_t v = 0; v < a->variants; v++)
			last->number[v] = NAN;
	}
	if (at < 0 || last->text[at])
		return;
	last->text[at] = abl_strdup(value->canonical);
	last->number[at] = value->number;
}

/* NaN: the variant has no such number. */
static double option_of(const struct abl_axes *a, size_t v, const char *name)
{
	for (size_t i = 0; i < a->options; i++)
		if (!strcmp(a->option[i].name, name))
			return a->option[i].number[v];
	return NAN;
}

static double known(double x, double otherwise)
{
	return isnan(x) ? otherwise : x;
}

/* Pieces that the steps of pre-training go through, in one part or in two. */
static double pieces_seen(const struct abl_axes *a, size_t v, double pieces)
{
	const double steps = known(option_of(a, v, "pretrain_steps"), 0);
	const double more = known(option_of(a, v, "pretrain_long_steps"), 0);
	const double tokens = known(option_of(a, v, "pretrain_batch_tokens"), 0);
	const double size = option_of(a, v, "pretrain_batch_size");
	const double longest = option_of(a, v, "max_length");
	const double first = more > 0 ? option_of(a, v, "pretrain_max_length") : longest;
	const double later = more > 0 ? more * (tokens > 0 ? tokens : size * longest) : 0;

	if (steps > 0)
		return steps * (tokens > 0 ? tokens : size * first) + later;
	return pieces * option_of(a, v, "pretrain_epochs") + later;
}

/* "124M", "1.3 B": NaN: another text. */
static double with_unit(const char *text)
{
	static const struct {
		char unit;
		double times;
	} units[] = {{'K', 1e3}, {'M', 1e6}, {'B', 1e9}, {'G', 1e9}, {'T', 1e12}};
	char *end = NULL;
	const double x = text && isdigit((unsigned char)*text) ? strtod(text, &end) : NAN;

	while (end && *end == ' ')
		end++;
	for (size_t i = 0; end && *end && !end[1] && i < sizeof units / sizeof *units; i++)
		if (toupper((unsigned char)*end) == units[i].unit)
			return x * units[i].times;
	return NAN;
}

/* As the option called so, or by another name for it. */
static double size_option(const struct abl_axes *a, size_t v, enum abl_size size)
{
	double x = NAN;

	for (size_t i = 0; i < a->options; i++) {
		const struct abl_axes_option *o = &a->option[i];
		const double this = known(o->number[v], with_unit(o->text[v]));
		const bool exact = !strcmp(o->name, abl_size_name(size));

		if (abl_size_of_name(o->name) == size && !isnan(this) && (exact || isnan(x)))
			x = this;
	}
	return x;
}

/* What the stages of the built-in engine tell is put together; what a program told stands. */
static void settle(struct abl_axes *a, size_t v, const struct told *t)
{
	const double share = known(option_of(a, v, "pretrain_fraction"), 1);
	const double seen = pieces_seen(a, v, t->pieces * share);
	double size[ABL_SIZES];

	for (int i = 0; i < ABL_SIZES; i++)
		size[i] = known(t->size[i], size_option(a, v, (enum abl_size)i));
	a->parameters[v] = size[ABL_SIZE_PARAMETERS], a->bare[v] = size[ABL_SIZE_BARE];
	a->seconds[v] = t->seconds;
	a->cpu_seconds[v] = known(t->cpu, t->cpu_told); /* 0: not known */
	a->flops_told |= !isnan(size[ABL_SIZE_FLOPS]);
	a->flops[v] = known(size[ABL_SIZE_FLOPS], a->flops[v]);
	if (t->pretrained) {
		a->words[v] = t->size[ABL_SIZE_WORDS] * share;
		a->seen[v] = seen * t->size[ABL_SIZE_WORDS] / t->pieces;
		a->flops[v] = known(a->flops[v], 6 * t->size[ABL_SIZE_BARE] * seen);
		return;
	}
	a->tokens_told |= isnan(size[ABL_SIZE_WORDS]) && !isnan(size[ABL_SIZE_TOKENS]);
	a->words[v] = known(size[ABL_SIZE_WORDS], size[ABL_SIZE_TOKENS]);
}

/* A size that was told as a number parts lines as an option does. */
static void add_size_option(struct abl_axes *a, const struct abl_facts *f, enum abl_size size,
			    const struct load *l)
{
	struct options o = {a, f};
	char text[32];

	for (size_t i = 0; i < a->options; i++)
		if (abl_size_of_name(a->option[i].name) == size)
			return;
	for (size_t v = 0; v < f->variants; v++) {
		const double x = l->told[v].size[size];

		if (isnan(x) || l->told[v].pretrained)
			continue;
		snprintf(text, sizeof text, "%.3g", x); /* of one size: nearly the same */
		snprintf(text, sizeof text, "%.0f", strtod(text, NULL));
		take_option(&o, &(struct abl_option_value){.variant = f->variant[v].id,
							   .name = abl_size_name(size),
							   .canonical = text,
							   .number = x});
	}
}

/* The floating-point operations of a trial, where nothing told them. */
struct operations {
	struct abl_axes *axes;
	const struct abl_facts *facts;
	double *count; /* [variants] trials */
};

static void take_operations(void *data, const struct abl_trial_cost *cost)
{
	struct operations *o = data;
	size_t v = 0;

	while (v < o->facts->variants && strcmp(o->facts->variant[v].label, cost->variant) != 0)
		v++;
	if (v == o->facts->variants || isnan(cost->flops))
		return;
	o->count[v]++;
	o->axes->flops[v] = known(o->axes->flops[v], 0);
	o->axes->flops[v] += (cost->flops - o->axes->flops[v]) / o->count[v];
}

static double *unknown(size_t n)
{
	double *x = abl_calloc(n + 1, sizeof *x);

	for (size_t i = 0; i < n; i++)
		x[i] = NAN;
	return x;
}

int abl_axes_load(struct abl_axes *a, struct abl_store *store, const struct abl_facts *f,
		  const char *task, struct abl_err *err)
{
	struct load l = {f, abl_calloc(f->variants + 1, sizeof *l.told), !task};
	struct operations o = {a, f, abl_calloc(f->variants + 1, sizeof *o.count)};
	int rc;

	*a = (struct abl_axes){.variants = f->variants};
	a->parameters = unknown(f->variants), a->bare = unknown(f->variants);
	a->words = unknown(f->variants), a->seen = unknown(f->variants);
	a->flops = unknown(f->variants), a->seconds = unknown(f->variants);
	a->cpu_seconds = unknown(f->variants);
	for (size_t v = 0; v < f->variants; v++) {
		l.told[v] = (struct told){.pieces = NAN};
		for (int i = 0; i < ABL_SIZES; i++)
			l.told[v].size[i] = NAN;
	}
	rc = abl_read_told(store, f->study, task, take, &l, err);
	rc = rc ? rc : abl_read_options(store, f->study, take_option, &(struct options){a, f}, err);
	if (!rc && task)
		rc = abl_read_costs(store, f->study, task, take_operations, &o, err);
	a->with_tasks = task;
	for (size_t v = 0; v < f->variants && !rc; v++)
		settle(a, v, &l.told[v]);
	for (int i = 0; i < ABL_SIZES && !rc; i++)
		if (i != ABL_SIZE_FLOPS)
			add_size_option(a, f, (enum abl_size)i, &l);
	free(l.told), free(o.count);
	return rc;
}

void abl_axes_finish(struct abl_axes *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->options; i++) {
		for (size_t v = 0; v < a->variants; v++)
			free(a->option[i].text[v]);
		free(a->option[i].name), free(a->option[i].text), free(a->option[i].number);
	}
	free(a->parameters), free(a->bare), free(a->words), free(a->seen), free(a->flops);
	free(a->seconds), free(a->cpu_seconds), free(a->option);
	*a = (struct abl_axes){0};
}

/* ---- the x of an axis ---- */

bool abl_axes_differ(const double *x, size_t n)
{
	double low = INFINITY, high = -INFINITY;

	for (size_t i = 0; i < n; i++)
		if (isfinite(x[i]))
			low = fmin(low, x[i]), high = fmax(high, x[i]);
	return high > low * 1.001;
}

const double *abl_axes_x(const struct abl_axes *a, enum abl_scaling_axis axis, bool whole)
{
	if (axis == ABL_AXIS_FLOPS)
		return a->flops;
	if (axis == ABL_AXIS_WORDS)
		return abl_axes_differ(a->words, a->variants) ||
				       !abl_axes_differ(a->seen, a->variants)
			       ? a->words
			       : a->seen;
	return !whole && abl_axes_differ(a->bare, a->variants) ? a->bare : a->parameters;
}

const char *abl_axes_title(const struct abl_axes *a, enum abl_scaling_axis axis, bool whole)
{
	const double *x = abl_axes_x(a, axis, whole);
	bool bare = false;

	for (size_t v = 0; v < a->variants; v++)
		bare |= !isnan(a->bare[v]);
	if (x == a->flops)
		return a->flops_told   ? "FLOPs"
		       : a->with_tasks ? "FLOPs of training"
				       : "FLOPs of pre-training";
	if (x == a->words)
		return a->tokens_told ? "tokens of text" : "words of text";
	if (x == a->seen)
		return "words seen in pre-training";
	if (x == a->bare)
		return "parameters without embeddings";
	return bare ? "parameters with embeddings" : "parameters";
}

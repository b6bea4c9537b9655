/* SPDX-License-Identifier: Apache-2.0 */
#include "scaling_axes.h"

#include "options.h"
#include "told.h"

#include <math.h>
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
	double parameters, bare, words, pieces, tokens, flops, seconds;
	int rank; /* of the stage that parameters are from */
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
	if (!strcmp(role, "pretrain"))
		return l->pretraining ? 3 : 1;
	return !strcmp(role, "finetune") ? 2 + !l->pretraining : 2;
}

static bool trains(const struct abl_told *t)
{
	return !t->type || !strcmp(t->role, "pretrain") || !strcmp(t->role, "finetune");
}

/* What a task of the built-in engine tells as `words` is what it scored. */
static void take_text(struct told *v, const struct abl_told *t)
{
	if (t->type && strcmp(t->role, "tokenize"))
		return;
	if (!strcmp(t->name, "words"))
		v->words = t->value;
	else if (!strcmp(t->name, "pieces"))
		v->pieces = t->value;
	else if (!strcmp(t->name, "tokens"))
		v->tokens = t->value;
	else if (!strcmp(t->name, "flops") && !t->type)
		v->flops = t->value;
}

static void take(void *data, const struct abl_told *t)
{
	const struct load *l = data;
	const int at = abl_facts_variant(l->facts, t->variant), rank = rank_of(l, t->role);
	struct told *v = at < 0 ? NULL : &l->told[at];

	if (!v)
		return;
	v->pretrained |= !strcmp(t->role, "pretrain");
	if (!strcmp(t->name, "seconds")) {
		if (trains(t) && (!l->pretraining || strcmp(t->role, "finetune")))
			v->seconds = isnan(v->seconds) ? t->value : v->seconds + t->value;
	} else if (strncmp(t->name, "parameters", 10)) {
		take_text(v, t);
	} else if (rank >= v->rank) {
		v->rank = rank;
		*(t->name[10] ? &v->bare : &v->parameters) = t->value;
	}
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

/* Pieces that the steps of pre-training go through. */
static double pieces_seen(const struct abl_axes *a, size_t v, double pieces)
{
	const double steps = known(option_of(a, v, "pretrain_steps"), 0);
	const double tokens = known(option_of(a, v, "pretrain_batch_tokens"), 0);
	const double batch = option_of(a, v, "pretrain_batch_size") * option_of(a, v, "max_length");

	if (steps > 0)
		return steps * (tokens > 0 ? tokens : batch);
	return pieces * option_of(a, v, "pretrain_epochs");
}

/* What the stages of the built-in engine tell is put together; what a program told stands. */
static void settle(struct abl_axes *a, size_t v, const struct told *t)
{
	const double share = known(option_of(a, v, "pretrain_fraction"), 1);
	const double seen = pieces_seen(a, v, t->pieces * share);

	a->parameters[v] = known(t->parameters, option_of(a, v, "parameters"));
	a->bare[v] = known(t->bare, option_of(a, v, "parameters_without_embeddings"));
	a->seconds[v] = t->seconds;
	a->flops[v] = known(t->flops, option_of(a, v, "flops"));
	a->flops_told |= !isnan(a->flops[v]);
	if (t->pretrained) {
		a->words[v] = t->words * share;
		a->seen[v] = seen * t->words / t->pieces;
		a->flops[v] = known(a->flops[v], 6 * t->bare * seen);
		return;
	}
	a->words[v] = known(known(t->words, option_of(a, v, "words")),
			    known(t->tokens, option_of(a, v, "tokens")));
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
	static const char names[] =
		" parameters parameters_without_embeddings words pieces tokens flops ";
	struct load l = {f, abl_calloc(f->variants + 1, sizeof *l.told), !task};
	int rc;

	*a = (struct abl_axes){.variants = f->variants};
	a->parameters = unknown(f->variants), a->bare = unknown(f->variants);
	a->words = unknown(f->variants), a->seen = unknown(f->variants);
	a->flops = unknown(f->variants), a->seconds = unknown(f->variants);
	for (size_t v = 0; v < f->variants; v++)
		l.told[v] = (struct told){NAN, NAN, NAN, NAN, NAN, NAN, NAN, 0, false};
	rc = abl_read_told(store, f->study, task, names, take, &l, err);
	rc = rc ? rc : abl_read_options(store, f->study, take_option, &(struct options){a, f}, err);
	for (size_t v = 0; v < f->variants && !rc; v++)
		settle(a, v, &l.told[v]);
	free(l.told);
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
	free(a->seconds), free(a->option);
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
		return a->flops_told ? "FLOPs" : "FLOPs of pre-training";
	if (x == a->words)
		return "words of text";
	if (x == a->seen)
		return "words seen in pre-training";
	if (x == a->bare)
		return "parameters without embeddings";
	return bare ? "parameters with embeddings" : "parameters";
}

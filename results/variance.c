/* SPDX-License-Identifier: Apache-2.0 */
#include "variance.h"

#include "anova.h"
#include "key_levels.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The values of all trials, with what each has of every factor. The last factor is the
 * configuration, where there are several. */
struct layout {
	const struct abl_run_values *v;
	const struct abl_key_levels *k;
	double *y;
	size_t n, missing;
	size_t *arm, *unit; /* [n] */
	char *name[ABL_FACTORS];
	struct abl_factor factor[ABL_FACTORS];
	size_t factors, sources; /* sources: the factors but the configuration */
};

static bool is_seed(const char *name)
{
	const char *end = strrchr(name, '_');

	return !strcmp(end ? end + 1 : name, "seed");
}

/* Of a study whose pre-trainings have several fine-tunings each, those from scratch are left out.
 */
static bool is_crossed(const struct abl_run_values *v)
{
	bool has_pretraining = false;

	for (size_t a = 0; a < v->arms; a++)
		for (size_t u = 0; u < v->units; u++)
			has_pretraining |= v->arm[a].pretraining[u] != 0;
	return has_pretraining && v->units && v->unit[v->units - 1] > ABL_CROSSED_SEED;
}

static void collect(struct layout *d)
{
	const size_t most = d->v->arms * d->v->units + 1;
	const bool crossed = is_crossed(d->v);

	d->y = abl_calloc(most, sizeof *d->y);
	d->arm = abl_calloc(most, sizeof *d->arm);
	d->unit = abl_calloc(most, sizeof *d->unit);
	for (size_t a = 0; a < d->v->arms; a++)
		for (size_t u = 0; u < d->v->units && d->k->in[a]; u++) {
			if (crossed && !d->v->arm[a].pretraining[u])
				continue;
			if (isnan(d->v->arm[a].value[u])) {
				d->missing++;
				continue;
			}
			d->arm[d->n] = a;
			d->unit[d->n] = u;
			d->y[d->n++] = d->v->arm[a].value[u];
		}
}

/* Adds a factor whose levels are those of the numbers `of`: two values have the same level where
 * they have the same number. It is dropped where it has one level only, or one for each value. */
static void add_factor(struct layout *d, const char *name, const int64_t *of)
{
	size_t *level = abl_calloc(d->n + 1, sizeof *level), levels = 0;
	int64_t *seen = abl_calloc(d->n + 1, sizeof *seen);

	for (size_t i = 0; i < d->n; i++) {
		size_t l = 0;

		while (l < levels && seen[l] != of[i])
			l++;
		if (l == levels)
			seen[levels++] = of[i];
		level[i] = l;
	}
	free(seen);
	if (levels < 2 || levels == d->n || d->factors == ABL_FACTORS) {
		free(level);
		return;
	}
	d->name[d->factors] = abl_strdup(name);
	d->factor[d->factors++] = (struct abl_factor){level, levels};
}

/* Do two factors say the same? */
static bool same(const struct layout *d, size_t a, size_t b)
{
	const struct abl_factor *x = &d->factor[a], *y = &d->factor[b];
	size_t *of;
	bool is = x->levels == y->levels;

	of = abl_calloc(x->levels + 1, sizeof *of);
	for (size_t i = 0; i < d->n && is; i++) {
		size_t *known = &of[x->level[i]];

		is = !*known || *known == y->level[i] + 1;
		*known = y->level[i] + 1;
	}
	free(of);
	return is;
}

static void drop_factor(struct layout *d, size_t at)
{
	free(d->name[at]);
	free((void *)d->factor[at].level);
	d->factors--;
	for (; at < d->factors; at++) {
		d->name[at] = d->name[at + 1];
		d->factor[at] = d->factor[at + 1];
	}
}

/* The last factor, if another one says the same: that gets its name, too. */
static void join_last(struct layout *d)
{
	const size_t last = d->factors - 1;
	struct abl_str both = {0};

	for (size_t i = 0; i < last; i++)
		if (same(d, i, last)) {
			abl_str_printf(&both, "%s, %s", d->name[i], d->name[last]);
			free(d->name[i]);
			d->name[i] = both.text;
			drop_factor(d, last);
			return;
		}
}

static void add_source(struct layout *d, const char *name, const int64_t *of)
{
	const size_t before = d->factors;

	add_factor(d, name, of);
	if (d->factors > before && before)
		join_last(d);
}

/* What every value has of the keys that are no seeds. */
static void add_configuration(struct layout *d, int64_t *of)
{
	const size_t before = d->factors;

	for (size_t i = 0; i < d->n; i++) {
		size_t same_as = 0; /* the first value that has all of them, too */

		for (; same_as < i; same_as++) {
			bool all = true;

			for (size_t k = 0; k < d->k->keys && all; k++) {
				const struct abl_key *key = &d->k->key[k];

				all = is_seed(key->name) ||
				      key->of[d->arm[same_as]] == key->of[d->arm[i]];
			}
			if (all)
				break;
		}
		of[i] = (int64_t)same_as;
	}
	add_factor(d, "configuration", of);
	d->sources = before;
}

/* Several fine-tunings for each pre-training, or the same combinations with several seeds. */
static void find_sources(struct layout *d)
{
	int64_t *of = abl_calloc(d->n + 1, sizeof *of);
	size_t seed_keys = 0;
	bool crossed = false;

	for (size_t k = 0; k < d->k->keys; k++) {
		if (!is_seed(d->k->key[k].name))
			continue;
		seed_keys++;
		for (size_t i = 0; i < d->n; i++)
			of[i] = (int64_t)d->k->key[k].of[d->arm[i]];
		add_source(d, d->k->key[k].name, of);
	}
	for (size_t i = 0; i < d->n; i++) {
		crossed |= d->v->unit[d->unit[i]] > ABL_CROSSED_SEED;
		of[i] = d->v->arm[d->arm[i]].pretraining[d->unit[i]];
	}
	if (crossed || seed_keys)
		add_source(d, "pre-training", of);
	for (size_t i = 0; i < d->n; i++)
		of[i] = d->v->unit[d->unit[i]];
	if (seed_keys && !crossed)
		add_source(d, "seed", of);
	d->sources = d->factors;
	if (d->factors)
		add_configuration(d, of);
	free(of);
}

/* ---- the answer ---- */

static int refuse(const struct layout *d, const struct abl_anova *a, struct abl_err *err)
{
	const char *study = d->v->study;

	if (!d->n)
		return abl_err_set(err, ABL_EINPUT, "no trial of study '%s' is done on '%s' yet",
				   study, d->v->task);
	if (!d->sources)
		return abl_err_set(
			err, ABL_EINPUT,
			"nothing is crossed in study '%s', so its variance has no parts: a seed "
			"decides initial weights, order and dropout at once; vary 'init_seed' and "
			"'order_seed' (any options whose names end in 'seed') in a grid, or give "
			"'seeds: {pretrain: 3, finetune: 5}'",
			study);
	if (!(a->df_rest > 0))
		return abl_err_set(
			err, ABL_EINPUT,
			"study '%s' has as many sources of variance as trials on '%s' (%zu): more "
			"seeds of each kind are needed to tell them apart",
			study, d->v->task, d->n);
	return 0;
}

static double df_of(const struct abl_anova *a, size_t factor)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->row[i].factors == (uint32_t)1 << factor)
			return a->row[i].df;
	return NAN;
}

static char *copy(const char *text)
{
	return text ? abl_strdup(text) : NULL;
}

static struct abl_variance *describe(const struct layout *d, const struct abl_anova *a)
{
	struct abl_variance *v = abl_calloc(1, sizeof *v);
	double component[ABL_FACTORS + 1], sum = 0;

	*v = (struct abl_variance){
		.study = copy(d->v->study),
		.task = copy(d->v->task),
		.metric = copy(d->v->metric),
		.split = copy(d->v->split),
		.trials = d->n,
		.missing = d->missing,
		.configurations = d->factors > d->sources ? d->factor[d->sources].levels : 1};
	v->source = abl_calloc(d->sources + 1, sizeof *v->source);
	abl_variance_components(d->y, d->n, d->factor, d->factors, component);
	for (; v->count < d->sources; v->count++)
		v->source[v->count] =
			(struct abl_variance_source){.name = abl_strdup(d->name[v->count]),
						     .levels = d->factor[v->count].levels,
						     .df = df_of(a, v->count),
						     .variance = component[v->count]};
	v->source[v->count++] = (struct abl_variance_source){.name = abl_strdup("the rest"),
							     .df = a->df_rest,
							     .variance = component[d->factors]};
	for (size_t i = 0; i < v->count; i++)
		sum += isnan(v->source[i].variance) ? 0 : v->source[i].variance;
	for (size_t i = 0; i < v->count; i++)
		v->source[i].share = sum > 0 ? v->source[i].variance / sum : NAN;
	return v;
}

int abl_variance(struct abl_variance **out, struct abl_store *store, int64_t study,
		 const char *task, struct abl_err *err)
{
	struct abl_run_values v;
	struct abl_key_levels k = {0};
	struct layout d = {.v = &v, .k = &k};
	struct abl_anova a = {0};
	int rc = abl_run_values_read(&v, store, study, task, ABL_UNITS_SEEDS, err);

	if (rc)
		return rc;
	rc = abl_key_levels_read(&k, &v, store, study, err);
	if (!rc) {
		collect(&d);
		find_sources(&d);
		if (d.factors)
			abl_anova(d.y, d.n, d.factor, d.factors, 1, &a);
		rc = refuse(&d, &a, err);
	}
	if (!rc)
		*out = describe(&d, &a);
	while (d.factors)
		drop_factor(&d, d.factors - 1);
	free(a.row);
	free(d.y), free(d.arm), free(d.unit);
	abl_key_levels_finish(&k);
	abl_run_values_finish(&v);
	return rc;
}

void abl_variance_destroy(struct abl_variance *v)
{
	if (!v)
		return;
	for (size_t i = 0; i < v->count; i++)
		free(v->source[i].name);
	free(v->study), free(v->task), free(v->metric), free(v->split), free(v->source);
	free(v);
}

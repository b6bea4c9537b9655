/* SPDX-License-Identifier: Apache-2.0 */
#include "load_known.h"

#include "loaded.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct reading {
	struct abl_load_known *known;
	struct abl_load *load;
	size_t *same; /* [runs] 1 + the numbers that are those of the store; 0: it is not there */
	struct abl_err *err;
	int rc;
};

/* The number of the run in the file; the count: it has none. */
static size_t find_run(const struct abl_load_runs *r, const struct abl_loaded_number *n)
{
	const size_t variant = abl_load_names_find(&r->variant, n->variant),
		     task = abl_load_names_find(&r->task, n->task);
	size_t low = 0, high = r->count;

	if (variant == SIZE_MAX || task == SIZE_MAX)
		return r->count;
	while (low < high) {
		const size_t i = low + (high - low) / 2;
		const struct abl_load_run *run = &r->run[i];
		const bool before = run->variant != variant ? run->variant < variant
				    : run->task != task     ? run->task < task
							    : run->seed < n->seed;

		if (before)
			low = i + 1;
		else
			high = i;
	}
	if (low == r->count || r->run[low].variant != variant || r->run[low].task != task ||
	    r->run[low].seed != n->seed)
		return r->count;
	return low;
}

static void refuse(struct reading *r, size_t i, size_t column, const char *what, const char *here,
		   const char *there)
{
	const struct abl_load_runs *runs = &r->load->runs;
	struct abl_str place = {0};

	abl_load_place(runs->table, runs->run[i].row, column, &place);
	abl_str_puts(&place, ": ");
	abl_load_run_name(runs, &runs->run[i], &place);
	r->rc = abl_err_set(r->err, ABL_EINPUT,
			    "%s: %s is %s here and %s in study '%s', from an earlier file: "
			    "--replace forgets all that was loaded before and takes this file",
			    place.text, what, here, there, r->load->request->study);
	abl_str_finish(&place);
}

static size_t metric_column(const struct abl_load_runs *r, const char *name)
{
	for (size_t c = 0; c < r->table->columns; c++)
		if (!strcmp(r->table->column[c], name) && abl_load_is_metric(r, c))
			return c;
	return r->table->columns;
}

static void take_number(void *data, const struct abl_loaded_number *n)
{
	struct reading *r = data;
	const struct abl_load_runs *runs = &r->load->runs;
	const size_t i = r->rc ? runs->count : find_run(runs, n);
	char here[32], there[32];
	size_t column;
	double value;

	if (r->known->baseline && !strcmp(n->variant, r->known->baseline)) {
		struct abl_str seed = {0};

		abl_str_printf(&seed, "%s\n%lld", n->task, (long long)n->seed);
		abl_load_names_add(&r->known->baseline_seed, seed.text);
		abl_str_finish(&seed);
	}
	if (i == runs->count)
		return;
	if (n->state == ABL_WAITING && runs->run[i].state != ABL_WAITING)
		return; /* it is over now */
	if (n->state != runs->run[i].state) {
		refuse(r, i, runs->columns->named[ABL_LOAD_STATE], "the state",
		       abl_state_name(runs->run[i].state), abl_state_name(n->state));
		return;
	}
	r->same[i] += !r->same[i];
	column = n->metric ? metric_column(runs, n->metric) : runs->table->columns;
	if (column == runs->table->columns ||
	    !abl_load_number(runs->table, runs->run[i].row, column, &value))
		return;
	if (value == n->value || (!isfinite(value) && isnan(n->value))) {
		r->same[i]++;
		return;
	}
	abl_format_real(value, here), abl_format_real(n->value, there);
	refuse(r, i, column, n->metric, here, there);
}

/* Nothing is to be put of a run whose numbers are all there. */
static void mark_known(struct reading *r)
{
	const struct abl_load_runs *runs = &r->load->runs;
	double value;

	for (size_t i = 0; i < runs->count; i++) {
		size_t numbers = 1;

		for (size_t c = 0; runs->run[i].state == ABL_DONE && c < runs->table->columns; c++)
			numbers += abl_load_is_metric(runs, c) &&
				   abl_load_number(runs->table, runs->run[i].row, c, &value);
		r->load->known[i] = r->same[i] == numbers;
		r->load->known_count += r->load->known[i];
	}
}

static void take_variant(void *data, const struct abl_loaded_variant *v)
{
	struct abl_load_known *k = data;
	const size_t i = abl_load_names_add(&k->variant, v->label);

	if (v->kind == ABL_VARIANT_BASELINE)
		k->baseline = k->variant.name[i];
}

static void take_task(void *data, const struct abl_loaded_task *t)
{
	struct abl_load_known *k = data;
	const size_t i = abl_load_names_add(&k->task, t->name);

	abl_grow(&k->metric_of, &k->capacity, i + 1, sizeof *k->metric_of);
	k->metric_of[i] = abl_load_names_add(&k->metric, t->metric);
}

int abl_load_known_read(struct abl_load_known *out, struct abl_load *l, struct abl_store *store,
			struct abl_err *err)
{
	struct reading r = {.known = out,
			    .load = l,
			    .same = abl_calloc(l->runs.count + 1, sizeof *r.same),
			    .err = err};
	const bool anew = l->request->replace;
	int rc = abl_read_loaded_variants(store, l->study, take_variant, out, err);

	if (anew) { /* what it is compared with is all that stays */
		abl_load_names_finish(&out->variant);
		if (out->baseline &&
		    abl_load_names_find(&l->runs.variant, out->baseline) == SIZE_MAX)
			out->baseline = NULL;
	}
	if (rc || anew) {
		free(r.same);
		return rc;
	}
	rc = abl_read_loaded_tasks(store, l->study, take_task, out, err);
	rc = rc ? rc : abl_read_loaded(store, l->study, take_number, &r, err);
	rc = rc ? rc : r.rc;
	if (!rc)
		mark_known(&r);
	free(r.same);
	return rc;
}

const char *abl_load_known_metric(const struct abl_load_known *k, const char *task)
{
	const size_t i = abl_load_names_find(&k->task, task);

	return i == SIZE_MAX ? NULL : k->metric.name[k->metric_of[i]];
}

void abl_load_known_finish(struct abl_load_known *k)
{
	abl_load_names_finish(&k->variant), abl_load_names_finish(&k->task);
	abl_load_names_finish(&k->metric), abl_load_names_finish(&k->baseline_seed);
	free(k->metric_of);
	*k = (struct abl_load_known){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include "engine.h"
#include "record_file.h"
#include "record_rules.h"

#include <stdlib.h>
#include <string.h>

static int put_tasks(struct abl_store *store, const struct abl_plan *plan, int64_t study,
		     struct abl_err *err)
{
	const struct abl_engine *engine = plan->engine;
	const struct abl_study *s = plan->study;

	for (size_t t = 0; t < s->task_count; t++) {
		const struct abl_task_row row = {
			.name = s->tasks[t].spec.name,
			.type = s->tasks[t].spec.type,
			.metric = engine->metric(s, t),
			.lower_is_better = engine->lower_is_better(s, t),
			.split = engine->split(s, t) ? engine->split(s, t) : ABL_SPLIT_NONE,
			.label = engine->label(s, t),
		};
		int rc = abl_store_put_task(store, study, &row, err);

		if (rc)
			return rc;
	}
	return 0;
}

/* Where options go: of a variant, or (task not NULL) of a variant on a task. */
struct option_rows {
	struct abl_store *store;
	int64_t variant;
	const char *task;
};

/* Every active option of a configuration, or those in which it differs from another. */
static int put_options(const struct option_rows *rows, const struct abl_values *config,
		       const struct abl_values *other, struct abl_err *err)
{
	const struct abl_space *space = abl_values_space(config);
	struct abl_value value, its;
	int rc = 0;

	for (size_t i = 0; i < space->key_count && !rc; i++) {
		const struct abl_key *key = space->keys[i];

		if (!abl_values_active(config, key))
			continue;
		abl_values_get(config, key, &value);
		if (other)
			abl_values_get(other, key, &its);
		if (!other || !abl_values_active(other, key) || !abl_value_equal(&value, &its))
			rc = abl_store_put_option(rows->store, rows->variant, rows->task, key->name,
						  &value, err);
	}
	return rc;
}

/* The options of the variant; then, for each task, what its own recipe says differently. */
static int put_all_options(struct abl_store *store, const struct abl_study *s, size_t v,
			   int64_t variant, struct abl_err *err)
{
	const struct abl_values *config = s->variants[v].config;
	struct option_rows rows = {.store = store, .variant = variant};
	int rc = put_options(&rows, config, NULL, err);

	for (size_t t = 0; t < s->task_count && !rc; t++) {
		struct abl_values *own;

		if (!s->tasks[t].override_count)
			continue;
		own = abl_study_config(s, v, t);
		rows.task = s->tasks[t].spec.name;
		rc = put_options(&rows, own, config, err);
		abl_values_destroy(own);
	}
	return rc;
}

static int put_variants(struct abl_store *store, const struct abl_study *s, int64_t study,
			int64_t *ids, struct abl_err *err)
{
	for (size_t v = 0; v < s->variant_count; v++) {
		const struct abl_variant *variant = &s->variants[v];
		const struct abl_variant_row row = {
			.label = variant->label,
			.kind = variant->kind,
			.subject = variant->subject,
			.position = (int)v,
		};
		int rc = abl_store_put_variant(store, study, &row, &ids[v], err);

		rc = rc ? rc : put_all_options(store, s, v, ids[v], err);
		for (size_t i = 0; !rc && i < variant->set_count; i++)
			rc = abl_store_put_change(store, ids[v], variant->set[i].key->name,
						  &variant->set[i].value, err);
		if (rc)
			return rc;
	}
	return 0;
}

/* The file that a task is tested on, in place of another. */
static int put_tested(struct abl_store *store, int64_t study, const struct abl_task_spec *spec,
		      struct abl_str *replaced, struct abl_err *err)
{
	char hash[ABL_HASH_TEXT] = "";
	struct abl_str role = {0}, before = {0};
	int rc = strcmp(spec->test, "world") ? abl_hash_file(spec->test, hash, err) : 0;

	abl_str_printf(&role, "%s/test", spec->name);
	if (!rc && *hash)
		rc = abl_store_other_data(store, study, role.text, hash, &before, err);
	if (before.length)
		abl_str_printf(replaced, "%s: the scores on '%s' take the place of those on '%s'\n",
			       spec->name, spec->test, before.text);
	abl_str_finish(&role), abl_str_finish(&before);
	return rc ? rc : abl_record_file(store, study, spec->name, "test", spec->test, err);
}

static int put_stage(struct abl_store *store, const struct abl_plan *plan, size_t i,
		     struct abl_err *err)
{
	const struct abl_plan_stage *stage = &plan->stages[i];
	const size_t of = abl_plan_input(stage, "parent"), corpus = abl_plan_input(stage, "corpus"),
		     parent = of != ABL_NONE ? of : corpus;
	struct abl_stage_input inputs[ABL_KIND_INPUTS];
	struct abl_stage_row row = {
		.key = stage->key,
		.kind = abl_plan_stage_name(plan->study, stage),
		.seed = stage->seed,
		.canonical = stage->canonical,
		.parent = parent == ABL_NONE ? NULL : plan->stages[parent].key,
		.cost = stage->kind->foreign ? 0 : stage->cost,
		.rated = stage->rated,
		.inputs = inputs,
	};

	for (size_t k = 0; k < stage->input_count; k++)
		if (stage->inputs[k].stage != ABL_NONE)
			inputs[row.input_count++] = (struct abl_stage_input){
				stage->inputs[k].name, plan->stages[stage->inputs[k].stage].key};
	return abl_store_put_stage(store, &row, err);
}

static int put_stages(struct abl_store *store, const struct abl_plan *plan, int64_t study,
		      struct abl_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < plan->stage_count && !rc; i++) {
		rc = put_stage(store, plan, i, err);
		if (!rc && plan->stages[i].tuned != ABL_NONE)
			rc = abl_store_put_tuning(store, study, plan->stages[i].key, err);
	}
	return rc;
}

/* The trial and its links. A trial whose value is still being tuned gets its links later: before
 * that it has no stage, and so it waits. */
static int put_trial(struct abl_store *store, const struct abl_plan *plan, size_t trial,
		     int64_t variant, int64_t *row, struct abl_err *err)
{
	const struct abl_plan_trial *t = &plan->trials[trial];
	int rc = abl_store_put_trial(store, variant, plan->study->tasks[t->task].spec.name, t->seed,
				     row, err);

	if (rc || abl_plan_stage_of(t, abl_plan_last(plan)) == ABL_NONE)
		return rc;
	for (size_t i = 0; i < t->role_count && !rc; i++)
		rc = abl_store_link(store, *row, plan->stages[t->roles[i].stage].key,
				    t->roles[i].role, err);
	return rc ? rc : abl_store_unlink_old_tests(store, *row, err);
}

static int put_all(struct abl_record *r, struct abl_err *err)
{
	const struct abl_study *s = r->plan->study;
	const struct abl_study_row row = {.name = s->name,
					  .path = s->confirms ? NULL : s->path,
					  .text = s->text,
					  .about = s->about};

	const int64_t units = s->crossed ? s->pretrain_seeds : abl_plan_seeds(s);
	int rc = abl_store_note_raised(r->store, s->name, units, s->seeds_until > 0, err);

	rc = rc ? rc : abl_store_put_study(r->store, &row, &r->study, err);
	rc = rc ? rc : abl_record_rules(r->store, s, r->study, err);
	rc = rc ? rc : put_tasks(r->store, r->plan, r->study, err);
	rc = rc ? rc : put_variants(r->store, s, r->study, r->variants, err);
	rc = rc ? rc : r->plan->engine->put_files(r->store, r->plan, r->study, err);
	rc = rc ? rc : put_stages(r->store, r->plan, r->study, err);
	for (size_t i = 0; i < r->plan->trial_count && !rc; i++)
		rc = put_trial(r->store, r->plan, i, r->variants[r->plan->trials[i].variant],
			       &r->trials[i], err);
	return rc;
}

static int end_transaction(struct abl_store *store, int rc, struct abl_err *err)
{
	if (rc) {
		abl_store_rollback(store);
		return rc;
	}
	rc = abl_store_commit(store, err);
	return rc ? rc : abl_store_refresh_views(store, err);
}

int abl_record_plan(struct abl_record *out, struct abl_store *store, const struct abl_plan *plan,
		    struct abl_err *err)
{
	int rc = abl_store_begin(store, err);

	*out = (struct abl_record){.store = store,
				   .plan = plan,
				   .variants =
					   abl_calloc(plan->study->variant_count, sizeof(int64_t)),
				   .trials = abl_calloc(plan->trial_count, sizeof(int64_t))};
	if (!rc)
		rc = end_transaction(store, put_all(out, err), err);
	if (rc)
		abl_record_finish(out);
	return rc;
}

void abl_record_finish(struct abl_record *r)
{
	if (!r)
		return;
	free(r->variants), free(r->trials);
	*r = (struct abl_record){0};
}

static int put_choice(const struct abl_record *r, const struct abl_plan_tune *tune,
		      struct abl_err *err)
{
	const struct abl_study *s = r->plan->study;
	const struct abl_value *value = &s->tune.values[tune->chosen];
	const int64_t variant = r->variants[tune->variant];
	int rc = 0;

	for (size_t t = tune->task; t < tune->task + tune->task_count && !rc; t++)
		rc = abl_store_put_option(r->store, variant, s->tasks[t].spec.name,
					  s->tune.key->name, value, err);
	rc = rc ? rc : put_stages(r->store, r->plan, r->study, err);
	for (size_t i = 0; i < r->plan->trial_count && !rc; i++)
		if (abl_plan_tune(r->plan, i) == (size_t)(tune - r->plan->tunes))
			rc = put_trial(r->store, r->plan, i, variant, &r->trials[i], err);
	return rc;
}

int abl_record_choice(const struct abl_record *r, size_t tune, struct abl_err *err)
{
	int rc = abl_store_begin(r->store, err);

	return rc ? rc : end_transaction(r->store, put_choice(r, &r->plan->tunes[tune], err), err);
}

int abl_record_failure(const struct abl_record *r, size_t trial, size_t stage, struct abl_err *err)
{
	const struct abl_plan_trial *t = &r->plan->trials[trial];
	const struct abl_plan_stage *s = &r->plan->stages[stage];
	int64_t id;
	int rc = abl_store_put_trial(r->store, r->variants[t->variant],
				     r->plan->study->tasks[t->task].spec.name, t->seed, &id, err);

	return rc ? rc : abl_store_link(r->store, id, s->key, s->kind->name, err);
}

static int put_test(struct abl_store *store, const struct abl_plan *plan, int64_t study,
		    const struct abl_plan_trial *trial, struct abl_tests_put *out,
		    struct abl_err *err)
{
	const size_t test = abl_plan_stage_of(trial, ABL_ROLE_TEST),
		     trained = abl_plan_stage_of(trial, "finetune");
	const struct abl_test_link link = {
		.study = study,
		.variant = plan->study->variants[trial->variant].label,
		.task = plan->study->tasks[trial->task].spec.name,
		.seed = trial->seed,
		.trained = plan->stages[trained].key,
		.test = plan->stages[test].key,
	};
	int rc = put_stage(store, plan, test, err);

	rc = rc ? rc : abl_store_link_test(store, &link, err);
	out->put += rc == 1;
	out->waiting += rc == 0;
	return rc < 0 ? rc : 0;
}

int abl_record_tests(struct abl_store *store, const struct abl_plan *plan, int64_t study,
		     struct abl_tests_put *out, struct abl_err *err)
{
	const struct abl_study *s = plan->study;
	int rc = abl_store_begin(store, err);

	if (rc)
		return rc;
	*out = (struct abl_tests_put){0};
	for (size_t i = 0; i < plan->trial_count && !rc; i++) {
		const struct abl_plan_trial *t = &plan->trials[i];

		if (abl_plan_stage_of(t, ABL_ROLE_TEST) != ABL_NONE)
			rc = put_test(store, plan, study, t, out, err);
		else
			out->waiting += s->tasks[t->task].tested;
	}
	for (size_t t = 0; t < s->task_count && !rc; t++)
		if (s->tasks[t].tested)
			rc = put_tested(store, study, &s->tasks[t].spec, &out->replaced, err);
	return end_transaction(store, rc, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "show_trial.h"

#include "answer_json.h"
#include "plan_commands.h"
#include "standing.h"
#include "store.h"
#include "study_origin.h"
#include "study_run.h"
#include "trial_facts.h"
#include "trial_name.h"
#include "utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- rows of the store ---- */

/* The rows of a part, as a new array of the object. */
static json_t *add_part(struct abl_json *j, json_t *object, const char *name,
			struct abl_store *store, enum abl_trial_part part, int64_t trial, int *rc,
			struct abl_err *err)
{
	struct abl_json_rows rows = {.j = j, .rows = abl_json_array(j, object, name)};
	const struct abl_listener to = abl_json_listener(&rows);

	if (!*rc)
		*rc = abl_read_trial_part(store, part, trial, &to, err);
	return rows.rows;
}

static const char *text_of(const json_t *row, const char *name)
{
	return json_string_value(json_object_get(row, name));
}

/* Each stage gets its attempts. */
static void nest(struct abl_json *j, const json_t *stages, const json_t *attempts)
{
	json_t *stage, *attempt;
	size_t i, k;

	json_array_foreach(stages, i, stage)
	{
		json_t *its = abl_json_array(j, stage, "attempts");

		json_array_foreach(attempts, k, attempt)
		{
			if (!strcmp(text_of(stage, "key"), text_of(attempt, "key")))
				abl_json_add(j, its, json_incref(attempt));
		}
	}
	json_array_foreach(attempts, k, attempt)
	{
		json_object_del(attempt, "key");
	}
}

/* ---- what its study file says ---- */

/* As it was when it was last run. */
static int load(struct abl_study **study, const struct abl_file_record *r, bool files,
		struct abl_err *err)
{
	const struct abl_study_options how = {.recorded = r->text, .no_files = !files};

	if (!r->path || !r->text)
		return abl_err_set(err, ABL_EINPUT, "the store has no study file of it");
	return abl_study_load(study, r->path, &how, err);
}

/* Where each value comes from; without a file that can be read, what the store knows. */
static void add_origins(struct abl_json *j, const json_t *options, const struct abl_file_record *r,
			const struct abl_trial_name *name)
{
	struct abl_study *study = NULL;
	struct abl_err ignored = {0};
	json_t *option;
	size_t i;

	if (load(&study, r, false, &ignored))
		study = NULL;
	json_array_foreach(options, i, option)
	{
		const char *set_by = text_of(option, "set_by");
		const char *from = study ? abl_study_origin(study, name->variant, name->task,
							    text_of(option, "name"))
					 : NULL;

		abl_json_words(j, option, "from", from ? from : set_by && *set_by ? set_by : NULL);
		json_object_del(option, "set_by");
	}
	abl_study_destroy(study);
}

static void add_lines(struct abl_json *j, json_t *list, const char *text)
{
	while (*text) {
		const size_t n = strcspn(text, "\n");
		struct abl_str line = {0}, shown = {0};

		abl_str_add(&line, text, n);
		abl_utf8_visible(&shown, line.text, line.length);
		abl_json_add(j, list, json_string(shown.text));
		abl_str_finish(&line), abl_str_finish(&shown);
		text += n + (text[n] == '\n');
	}
}

/* The command lines of a user's program, as `plan --commands` has them. */
static void add_commands(struct abl_json *j, struct abl_store *store,
			 const struct abl_file_record *r, const struct abl_trial_name *name)
{
	struct abl_study_run run = {.folder = abl_store_folder(store)};
	struct abl_str lines = {0};
	struct abl_err why = {0};
	int rc = load(&run.study, r, true, &why);

	if (!rc && !run.study->program) {
		abl_study_run_finish(&run);
		return;
	}
	rc = rc ? rc : abl_study_run_plan_loaded(&run, 0, &why);
	rc = rc ? rc : abl_study_run_open(&run, abl_store_folder(store), false, &why);
	rc = rc ? rc : abl_plan_commands_of(&run.supervisor.run, name, &lines, &why);
	if (rc)
		abl_json_words(j, j->root, "command_error", why.text);
	else
		add_lines(j, abl_json_array(j, j->root, "command"), lines.text);
	abl_str_finish(&lines);
	abl_study_run_finish(&run);
}

struct trial {
	struct abl_store *store;
	struct abl_json *j;
	const json_t *options;
	struct abl_file_record recorded;
	int rc;
	struct abl_err *err;
};

static void add_from_file(void *data, const struct abl_trial_name *name)
{
	struct trial *t = data;

	t->rc = abl_read_file_record(t->store, name->study_id, &t->recorded, t->err);
	if (t->rc)
		return;
	add_origins(t->j, t->options, &t->recorded, name);
	add_commands(t->j, t->store, &t->recorded, name);
}

/* The first row of the trial becomes the object itself; results are a map. */
static void unfold(struct abl_json *j, const json_t *itself, const json_t *results)
{
	json_t *map, *row, *value;
	const char *name;
	size_t i;

	json_object_foreach(json_array_get(itself, 0), name, value)
	{
		abl_json_put(j, j->root, name, json_incref(value));
	}
	map = abl_json_object(j, j->root, "results");
	json_array_foreach(results, i, row)
	{
		abl_json_put(j, map, text_of(row, "metric"),
			     json_incref(json_object_get(row, "value")));
	}
}

json_t *abl_show_trial(struct abl_store *store, int64_t trial, struct abl_err *err)
{
	struct abl_json j, rows; /* rows: what does not stay as it is */
	struct trial t = {.store = store, .j = &j, .err = err};
	const json_t *itself, *results, *stages, *attempts;
	json_t *all = NULL;
	int rc = 0;

	abl_json_begin(&j), abl_json_begin(&rows);
	itself = add_part(&rows, rows.root, "trial", store, ABL_TRIAL_ITSELF, trial, &rc, err);
	results = add_part(&rows, rows.root, "results", store, ABL_TRIAL_RESULTS, trial, &rc, err);
	attempts =
		add_part(&rows, rows.root, "attempts", store, ABL_TRIAL_ATTEMPTS, trial, &rc, err);
	unfold(&j, itself, results);
	t.options = add_part(&j, j.root, "options", store, ABL_TRIAL_OPTIONS, trial, &rc, err);
	stages = add_part(&j, j.root, "stages", store, ABL_TRIAL_STAGES, trial, &rc, err);
	nest(&j, stages, attempts);
	(void)add_part(&j, j.root, "data", store, ABL_TRIAL_DATA, trial, &rc, err);
	(void)add_part(&j, j.root, "runs", store, ABL_TRIAL_RUNS, trial, &rc, err);
	(void)add_part(&j, j.root, "reruns", store, ABL_TRIAL_RERUNS, trial, &rc, err);
	if (!rc)
		rc = abl_read_trial_name(store, trial, add_from_file, &t, err);
	rc = rc < 0 ? rc : t.rc;
	abl_file_record_finish(&t.recorded);
	if (!rc && !(all = abl_json_take(&j)))
		abl_err_set(err, ABL_EFAIL, "cannot show trial %lld: a name in it is not UTF-8",
			    (long long)trial);
	abl_json_finish(&j), abl_json_finish(&rows);
	return all;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include "load_known.h"
#include "load_options.h"
#include "load_variants.h"

#include "files.h"
#include "hash.h"
#include "node_value.h"
#include "store_load.h"
#include "study_name.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- reading ---- */

static int check_study(const char *name, struct abl_err *err)
{
	char *good;
	int rc;

	if (abl_is_name(name))
		return 0;
	good = abl_name_from(name);
	rc = abl_err_set(err, ABL_EINPUT,
			 "--study '%.80s': a study's name becomes part of file names: letters, "
			 "digits, '-', '_' and '.', such as '%s'",
			 name, good);
	free(good);
	return rc;
}

static void count_ends(struct abl_load *l)
{
	for (size_t i = 0; i < l->runs.count; i++) {
		const enum abl_state state = l->runs.run[i].state;

		l->waiting += state == ABL_WAITING;
		l->failed += state != ABL_DONE && state != ABL_WAITING;
	}
}

int abl_load_read(struct abl_load *l, const struct abl_load_request *request, struct abl_err *err)
{
	int rc = check_study(request->study, err);

	*l = (struct abl_load){.request = request};
	rc = rc ? rc : abl_load_table_read(&l->table, request->path, err);
	rc = rc ? rc
		: abl_load_columns_find(&l->columns, &l->table, request->options, request->metric,
					err);
	rc = rc ? rc : abl_load_runs_make(&l->runs, &l->table, &l->columns, err);
	rc = rc ? rc : abl_load_check_options(l, err);
	if (rc)
		return rc;
	l->known = abl_calloc(l->runs.count + 1, sizeof *l->known);
	count_ends(l);
	return 0;
}

void abl_load_finish(struct abl_load *l)
{
	abl_load_runs_finish(&l->runs);
	abl_load_columns_finish(&l->columns);
	abl_load_table_finish(&l->table);
	abl_str_finish(&l->left_out), abl_str_finish(&l->unpaired);
	free(l->known);
	*l = (struct abl_load){0};
}

/* ---- writing ---- */

static int put_tasks(struct abl_load *l, struct abl_store *store,
		     const struct abl_load_known *known, struct abl_err *err)
{
	const bool told = l->request->metric || l->request->lower_is_better;
	int rc = 0;

	for (size_t t = 0; t < l->runs.task.count && !rc; t++) {
		const struct abl_task_row row = {
			.name = l->runs.task.name[t],
			.metric = l->table.column[l->runs.metric[t]],
			.lower_is_better = l->request->lower_is_better,
			.split = "dev",
		};
		const char *before = abl_load_known_metric(known, row.name);

		if (before && !told && strcmp(before, row.metric) != 0)
			rc = abl_err_set(
				err, ABL_EINPUT,
				"task '%s' of study '%s' is judged by '%s', which this "
				"file has not: name its column with --metric, or --replace "
				"what was loaded before",
				row.name, l->request->study, before);
		else if (!before || told)
			rc = abl_store_put_task(store, l->study, &row, err);
	}
	return rc;
}

/* Everything that makes the stage another one: the numbers do not. */
static void describe(const struct abl_load *l, const struct abl_load_run *run, struct abl_str *out)
{
	abl_str_clear(out);
	abl_str_printf(out, "kind=" ABL_STAGE_LOADED "\nstudy=%s\nvariant=%s\ntask=%s\nseed=%lld\n",
		       l->request->study, l->runs.variant.name[run->variant],
		       l->runs.task.name[run->task], (long long)run->seed);
}

static int put_run(const struct abl_load *l, struct abl_store *store,
		   const struct abl_load_run *run, int64_t variant, struct abl_str *canonical,
		   struct abl_result *results, struct abl_err *err)
{
	const size_t seconds = l->columns.named[ABL_LOAD_SECONDS];
	char key[ABL_HASH_TEXT];
	struct abl_loaded_trial trial = {
		.variant = variant,
		.seed = run->seed,
		.task = l->runs.task.name[run->task],
		.key = key,
		.state = run->state,
		.cause = run->cause,
		.reason = run->reason,
		.results = results,
	};
	double value;

	describe(l, run, canonical);
	trial.canonical = canonical->text;
	abl_hash_bytes(canonical->text, canonical->length, key);
	if (seconds != ABL_LOAD_NO_COLUMN &&
	    abl_load_number(&l->table, run->row, seconds, &value) && isfinite(value) && value > 0)
		trial.seconds = value;
	for (size_t c = 0; run->state == ABL_DONE && c < l->table.columns; c++)
		if (abl_load_is_metric(&l->runs, c) &&
		    abl_load_number(&l->table, run->row, c, &value))
			results[trial.result_count++] = (struct abl_result){
				l->table.column[c], isfinite(value) ? value : NAN};
	return abl_store_put_loaded_trial(store, &trial, l->request->replace, err);
}

static int put_runs(struct abl_load *l, struct abl_store *store, const int64_t *variant,
		    struct abl_err *err)
{
	struct abl_result *results = abl_calloc(l->table.columns + 1, sizeof *results);
	struct abl_str canonical = {0};
	int rc = 0;

	for (size_t i = 0; i < l->runs.count && !rc; i++)
		if (!l->known[i])
			rc = put_run(l, store, &l->runs.run[i], variant[l->runs.run[i].variant],
				     &canonical, results, err);
	abl_str_finish(&canonical);
	free(results);
	return rc;
}

static int put_file(struct abl_load *l, struct abl_store *store, struct abl_err *err)
{
	char hash[ABL_HASH_TEXT];
	struct abl_str role = {0};
	struct stat st = {0};
	int rc = 0;

	if (strcmp(l->request->path, "-") != 0 && !stat(l->table.path, &st) &&
	    S_ISREG(st.st_mode)) {
		abl_str_printf(&role, ABL_STAGE_LOADED "/%s", l->table.path);
		rc = abl_hash_file(l->table.path, hash, err);
		rc = rc ? rc
			: abl_store_put_data(store, l->study, role.text, l->table.path, hash,
					     (int64_t)st.st_size, err);
	}
	abl_str_finish(&role);
	return rc;
}

static int put_all(struct abl_load *l, struct abl_store *store, struct abl_err *err)
{
	const struct abl_rule_row confirmatory = {.name = "confirmatory", .value = "1"};
	int64_t *variant = abl_calloc(l->runs.variant.count + 1, sizeof *variant);
	struct abl_load_known known = {0};
	struct abl_str about = {0};
	int rc = abl_store_find_loaded(store, l->request->study, &l->study, err);

	abl_str_printf(&about, "Numbers loaded from '%s', made by another program.", l->table.path);
	if (rc == 1)
		rc = abl_load_known_read(&known, l, store, err);
	rc = rc < 0 ? rc : 0;
	rc = rc ? rc : abl_load_choose_baseline(l, &known, err);
	rc = rc ? rc
		: abl_store_put_loaded(store, l->request->study, about.text, l->request->replace,
				       &l->study, err);
	rc = rc ? rc : abl_store_put_rule(store, l->study, &confirmatory, err);
	rc = rc ? rc : put_tasks(l, store, &known, err);
	rc = rc ? rc : abl_load_put_variants(l, &known, store, variant, err);
	rc = rc ? rc : put_file(l, store, err);
	rc = rc ? rc : put_runs(l, store, variant, err);
	if (!rc)
		abl_load_find_unpaired(l, &known);
	abl_load_known_finish(&known);
	abl_str_finish(&about);
	free(variant);
	return rc;
}

int abl_load_put(struct abl_load *l, struct abl_store *store, struct abl_err *err)
{
	int rc = abl_store_begin(store, err);

	if (rc)
		return rc;
	rc = put_all(l, store, err);
	if (rc) {
		abl_store_rollback(store);
		return rc;
	}
	rc = abl_store_commit(store, err);
	return rc ? rc : abl_store_refresh_views(store, err);
}

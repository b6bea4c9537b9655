/* SPDX-License-Identifier: Apache-2.0 */
#include "study_run.h"

#include "expected_places.h"

#include "code_copy.h"
#include "core_sharing.h"
#include "files.h"
#include "growth.h"
#include "loaded.h"
#include "plan_stored.h"
#include "program.h"
#include "program_parts.h"
#include "trust.h"

#include <math.h>
#include <stdlib.h>

/* The copy's folder; the caller's. */
static char *absolute_path(const char *store, const char *name)
{
	char *path = abl_code_copy_path(store, name), *whole = realpath(path, NULL);

	if (whole)
		free(path);
	return whole ? whole : path;
}

static int plan_with(struct abl_study_run *r, int64_t seeds, struct abl_err *err)
{
	abl_plan_destroy(r->plan);
	r->plan = NULL;
	r->study->pretrain_seeds = r->study->finetune_seeds = seeds;
	return abl_plan_create(&r->plan, r->study, r->folder, err);
}

/* Seeds that grow are as many as the store has by now, or needs next. */
static int plan_growing(struct abl_study_run *r, bool more, struct abl_err *err)
{
	const int64_t start = r->study->seeds_start;
	int64_t seeds = 0;
	bool same = false;
	int rc = abl_growth_seeds(r->study, r->folder, more, &seeds, err);

	rc = rc ? rc : plan_with(r, seeds ? seeds : start, err);
	rc = rc || seeds <= start ? rc : abl_growth_is_same(r->plan, r->folder, &same, err);
	return rc || same || seeds <= start ? rc : plan_with(r, start, err);
}

static int make_plan(struct abl_study_run *r, int64_t workers, bool more, struct abl_err *err)
{
	int rc = r->study->seeds_until > 0 ? plan_growing(r, more, err)
					   : abl_plan_create(&r->plan, r->study, r->folder, err);

	if (rc)
		return rc;
	r->supervisor.run.plan = r->plan;
	abl_core_sharing(r->plan, workers, &r->supervisor.run.workers, &r->supervisor.run.threads);
	return 0;
}

int abl_study_run_plan(struct abl_study_run *r, const char *path, const char *data, int64_t workers,
		       struct abl_err *err)
{
	const struct abl_study_options options = {.data = data};
	int rc = abl_study_load(&r->study, path, &options, err);

	return rc ? rc : make_plan(r, workers, true, err);
}

int abl_study_run_plan_loaded(struct abl_study_run *r, int64_t workers, struct abl_err *err)
{
	return make_plan(r, workers, true, err);
}

/* Where the code is another than that of what is done, a run needs to be told what that means. */
static int look_at_code(struct abl_study_run *r, bool write, struct abl_err *err)
{
	const size_t n = r->change.runs ? r->change.runs : r->change.count;
	struct abl_str what = {0};

	if (!n)
		return 0;
	abl_code_change_show(&r->change, r->plan, abl_store_folder(r->store), &r->difference);
	r->supervisor.run.changed = r->difference.text;
	if (!write || r->choice != ABL_CODE_ASK)
		return 0;
	abl_code_change_name(&r->change, r->plan, &what);
	abl_err_set(err, ABL_EINPUT,
		    "%s: '--code new' runs %s again, '--code same' keeps the results", what.text,
		    n == 1 ? "it" : "them");
	abl_str_finish(&what);
	return ABL_EINPUT;
}

/* Attempts run in copies of the code, which nobody edits. */
static int copy_code(struct abl_study_run *r, struct abl_err *err)
{
	const struct abl_plan_program *program = r->plan->program;
	const char *store = abl_store_folder(r->store);
	int rc = 0;

	if (!program)
		return 0;
	r->supervisor.run.code = abl_calloc(program->count, sizeof *r->supervisor.run.code);
	for (size_t i = 0; i < program->count && !rc; i++) {
		struct abl_run_code *code = &r->supervisor.run.code[i];
		const struct abl_code_set *set = &program->part[i].code;
		const bool in_place = r->study->program->in_place || !set->code.count;
		char name[ABL_HASH_TEXT];

		rc = abl_code_copy(set, store, in_place, err);
		code->name = abl_strdup(abl_code_copy_name(set, name));
		code->folder = in_place ? NULL : absolute_path(store, code->name);
	}
	return rc;
}

/* Its trials would take the place of numbers that nobody can run again. */
static int refuse_loaded(const struct abl_study_run *r, struct abl_err *err)
{
	const int loaded = abl_read_is_loaded(r->store, r->study->name, err);

	if (loaded <= 0)
		return loaded;
	return abl_err_set(err, ABL_EINPUT,
			   "study '%s' of the store '%s' has numbers that were loaded ('ablate "
			   "load'), which no run may join: give this one another name",
			   r->study->name, abl_store_folder(r->store));
}

/* A confirmation executes what the study that it confirms does. */
static int check_trust(const struct abl_study_run *r, struct abl_err *err)
{
	const struct abl_study *s = r->study;

	return abl_trust_check(r->store, s->confirms ? s->confirms : s->name, s, err);
}

/* As the store has it, with what the file says now. */
static int describe_growth(struct abl_study_run *r, struct abl_err *err)
{
	struct abl_seeds_look look = {0};
	struct abl_err ignored = {0};
	struct abl_str text = {0};
	int64_t study;
	const bool known =
		r->store && !abl_store_find_study(r->store, r->study->name, &study, &ignored);
	const int rc = known ? abl_seeds_look(r->store, study, &look, err) : 0;

	if (rc)
		return rc;
	if (!look.grows)
		look = (struct abl_seeds_look){.width = NAN, .open = 1};
	look.planned = look.next = abl_plan_seeds(r->study);
	look.until = r->study->seeds_until, look.most = r->study->seeds_max;
	abl_str_clear(&r->growth);
	abl_str_puts(&r->growth, "  seeds     ");
	abl_seeds_text(&look, &text);
	abl_str_wrap(&r->growth, 12, 12, text.text);
	abl_str_finish(&text);
	r->supervisor.run.growth = r->growth.text;
	return 0;
}

/* Nothing is judged, drawn or built on by numbers that are not what was put into the store. */
static int check_numbers(const struct abl_study_run *r, bool write, struct abl_err *err)
{
	struct abl_err ignored = {0};
	int64_t study;

	if (!r->store || abl_store_find_study(r->store, r->study->name, &study, &ignored))
		return 0;
	return abl_store_sum_check(r->store, study, write, err);
}

static int load_forecasts(struct abl_study_run *r, struct abl_err *err)
{
	struct abl_run *run = &r->supervisor.run;

	return abl_forecasts_load(&run->forecasts, r->store, r->plan, run->threads, err);
}

/* What is run where, as far as it can be known before workers are there. */
static int expect_places(struct abl_study_run *r, struct abl_err *err)
{
	struct abl_run *run = &r->supervisor.run;
	struct abl_expected_places all;
	int rc;

	if (!r->places || !r->places->count)
		return 0;
	abl_str_clear(&r->where);
	rc = abl_expect_places(&all, r->places, r->store, run->workers, r->study->cluster.workers,
			       &r->where, err);
	if (rc)
		return rc;
	run->workers = all.own + all.elsewhere;
	run->elsewhere = all.elsewhere;
	run->where = all.elsewhere ? r->where.text : NULL;
	r->supervisor.workers.own = all.own;
	return 0;
}

int abl_study_run_open(struct abl_study_run *r, const char *folder, bool write, struct abl_err *err)
{
	char *file = abl_path_join(folder, "results.db");
	const bool there = abl_file_exists(file);
	int rc = 0;

	free(file);
	r->supervisor.run.place = folder;
	if (!r->store && (write || there))
		rc = abl_store_open(&r->store, folder, write ? ABL_STORE_WRITE : ABL_STORE_READ,
				    err);
	rc = rc ? rc : load_forecasts(r, err);
	if (!rc)
		abl_forecasts_rate(r->supervisor.run.forecasts, r->plan);
	rc = rc || !r->store ? rc : refuse_loaded(r, err);
	rc = rc || !write ? rc : check_trust(r, err);
	if (!rc && r->store) { /* before the record of the plan takes the place of the last one */
		rc = abl_code_change_find(&r->change, r->plan, r->store, err);
		rc = rc ? rc : abl_plan_leaving(r->plan, &r->change, r->store, &r->leaving, err);
		r->supervisor.run.leaving = r->leaving.text;
	}
	if (!rc && r->store)
		rc = look_at_code(r, write, err);
	if (!rc && r->study->seeds_until > 0)
		rc = describe_growth(r, err);
	if (!rc && write)
		abl_request_forget(folder, r->study->name);
	rc = rc || !write ? rc : abl_record_plan(&r->record, r->store, r->plan, err);
	rc = rc ? rc : check_numbers(r, write, err);
	if (!rc && write && r->choice == ABL_CODE_SAME)
		rc = abl_code_change_keep(&r->change, r->plan, r->store, err);
	rc = rc || !write ? rc : copy_code(r, err);
	if (rc)
		return rc;
	r->supervisor.run.store = r->store;
	r->supervisor.record = write ? &r->record : NULL;
	r->supervisor.run.trials = r->record.trials;
	rc = abl_supervisor_init(&r->supervisor, err);
	return rc ? rc : expect_places(r, err);
}

int abl_study_run_plan_tests(struct abl_study_run *r, int64_t workers, struct abl_err *err)
{
	r->supervisor.run.tests_only = true;
	return make_plan(r, workers, false, err);
}

/* A tuned value is known to the plan once the supervisor has looked at the tuning runs: so the plan
 * is recorded after that, and looked at again. */
int abl_study_run_open_tests(struct abl_study_run *r, const char *folder, int64_t *study,
			     struct abl_tests_put *put, struct abl_err *err)
{
	int rc = abl_store_open(&r->store, folder, ABL_STORE_READ, err);

	rc = rc ? rc : abl_store_find_study(r->store, r->study->name, study, err);
	if (rc)
		return rc;
	abl_store_close(r->store); /* it is there: so none is made */
	r->store = NULL;
	rc = abl_store_open(&r->store, folder, ABL_STORE_WRITE, err);
	if (rc)
		return rc;
	r->supervisor.run.store = r->store;
	rc = check_trust(r, err);
	rc = rc ? rc : load_forecasts(r, err);
	r->supervisor.retry = ABL_RETRY_ALL; /* whoever asks once more means it */
	rc = rc ? rc : abl_supervisor_init(&r->supervisor, err);
	return rc ? rc : abl_record_tests(r->store, r->plan, *study, put, err);
}

int abl_study_run_look(const struct abl_study_run *r, struct abl_seeds_look *out,
		       struct abl_err *err)
{
	*out = (struct abl_seeds_look){0};
	return r->study->seeds_until > 0 && !r->supervisor.run.only
		       ? abl_seeds_look(r->store, r->record.study, out, err)
		       : 0;
}

void abl_study_run_finish(struct abl_study_run *r)
{
	if (!r)
		return;
	abl_supervisor_finish(&r->supervisor);
	abl_record_finish(&r->record);
	abl_store_close(r->store);
	abl_plan_destroy(r->plan);
	abl_study_destroy(r->study);
	abl_str_finish(&r->leaving);
	abl_str_finish(&r->growth);
	abl_str_finish(&r->where);
	abl_code_change_finish(&r->change);
	abl_str_finish(&r->difference);
	*r = (struct abl_study_run){0};
}

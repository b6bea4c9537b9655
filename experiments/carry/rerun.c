/* SPDX-License-Identifier: Apache-2.0 */
#include "rerun.h"

#include "carry_files.h"
#include "code_copy.h"
#include "code_record.h"
#include "engine.h"
#include "files.h"
#include "integrity.h"
#include "loaded.h"
#include "own_folder.h"
#include "planned.h"
#include "rerun_why.h"
#include "standing.h"
#include "study_name.h"
#include "trial_name.h"
#include "trust.h"
#include "tune.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONFIRM_HEAD "# made by 'ablate confirm "

/* ---- what the store has ---- */

static void take_name(void *data, const struct abl_trial_name *n)
{
	struct abl_rerun *r = data;

	r->study = abl_strdup(n->study);
	r->variant = abl_strdup(n->variant);
	r->task = abl_strdup(n->task);
	r->study_id = n->study_id;
	r->seed = n->seed;
}

static int check_state(const struct abl_rerun *r, struct abl_err *err)
{
	const int loaded = abl_read_is_loaded(r->store, r->study, err);

	if (loaded)
		return loaded < 0
			       ? loaded
			       : abl_err_set(err, ABL_EINPUT,
					     "the numbers of study '%s' were loaded: nothing is "
					     "known of what made them, so nothing can be run again",
					     r->study);
	for (size_t i = 0; i < r->stages.count; i++)
		if (strcmp(r->stages.stage[i].state, "done") != 0)
			return abl_err_set(err, ABL_EINPUT,
					   "trial %lld is not done (its stage %s is %s): there is "
					   "nothing to compare with; 'ablate run' runs it",
					   (long long)r->trial, r->stages.stage[i].kind,
					   r->stages.stage[i].state);
	return r->stages.count ? 0
			       : abl_err_set(err, ABL_EINPUT, "trial %lld was never run",
					     (long long)r->trial);
}

/* A confirmation has no file of its own: it is made of that of the study that it confirms. */
static int find_confirmed(struct abl_rerun *r, struct abl_file_record *record, struct abl_err *err)
{
	struct abl_confirmation its = {0};
	struct abl_file_record other = {0};
	int64_t study;
	int rc = abl_read_confirmation(r->store, r->study_id, &its, err);

	if (!rc && its.of.length)
		rc = abl_store_find_study(r->store, its.of.text, &study, err);
	if (!rc && its.of.length)
		rc = abl_read_file_record(r->store, study, &other, err);
	record->path = other.path;
	free(other.text);
	abl_str_finish(&its.of);
	return rc;
}

/* ---- the study ---- */

/* Data that came with an unpacked study lie beside its file. */
static char *data_of(const struct abl_rerun *r)
{
	struct abl_str path = {0};

	abl_str_printf(&path, "%s/unpacked/%s/data", abl_store_folder(r->store), r->study);
	if (abl_is_dir(path.text))
		return path.text;
	abl_str_finish(&path);
	return NULL;
}

/* As the file where it says what was run: the values of secrets are there alone. */
static int load(struct abl_rerun *r, const struct abl_file_record *record, bool no_files,
		struct abl_err *err)
{
	struct abl_str name = {0}, text = {0};
	struct abl_err ignored = {0};
	char *data = data_of(r);
	struct abl_study_options options = {.data = data, .no_files = no_files};
	const char *its = record->text;
	int rc;

	if (!strncmp(its, CONFIRM_HEAD, strlen(CONFIRM_HEAD)))
		its = strchr(its, '\n') ? strchr(its, '\n') + 1 : its;
	r->from_file = abl_file_exists(record->path) &&
		       !abl_study_name(record->path, &name, &text, &ignored) &&
		       abl_study_text_same(text.text ? text.text : "", its);
	if (!r->from_file)
		options.recorded = its;
	rc = abl_study_load(&r->run.study, record->path, &options, err);
	abl_str_finish(&name), abl_str_finish(&text);
	free(data);
	return rc;
}

/* The seeds of its plan, whatever the file says: they may have grown, or are those of a
 * confirmation. */
static int set_seeds(struct abl_rerun *r, struct abl_err *err)
{
	struct abl_study *s = r->run.study;
	struct abl_confirmation confirms = {0};
	int64_t last = 0;
	int rc = abl_read_confirmation(r->store, r->study_id, &confirms, err);

	rc = rc ? rc : abl_read_last_seed(r->store, r->study_id, &last, err);
	if (!rc && confirms.of.length)
		s->seeds_after = confirms.seeds_after;
	if (!rc && last > s->seeds_after && (!s->crossed || confirms.of.length)) {
		s->pretrain_seeds = last - s->seeds_after;
		if (!s->crossed)
			s->finetune_seeds = s->pretrain_seeds;
	}
	free(s->name); /* that of a confirmation is not in the file */
	s->name = abl_strdup(r->study);
	s->seeds_start = s->seeds_max = 0;
	s->seeds_until = 0;
	s->limits.hours = 0;
	abl_str_finish(&confirms.of);
	return rc;
}

/* ---- the code ---- */

static int copy_code(const char *store, const char *name, const char *to, struct abl_err *err)
{
	char *folder = abl_code_copy_path(store, name);
	struct abl_code_record record = {0};
	struct abl_str list = {0};
	int rc = abl_code_copy_check(store, name, err);

	abl_str_printf(&list, "%s.list", folder);
	rc = rc ? rc : abl_code_record_read(&record, list.text, err);
	for (size_t i = 0; i < record.code.count && !rc; i++) {
		const char *its = record.code.file[i].path;
		char *from = abl_carry_join(folder, its), *path = abl_carry_join(to, its);

		if (*its != '/' && !abl_file_exists(path))
			rc = abl_carry_copy(from, path, err);
		free(from), free(path);
	}
	for (size_t i = 0; i < record.link_count && !rc; i++) {
		char *path = abl_carry_join(to, record.link[i].path), *in = abl_path_dir(path);

		rc = abl_mkdir_all(in, err);
		if (!rc && symlink(record.link[i].target, path) && errno != EEXIST)
			rc = abl_err_set(err, ABL_EIO, "cannot make the link '%s': %s", path,
					 strerror(errno));
		free(path), free(in);
	}
	abl_code_record_finish(&record);
	abl_str_finish(&list);
	free(folder);
	return rc;
}

struct inputs {
	const char *from, *to; /* folders */
};

/* Where the copy has no link to an input, as in an unpacked store, it lies beside the study. */
static void link_input(void *data, const struct abl_data_file *f)
{
	const struct inputs *in = data;
	char *from, *to, *folder;

	if (strncmp(f->role, "input/", 6) != 0 || *f->path == '/')
		return;
	from = abl_carry_join(in->from, f->path);
	to = abl_carry_join(in->to, f->path);
	folder = abl_path_dir(to);
	if (!abl_file_exists(to) && abl_file_exists(from) && !abl_mkdir_all(folder, NULL))
		(void)!symlink(from, to); /* the plan finds that it is not there */
	free(from), free(to), free(folder);
}

/* The program as it was run, from the store's copies, in a folder of its own. */
static int use_copies(struct abl_rerun *r, struct abl_err *err)
{
	struct abl_program *p = r->run.study->program;
	char *folder = abl_carry_join(r->scratch, "program"), *real;
	int rc = abl_mkdir_all(folder, err);

	for (size_t i = 0; i < r->stages.count && !rc; i++)
		if (r->stages.stage[i].code)
			rc = copy_code(abl_store_folder(r->store), r->stages.stage[i].code, folder,
				       err);
	if (!rc)
		rc = abl_read_data_files(r->store, r->study_id, link_input,
					 &(struct inputs){p->directory, folder}, err);
	real = rc ? NULL : realpath(folder, NULL);
	if (real) {
		free(p->directory);
		p->directory = real;
	}
	free(folder);
	return rc;
}

/* ---- the plan ---- */

static bool is_over(void *data, size_t stage)
{
	(void)data, (void)stage;
	return true;
}

static int is_chosen(void *data, size_t tune, struct abl_err *err)
{
	(void)data, (void)tune, (void)err;
	return 0;
}

/* Tuned values are those that the store's tuning runs have decided; they are not run again. */
static int choose(struct abl_rerun *r, struct abl_err *err)
{
	const struct abl_tuning tuning = {
		.over = is_over, .chosen = is_chosen, .gave_up = is_chosen};
	struct abl_plan *plan = r->run.plan;
	int made = plan->tune_count ? abl_tune_choose(plan, r->store, &tuning, err) : 0;

	for (size_t i = 0; i < plan->stage_count; i++)
		plan->stages[i].tuned = ABL_NONE;
	return made < 0 ? made : 0;
}

static size_t find_trial(const struct abl_rerun *r)
{
	const struct abl_study *s = r->run.study;

	for (size_t i = 0; i < r->run.plan->trial_count; i++) {
		const struct abl_plan_trial *t = &r->run.plan->trials[i];

		if (t->seed == r->seed && !strcmp(s->variants[t->variant].label, r->variant) &&
		    !strcmp(s->tasks[t->task].spec.name, r->task))
			return i;
	}
	return ABL_NONE;
}

/* Is the trial of the plan made of the same stages? *other: the first that is another. */
static bool is_same(const struct abl_rerun *r, size_t trial, size_t *other)
{
	const struct abl_plan_trial *t = &r->run.plan->trials[trial];

	for (size_t i = 0; i < r->stages.count; i++) {
		const struct abl_again_stage *s = &r->stages.stage[i];
		const size_t now = abl_plan_stage_of(t, s->role);

		*other = i;
		if (now == ABL_NONE || strcmp(r->run.plan->stages[now].key, s->key) != 0)
			return false;
	}
	return true;
}

static int make_plan(struct abl_rerun *r, struct abl_err *err)
{
	int rc = set_seeds(r, err);
	int64_t threads = 0;

	r->run.folder = r->scratch;
	rc = rc ? rc : abl_study_run_plan_loaded(&r->run, 1, err);
	rc = rc ? rc : choose(r, err);
	for (size_t i = 0; i < r->stages.count; i++)
		if (r->stages.stage[i].threads > threads)
			threads = r->stages.stage[i].threads;
	if (!rc && threads > 0)
		r->run.supervisor.run.threads = (int)threads;
	return rc;
}

static void forget_study(struct abl_rerun *r)
{
	abl_plan_destroy(r->run.plan);
	abl_study_destroy(r->run.study);
	r->run.plan = r->run.supervisor.run.plan = NULL;
	r->run.study = NULL;
}

static bool has_copies(const struct abl_rerun *r)
{
	for (size_t i = 0; i < r->stages.count; i++)
		if (r->stages.stage[i].code)
			return true;
	return false;
}

/* Loads and plans it; 1 = its trial is made of the same stages. */
static int try(struct abl_rerun *r, const struct abl_file_record *record, bool copies,
	       size_t *trial, size_t *other, struct abl_err *err)
{
	int rc = load(r, record, copies, err);

	rc = rc ? rc : abl_trust_check(r->store, r->study, r->run.study, err);
	rc = rc || !copies ? rc : use_copies(r, err);
	rc = rc ? rc : make_plan(r, err);
	if (rc)
		return rc;
	*trial = find_trial(r);
	return *trial != ABL_NONE && is_same(r, *trial, other);
}

/* With the program where it is, if that is what was run; else with the store's copies of it. */
static int plan_again(struct abl_rerun *r, const struct abl_file_record *record, size_t *trial,
		      struct abl_err *err)
{
	struct abl_err first = {0};
	size_t other = 0;
	int same = try(r, record, false, trial, &other, &first);

	if (same != 1 && has_copies(r)) {
		struct abl_err second = {0};

		forget_study(r);
		same = try(r, record, true, trial, &other, &second);
		if (same < 0)
			return abl_err_set(err, (enum abl_code)same, "%s", second.text);
	} else if (same < 0) {
		return abl_err_set(err, (enum abl_code)same, "%s", first.text);
	}
	return same ? 0 : abl_rerun_why(r, *trial, *trial == ABL_NONE ? ABL_NONE : other, err);
}

/* ---- the scratch store ---- */

static int make_scratch(struct abl_rerun *r, struct abl_err *err)
{
	const char *temporary = getenv("TMPDIR");
	char *store = abl_real_path(abl_store_folder(r->store)); /* it may be "." */
	struct abl_str path = {0};
	int rc;

	abl_str_printf(&path, "%s.rerun", store ? store : abl_store_folder(r->store));
	free(store);
	rc = abl_own_folder(path.text, &r->scratch, NULL);
	if (rc) { /* beside it there is the room that it had */
		abl_str_clear(&path);
		abl_str_printf(&path, "%s/ablate-rerun",
			       temporary && *temporary ? temporary : "/tmp");
		rc = abl_own_folder(path.text, &r->scratch, err);
	}
	abl_str_finish(&path);
	return rc;
}

static int open_scratch(struct abl_rerun *r, size_t trial, struct abl_err *err)
{
	struct abl_run *run = &r->run.supervisor.run;
	const struct abl_study *s = r->run.study;
	int rc;

	run->only = abl_calloc(r->run.plan->trial_count, sizeof *run->only);
	run->only[trial] = true;
	r->metric = abl_strdup(abl_plan_metric(s, r->run.plan->trials[trial].task));
	rc = abl_study_run_open(&r->run, r->scratch, true, err);
	return rc;
}

int abl_rerun_prepare(struct abl_rerun *r, struct abl_store *store, int64_t trial,
		      struct abl_err *err)
{
	struct abl_file_record record = {0};
	size_t at = ABL_NONE;
	int rc;

	*r = (struct abl_rerun){.store = store, .trial = trial};
	rc = abl_read_trial_name(store, trial, take_name, r, err);
	rc = rc > 0   ? 0
	     : rc < 0 ? rc
		      : abl_err_set(err, ABL_EINPUT, "there is no trial %lld", (long long)trial);
	rc = rc ? rc : abl_again_stages_read(&r->stages, store, trial, err);
	rc = rc ? rc : check_state(r, err);
	rc = rc ? rc : abl_read_file_record(store, r->study_id, &record, err);
	if (!rc && record.text && !record.path)
		rc = find_confirmed(r, &record, err);
	if (!rc && (!record.path || !record.text))
		rc = abl_err_set(err, ABL_EINPUT, "the store has no study file of '%s'", r->study);
	rc = rc ? rc : make_scratch(r, err);
	rc = rc ? rc
		: abl_err_prefix(err, plan_again(r, &record, &at, err),
				 "trial %lld cannot be run again as it was", (long long)trial);
	rc = rc ? rc : open_scratch(r, at, err);
	abl_file_record_finish(&record);
	return rc;
}

/* Under a name that the next one does not take for what a killed one has left. */
static void keep_scratch(struct abl_rerun *r, struct abl_str *kept)
{
	const char *mark = strrchr(r->scratch, '.'); /* of ".tmp-PID" */

	abl_str_printf(kept, "%.*s-XXXXXX", (int)(mark - r->scratch), r->scratch);
	if (!mkdtemp(kept->text) || rename(r->scratch, kept->text)) {
		abl_str_clear(kept);
		abl_str_puts(kept, r->scratch);
	}
}

void abl_rerun_finish(struct abl_rerun *r, struct abl_str *kept)
{
	abl_study_run_finish(&r->run);
	if (r->scratch && kept)
		keep_scratch(r, kept);
	else if (r->scratch)
		(void)!abl_remove_tree(r->scratch, NULL);
	abl_again_stages_finish(&r->stages);
	free(r->scratch), free(r->study), free(r->variant), free(r->task), free(r->metric);
	*r = (struct abl_rerun){0};
}

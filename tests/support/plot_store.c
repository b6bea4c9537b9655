/* SPDX-License-Identifier: Apache-2.0 */
#include "plot_store.h"

#include "files.h"
#include "rng.h"
#include "store.h"
#include "str.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 400, EVERY = 20 };

struct sketch_variant {
	const char *label;
	enum abl_variant_kind kind;
	const char *subject;
	double shift; /* of its scores */
	int64_t layers, hidden;
	double rate, dropout;
	int broken; /* this many of its seeds fail */
	const char *reason;
	bool own_pretraining;
	enum abl_cause cause;
};

struct sketch {
	const char *name, *about;
	const char *task[3];
	struct sketch_variant variant[8];
	int seeds;
	bool pretraining, waiting;
};

static const struct sketch sketches[] = {
	{.name = "removals",
	 .about = "What does each part of the input buy?",
	 .task = {"rte", "sst2"},
	 .seeds = 8,
	 .pretraining = true,
	 .variant = {{"baseline", ABL_VARIANT_BASELINE, "baseline", 0, 2, 128, 3e-4, .1, 0, NULL,
		      true},
		     {"no segments", ABL_VARIANT_REMOVAL, "segments", -.019, 2, 128, 3e-4, .1, 0,
		      NULL, true},
		     {"no special tokens", ABL_VARIANT_REMOVAL, "special_tokens", -.004, 2, 128,
		      3e-4, .1, 1, "killed by signal 9", true, ABL_CAUSE_KILLED},
		     {"no positions", ABL_VARIANT_REMOVAL, "positions", -.061, 2, 128, 3e-4, .1, 1,
		      "diverged at step 180 (loss nan)", true, ABL_CAUSE_DIVERGED},
		     {"placebo", ABL_VARIANT_PLACEBO, "placebo", .001, 2, 128, 3e-4, .1, 0, NULL,
		      false}}},
	{.name = "sizes",
	 .task = {"sst2"},
	 .seeds = 5,
	 .pretraining = true,
	 .variant = {{"baseline", ABL_VARIANT_BASELINE, "baseline", 0, 2, 64, 3e-4, .1, 0, NULL,
		      true},
		     {"hidden=128", ABL_VARIANT_GRID, "", .03, 2, 128, 3e-4, .1, 0, NULL, true},
		     {"layers=4, hidden=256", ABL_VARIANT_GRID, "", .05, 4, 256, 3e-4, .1, 0, NULL,
		      true},
		     {"dropout=0.3", ABL_VARIANT_GRID, "", -.04, 2, 64, 3e-4, .3, 0, NULL, true},
		     {"hidden=128, dropout=0.3", ABL_VARIANT_GRID, "", -.01, 2, 128, 3e-4, .3, 0,
		      NULL, true},
		     {"layers=4, hidden=256, dropout=0.3", ABL_VARIANT_GRID, "", .03, 4, 256, 3e-4,
		      .3, 0, NULL, true}}},
	{.name = "recipes",
	 .task = {"sst2"},
	 .seeds = 3,
	 .variant = {{"baseline", ABL_VARIANT_BASELINE, "baseline", 0, 2, 64, 3e-4, .1},
		     {"2/128", ABL_VARIANT_LIST, "", .03, 2, 128, 2e-4, .1},
		     {"4/256", ABL_VARIANT_LIST, "", .05, 4, 256, 1e-4, .1}}},
	{.name = "rates",
	 .task = {"rte", "sst2"},
	 .seeds = 3,
	 .variant = {{"baseline", ABL_VARIANT_BASELINE, "baseline", 0, 2, 128, 3e-4, .1},
		     {"learning_rate=1e-4", ABL_VARIANT_GRID, "", -.012, 2, 128, 1e-4, .1},
		     {"learning_rate=5e-5", ABL_VARIANT_GRID, "", -.1, 2, 128, 5e-5, .1},
		     {"learning_rate=3e-5", ABL_VARIANT_GRID, "", -.13, 2, 128, 3e-5, .1},
		     {"learning_rate=1e-3", ABL_VARIANT_GRID, "", -.03, 2, 128, 1e-3, .1}}},
	{.name = "names",
	 .about = "<script>alert('no')</script>",
	 .task = {"a very long name of a task, & <odd>"},
	 .seeds = 1,
	 .variant = {{"baseline", ABL_VARIANT_BASELINE, "baseline", 0, 2, 128, 3e-4, .1},
		     {PLOT_STORE_NASTY, ABL_VARIANT_LIST, PLOT_STORE_NASTY, -.02, 2, 128, 3e-4, .1},
		     {"special_tokens=none, segments=none, positions=sinusoidal, norm_position=pre",
		      ABL_VARIANT_LIST, "long", .013, 2, 128, 3e-4, .2},
		     {"gone", ABL_VARIANT_LIST, "gone", 0, 2, 128, 3e-4, .3, 1,
		      "exit code 1: <cannot open> 'x'"}}},
	{.name = "hard",
	 .task = {"rte"},
	 .seeds = 3,
	 .variant = {{"baseline", ABL_VARIANT_BASELINE, "baseline", 0, 2, 64, 3e-4, .1},
		     {"learning_rate=0.0003, dropout=0.1, hidden=96", ABL_VARIANT_LIST, "", 0, 2,
		      96, 3e-4, .1, 3, "killed by signal 9", false, ABL_CAUSE_KILLED},
		     {"learning_rate=0.0003, dropout=0.1, hidden=128", ABL_VARIANT_LIST, "", .01, 2,
		      128, 3e-4, .1},
		     {"learning_rate=0.0003, dropout=0.1, hidden=256", ABL_VARIANT_LIST, "", .03, 2,
		      256, 3e-4, .1},
		     {PLOT_STORE_SCRIPT, ABL_VARIANT_LIST, "", -.02, 2, 64, 3e-4, .3, 1,
		      "diverged at step 180 (loss nan)", false, ABL_CAUSE_DIVERGED}}},
	{.name = "waiting",
	 .task = {"rte"},
	 .seeds = 2,
	 .waiting = true,
	 .variant = {{"baseline", ABL_VARIANT_BASELINE, "baseline", 0, 2, 128, 3e-4, .1},
		     {"no segments", ABL_VARIANT_REMOVAL, "segments", 0, 2, 128, 3e-4, .1}}},
};

struct place { /* one trial on its way into the store */
	struct abl_store *store;
	const struct sketch *sketch;
	const struct sketch_variant *variant;
	int v, task, seed;
	int64_t trial;
};

static double noise(const struct place *p, int64_t step)
{
	uint64_t key = abl_rng_key((uint64_t)p->seed, p->sketch->name);

	return abl_rng_truncated_normal(key, (uint64_t)(p->v * 100003 + p->task * 1009 + step));
}

static double score(const struct place *p)
{
	return (p->task ? .78 : .61) + p->variant->shift +
	       .008 * noise(&(struct place){.sketch = p->sketch,
					    .seed = p->seed,
					    .v = 77,
					    .task = p->task},
			    0) +
	       .008 * noise(p, 0);
}

static int put_stage(const struct place *p, const char *kind, const char *key, const char *parent,
		     struct abl_err *err)
{
	int rc = abl_store_put_stage(
		p->store,
		&(struct abl_stage_row){
			.key = key, .kind = kind, .seed = p->seed, .parent = parent},
		err);

	return rc ? rc : abl_store_link(p->store, p->trial, key, kind, err);
}

static int put_curves(const struct place *p, const char *key, int64_t attempt, bool pretraining,
		      int until, struct abl_err *err)
{
	struct abl_metric m[4 * STEPS / EVERY];
	size_t n = 0;

	for (int step = EVERY; step <= until; step += EVERY) {
		double decay = exp(-step / (pretraining ? 200.0 : 120.0));

		m[n++] = (struct abl_metric){
			step, "loss",
			until < STEPS && p->variant->cause == ABL_CAUSE_DIVERGED && step > 100
				? 6e9 * step
			: pretraining
				? 5.1 + 4 * decay - 2 * p->variant->shift + .1 * noise(p, step)
				: .35 + .35 * decay - p->variant->shift + .02 * noise(p, step)};
		if (step % (2 * EVERY) == 0)
			m[n++] = (struct abl_metric){
				step, pretraining ? "held_out_mlm_loss" : "dev_accuracy",
				pretraining ? 5.3 + 4 * decay - 2 * p->variant->shift +
						      .05 * noise(p, step)
					    : score(p) - .1 * decay + .01 * noise(p, step)};
		if (step % (2 * EVERY) == 0 &&
		    (!strcmp(p->sketch->name, "hard") || !strcmp(p->sketch->name, "rates"))) {
			m[n++] = (struct abl_metric){step, "dev_watched", 100};
			m[n++] = (struct abl_metric){step, "dev_examples", p->task ? 1000 : 277};
		}
	}
	return abl_store_stage_metrics(p->store, key, attempt, m, n, err);
}

/* The final numbers of a stage, by the names that the engine gives them. Returns how many. */
static size_t results_of(const struct place *p, const char *kind, struct abl_result out[8])
{
	double h = (double)p->variant->hidden,
	       parameters = 8192 * h + 12 * (double)p->variant->layers * h * h;
	const struct {
		const char *kind;
		struct abl_result result;
	} all[] = {
		{"pretrain", {"mlm_loss", 12 - .5 * log(parameters) + .02 * noise(p, 1)}},
		{"pretrain", {"parameters", parameters + 8192}},
		{"finetune", {"parameters", parameters}},
		{"evaluate", {"accuracy", score(p)}},
		{"evaluate", {"loss", 1.2 - score(p)}},
		{"evaluate", {"examples", p->task ? 872 : 277}},
		{"evaluate", {"majority", .509}},
	};
	size_t n = 0;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (!strcmp(all[i].kind, kind))
			out[n++] = all[i].result;
	return n;
}

/* Runs a stage of the trial, unless a trial before it did. */
static int run_stage(const struct place *p, const char *kind, const char *key, bool broken,
		     struct abl_err *err)
{
	struct abl_result results[8];
	struct abl_stage_end end = {.state = broken ? ABL_FAILED : ABL_DONE,
				    .seconds = 3,
				    .exit_code = broken,
				    .reason = broken ? p->variant->reason : NULL,
				    .cause = broken ? p->variant->cause : ABL_CAUSE_NONE,
				    .results = results};
	struct abl_stage_info info = {0};
	struct abl_provenance by;
	struct abl_str log = {0};
	int64_t attempt, id;
	bool done;
	int rc;

	rc = abl_store_stage(p->store, key, &info, err);
	done = info.state == ABL_DONE;
	abl_stage_info_finish(&info);
	if (rc < 0 || done)
		return rc < 0 ? rc : 0;
	abl_provenance_gather(&by);
	abl_str_printf(&log, "logs/%s.log", key);
	rc = abl_store_stage_begin(
		p->store, key,
		&(struct abl_attempt_row){.log = log.text, .threads = 1, .made_by = &by}, &attempt,
		&id, err);
	if (!rc && strcmp(kind, "evaluate"))
		rc = put_curves(p, key, attempt, !strcmp(kind, "pretrain"), broken ? 180 : STEPS,
				err);
	end.result_count = broken ? 0 : results_of(p, kind, results);
	if (!rc)
		rc = abl_store_stage_end(p->store, key, attempt, &end, err);
	abl_str_finish(&log);
	return rc < 0 ? rc : 0;
}

static int put_trial(const struct place *p, bool run, struct abl_err *err)
{
	static const char *const kinds[] = {"pretrain", "finetune", "evaluate"};
	bool broken = p->seed > p->sketch->seeds - p->variant->broken && (p->task == 0);
	char *parent = NULL;
	int rc = 0;

	for (int i = p->sketch->pretraining ? 0 : 1; i < 3 && !rc; i++) {
		struct abl_str key = {0};

		abl_str_printf(&key, "%s-%s-v%d-t%d-s%d", p->sketch->name, kinds[i],
			       i || p->variant->own_pretraining ? p->v : 0, i ? p->task : 0,
			       p->seed);
		rc = run ? run_stage(p, kinds[i], key.text, broken && i == 1, err)
			 : put_stage(p, kinds[i], key.text, parent, err);
		free(parent);
		parent = key.text;
		if (run && broken && i == 1)
			break;
	}
	free(parent);
	return rc;
}

static int put_options(struct abl_store *s, int64_t id, const struct sketch_variant *v,
		       struct abl_err *err)
{
	const struct {
		const char *name;
		struct abl_value value;
	} options[] = {
		{"layers", {.type = ABL_INT, .i = v->layers}},
		{"hidden", {.type = ABL_INT, .i = v->hidden}},
		{"heads", {.type = ABL_INT, .i = v->hidden / 64}},
		{"learning_rate", {.type = ABL_REAL, .r = v->rate}},
		{"dropout", {.type = ABL_REAL, .r = v->dropout}},
		{"segments",
		 {.type = ABL_CHOICE,
		  .choice = strcmp(v->subject, "segments") ? "learned" : "none"}},
		{"positions",
		 {.type = ABL_CHOICE,
		  .choice = strcmp(v->subject, "positions") ? "learned" : "none"}},
	};
	int rc = 0;

	for (size_t i = 0; i < sizeof options / sizeof *options && !rc; i++)
		rc = abl_store_put_option(s, id, NULL, options[i].name, &options[i].value, err);
	/* a recipe of the task's own, the same for every variant: nothing that varies */
	if (!rc)
		rc = abl_store_put_option(s, id, NULL, "epochs",
					  &(struct abl_value){.type = ABL_INT, .i = 3}, err);
	if (!rc)
		rc = abl_store_put_option(s, id, "rte", "epochs",
					  &(struct abl_value){.type = ABL_INT, .i = 10}, err);
	return rc;
}

static int each_trial(struct abl_store *s, const struct sketch *k, int64_t study, bool run,
		      struct abl_err *err)
{
	struct place p = {.store = s, .sketch = k};
	int rc = 0;

	for (p.v = 0; !rc && p.v < 8 && k->variant[p.v].label; p.v++) {
		const struct sketch_variant *v = p.variant = &k->variant[p.v];
		int64_t id;

		if (!run &&
		    ((rc = abl_store_put_variant(s, study,
						 &(struct abl_variant_row){.label = v->label,
									   .kind = v->kind,
									   .subject = v->subject,
									   .position = p.v},
						 &id, err)) ||
		     (rc = put_options(s, id, v, err))))
			break;
		for (p.task = 0; p.task < 3 && k->task[p.task]; p.task++)
			for (p.seed = 1; !rc && p.seed <= k->seeds; p.seed++)
				if (run || !(rc = abl_store_put_trial(s, id, k->task[p.task],
								      p.seed, &p.trial, err)))
					rc = put_trial(&p, run, err);
	}
	return rc;
}

static int put_study(struct abl_store *s, const struct sketch *k, struct abl_err *err)
{
	static char word[][32] = {"ablate", "run", "studies/my study.yaml"};
	char *const argv[] = {word[0], word[1], word[2]};
	struct abl_provenance by;
	int64_t id, run;
	int rc;

	abl_provenance_gather(&by);
	snprintf(by.engine, sizeof by.engine, "0.1.0");
	snprintf(by.kernels, sizeof by.kernels, "skx");
	if ((rc = abl_store_begin(s, err)) ||
	    (rc = abl_store_put_study(s,
				      &(struct abl_study_row){.name = k->name,
							      .path = "studies/my study.yaml",
							      .text = "study: x # <&>\n",
							      .about = k->about},
				      &id, err)))
		return rc;
	for (int t = 0; t < 3 && k->task[t] && !rc; t++)
		rc = abl_store_put_task(s, id,
					&(struct abl_task_row){.name = k->task[t],
							       .type = "classify",
							       .metric = "accuracy",
							       .split = "dev"},
					err);
	if (rc || (rc = each_trial(s, k, id, false, err)) ||
	    (rc = abl_store_refresh_views(s, err)) ||
	    (rc = abl_store_put_data(s, id, "rte/train", "glue/RTE/train.tsv", "0123456789abcdef",
				     1000, err)) ||
	    (rc = abl_store_run_begin(s, id, &by, 3, argv, &run, err)) ||
	    (rc = abl_store_commit(s, err)))
		return rc;
	if (k->waiting)
		return 0;
	rc = each_trial(s, k, id, true, err);
	return rc ? rc : abl_store_run_end(s, run, 1, err);
}

int plot_store_make(const char *folder, struct abl_err *err)
{
	struct abl_store *s;
	int rc = abl_store_open(&s, folder, ABL_STORE_WRITE, err);

	if (rc)
		return rc;
	for (size_t i = 0; i < sizeof sketches / sizeof *sketches && !rc; i++)
		rc = put_study(s, &sketches[i], err);
	abl_store_close(s);
	return rc;
}

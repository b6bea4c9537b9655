/* SPDX-License-Identifier: Apache-2.0 */
/* away_fixture.h - a small study that two pretended workers run, for tests of one main file. */
#ifndef ABL_AWAY_FIXTURE_H
#define ABL_AWAY_FIXTURE_H

#include "attempt_folder.h"
#include "files.h"
#include "machine.h"
#include "pretended_workers.h"
#include "sql.h"
#include "str.h"
#include "supervisor.h"
#include "run_case.h"
#include "writer.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/ablate-away-XXXXXX";

static const char study_text[] = "study: away\n"
				 "data: world\n"
				 "vocab: 400\n"
				 "pretraining: {texts: world}\n"
				 "tasks: [sentiment]\n"
				 "baseline: {layers: 1, hidden: 16, heads: 1, pretraining: none}\n"
				 "design: {grid: {learning_rate: [1e-4, 2e-4]}}\n"
				 "seeds: 1\n";

static struct given { /* how it is run */
	double lease, awaits;
	const char *more; /* lines of the study */
	bool only;        /* the first trial */
	/* several times a second; or NULL */
	void (*tick)(void *data, const struct abl_run *run, int stops);
} given;

struct outcome {
	size_t stages, done, failed;
	char said[400];
};

static inline void hear(void *data, const struct abl_run *run, const char *text)
{
	char *said = data;
	const size_t n = strlen(said);

	(void)run;
	snprintf(said + n, 400 - n, "%s\n", text);
}

static inline char *store_path(void)
{
	return abl_path_join(folder, "store");
}

/* Runs the study in the store. */
static inline struct outcome run(struct abl_pretended *p)
{
	char *path = abl_path_join(folder, "study.yaml"), *store = store_path();
	struct abl_err err = {0};
	struct abl_study *study = NULL;
	struct abl_record record = {0};
	struct abl_executor e;
	struct outcome out = {0};
	struct abl_supervisor s = {.run = {.workers = 1, .threads = 1, .lease = given.lease},
				   .record = &record,
				   .awaits = given.awaits,
				   .workers = {.may_come = true},
				   .events = {.data = out.said, .says = hear, .tick = given.tick},
				   .executors = &e,
				   .executor_count = 1};
	struct abl_plan *plan;
	struct abl_store *opened;
	struct abl_str text = {0};
	int rc;

	abl_str_printf(&text, "%s%s", study_text, given.more ? given.more : "");
	abl_pretended_init(&e, p);
	rc = abl_file_write(path, text.text, text.length, &err);
	rc = rc ? rc : abl_study_load(&study, path, NULL, &err);
	rc = rc ? rc : abl_plan_create(&s.run.plan, study, NULL, &err);
	rc = rc ? rc : abl_store_open(&s.run.store, store, ABL_STORE_WRITE, &err);
	rc = rc ? rc : abl_record_plan(&record, s.run.store, s.run.plan, &err);
	abl_provenance_gather(&s.run.made_by);
	rc = rc ? rc
		: abl_store_run_begin(s.run.store, record.study, &s.run.made_by, 0, NULL,
				      &s.run.row, &err);
	abl_workers_hooks(&s, &p->hooks);
	if (!rc && given.only) {
		s.run.only = abl_calloc(s.run.plan->trial_count, sizeof *s.run.only);
		s.run.only[0] = true;
	}
	rc = rc ? rc : abl_supervisor_init(&s, &err);
	rc = rc ? rc : abl_supervisor_run(&s, &err);
	ck_assert_msg(!rc, "%s", err.text);
	out.stages = s.run.plan->stage_count;
	out.done = s.run.done, out.failed = s.run.failed;
	plan = s.run.plan, opened = s.run.store;
	abl_supervisor_finish(&s);
	abl_record_finish(&record);
	abl_store_close(opened);
	abl_plan_destroy(plan);
	abl_study_destroy(study);
	abl_str_finish(&text);
	free(path), free(store);
	return out;
}

static inline void check(const char *sql, const char *expected)
{
	char *store = store_path();
	struct abl_err err = {0};
	struct abl_store *s = NULL;
	struct abl_query *q = NULL;
	int rc = abl_store_open(&s, store, ABL_STORE_READ, &err);

	rc = rc ? rc : abl_query_open(&q, abl_store_sql(s), sql, &err);
	rc = rc ? rc : abl_query_step(q, &err);
	ck_assert_msg(rc >= 0, "%s: %s", sql, err.text);
	ck_assert_msg(!strcmp(rc && abl_query_text(q, 0) ? abl_query_text(q, 0) : "-", expected),
		      "%s: %s", sql, rc ? abl_query_text(q, 0) : "no row");
	abl_query_close(q);
	abl_store_close(s);
	free(store);
}

/* Entries of a folder of the store; -1: it is not there. */
static inline int entries(const char *name)
{
	char *store = store_path(), *path = abl_path_join(store, name);
	DIR *d = opendir(path);
	int n = d ? 0 : -1;

	for (struct dirent *e; d && (e = readdir(d));)
		n += *e->d_name != '.';
	if (d)
		closedir(d);
	free(store), free(path);
	return n;
}

static struct abl_pretended_worker workers[2];
static struct abl_pretended all;

static inline void set_up(void)
{
	char *store = store_path();

	ck_assert_int_eq(abl_remove_tree(store, NULL), 0);
	free(store);
	given = (struct given){0};
	workers[0] = (struct abl_pretended_worker){.name = "n1", .slots = 2};
	workers[1] = (struct abl_pretended_worker){.name = "n2", .slots = 2};
	all = (struct abl_pretended){.workers = workers, .count = 2};
}

static inline void tear_down(void)
{
	abl_pretended_finish(&all);
}

#endif

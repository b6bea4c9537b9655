/* SPDX-License-Identifier: Apache-2.0 */
/* store.h - the results database: a folder with results.db, artifacts/, work/, logs/ and plots/.
 *
 * The tables that people query are described in schema.sql and schema_3.sql to schema_8.sql, the
 * views in views.sql; what the rest of the program wants to know of them is a function of
 * results/read/. One process at a time may write (an fcntl lock held for life is its lease); any
 * number may read meanwhile (WAL) and need no lock. On a network file system there is a rollback
 * journal in place of the log, the writer has the database for itself, its lock beats so that other
 * hosts can tell whether it lives (lock_claim.h), and readers get its last snapshot.
 *
 * An open store must not cross a bare fork: a child execs at once, or never touches it.
 *
 * Durability: every call below that writes is committed when it returns and survives any kill of
 * the process. abl_store_sync() makes what was committed survive a power cut too, and nothing else
 * does: the supervisor first syncs the artefacts that the commits name, then calls it, once a
 * second. abl_store_close() does it at the end. */
#ifndef ABL_STORE_H
#define ABL_STORE_H

#include "cause.h"
#include "errors.h"
#include "option.h"
#include "variant_kind.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_sql;
struct abl_store;

enum abl_store_mode {
	ABL_STORE_READ,  /* no lock, creates nothing; a missing store is ABL_EINPUT. One of an
			    earlier schema, or whose writer has died, is read from a copy in
			    memory, brought up to date */
	ABL_STORE_WRITE, /* creates what is missing, takes the lock, upgrades an older schema after
			    a backup, and puts stages that a dead writer left running back to
			    waiting */
};

/* Errors: another process holds the lock (its pid is named), a newer schema, not a store. */
int abl_store_open(struct abl_store **out, const char *folder, enum abl_store_mode mode,
		   struct abl_err *err) ABL_MUST_USE;
void abl_store_close(struct abl_store *s);               /* null-safe */
const char *abl_store_folder(const struct abl_store *s); /* as given to abl_store_open() */
/* Whether a program was writing when this store was opened. */
bool abl_store_is_alive(const struct abl_store *s);
/* Whether the database that we write to is still the one in the folder. */
int abl_store_check(const struct abl_store *s, struct abl_err *err) ABL_MUST_USE;
/* See abl_sql_patience(), abl_sql_on_wait(). */
void abl_store_patience(struct abl_store *s, double seconds);
void abl_store_on_wait(void (*say)(const char *text));
/* Who holds the lock that we wait for, as a sentence with what to do; "" where nobody can tell. */
void abl_store_holder(const struct abl_store *s, char *out, size_t size);
/* Flushes to the disk what was committed, if anything was and the last time is a second ago or
 * `now`. */
int abl_store_sync(struct abl_store *s, bool now, struct abl_err *err) ABL_MUST_USE;

/* On a network file system each commit is flushed, which takes a while. With `on`, what is written
 * from now on joins one transaction, which abl_store_sync() commits. Elsewhere it does nothing. */
int abl_store_take_turns(struct abl_store *s, bool on, struct abl_err *err) ABL_MUST_USE;
bool abl_store_is_on_network(const struct abl_store *s);

/* One transaction around many put calls. Not nested; abl_store_rollback() after any failure
 * between. */
int abl_store_begin(struct abl_store *s, struct abl_err *err) ABL_MUST_USE;
int abl_store_commit(struct abl_store *s, struct abl_err *err) ABL_MUST_USE;
void abl_store_rollback(struct abl_store *s);

/* ---- what is to be done. All put calls are idempotent: what is there already stays, so that a
 * second plan of the same study adds only what is missing. Texts are copied; NULL = not known. ----
 */

struct abl_study_row {
	const char *name; /* unique in the store */
	const char *path; /* of the study file */
	const char *text; /* the study file with what it includes; replaces the earlier one */
	const char *about;
};
/* *id is what the calls below want. Begins a new plan of the study: variants and trials of earlier
 * plans that are not put again leave the views (their stages stay) and its rules are forgotten but
 * for ABL_RULE_RAISED, so put everything in one transaction. */
int abl_store_put_study(struct abl_store *s, const struct abl_study_row *row, int64_t *id,
			struct abl_err *err) ABL_MUST_USE;

#define ABL_SPLIT_NONE "none" /* but for test files */
struct abl_task_row {
	const char *name;
	const char *type;   /* "classify" */
	const char *metric; /* the main one: a name among the results of the evaluate stage. Others
			       that are looked for there: "examples", how many were scored;
			       "majority", the accuracy of always answering the most frequent class
			       ("f1_majority" what that gets in f1, and so on; matthews and
			       correlations: 0); "predicted_classes" */
	bool lower_is_better;
	const char *split; /* what is scored: "dev", "held-back", or ABL_SPLIT_NONE */
	const char *label; /* said beside every number, as "selected on dev"; or NULL */
};
int abl_store_put_task(struct abl_store *s, int64_t study, const struct abl_task_row *row,
		       struct abl_err *err) ABL_MUST_USE;

struct abl_variant_row {
	const char *label; /* unique in the study: "baseline", "no segments", "layers=4" */
	enum abl_variant_kind kind;
	const char *subject; /* what was removed or added: "segments"; the label for other kinds */
	int position;        /* order of the listings */
};
/* Forgets the variant's options and changes of earlier plans: put them all after it. */
int abl_store_put_variant(struct abl_store *s, int64_t study, const struct abl_variant_row *row,
			  int64_t *id, struct abl_err *err) ABL_MUST_USE;
/* One option of a variant, every active one please; `task` NULL = all tasks, else it overrides
 * there (per-task recipes, tuned values). A changed value replaces the earlier one. */
int abl_store_put_option(struct abl_store *s, int64_t variant, const char *task, const char *name,
			 const struct abl_value *value, struct abl_err *err) ABL_MUST_USE;

/* What the design set in a variant, where the baseline has something else. */
int abl_store_put_change(struct abl_store *s, int64_t variant, const char *name,
			 const struct abl_value *value, struct abl_err *err) ABL_MUST_USE;

/* How the study is judged: schema_6.sql lists the names, subjects and values. */
#define ABL_RULE_RAISED "seeds_raised" /* stays over plans */
#define ABL_RULE_CONFIRMS "confirms"
#define ABL_RULE_AFTER "seeds_after"
#define ABL_RULE_KEEP "keep"
struct abl_rule_row {
	const char *name;
	const char *subject, *value; /* NULL is as "" */
};
int abl_store_put_rule(struct abl_store *s, int64_t study, const struct abl_rule_row *row,
		       struct abl_err *err) ABL_MUST_USE;
/* To be called before the study's next plan is put, which has that many units (seeds, or
 * pre-trainings where each has several fine-tunings). Where the last plan has fewer and trials of
 * it are done, that is kept; but not where its rules said that they grow, and the next one's do,
 * too. */
int abl_store_note_raised(struct abl_store *s, const char *study, int64_t units, bool grows,
			  struct abl_err *err) ABL_MUST_USE;

/* Forgets the trial's links of earlier plans (a changed study has other stages), but for its tests:
 * link them all after it, then abl_store_unlink_old_tests(). */
int abl_store_put_trial(struct abl_store *s, int64_t variant, const char *task, int64_t seed,
			int64_t *id, struct abl_err *err) ABL_MUST_USE;

struct abl_stage_input {
	const char *name; /* "vocab", "corpus", "parent" */
	const char *key;  /* of the stage that makes it */
};
struct abl_stage_row {
	const char *key;  /* content hash */
	const char *kind; /* "vocab", "tokenize", "pretrain", "finetune", "evaluate" */
	int64_t seed;
	const char *canonical;                /* the text whose hash is the key */
	const char *parent;                   /* key of the stage whose artefact it needs; NULL */
	double cost;                          /* seconds expected; 0 = not known */
	double rated;                         /* the same, by a rate measured here; 0 = none was */
	const struct abl_stage_input *inputs; /* stages that were put before */
	size_t input_count;
};
int abl_store_put_stage(struct abl_store *s, const struct abl_stage_row *row,
			struct abl_err *err) ABL_MUST_USE;
/* The stage serves the trial (a shared one serves many). `role` is what the trial's views read:
 * "evaluate" = its final metrics, "test" = columns test_..., "pretrain" = pretrain_..., other kinds
 * as they are called. One stage may hold only one role in a trial. */
int abl_store_link(struct abl_store *s, int64_t trial, const char *key, const char *role,
		   struct abl_err *err) ABL_MUST_USE;
/* The stage serves the choice of a value that the study's plan has not made yet. */
int abl_store_put_tuning(struct abl_store *s, int64_t study, const char *key,
			 struct abl_err *err) ABL_MUST_USE;
/* A stage that scores a test file with what a trial has trained: the trial of the study's last
 * plan, if its fine-tuning is that one, and done. */
struct abl_test_link {
	int64_t study, seed;
	const char *variant, *task;
	const char *trained, *test; /* keys */
};
/* Links it as `test`, in place of an earlier one. 1 = linked, 0 = there is no such trial. */
int abl_store_link_test(struct abl_store *s, const struct abl_test_link *link,
			struct abl_err *err) ABL_MUST_USE;
/* Forgets the trial's `test` where it scores what the trial has trained no more. After its links.
 */
int abl_store_unlink_old_tests(struct abl_store *s, int64_t trial,
			       struct abl_err *err) ABL_MUST_USE;
/* Remakes the views whose text is not this program's, and the wide view `trials` if options or
 * metrics are new. After the last put of a plan. */
int abl_store_refresh_views(struct abl_store *s, struct abl_err *err) ABL_MUST_USE;

/* ---- one start of the program on a study: provenance ---- */

struct abl_provenance {
	char engine[64]; /* version of ablate */
	char compiler[160];
	char cpu[160];    /* model name */
	char kernels[64]; /* of matrix products: "avx512", BLIS's "skx", … */
	char host[128];
	int cores;
};
/* Fills all but engine and kernels. */
void abl_provenance_gather(struct abl_provenance *p);

int abl_store_run_begin(struct abl_store *s, int64_t study, const struct abl_provenance *p,
			int argc, char *const *argv, int64_t *run,
			struct abl_err *err) ABL_MUST_USE;
int abl_store_run_end(struct abl_store *s, int64_t run, int exit_code,
		      struct abl_err *err) ABL_MUST_USE;
/* What is expected of the run as it begins (0: not known), and what it took: wall seconds of this
 * start of the program; of the processor, the sum of its attempts. */
struct abl_run_expects {
	int workers, threads;
	double seconds, cpu_seconds;
};
int abl_store_run_expects(struct abl_store *s, int64_t run, const struct abl_run_expects *e,
			  struct abl_err *err) ABL_MUST_USE;
int abl_store_run_took(struct abl_store *s, int64_t run, double seconds,
		       struct abl_err *err) ABL_MUST_USE;
/* What a study's own program runs in, as JSON, and the hash of what results depend on. */
int abl_store_run_environment(struct abl_store *s, int64_t run, const char *json, const char *hash,
			      struct abl_err *err) ABL_MUST_USE;
/* A data file that the study reads; `role` as "rte/train", "pretraining/0". */
int abl_store_put_data(struct abl_store *s, int64_t study, const char *role, const char *path,
		       const char *hash, int64_t bytes, struct abl_err *err) ABL_MUST_USE;
/* Appends the path of the file that the study last had in that role, where its content was another.
 */
int abl_store_other_data(const struct abl_store *s, int64_t study, const char *role,
			 const char *hash, struct abl_str *path, struct abl_err *err) ABL_MUST_USE;

/* ---- execution ---- */

enum abl_state {
	ABL_WAITING,
	ABL_RUNNING,
	ABL_DONE,
	ABL_FAILED,
	ABL_TIMED_OUT,
	ABL_STOPPED, /* given up on the user's word */
	ABL_STATES,
};
const char *abl_state_name(
	enum abl_state state); /* "waiting", "running", "done", "failed", "timed out", "stopped" */
int abl_state_find(const char *name); /* enum abl_state, -1 if none */

struct abl_stage_info { /* texts are the caller's, end with abl_stage_info_finish() */
	enum abl_state state;
	int64_t attempt;      /* the last one's number, 0 = never begun */
	double seconds;       /* of the attempt that is done */
	char *artifact;       /* folder below the store, or NULL */
	char *reason;         /* of a failure, or NULL */
	enum abl_cause cause; /* of a failure */
	char *log;            /* of the last attempt, below the store, or NULL */
	char *seal;           /* hash of the artefact's seal (made.h), or NULL: not known */
	char *dropped;        /* what of the artefact was removed on purpose, or NULL */
	char *lost;           /* why it is made again though its numbers stand, or NULL */
	int64_t log_id;       /* the row of the last attempt; 0 = none */
	int64_t worker;       /* that was given the last attempt; 0 = this machine */
};
/* 1 = found, 0 = no such stage, negative = error. */
int abl_store_stage(struct abl_store *s, const char *key, struct abl_stage_info *out,
		    struct abl_err *err) ABL_MUST_USE;
void abl_stage_info_finish(struct abl_stage_info *i); /* null-safe */

/* Does the last plan of any study have the stage, and is it not done? */
int abl_store_stage_wanted(struct abl_store *s, const char *key, bool *wanted,
			   struct abl_err *err) ABL_MUST_USE;

struct abl_attempt_row {
	const char *log; /* path below the store */
	int threads;
	const struct abl_provenance *made_by;
	int64_t run;      /* of abl_store_run_begin(); 0 = none */
	const char *code; /* of a user's program: the name of the copy that it runs in, or NULL */
	double expected_seconds, expected_cpu, expected_memory; /* 0: not known */
	int64_t worker; /* that is given it (store_worker.h); 0 = this machine */
};
/* Makes the stage running under a new attempt, whose number (from 1) is the fencing token. Done
 * stages are refused (ABL_EFAIL). *id is the attempt's row, what the log is called by. */
int abl_store_stage_begin(struct abl_store *s, const char *key, const struct abl_attempt_row *row,
			  int64_t *attempt, int64_t *id, struct abl_err *err) ABL_MUST_USE;
/* A done stage whose artefact is gone or damaged waits again; its results and its points stand
 * until an attempt has made it again. `why`: for people. */
int abl_store_stage_lost(struct abl_store *s, const char *key, const char *why,
			 struct abl_err *err) ABL_MUST_USE;
/* The work of a done stage stands for that of another, which is not done: its code differs, and
 * somebody says that this changes nothing. 1 = so it is now, 0 = they are not such. */
int abl_store_stage_same(struct abl_store *s, const char *from, const char *to,
			 struct abl_err *err) ABL_MUST_USE;
/* The child's process id, once it is known. */
int abl_store_stage_pid(struct abl_store *s, const char *key, int64_t attempt, int pid,
			struct abl_err *err) ABL_MUST_USE;

struct abl_metric {
	int64_t step;
	const char *name;
	double value; /* NaN is kept as NULL */
};
/* Points of the curves of a running attempt; a point that is there already is replaced. */
int abl_store_stage_metrics(struct abl_store *s, const char *key, int64_t attempt,
			    const struct abl_metric *metrics, size_t count,
			    struct abl_err *err) ABL_MUST_USE;

struct abl_result {
	const char *name;
	double value;
};
struct abl_stage_end {
	enum abl_state state;             /* ABL_WAITING = paused, to be continued */
	const char *reason;               /* of anything but done, for people */
	enum abl_cause cause;             /* of anything but done and paused */
	int exit_code, signal;            /* of the child; -1 and 0 = not known */
	int64_t bad_lines;                /* malformed lines that the child wrote */
	double seconds;                   /* wall time of this attempt */
	double cpu_seconds, peak_memory;  /* of its processes; bytes; 0 = not measured */
	const char *artifact;             /* done: folder below the store, or NULL */
	const char *seal;                 /* done: hash of its seal, or NULL: there is none */
	int64_t bytes;                    /* done: that the artefact takes on disk; 0 = not known */
	const struct abl_result *results; /* done: final metrics */
	size_t result_count;
	const char *predictions;          /* done: file below `artifact`, or NULL */
	const struct abl_metric *metrics; /* the last points of the curves */
	size_t metric_count;
	bool again;   /* failed, but to be tried again: the stage waits meanwhile */
	bool goes_on; /* what it made so far counts for the next attempt */
	bool late; /* it is the last attempt of a stage that waits: its writer died before this */
};
/* Ends an attempt in one transaction. 0 = written; 1 = the fence has moved on (a later attempt
 * began, or the stage is done): nothing was written and the attempt's files are to be thrown away.
 */
int abl_store_stage_end(struct abl_store *s, const char *key, int64_t attempt,
			const struct abl_stage_end *end, struct abl_err *err) ABL_MUST_USE;

/* ---- reading: results/read/ has the questions ---- */

/* For queries of any kind (sql.h): results/ and tests. */
struct abl_sql *abl_store_sql(struct abl_store *s);

/* Are the numbers of that study's stages (0: of all) those that were put there? ABL_EDAMAGED: a
 * disk, or another program, has changed them. The curves are many rows: only if asked for. */
int abl_store_sum_check(struct abl_store *s, int64_t study, bool curves,
			struct abl_err *err) ABL_MUST_USE;

/* For a reader that asks much of one study: how its trials stand is found out once, as of now, and
 * queries of this connection see no trials of others. */
int abl_store_trials_once(struct abl_store *s, int64_t study, struct abl_err *err) ABL_MUST_USE;

/* The study's id by its name. ABL_EINPUT names the nearest, or lists what there is. */
int abl_store_find_study(struct abl_store *s, const char *name, int64_t *id,
			 struct abl_err *err) ABL_MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* task_spec.h - what a study says about a task: its type, where its files lie and how to read them.
 * Well-known layouts are rows of a table (known_tasks.c); `data: world` tasks are made up on the
 * fly. */
#ifndef ABL_TASK_SPEC_H
#define ABL_TASK_SPEC_H

#include "errors.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* All texts are owned by the spec (malloc); NULL where not said. */
struct abl_task_spec {
	char *name;               /* as in the study: "rte", "intents" */
	char *type;               /* task type: "classify", "regress", "tag", "story", "span",
				     "choice" (core/tasks) */
	char *train, *dev, *test; /* files with their folder, or "world" */
	/* "tsv" (quotes are text), "csv" (RFC 4180), "jsonl" (keys are columns); tag: "conll",
	 * "conllu"; story: "babi"; span: "squad" */
	char *format;
	char *header;                /* "yes", "no" or "auto" */
	char *text, *text_b, *label; /* columns: a header name or a number from 0; "last" */
	char *test_text; /* the first text's column where a test file has a header of its own */
	char *choices;   /* choice: the columns of the answers, joined by '|' */
	char *group;     /* column that rows must not be split by; NULL: the first text */
	char *labels;    /* names in class order, joined by '|'; NULL: sorted, as found in train */
	char *metric;    /* main metric, one of the type's (task.h); NULL: the type's first */
	char *positive;  /* class that F1 is of; NULL: "1", else the last label */
	char *broken;    /* rows that cannot be right: "refuse" or "skip" (and count) */
	char *no_label;  /* what stands for no gold label, joined by '|'; such rows are left out */
	/* rows with more columns than the header: "refuse" (as broken), "pass", or "before_last":
	 * they may have more before the header's last one */
	char *more_columns;
	int64_t train_examples, dev_examples, test_examples; /* world only */
	int64_t world_seed; /* world only: which sample of the language */
	int64_t limit;      /* train on the first n examples of the file; 0 = all */
	/* "no": train on all of train where there is no dev file; trials have no score then */
	char *held_back;
	/* span: "yes": questions without an answer are among them (SQuAD 2.0), and a threshold for
	 * saying so is tuned on the held-back part of train, which training then leaves out */
	char *no_answer;
	/* span: BERT's windows (run_squad.py), 0 = its values: 128, 64, 20, 30 */
	int64_t stride, max_question, n_best, max_answer;
	/* a prediction is due for each row of `test`, whatever is broken there; no field of a study
	 */
	bool answer_each;
};

void abl_task_spec_finish(struct abl_task_spec *s); /* null-safe */

/* A well-known task ("sst2", "rte", "cola", ...; "SST-2" is the first, too) with its files under
 * `data`, a folder or "world" (then "sentiment", "entailment"). Errors: no such task (with the
 * nearest name), its folder or a file is not there (with what was looked for). */
int abl_task_spec_known(struct abl_task_spec *s, const char *name, const char *data,
			struct abl_err *err) ABL_MUST_USE;
/* The same with whatever of its files is there, if only for a look at them. */
int abl_task_spec_there(struct abl_task_spec *s, const char *name, const char *data,
			struct abl_err *err) ABL_MUST_USE;
/* How the files of a well-known task are read, without any file: for one that is named apart. */
int abl_task_spec_layout(struct abl_task_spec *s, const char *name,
			 struct abl_err *err) ABL_MUST_USE;
bool abl_task_is_known(const char *name, const char *data);
/* What the numbers that are labels of a well-known task mean, in class order, joined by '|'; NULL:
 * its labels are words, or there is no such task. */
const char *abl_task_meanings(const char *name);
/* Sets one field from the study file's text ("type", "train", "text", ...). Paths are put under
 * `data`. ABL_EINPUT with the nearest field name when there is none. */
int abl_task_spec_set(struct abl_task_spec *s, const char *field, const char *value,
		      const char *data, struct abl_err *err) ABL_MUST_USE;
/* Checks that what is needed is said and that the files exist. */
int abl_task_spec_check(struct abl_task_spec *s, struct abl_err *err) ABL_MUST_USE;
/* The same where there is no train file, but s->test or s->dev. `gold`: it has to have labels. */
int abl_task_spec_check_test(struct abl_task_spec *s, bool gold, struct abl_err *err) ABL_MUST_USE;

/* The format of one of its files: a table that is named .jsonl or .ndjson is JSON lines, whatever
 * the others are. */
const char *abl_task_spec_format(const struct abl_task_spec *s, const char *path);

/* Does training leave the held-back tenth of train out? Where there is no dev file (evaluation
 * scores it), and where a threshold is tuned on it. */
bool abl_task_spec_holds_back(const struct abl_task_spec *s);

/* What a trial is scored on: "dev", "held-back" where there is no dev file, or NULL: nothing. */
const char *abl_task_spec_scored(const struct abl_task_spec *s);

/* The spec as a JSON object (caller's reference) and back: the trial protocol's "task". */
json_t *abl_task_spec_json(const struct abl_task_spec *s);
int abl_task_spec_from_json(struct abl_task_spec *s, const json_t *o,
			    struct abl_err *err) ABL_MUST_USE;

/* Adds to a hash what decides the result of training on it (columns, labels, content of train), or
 * of scoring a split on it. "split" is "train", "dev", "test", "held-back" or
 * "train-rest". */
struct abl_hash;
int abl_task_spec_hash(const struct abl_task_spec *s, const char *split, struct abl_hash *h,
		       struct abl_err *err) ABL_MUST_USE;

#endif

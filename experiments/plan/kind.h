/* SPDX-License-Identifier: Apache-2.0 */
/* kind.h - the kinds of stages: a row each (kinds.def), from which the plan, the record, the
 * supervisor and the child know everything about a kind. */
#ifndef ABL_KIND_H
#define ABL_KIND_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>

struct abl_events;
struct abl_plan_stage;
struct abl_space;
struct abl_task_counts;
struct abl_task_spec;
struct abl_trial;
struct abl_values;

enum { ABL_KIND_INPUTS = 8, ABL_KINDS_MAX = 16 };

/* What a stage reads beside the stages before it; all of it is hashed into its key. */
enum abl_reads {
	ABL_READS_TEXTS = 1,
	ABL_READS_GROUPS = 2, /* which texts are held out together, or what is instead */
	ABL_READS_TRAIN = 4,  /* the train part of its task */
	ABL_READS_SPLIT = 8,  /* the part of its task that is scored */
	ABL_READS_TASKS = 16, /* without texts: the train parts of all tasks */
};

/* Another stage's artefact, by the name that the stage knows it under. */
struct abl_kind_input {
	const char *name; /* "vocab"; NULL ends the list */
	const char *file; /* which file of the artefact; "": its folder */
	bool hashed;      /* false: it is needed, but another input's key tells it already */
};

/* What a cost is reckoned from, beside the stage's options. */
struct abl_cost_base {
	const struct abl_task_spec *task;     /* the stage's, or NULL */
	const struct abl_task_counts *counts; /* what its files hold; NULL: not known */
	double text_bytes;                    /* of all pre-training texts */
};

struct abl_kind {
	const char *name;       /* in keys, in the store; the role of its stages in a trial */
	const char *verb;       /* "fine-tune" */
	const char *one, *many; /* "fine-tuning", "fine-tunings" */
	unsigned options;       /* enum abl_stage_bit: keys of these are hashed */
	unsigned reads;         /* enum abl_reads */
	struct abl_kind_input inputs[ABL_KIND_INPUTS + 1];
	const char *leaves[4]; /* files that its artefact has, at least; NULL ends them */
	bool trains;           /* takes the time of a study, and leaves weights */
	bool prepares;         /* makes data that many trials share */
	bool foreign;          /* a user's program does it: what it takes is not known */
	bool scores; /* must tell a result: the role `evaluate`, whose main metric is a trial's */
	/* Seconds on a core of a common machine, roughly. */
	double (*cost)(const struct abl_plan_stage *stage, const struct abl_cost_base *base);
	double (*memory)(const struct abl_values *config); /* bytes that one worker takes at most */
	double (*disk)(const struct abl_values *config);   /* bytes of the artefact */
	/* Who executes it: the child reads a trial whose configuration is of this space, and calls
	 * run(). Errors: those of abl_stage_run(). space NULL: the trial has an order instead. */
	const struct abl_space *(*space)(void);
	int (*run)(const struct abl_trial *trial, const struct abl_events *events,
		   struct abl_err *err);
	/* Removes what lies outside of the attempt's folder, after the end is sealed. May be NULL.
	 */
	void (*tidy)(const struct abl_trial *trial);
};

size_t abl_kind_count(void);
const struct abl_kind *abl_kind_at(size_t i);
const struct abl_kind *abl_kind_find(const char *name); /* NULL if there is none */
size_t abl_kind_index(const struct abl_kind *kind);     /* below ABL_KINDS_MAX */
/* The space of a kind's configurations; NULL: no such kind. */
const struct abl_space *abl_kind_space(const char *name);

#endif

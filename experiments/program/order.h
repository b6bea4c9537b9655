/* SPDX-License-Identifier: Apache-2.0 */
/* order.h - one step of one trial of a user's program: everything that is needed to start it, to
 * read its numbers, and to end it. The plan fills it from the study (ablations/program.h) and
 * hashes what decides the result; the trial file carries it as JSON to the child that executes it.
 *
 * Texts are as in the study file, with {placeholders} (words.h). Nothing here is owned, but for
 * what abl_order_read() returns. Lists of words end with NULL and are never NULL. */
#ifndef ABL_ORDER_H
#define ABL_ORDER_H

#include "errors.h"
#include "option.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_order_option {
	const char *name;
	struct abl_value value;
	const char *flag;                   /* as the program spells it; NULL: by the style */
	const char *const *on, *const *off; /* words of a truth value; NULL: by the style */
};

struct abl_order_setting {
	const char *name, *value; /* value NULL: a secret, which is in no file */
};

struct abl_order_metric {
	const char *name;
	bool lower_is_better, main, series, best;
	const char *split;
	const char *from, *step; /* may be NULL */
};

struct abl_order_folder { /* of a step before this one */
	const char *step, *path;
};

struct abl_order {
	const char *study, *variant, *task, *step; /* for {study} and so on */
	int64_t seed;                              /* 0: the step has none */
	const char *const *command, *const *setup, *const *wrap;
	const char *const *task_flags;
	const char *directory; /* absolute: where it runs; a copy of the code, or in place */
	const char *home;      /* absolute: the study's own `directory` */
	const struct abl_order_setting *environment, *pass;
	size_t environment_count, pass_count;
	const char *flags; /* the style */
	const struct abl_order_option *options;
	size_t option_count;
	const char *seed_flag, *seed_variable; /* may be NULL */
	const struct abl_order_folder *folders;
	size_t folder_count;
	const char
		*out; /* absolute: {out}, the same for every attempt; {state} is the same folder */
	const struct abl_order_metric *metrics; /* that are read after this step */
	size_t metric_count;
	const char *predictions, *predictions_id, *predictions_correct; /* may be NULL */
	const char *resume_if, *const *resume_flags;                    /* resume_if may be NULL */
	int stop_signal;
	double stop_grace; /* seconds from the signal to SIGKILL */
	int64_t gpus;
	const char *const *cards; /* names for $CUDA_VISIBLE_DEVICES, `gpus` of them */
	const char *const *keep;  /* patterns below {out} of what stays beside what metrics name */
	bool keep_all;            /* a later step reads the folder: all of it stays */
	int threads;              /* >= 1 */
};

/* As a JSON object (caller's reference); NULL: a text is not UTF-8. */
json_t *abl_order_json(const struct abl_order *o);
/* Appends what decides the result and nothing else, one fact a line, sorted: what a stage's key is
 * a hash of, beside what it reads. Options count by their values and by the words that carry them;
 * {task}, {variant} and so on only where a word names them; where it runs, what it resumes from,
 * how it is stopped and what is kept do not. */
void abl_order_canonical(const struct abl_order *o, struct abl_str *out);

/* An order that was read: its texts are in `json`, its lists its own. */
struct abl_order_read {
	struct abl_order order;
	struct abl_order_memory *memory;
};
/* ABL_EINPUT: not an order. Ends with abl_order_read_finish(); `json` must outlive it. */
int abl_order_read(struct abl_order_read *out, const json_t *json,
		   struct abl_err *err) ABL_MUST_USE;
void abl_order_read_finish(struct abl_order_read *r); /* null-safe */

#endif

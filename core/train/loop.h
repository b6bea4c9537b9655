/* SPDX-License-Identifier: Apache-2.0 */
/* loop.h - the training loop, the same for pre-training and fine-tuning: it draws items from a
 * source, cuts batches into micro-batches, steps, reports, evaluates, saves its state. */
#ifndef ABL_LOOP_H
#define ABL_LOOP_H

#include "model.h"
#include "events.h"

/* Where sequences come from. Items are numbered from 0 in each epoch; the loop shuffles them. */
struct abl_source {
	void *data;
	size_t (*begin_epoch)(void *data,
			      uint64_t epoch); /* makes the epoch; returns its item count, > 0 */
	void (*put)(void *data, size_t item,
		    struct abl_batch *b); /* appends the item's sequence(s) */
	size_t sequences;                 /* of an item, at most: 1, or its choices */
	size_t longest;                   /* tokens of the longest item */
};

/* How an evaluation tells its points, so that they are kept with the state. */
struct abl_teller {
	void *data;
	void (*metric)(void *data, int64_t step, const char *name, double value);
	/* The weights as they are now are the best so far: those that the run is to end with. */
	void (*best)(void *data);
};

struct abl_loop {
	struct abl_model *model;
	const struct abl_recipe *recipe;
	const struct abl_source *source;
	uint64_t seed; /* of the order */
	const char *folder;
	bool resume;
	int64_t evaluations; /* how often `evaluate` is called, evenly; the last time after the last
				step */
	/* Or NULL. ABL_ESTOP: it was asked to stop, and is called again when the run goes on.
	 * ABL_LOOP_ENOUGH: no further step. */
	int (*evaluate)(void *data, int64_t step, const struct abl_teller *tell,
			struct abl_err *err);
	void *evaluate_data;
	bool keeps_best; /* `evaluate` tells of the best weights */
	/* Or NULL. What is left to do with the weights that the run ends with. ABL_ESTOP: it was
	 * asked to stop, and is called again. */
	int (*finish)(void *data, struct abl_err *err);
	/* Or NULL. Hears, when a run goes on, each point that was told before its state was saved.
	 */
	void (*recall)(void *data, int64_t step, const char *name, double value);
	/* the model's heads whose losses are told one by one, as "mlm_loss"; 0: only their sum */
	const struct abl_head_request *heads;
	size_t head_count;
	const struct abl_events *events;
};

#define ABL_LOOP_ENOUGH 1

/* Runs all steps, then tells the result "gradient_noise_scale" (noise.h). ABL_EDIVERGED when the
 * loss is no number ("diverged at step ..."), ABL_ESTOP when asked to stop (the state is saved in
 * `folder`, if it could be). A resumed run first tells again what was told before its state was
 * saved, so that the points of every attempt are those of one that was never stopped. The states
 * stay in the folder until it is sealed (seal.h). */
int abl_loop_run(struct abl_loop *l, struct abl_err *err) ABL_MUST_USE;

/* Tokens of a micro-batch: a function of the configuration only, since it decides bits. */
size_t abl_micro_tokens(const struct abl_config *c);

#endif

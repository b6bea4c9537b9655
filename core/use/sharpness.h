/* SPDX-License-Identifier: Apache-2.0 */
/* sharpness.h - how fast the loss can rise near a model's weights x: the highest loss found in a
 * small region around them, dropout off, on a fixed subset of examples,
 *
 *     sharpness = 100 * (max f(x + z) - f(x)) / (1 + f(x))
 *
 * (Keskar et al. 2017, "On large-batch training for deep learning", metric 2.1 with A = I). They
 * maximise by ten iterations of L-BFGS-B; here it is k steps of projected gradient ascent from x
 * itself, each of 2.5 / k of the region's half-width (Madry et al. 2018), and the highest loss of
 * all points on the way counts, so that it is never negative. Nothing is drawn: the same weights
 * and subset give the same bits. Two regions:
 *
 * box: |z_i| <= eps (|x_i| + 1), Keskar's own; steps are eps (|x_i| + 1) times the sign of the
 *     gradient. It changes when weights are rescaled even where the function stays the same
 *     (Dinh et al. 2017, "Sharp minima can generalize for deep nets").
 * relative: ||z_t||_2 <= eps ||x_t||_2 for each tensor t; steps go along the gradient of the
 *     tensor, made as long as a share of its norm. The bound that filter-wise normalised loss
 *     landscapes (Li et al. 2018) and adaptive sharpness (Kwon et al. 2021) scale by the weights,
 *     too, here by whole tensors: it does not change when a factor moves from one tensor to
 *     another. A tensor that is zero stays as it is. */
#ifndef ABL_SHARPNESS_H
#define ABL_SHARPNESS_H

#include "loop.h"
#include "task.h"

struct abl_compute; /* compute.h */
struct abl_corpus;

enum abl_sharpness_region { ABL_SHARPNESS_BOX, ABL_SHARPNESS_RELATIVE, ABL_SHARPNESS_REGIONS };
const char *abl_sharpness_region_name(enum abl_sharpness_region region); /* "box", "relative" */

#define ABL_SHARPNESS_STEPS 10     /* as many as the paper's iterations */
#define ABL_SHARPNESS_EXAMPLES 512 /* of the subset, unless said otherwise */

/* The loss: the mean over all targets of these items (of each head), in micro-batches. */
struct abl_sharpness_loss {
	struct abl_model *model;         /* made with `train`, both dropouts 0 */
	const struct abl_source *source; /* its put() and longest */
	const uint32_t *items;
	size_t count;
	size_t micro; /* tokens, and sequences, that the model takes at once: an item at least */
	bool (*stopping)(void *data); /* asked between passes, or NULL */
	void *data;
};

struct abl_sharpness_rule {
	enum abl_sharpness_region region;
	double epsilon; /* above 0 */
	int steps;      /* at least 1; each costs one pass with gradients over the items */
};

/* Keskar's larger box and a twentieth of each norm, by region: what studies measure. */
extern const struct abl_sharpness_rule abl_sharpness_usual[ABL_SHARPNESS_REGIONS];

struct abl_sharpness {
	double loss, highest; /* f(x), and the highest found; infinite when it was no number */
	double sharpness;     /* percent, as above */
};

/* The model's weights are the same bits afterwards, its gradients zero. ABL_ESTOP when asked to
 * stop; ABL_EINPUT when no item has a target, or the loss of the model itself is no number. */
int abl_sharpness_measure(struct abl_sharpness *out, const struct abl_sharpness_loss *l,
			  const struct abl_sharpness_rule *rule, struct abl_err *err) ABL_MUST_USE;

/* The same for a checkpoint: on the items of a task, or on a text as in pre-training. */
struct abl_sharpness_request {
	const struct abl_compute *compute;
	const char *checkpoint;          /* folder (checkpoint.h) */
	const struct abl_config *config; /* its own; dropout counts as 0 */
	const struct abl_vocab *vocab;
	size_t examples; /* items of the subset: the first by hash (all, where there are fewer) */
	uint64_t seed;   /* of another subset; 0: by the plain hash */
	const struct abl_sharpness_rule *rules;
	size_t rule_count;
	bool (*stopping)(void *data); /* or NULL */
	void *data;
};
/* Each fills out[rule_count]; *used items were in the subset. ABL_EINPUT also when the checkpoint
 * lacks weights that are needed. `feed`: the split that the subset is taken from. */
int abl_sharpness_of_task(struct abl_sharpness *out, size_t *used,
			  const struct abl_sharpness_request *r, const struct abl_task_feed *feed,
			  struct abl_err *err) ABL_MUST_USE;
/* `held_out`: pairs of the held-out documents rather than of the training part, with masks that do
 * not depend on the seed. ABL_EINPUT: what corpus.h says of the texts; or no pair came out. */
int abl_sharpness_of_text(struct abl_sharpness *out, size_t *used,
			  const struct abl_sharpness_request *r, const struct abl_corpus *corpus,
			  bool held_out, struct abl_err *err) ABL_MUST_USE;

#endif

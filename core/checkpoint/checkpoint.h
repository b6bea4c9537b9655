/* SPDX-License-Identifier: Apache-2.0 */
/* checkpoint.h - a model as a folder in Hugging Face's form: config.json, model.safetensors (their
 * tensor names where they exist), vocab.txt. */
#ifndef ABL_CHECKPOINT_H
#define ABL_CHECKPOINT_H

#include "errors.h"
#include "model.h"
#include "str.h"

struct abl_checkpoint_task { /* what a checkpoint can do */
	const char *type;    /* of its head (task_types.h), or NULL: an encoder alone */
	const char *labels;  /* class names joined by newlines, or NULL */
	double decided;      /* on held-back examples (task.h), or NaN */
};

/* Writes config.json and model.safetensors into `folder`, and the vocabulary as vocab.txt. */
int abl_checkpoint_save(struct abl_model *m, const char *folder, const char *vocab,
			const struct abl_checkpoint_task *task, struct abl_err *err) ABL_MUST_USE;
/* What was decided, NaN where nothing was. */
int abl_checkpoint_decided(const char *folder, double *out, struct abl_err *err) ABL_MUST_USE;
/* Takes the tensors that model and file share by name (their names with or without "bert." before
 * them, and norms' old names "gamma" and "beta", are the same); *taken counts them. ABL_EINPUT when
 * one has another shape (the place and both shapes are named), or the word embeddings are not
 * there. Positions and tokens: a longer table gives its first rows. */
int abl_checkpoint_load(struct abl_model *m, const char *folder, size_t *taken,
			struct abl_err *err) ABL_MUST_USE;
/* A model as requested with all its weights from there. ABL_EINPUT also when a tensor is not in the
 * file: what stays random is of no use to anybody. */
int abl_checkpoint_open(struct abl_model **out, const struct abl_model_request *r,
			const char *folder, struct abl_err *err) ABL_MUST_USE;

/* The same, and none of the model's tensors may be missing in the file. */
int abl_checkpoint_load_all(struct abl_model *m, const char *folder,
			    struct abl_err *err) ABL_MUST_USE;
/* The same for a model whose training goes on with longer sequences: the file may have fewer
 * positions than the model. They are copied to the others, over and over, so that neighbours find
 * each other there, too (Beltagy et al. 2020, section 5); ones drawn anew have to learn that. */
int abl_checkpoint_go_on(struct abl_model *m, const char *folder, struct abl_err *err) ABL_MUST_USE;
/* The same for the encoder and its pooler alone: what fine-tuning begins with; heads stay as the
 * seed drew them, whatever the file has. Appends to summary which tensors were taken and which not:
 * "from DIR: 103 tensors taken; not needed: 1; drawn anew: classifier.weight, classifier.bias". */
int abl_checkpoint_start(struct abl_model *m, const char *folder, struct abl_str *summary,
			 struct abl_err *err) ABL_MUST_USE;

#endif

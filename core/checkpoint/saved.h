/* SPDX-License-Identifier: Apache-2.0 */
/* saved.h - a checkpoint folder opened for use: one that a stage wrote, or one in Hugging Face's
 * form (config.json, model.safetensors, vocab.txt or tokenizer.json). `predict`, `encode`,
 * `sharpness`, `export` and `init:` begin here. */
#ifndef ABL_SAVED_H
#define ABL_SAVED_H

#include "config.h"
#include "errors.h"

#include <stdbool.h>
#include <stddef.h>

struct abl_vocab;

struct abl_saved {
	char *folder;
	char *vocab_file;         /* vocab.txt or tokenizer.json (hf_tokenizer.h) */
	struct abl_config config; /* resolved: ours as it was trained; theirs after config.json */
	struct abl_vocab *vocab;
	/* of its head (task_types.h): a task's; "mlm" where a word can be filled in, "lm" where
	 * the next one is predicted, "nsp" where only the next sentence is known; NULL: an encoder
	 * alone */
	char *type;
	char *labels;   /* class names in order, joined by '|', or NULL */
	double decided; /* on held-back examples (task.h), or NaN */
	char *notes;    /* what was mended to open it, a line each; "": nothing */
};

/* Reads everything but the weights, which abl_checkpoint_load() takes. Ends with finish after
 * success. ABL_EDAMAGED: a stage wrote the folder, and it is not as it was then. ABL_EINPUT, with
 * the file and the reason: not a folder, no config.json, not a BERT model, an activation or
 * position type that is not built in, only pickle weights (pytorch_model.bin), weights in several
 * files, a vocabulary that is larger than the model's table (of a larger table the rows behind are
 * left out). */
int abl_saved_open(struct abl_saved *out, const char *folder, struct abl_err *err) ABL_MUST_USE;
void abl_saved_finish(struct abl_saved *s); /* null-safe */
/* Has it only a head of pre-training? */
bool abl_saved_is_pretrained(const struct abl_saved *s);

#endif

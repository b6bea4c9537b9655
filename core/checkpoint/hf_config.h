/* SPDX-License-Identifier: Apache-2.0 */
/* hf_config.h - config.json of Hugging Face's BERT models (transformers, configuration_bert.py),
 * in and out. A checkpoint of ours has, besides, its own options under "ablate", its task type
 * under "ablate_task" and what was decided on held-back examples under "ablate_decided"; those
 * count where they are there. */
#ifndef ABL_HF_CONFIG_H
#define ABL_HF_CONFIG_H

#include "config.h"

#include <stddef.h>

#define ABL_HF_ENCODER "BertModel" /* transformers' class without a head */

struct abl_hf_config {
	struct abl_config config; /* resolved; max_length: the position table, at most 512 rows */
	int64_t vocab_size;
	bool ours;        /* written by a stage: `config.cased` is known */
	const char *type; /* of the head (task_types.h), static; NULL: an encoder alone */
	char *labels;     /* class names in order, joined by '|', or NULL */
	double decided;   /* on held-back examples (task.h); NaN: nothing is said */
};

/* Reads the text of a config.json; `path` is for messages. Ends with finish after success.
 * ABL_EINPUT, with the place and the reason: not JSON, not a BERT model, a value that is missing or
 * impossible, an activation, position type or head that is not built in. */
int abl_hf_config_read(struct abl_hf_config *out, const char *text, size_t length, const char *path,
		       struct abl_err *err) ABL_MUST_USE;
/* The config.json of a folder. */
int abl_hf_config_open(struct abl_hf_config *out, const char *folder,
		       struct abl_err *err) ABL_MUST_USE;
void abl_hf_config_finish(struct abl_hf_config *c); /* null-safe */

/* Appends the config.json of a model. */
struct abl_hf_config_text {
	const struct abl_config *config;
	size_t vocab_size;
	const char *type;         /* of its head (task_types.h), or NULL: an encoder alone */
	const char *labels;       /* class names joined by newlines, or NULL */
	const double *decided;    /* NULL or NaN: nothing is said */
	const char *architecture; /* transformers' class; NULL: the type's */
	bool theirs;              /* without our own options */
};
struct abl_str;
int abl_hf_config_write(const struct abl_hf_config_text *t, struct abl_str *out,
			struct abl_err *err) ABL_MUST_USE;

#endif

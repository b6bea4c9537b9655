/* SPDX-License-Identifier: Apache-2.0 */
/* hf_folder.h - whole folders between our form and Hugging Face's: what `import` and `export` do.
 * Both check everything before anything is written, and write all or nothing. */
#ifndef ABL_HF_FOLDER_H
#define ABL_HF_FOLDER_H

#include "errors.h"
#include "str.h"

/* A checkpoint (saved.h) as one of ours: float32, names beginning with "bert.", vocab.txt. `to` is
 * a new or an empty folder. `labels`: other names for its classes, in their order and joined by
 * '|'; NULL: those that are there. *summary gets what was made, in one line, and what had to be
 * mended, a line each. ABL_EINPUT: the folder, a tensor that its model needs and that is not there
 * or has another shape, a value that is not finite. */
int abl_hf_import(const char *from, const char *to, const char *labels, struct abl_str *summary,
		  struct abl_err *err) ABL_MUST_USE;
/* A checkpoint as transformers opens it: config.json without our options, tokenizer_config.json. A
 * table stands in for positions that are not learned, and zeros for what was removed. ABL_EINPUT,
 * with the reason: a component that the format cannot say. */
int abl_hf_export(const char *from, const char *to, struct abl_str *summary,
		  struct abl_err *err) ABL_MUST_USE;

#endif

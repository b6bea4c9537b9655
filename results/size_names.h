/* SPDX-License-Identifier: Apache-2.0 */
/* size_names.h - what people call the size of a model and of its training. */
#ifndef ABL_SIZE_NAMES_H
#define ABL_SIZE_NAMES_H

#include <stdbool.h>

enum abl_size {
	ABL_SIZE_PARAMETERS,
	ABL_SIZE_BARE, /* parameters without embeddings */
	ABL_SIZE_WORDS,
	ABL_SIZE_TOKENS,
	ABL_SIZE_FLOPS,
	ABL_SIZES,
};

/* This program's own name for it: "parameters_without_embeddings". */
const char *abl_size_name(enum abl_size size);
/* "n_params", "model/num-parameters", "non_embedding_params", "train_tokens": any order of words
 * that say no more than the size does. ABL_SIZES: another thing. */
enum abl_size abl_size_of_name(const char *name);

#endif

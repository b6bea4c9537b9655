/* SPDX-License-Identifier: Apache-2.0 */
/* encode.h - texts to vectors with a checkpoint: the feature-based use of BERT (Devlin et al. 2019,
 * section 5.3). */
#ifndef ABL_ENCODE_H
#define ABL_ENCODE_H

#include "saved.h"
#include "str.h"

#include <stdint.h>

struct abl_compute; /* compute.h */

enum abl_pool { ABL_POOL_CLS, ABL_POOL_MEAN, ABL_POOL_TOKENS };
enum { ABL_LAYER_LAST = -1, ABL_LAYER_SUM4 = -2 };

struct abl_encode_request {
	const struct abl_compute *compute; /* lives longer than the encoder */
	const char *folder;
	int64_t layer;      /* 0 the embeddings, 1 the first ...; or one of the two above */
	enum abl_pool pool; /* the vector where a sequence is read ([CLS]), the mean over all its
			       tokens, special ones included, or one vector a token */
	int64_t max_length; /* tokens, special ones included; 0 = all the positions there are */
	int64_t batch;      /* sequences at a time, at most; no number depends on it */
};

/* One text's vectors: [rows, width]. With ABL_POOL_TOKENS row i is of `pieces[i]`, else one row. */
struct abl_encoding {
	const float *vectors;
	size_t rows, width;
	const int32_t *pieces; /* [length] ids, special ones included */
	size_t length;
	const struct abl_vocab *vocab;
};
typedef int abl_encoding_hook(void *data, const struct abl_encoding *e, struct abl_err *err);

/* `tell` is called once a text, in their order; a failure of it ends the work. ABL_EINPUT: the
 * folder (saved.h), a weight that is not in it, a layer that the model has not. */
struct abl_encoder;
int abl_encoder_open(struct abl_encoder **out, const struct abl_encode_request *r,
		     abl_encoding_hook *tell, void *data, struct abl_err *err) ABL_MUST_USE;
void abl_encoder_close(struct abl_encoder *e); /* null-safe */
/* What was mended to open the folder, and how many texts were cut, a line each; appended. */
void abl_encoder_note(const struct abl_encoder *e, struct abl_str *notes);
/* One text, or two (`b` not NULL), of valid UTF-8; what is too long is cut as in training. */
int abl_encoder_add(struct abl_encoder *e, const char *a, size_t a_length, const char *b,
		    size_t b_length, struct abl_err *err) ABL_MUST_USE;
/* The texts that are still waiting. */
int abl_encoder_flush(struct abl_encoder *e, struct abl_err *err) ABL_MUST_USE;

#endif

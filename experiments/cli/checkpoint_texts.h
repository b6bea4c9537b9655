/* SPDX-License-Identifier: Apache-2.0 */
/* checkpoint_texts.h - texts cut into tokens for a checkpoint, and which of their documents it was
 * not trained on. */
#ifndef ABL_CHECKPOINT_TEXTS_H
#define ABL_CHECKPOINT_TEXTS_H

#include "corpus.h"
#include "saved.h"

/* A corpus of the texts (documents.h) with the checkpoint's vocabulary and its rule for sentences;
 * `groups` as in struct abl_corpus_request. Ends with abl_corpus_close(). */
int abl_checkpoint_texts(struct abl_corpus *c, const struct abl_saved *saved,
			 const char *const *texts, const char *groups,
			 struct abl_err *err) ABL_MUST_USE;
/* What is held out becomes what the checkpoint says it was not trained on; where it says nothing,
 * what `run` would hold out of such texts, and standard error has that. ABL_EINPUT: no document is
 * on the side that is asked for. `text` names them in messages. */
int abl_checkpoint_split(struct abl_corpus *c, const struct abl_saved *saved, const char *text,
			 const char *groups, bool held_out, struct abl_err *err) ABL_MUST_USE;

#endif

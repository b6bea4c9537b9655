/* SPDX-License-Identifier: Apache-2.0 */
/* scratch_corpus.h - a corpus of texts for one command, whose file does not stay. */
#ifndef ABL_SCRATCH_CORPUS_H
#define ABL_SCRATCH_CORPUS_H

#include "corpus.h"

/* Builds it in a folder of its own below $TMPDIR, or /tmp, opens it, and removes the folder: the
 * file lives on in the map. Ends with abl_corpus_close(). ABL_EIO: the folder cannot be made or
 * removed; otherwise as abl_corpus_build() and abl_corpus_open(). */
int abl_scratch_corpus(struct abl_corpus *c, const struct abl_corpus_request *r,
		       const struct abl_text_events *events, struct abl_err *err) ABL_MUST_USE;

#endif

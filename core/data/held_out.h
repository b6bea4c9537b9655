/* SPDX-License-Identifier: Apache-2.0 */
/* held_out.h - which documents a checkpoint was not trained on: a list in its folder, by what they
 * say, so that any command can tell for any file of texts. */
#ifndef ABL_HELD_OUT_H
#define ABL_HELD_OUT_H

#include "corpus.h"

#define ABL_HELD_OUT "held_out.txt"

/* Writes the list of the corpus into a checkpoint's folder. */
int abl_held_out_write(const struct abl_corpus *c, const char *folder,
		       struct abl_err *err) ABL_MUST_USE;
/* Reads the list of a folder into the corpus: from then on abl_corpus_held_out() goes by it, not by
 * a rule. *there: the folder has one. ABL_EINPUT: the list is damaged. */
int abl_held_out_read(struct abl_corpus *c, const char *folder, bool *there,
		      struct abl_err *err) ABL_MUST_USE;
/* From then on every document of the corpus counts as held out: a text to be scored as a whole. */
void abl_held_out_all(struct abl_corpus *c);

#endif

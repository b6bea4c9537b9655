/* SPDX-License-Identifier: Apache-2.0 */
/* eval_text.h - `ablate eval --task mlm|lm|nsp --checkpoint CHECKPOINT FILE...`. */
#ifndef ABL_EVAL_TEXT_H
#define ABL_EVAL_TEXT_H

#include "command.h"

/* Tells the figures of the checkpoint on the texts in the words of the command line, one by one.
 * ABL_EINPUT: an option that does not belong there; what text_score.h says. */
int abl_eval_text(const struct abl_args *a,
		  void (*take)(void *data, const char *name, double value), void *data,
		  struct abl_err *err) ABL_MUST_USE;

#endif

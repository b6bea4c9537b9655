/* SPDX-License-Identifier: Apache-2.0 */
/* pretrained.h - what the heads of pre-training say of texts: which tokens a masked language model
 * puts at each [MASK], which token a language model expects behind a text (Radford et al. 2018,
 * section 3.1), and whether one text follows another (Devlin et al. 2019, section 3.1). */
#ifndef ABL_PRETRAINED_H
#define ABL_PRETRAINED_H

#include "saved.h"
#include "str.h"
#include "task.h"

struct abl_compute; /* compute.h */

#define ABL_FILL_BEST 5 /* tokens told for each [MASK] */

/* mlm: appends, for each [MASK] of a text or of two, a line with its number and the likeliest
 * tokens with their probabilities, a line each; two texts without [MASK] ask a model that was
 * trained on next sentences, too, as nsp. lm: appends "next" and the likeliest tokens behind the
 * text, as cut to the length limit. nsp: appends a line that says whether the second text is next,
 * with the probability. ABL_EINPUT: another number of texts, no [MASK] within the length limit, bad
 * UTF-8, weights that are not there. */
int abl_pretrained_ask(const struct abl_compute *compute, const struct abl_saved *saved,
		       const struct abl_task_tools *tools, const char *const *texts, size_t count,
		       struct abl_str *out, struct abl_err *err) ABL_MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ABL_STUDY_NAME_H
#define ABL_STUDY_NAME_H

#include "errors.h"
#include "str.h"

/* The name of the study: `word` itself, or, where that ends in .yaml or .yml, what the file's own
 * line `study: NAME` says (the rest of the file is not checked). Appends to out. */
int abl_study_name(const char *word, struct abl_str *out, struct abl_err *err) ABL_MUST_USE;

#endif

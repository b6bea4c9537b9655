/* SPDX-License-Identifier: Apache-2.0 */
/* rerun_why.h - why a trial cannot be made as it was; inside rerun. */
#ifndef ABL_RERUN_WHY_H
#define ABL_RERUN_WHY_H

#include "rerun.h"

/* ABL_EINPUT with what is another: a data file, or what a stage's key is made of. `trial`: of the
 * plan that was made now, ABL_NONE: it has none such; `other`: which of its stages. */
int abl_rerun_why(struct abl_rerun *r, size_t trial, size_t other, struct abl_err *err);

#endif

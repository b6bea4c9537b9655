/* SPDX-License-Identifier: Apache-2.0 */
/* study_origin.h - who has set an option of a trial. */
#ifndef ABL_STUDY_ORIGIN_H
#define ABL_STUDY_ORIGIN_H

#include "study.h"

/* "default", "baseline", "variant" (its design), "task" (its recipe), "tuned", "init" (the folder
 * that the study starts from), "follows" (from other options); NULL: no such option, variant or
 * task. */
const char *abl_study_origin(const struct abl_study *s, const char *variant, const char *task,
			     const char *name);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* native_judged.h - what a training is judged by, beside its loss. */
#ifndef ABL_NATIVE_JUDGED_H
#define ABL_NATIVE_JUDGED_H

#include "study.h"

#include <stdbool.h>
#include <stddef.h>

/* Does some variant choose its weights, or the end of its training, by examples? And by those that
 * are scored? */
bool abl_native_judged(const struct abl_study *s, size_t task, bool by_scored);

#endif

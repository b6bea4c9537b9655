/* SPDX-License-Identifier: Apache-2.0 */
/* best.h - the weights of the best evaluation so far, beside a stage's states. One file: a later
 * best takes its place. Training is the same after a pause or a kill, so whatever is there is what
 * the run that goes on would have put there, or will. */
#ifndef ABL_BEST_H
#define ABL_BEST_H

#include "errors.h"
#include "model.h"

int abl_best_save(struct abl_model *m, const char *folder, int64_t step,
		  struct abl_err *err) ABL_MUST_USE;
/* Takes them. ABL_EIO: they are gone, damaged, or of another step. */
int abl_best_load(struct abl_model *m, const char *folder, int64_t step,
		  struct abl_err *err) ABL_MUST_USE;
void abl_best_remove(const char *folder);

#endif

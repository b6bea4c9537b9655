/* SPDX-License-Identifier: Apache-2.0 */
/* native_stages.h - which stages a trial of the native engine goes through. */
#ifndef ABL_NATIVE_STAGES_H
#define ABL_NATIVE_STAGES_H

#include "engine.h"

/* abl_engine.first, abl_engine.stages */
int abl_native_first(const struct abl_values *config, struct abl_values **out, struct abl_err *err);
void abl_native_stages(struct abl_plan *p, struct abl_plan_trial *trial,
		       const struct abl_trial_plan *how);

#endif

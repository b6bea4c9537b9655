/* SPDX-License-Identifier: Apache-2.0 */
/* plan_value.h - what a configuration says, for the parts of a plan's summary. */
#ifndef ABL_PLAN_VALUE_H
#define ABL_PLAN_VALUE_H

#include "study.h"

/* False: the study's programs have no such key, and *out stays as it is. */
bool abl_plan_value(const struct abl_study *study, const struct abl_values *config,
		    const char *name, struct abl_value *out);
/* 0: there is no such key. */
int64_t abl_plan_int(const struct abl_study *study, const struct abl_values *config,
		     const char *name);

/* Does the design set one of these keys of the variant itself, to see what it does? `names` end
 * with NULL. */
bool abl_plan_varies(const struct abl_variant *variant, const char *const *names);

#endif

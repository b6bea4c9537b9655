/* SPDX-License-Identifier: Apache-2.0 */
/* compare_interactions.h - what two changes do together that neither does alone. */
#ifndef ABL_COMPARE_INTERACTIONS_H
#define ABL_COMPARE_INTERACTIONS_H

#include "compare_load.h"
#include "compare_settings.h"

/* Fills out->interaction: over all tasks, then by task. scale[t]: of a task's values in the means
 * over tasks. */
int abl_interactions_find(struct abl_analysis *out, const struct abl_compared_task *task,
			  const double *scale, const struct abl_compare_settings *settings,
			  struct abl_store *store, int64_t study, struct abl_err *err) ABL_MUST_USE;
void abl_interactions_destroy(struct abl_interaction *list, size_t count); /* null-safe */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* compare_rows.h - one row of a table: from pairs to an effect with its interval and test. */
#ifndef ABL_COMPARE_ROWS_H
#define ABL_COMPARE_ROWS_H

#include "compare_pairs.h"
#include "compare_settings.h"

/* Means, collapsed runs and failures of an arm over these tasks, whose `arm` it is. */
void abl_row_describe_arm(struct abl_arm *out, const struct abl_task_values *tasks, size_t count);
/* Marks the runs of a task that are at the majority rate, once that is known. */
void abl_row_mark_collapsed(struct abl_loaded *l, const struct abl_comparison *c);

/* All of the row but what its family decides. `tasks` as in compare_pairs.h. */
void abl_row_describe(struct abl_effect *e, const struct abl_task_values *tasks, size_t count,
		      const struct abl_compare_settings *settings);
void abl_row_finish(struct abl_effect *e);

#endif

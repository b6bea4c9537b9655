/* SPDX-License-Identifier: Apache-2.0 */
/* counting.h - the executor that starts nothing: attempts are counted, and have exited with 0 when
 * they are next looked at. */
#ifndef ABL_COUNTING_H
#define ABL_COUNTING_H

#include "executor.h"

/* At most `workers` at a time. Each attempt says `line` (NULL: nothing), which outlives it. */
void abl_counting_init(struct abl_executor *out, size_t workers, const char *line);
/* How an attempt ends and what it says, where that is not the same for all. `data` is that of its
 * spec. Called when it is looked at. */
void abl_counting_decide(struct abl_executor *e,
			 void (*decide)(const void *data, struct abl_end *end, const char **line));
/* Attempts that have been started. */
size_t abl_counting_started(const struct abl_executor *e);

#endif

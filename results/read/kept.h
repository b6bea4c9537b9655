/* SPDX-License-Identifier: Apache-2.0 */
/* kept.h - what the store has of earlier code of a user's program, and of its environments. */
#ifndef ABL_KEPT_H
#define ABL_KEPT_H

#include "errors.h"

#include <stddef.h>
#include <stdint.h>

struct abl_store;

/* Every stage that is done and belongs to a trial of the study's last plan: its key, the text that
 * this is the hash of, and the copy of the code that it ran in, or NULL. No such study: none. */
int abl_read_done_stages(struct abl_store *store, const char *study,
			 void (*hear)(void *data, const char *key, const char *canonical,
				      const char *code),
			 void *data, struct abl_err *err) ABL_MUST_USE;
/* Of the study's trials of a task that are done: how many have a stage whose work is of other code
 * ('run --code same'). */
int abl_read_other_code(struct abl_store *store, int64_t study, const char *task, int64_t *other,
			int64_t *all, struct abl_err *err) ABL_MUST_USE;
/* In how many environments they ran; 0: of none is known which. */
int abl_read_environments(struct abl_store *store, int64_t study, const char *task, int64_t *count,
			  struct abl_err *err) ABL_MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* store_retry.h - what the store remembers of failures for the next start: how often each stage has
 * failed, and that a study was paused. */
#ifndef ABL_STORE_RETRY_H
#define ABL_STORE_RETRY_H

#include "store.h"

/* Attempts at the stage that failed, by cause: those since somebody asked to try it again. What
 * ended with its supervisor is none of them. */
int abl_store_stage_failures(struct abl_store *s, const char *key, int64_t counts[ABL_CAUSES],
			     struct abl_err *err) ABL_MUST_USE;
/* They count no more, and the stage waits. */
int abl_store_stage_forgive(struct abl_store *s, const char *key, struct abl_err *err) ABL_MUST_USE;

/* Nothing more of the study is to be started until a stage of that name succeeds. `stage` NULL: it
 * is paused no more. */
int abl_store_pause(struct abl_store *s, int64_t study, const char *stage, const char *reason,
		    struct abl_err *err) ABL_MUST_USE;
/* 1 = it is paused: appends the name of the stage, and the reason (either may be NULL). 0 = it is
 * not. */
int abl_store_paused(struct abl_store *s, int64_t study, struct abl_str *stage,
		     struct abl_str *reason, struct abl_err *err) ABL_MUST_USE;

#endif

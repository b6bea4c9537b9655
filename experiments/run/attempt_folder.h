/* SPDX-License-Identifier: Apache-2.0 */
/* attempt_folder.h - where an attempt writes, and how that becomes an artefact; for attempt.c.
 * `store` is the store's folder. */
#ifndef ABL_ATTEMPT_FOLDER_H
#define ABL_ATTEMPT_FOLDER_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Beside the attempts in work/<key>: where a user's program writes, whichever attempt it is. It
 * stays from one to the next that goes on. */
#define ABL_ATTEMPT_OUT "out"

/* "<store>/<the rest>"; caller frees. */
char *abl_store_path(const char *store, const char *fmt, ...) ABL_PRINTF(2, 3);
/* Calls visit for each entry. One that is not seen would be saved work that is lost. */
int abl_attempt_entries(const char *folder, void (*visit)(void *, const char *name), void *data,
			struct abl_err *err) ABL_MUST_USE;
/* Removes from an attempt's folder what was being written when its writer was killed, and what no
 * stage makes. */
int abl_attempt_strange(char *folder, struct abl_err *err) ABL_MUST_USE;

/* Makes work/<key>/<attempt>: what the last attempt left there, paused or killed, with the state it
 * had saved (*resume), or an empty folder. Whatever else lies in work/<key> goes; only a trial file
 * of that number may be there, to be overwritten. */
int abl_attempt_folder(const char *store, const char *key, int64_t attempt, bool *resume,
		       struct abl_err *err) ABL_MUST_USE;
/* Ends work/<key> of an attempt that nothing goes on from. Where it was published, only its trial
 * file is left: then the folder waits as work/spare for the next first attempt, whoever runs it.
 * Making and removing folders and small files is what file systems are slow at. */
int abl_attempt_leave(const char *store, const char *key, int64_t attempt, bool published,
		      struct abl_err *err) ABL_MUST_USE;
/* When a run ends: nothing waits any more. */
int abl_attempt_tidy(const char *store, struct abl_err *err) ABL_MUST_USE;
/* work/<key>/<attempt> becomes artifacts/<key> by one rename, in the place of what a run that was
 * killed before its commit had put there. *artifact = "artifacts/<key>", caller's. A power cut may
 * undo it until abl_attempt_sync(). `untidy`: what was sealed may lie beside saved states. */
int abl_attempt_publish(const char *store, const char *key, int64_t attempt, bool untidy,
			char **artifact, struct abl_err *err) ABL_MUST_USE;

/* Makes published artefacts last. Many at a time cost little more than one. */
int abl_attempt_sync(const char *store, char *const *artifacts, size_t count,
		     struct abl_err *err) ABL_MUST_USE;

#endif

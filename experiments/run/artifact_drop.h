/* SPDX-License-Identifier: Apache-2.0 */
/* artifact_drop.h - removes on purpose what a done stage has made, but for its predictions: its
 * numbers stand, and what needs the rest later has it made again. Killed at any point, the store
 * has the whole artefact, or what stays of it under another name. */
#ifndef ABL_ARTIFACT_DROP_H
#define ABL_ARTIFACT_DROP_H

#include "store.h"

/* `artifact`: below the store, as its stage has it. The database is told first; the folder is there
 * until abl_artifact_remove(), before which the database should last (abl_store_sync()). */
int abl_artifact_forget(struct abl_store *store, const char *artifact,
			struct abl_err *err) ABL_MUST_USE;
/* Both, with the sync between. */
int abl_artifact_drop(struct abl_store *store, const char *artifact,
		      struct abl_err *err) ABL_MUST_USE;

#endif

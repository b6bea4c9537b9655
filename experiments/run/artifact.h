/* SPDX-License-Identifier: Apache-2.0 */
/* artifact.h - checkpoints that stages made, by the beginning of their keys. */
#ifndef ABL_ARTIFACT_H
#define ABL_ARTIFACT_H

#include "errors.h"

/* The folder of the checkpoint in the store whose key begins so; the caller's. NULL with an error:
 * none, several, or fewer than four characters. */
char *abl_artifact_find(const char *store, const char *key, struct abl_err *err);

#endif

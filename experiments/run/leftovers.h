/* SPDX-License-Identifier: Apache-2.0 */
/* leftovers.h - what dead runs have left in a store and nobody will come back for; for
 * supervisor.c. */
#ifndef ABL_LEFTOVERS_H
#define ABL_LEFTOVERS_H

#include "store.h"

/* Removes saved states of stages that no study has in its last plan, or that are done, and files
 * that were being drawn or written when their program died. `folder`: of the store. What cannot be
 * removed disturbs nobody. */
void abl_leftovers_remove(struct abl_store *store, const char *folder);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* stored_stage.h - one stage of a trial in a store of made-up results. */
#ifndef ABL_STORED_STAGE_H
#define ABL_STORED_STAGE_H

#include "store.h"

/* Puts the stage, links it to the trial and, unless it is done already or to wait, ends one
 * attempt of it. Ends the program with a message when anything fails. */
void stored_stage_run(struct abl_store *s, int64_t trial, const char *key, const char *kind,
		      const struct abl_stage_end *end);

#endif

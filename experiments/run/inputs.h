/* SPDX-License-Identifier: Apache-2.0 */
/* inputs.h - is what a stage reads still what was made? An artefact that is gone or damaged makes
 * its stage wait again, and what it reads is looked at in turn; for supervisor.c. */
#ifndef ABL_INPUTS_H
#define ABL_INPUTS_H

#include "run_state.h"

/* Before a stage starts: that the files it reads are there, with their sizes. Each artefact is
 * looked at once. */
void abl_inputs_look(struct abl_run *run, size_t stage);
/* After it could not read one: all of each file. True: at least one is made again, so that the
 * stage can be tried again. */
bool abl_inputs_damaged(struct abl_run *run, size_t stage);
/* "  again     corpus 3f9ac01b22aa: .../corpus.bin is missing" for each that is made again. */
void abl_inputs_summary(const struct abl_run *run, struct abl_str *out);

/* Has stages from the first-th on that are done, and whose artefact was removed on purpose, made
 * again. */
void abl_inputs_restore(struct abl_run *run, size_t first);

#endif
